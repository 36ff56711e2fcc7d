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


BEGUN = [
    pytest.param(b"", id="connected only"),
    pytest.param(b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", id="half a header"),
    pytest.param(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nuser=", id="half a body"),
]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A server with the options of `wenxiao serve`, in a thread of the test."""
    yield from served(tmp_path)


@pytest.fixture
def quick_port(tmp_path: Path) -> Iterator[int]:
    """The same, with its minute cut to a second."""
    yield from served(tmp_path, cut=60)


def served(folder: Path, cut: int = 1) -> Iterator[int]:
    instance = Instance.open(folder / "instance")
    app = create_app(instance)
    options = server_options(app)
    options |= {"channel_timeout": options["channel_timeout"] / cut, "cleanup_interval": 30 // cut or 1}
    server = waitress.create_server(app, host="127.0.0.1", port=0, **options)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield int(server.effective_port)
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(10)
    instance.close()


@pytest.mark.parametrize("begun", BEGUN)
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


@pytest.mark.parametrize("begun", BEGUN)
def test_silent_connection_is_closed(quick_port: int, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", quick_port), timeout=30) as silent:
        silent.sendall(begun)
        answers = list(iter(lambda: silent.recv(4096), b""))  # raises TimeoutError where the server keeps it open
    assert len(answers) <= 1  # at most the sentence that the request took too long
