"""A mail server of a few lines for tests: it takes every message and keeps it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

REPLIES = {"EHLO": b"250 localhost", "MAIL": b"250 OK", "RCPT": b"250 OK", "QUIT": b"221 bye"}


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            word = line.decode().strip().split(":")[0].split(" ")[0].upper()
            if word == "DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.taken.append(self._body())  # type: ignore[attr-defined]
                self.wfile.write(b"250 OK\r\n")
            else:
                self.wfile.write(REPLIES.get(word, b"250 OK") + b"\r\n")
            if word == "QUIT":
                return

    def _body(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)


@contextmanager
def mail_server() -> Iterator[tuple[int, list[bytes]]]:
    """The port and the messages taken so far."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.taken = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1], server.taken  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
