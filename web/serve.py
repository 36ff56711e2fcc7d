"""`python -m web.serve`: the web server of `wenxiao serve`, on the instance that WENXIAO_INSTANCE names."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import threading
from typing import Any

import waitress
from flask import Flask

from pipeline.house import jobs
from pipeline.house.logs import start_logging
from pipeline.views import shown
from web.app import create_app

THREADS = 24
CONNECTIONS = 2_000
READING_SECONDS = 5  # at most, before the first reader is let in
SHORT_TURN = 0.0005  # seconds
DAILY = ("_macros/", "units/", "overview/", "sign_in/")


def main(arguments: list[str] | None = None) -> None:
    """Serve until the process is ended, or until standard input closes with `--follow-input`."""
    parser = argparse.ArgumentParser(prog="wenxiao-web", description="Serve the pages of an instance.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--follow-input", action="store_true", help="leave when standard input closes")
    parser.add_argument("--share-port", action="store_true", help="let other processes listen on the same port")
    given = parser.parse_args(arguments)
    start_logging()
    app = create_app()
    if given.follow_input:
        threading.Thread(target=_leave_at_end_of_input, daemon=True).start()
    reading = threading.Thread(target=make_ready, args=(app,), daemon=True)
    reading.start()
    reading.join(READING_SECONDS)
    waitress.serve(app, **_where_to_listen(given), **server_options(app))


def make_ready(app: Flask) -> None:
    """Compile the templates of the daily pages, read the newest numbers for everybody, compile the other templates.

    Last comes the library of the job store, which the first upload would hold up every page for.

    Who is let in meanwhile gets turns of half a millisecond: with the usual five, each of a page's ten statements waits
    that long for this thread.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SHORT_TURN)
    try:
        names = app.jinja_env.list_templates()
        daily = [name for name in names if name == "base.html" or name.startswith(DAILY)]
        for name in daily:
            app.jinja_env.get_template(name)
        shown.read_ahead(app.extensions["wenxiao"])
        for name in names:
            app.jinja_env.get_template(name)
        jobs.load_library()
    finally:
        sys.setswitchinterval(usual)


def server_options(app: Flask) -> dict[str, Any]:
    """How the server treats connections: a silent one is closed after a minute and holds no thread till then."""
    return {
        "threads": THREADS,
        "connection_limit": CONNECTIONS,
        "asyncore_use_poll": True,  # select() ends at 1,024 open files
        "channel_timeout": 60,
        "ident": None,
        "max_request_body_size": app.config["MAX_CONTENT_LENGTH"] or 1 << 30,
        "clear_untrusted_proxy_headers": False,  # ProxyFix believes them only as far as settings.toml says
    }


def _where_to_listen(given: argparse.Namespace) -> dict[str, Any]:
    if not given.share_port:
        return {"host": given.host, "port": given.port}
    family = socket.AF_INET6 if ":" in given.host else socket.AF_INET
    return {"sockets": [socket.create_server((given.host, given.port), family=family, reuse_port=True)]}


def _leave_at_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 1):  # past the buffer, whose lock no thread may hold when Python ends
        continue
    os._exit(0)


if __name__ == "__main__":
    main()
