"""A small OpenID Connect provider on the loopback, that can also be told to misbehave."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "wenxiao", "a secret of the test that is long enough for HS256"


class Provider:
    """Gives codes to whoever asks `visit`, and tokens for codes. `changes` overwrites claims; `key` signs."""

    def __init__(self) -> None:
        self.key: RSAKey | OctKey = RSAKey.generate_key(2048, parameters={"kid": "1", "use": "sig"})
        self.published: list[RSAKey | OctKey] = [self.key]
        self.offered = ["RS256", "HS256", "none"]
        self.changes: dict[str, Any] = {}
        self.algorithm, self.issuer, self.told_issuer = "RS256", "", ""
        self.waiting: dict[str, dict[str, str]] = {}

    def visit(self, location: str, subject: str = "77", name: str = "Assessor") -> str:
        """What a person does at the provider: sign in there; answers the path that leads back."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.waiting)}"
        self.waiting[code] = asked | {"subject": subject, "name": name}
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?code={code}&state={asked['state']}"

    def metadata(self) -> dict[str, Any]:
        """The document behind `.well-known`."""
        addresses = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token")}
        return {
            "issuer": self.told_issuer or self.issuer,
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": self.offered,
            **addresses,
        }

    def keys(self) -> list[dict[str, Any]]:
        """The keys as they are published; of a secret that is all of it."""
        return [key.as_dict(private=isinstance(key, OctKey)) for key in self.published]

    def token(self, form: Any) -> dict[str, Any]:
        """A token for a code, if the verifier of PKCE fits; every code is taken once."""
        asked = self.waiting.pop(form["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        assert challenge.decode() == asked["code_challenge"]
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": asked["subject"], "aud": CLIENT, "iat": now, "exp": now + 60,
                  "nonce": asked["nonce"], "preferred_username": asked["name"]} | self.changes  # fmt: skip
        header = {"alg": self.algorithm, "kid": self.key.kid}
        signed = jwt.encode(header, claims, self.key, algorithms=[self.algorithm])
        return {"access_token": "unused", "token_type": "Bearer", "id_token": signed}

    def sign_by_the_secret(self, algorithm: str = "HS256") -> None:
        """Sign with the client's secret, as somebody could who knows it and not the provider's key.

        A careless provider lists the secret among its keys, else the library would find no key and refuse by itself.
        """
        self.algorithm, self.key = algorithm, OctKey.import_key(SECRET, {"kid": "2"})
        self.published.append(self.key)


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers on a free port of the loopback."""
    provider, app = Provider(), Flask("provider")
    answers = {
        ("GET", "/.well-known/openid-configuration"): lambda: jsonify(provider.metadata()),
        ("GET", "/keys"): lambda: jsonify(
            {"keys": [key.as_dict(private=isinstance(key, OctKey)) for key in provider.published]}
        ),
        ("POST", "/token"): lambda: jsonify(provider.token(request.form)),
    }
    for (method, path), answer in answers.items():
        app.add_url_rule(path, path, answer, methods=[method])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
