"""A mail server of a few lines for tests: it takes every message and keeps it."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

REPLIES = {"EHLO": b"250 localhost", "MAIL": b"250 OK", "RCPT": b"250 OK", "QUIT": b"221 bye"}


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            word = line.decode().strip().split(":")[0].split(" ")[0].upper()
            if word == "STARTTLS":
                self.wfile.write(b"220 go on\r\n")
                self._encrypt()
            elif word == "EHLO" and self.server.offers_tls:  # type: ignore[attr-defined]
                self.wfile.write(b"250-localhost\r\n250 STARTTLS\r\n")
            elif word == "DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.taken.append(self._body())  # type: ignore[attr-defined]
                self.wfile.write(b"250 OK\r\n")
            else:
                self.wfile.write(REPLIES.get(word, b"250 OK") + b"\r\n")
            if word == "QUIT":
                return

    def _encrypt(self) -> None:
        """From here on the talk is encrypted; what was read before counts no more."""
        self.request = self.server.context.wrap_socket(self.request, server_side=True)  # type: ignore[attr-defined]
        self.server.offers_tls = False  # type: ignore[attr-defined]
        self.server.encrypted.append(True)  # type: ignore[attr-defined]
        self.setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the encrypted one, which the server does not know

    def _body(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)


class _Server(socketserver.ThreadingTCPServer):
    """`security` as in the settings: none, starttls or tls. `encrypted` has an entry for each talk that became so."""

    daemon_threads = True

    def __init__(self, security: str, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.taken: list[bytes] = []
        self.encrypted: list[bool] = []
        self.context, self.offers_tls = context, security == "starttls"
        if security == "tls" and context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that turns away in the middle of a talk is part of the tests."""


@contextmanager
def mail_server(security: str = "none", certificate: Path | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """The port and the messages taken so far."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with _Server(security, context) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1], server.taken
        server.shutdown()
        thread.join()
        assert server.encrypted or security != "starttls" or not server.taken


def throw_away_certificate(path: Path) -> Path:
    """Key and certificate of 127.0.0.1 in one file, signed by itself and good for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.now(UTC) - timedelta(minutes=5)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(start).not_valid_after(start + timedelta(hours=1))
    own = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = made.add_extension(own, critical=False).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return path
