"""Clients that open connections and send almost nothing keep nobody else waiting."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import waitress

from records.instance import Instance
from web.app import create_app
from web.serve import THREADS, server_options

SLOW = 150  # more than the threads, and more than the hundred connections the server takes when it is not told


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A server with the options of `wenxiao serve`, in a thread of the test."""
    instance = Instance.open(tmp_path / "instance")
    app = create_app(instance)
    server = waitress.create_server(app, host="127.0.0.1", port=0, **server_options(app))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield int(server.effective_port)
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(10)
    instance.close()


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(b"", id="connected only"),
        pytest.param(b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", id="half a header"),
        pytest.param(
            b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nuser=", id="half a body"
        ),
    ],
)
def test_slow_clients_keep_nobody_waiting(port: int, begun: bytes) -> None:
    assert SLOW > THREADS
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
    try:
        for connection in slow:
            connection.sendall(begun)
        quick = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        quick.request("GET", "/sign-in")
        assert quick.getresponse().status == 200
        quick.close()
    finally:
        for connection in slow:
            connection.close()
