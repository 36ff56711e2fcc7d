"""The office's OpenID Connect provider: authorization code with PKCE, state, nonce, signed identity, by Authlib."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, url_for
from flask.typing import ResponseReturnValue

from records.instance import Instance
from records.settings import Settings

SECRET = "WENXIAO_SIGN_ON_SECRET"
NAME = "office"
EXTENSION = "wenxiao_sign_on"
# A provider that also offers HS256 or "none" must not bring them in: those tokens anybody with the secret can make.
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SECONDS_TO_ANSWER = 10


class SignOnError(Exception):
    """The provider is away, says no, or what it says does not hold."""


@dataclass(frozen=True)
class Identity:
    """Who the provider says came: its issuer, its subject and the sign-in name."""

    issuer: str
    subject: str
    name: str


def connect(app: Flask, instance: Instance) -> None:
    """Set the provider up where `settings.toml` names one; the provider itself is asked at the first sign-in."""
    settings = instance.settings
    if not settings.sign_on_issuer:
        return
    try:
        from authlib.integrations.flask_client import OAuth
    except ImportError as error:
        raise SignOnError("sign_on_issuer is set, but the libraries are missing: pip install 'wenxiao[sso]'") from error
    oauth = OAuth(app)
    oauth.register(
        NAME,
        client_id=settings.sign_on_client,
        client_secret=os.environ.get(SECRET) or None,
        server_metadata_url=f"{settings.sign_on_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "timeout": SECONDS_TO_ANSWER},
    )
    app.extensions[EXTENSION] = oauth


def is_offered() -> bool:
    """Does this instance have a provider?"""
    return EXTENSION in current_app.extensions


def depart(settings: Settings) -> ResponseReturnValue:
    """The redirect to the provider. Raises SignOnError when it does not answer or is not who it should be."""
    return _told(lambda client: client.authorize_redirect(_way_back(settings)), settings)


def arrive(settings: Settings) -> Identity:
    """Who came back, after signature, issuer, audience, time, state and nonce were checked. Raises SignOnError."""
    claims = _told(lambda client: client.authorize_access_token(), settings).get("userinfo") or {}
    subject, name = claims.get("sub"), claims.get(settings.sign_on_claim)
    if not (isinstance(subject, str) and subject and isinstance(name, str) and name.strip()):
        raise SignOnError(f"the provider sent no {settings.sign_on_claim}")
    return Identity(settings.sign_on_issuer, subject, name)


def _way_back(settings: Settings) -> str:
    return settings.address.rstrip("/") + url_for("sign_in.return_from_office")


def _told(ask: Any, settings: Settings) -> Any:
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    client = current_app.extensions[EXTENSION].create_client(NAME)
    try:
        metadata = client.load_server_metadata()
        if metadata.get("issuer") != settings.sign_on_issuer:
            raise SignOnError("the provider calls itself by another name than sign_on_issuer says")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = usable = [name for name in offered if name in SIGNATURES]
        if not usable:  # the library would take an empty list for its own, which has HS256
            raise SignOnError("the provider offers no signature that can be checked by a public key")
        return ask(client)
    except (AuthlibBaseError, JoseError, RequestException, ValueError, RuntimeError) as error:
        raise SignOnError(f"{type(error).__name__}: the provider's answer cannot be used") from error
