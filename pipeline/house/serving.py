"""`wenxiao serve`: one command keeps the web servers and the worker running, each in a process of its own.

Web servers share one port, so that readers use every core and one that dies leaves the others answering. A process that
dies is started again. All leave when their standard input closes, so nothing stays behind when this process is killed.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from records.instance import Instance

QUICK_SECONDS = 5.0  # a process that lives shorter than this has died at its start
QUICK_DEATHS_ALLOWED = 5
READY_SECONDS = 60.0  # without any work of a web process, so that an overloaded machine is no failed start
READY_WORK = 120.0  # processor seconds; a start takes about three
MOST_WEB_PROCESSES = 4  # more only cost memory where SQLite or one disk is behind them

log = logging.getLogger("wenxiao.serve")


class ServeError(Exception):
    """The address cannot be used, or a process dies every time it is started."""


@dataclass
class Child:
    """One kept process."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    quick_deaths: int = 0
    restarts: int = 0

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, env=self.environment)
        self.started_at = time.monotonic()

    def keep(self, *, is_starting: bool = False) -> None:
        """Start the process again when it has died. Raises ServeError when it always dies at its start."""
        if self.process is None or self.process.poll() is None:
            return
        is_quick = is_starting or time.monotonic() - self.started_at < QUICK_SECONDS
        self.quick_deaths = self.quick_deaths + 1 if is_quick else 0
        if self.quick_deaths >= QUICK_DEATHS_ALLOWED:
            raise ServeError(f"the {self.name} process dies at every start; its messages are above")
        log.warning("%s ended with code %s and is started again", self.name, self.process.returncode)
        self._close_input()
        self.restarts += 1
        self.start()

    def work(self) -> float:
        """Processor seconds the process has used; 0 where the system does not tell."""
        try:
            told = Path(f"/proc/{self.process.pid if self.process else 0}/stat").read_text(encoding="utf-8")
        except OSError:
            return 0.0
        own, of_system = told.rpartition(")")[2].split()[11:13]
        return (int(own) + int(of_system)) / os.sysconf("SC_CLK_TCK")

    def leave(self) -> None:
        """Ask the process to leave, and end it when it does not."""
        if self.process is None:
            return
        self._close_input()
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _close_input(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()


@dataclass
class Serving:
    """Web servers and worker of one instance."""

    instance: Instance
    host: str
    port: int
    web_processes: int = 1
    stop: threading.Event = field(default_factory=threading.Event)

    def children(self) -> list[Child]:
        folder = str(self.instance.folder)
        environment = {**os.environ, "WENXIAO_INSTANCE": folder}
        web = [sys.executable, "-m", "web.serve", "--host", self.host, "--port", str(self.port), "--follow-input"]
        if self.web_processes > 1:
            web.append("--share-port")
        worker = [sys.executable, "-m", "pipeline.commands", "--instance", folder, "worker", "--follow-input"]
        webs = [Child(f"web {place}", web, environment) for place in range(1, self.web_processes + 1)]
        return [*webs, Child("worker", worker, environment)]

    def run(self, on_ready: Callable[[str], None] | None = None) -> None:
        """Serve until `stop` is set or SIGTERM or SIGINT comes. Raises ServeError."""
        refuse_taken_address(self.host, self.port)
        children = self.children()
        try:
            for child in children:
                child.start()
            self._wait_until_ready(children)
            if on_ready is not None and not self.stop.is_set():
                on_ready(address_of(self.host, self.port))
            while not self.stop.wait(0.3):
                for child in children:
                    child.keep()
        finally:
            for child in children:
                child.leave()

    def _wait_until_ready(self, children: list[Child]) -> None:
        """Until the port answers, as long as the web processes get on; on a busy machine that takes minutes."""
        deadline, before = time.monotonic() + READY_SECONDS, 0.0
        while not self.stop.is_set() and not is_answering(self.host, self.port):
            work = sum(child.work() for child in children if child.name.startswith("web"))
            if work != before:
                deadline, before = time.monotonic() + READY_SECONDS, work
            if time.monotonic() > deadline:
                raise ServeError(f"the web server neither answered nor worked for {READY_SECONDS:.0f} seconds")
            if work > READY_WORK:
                raise ServeError(f"the web server did not answer after {work:.0f} seconds of work")
            for child in children:
                child.keep(is_starting=True)
            self.stop.wait(0.1)


def web_processes() -> int:
    """How many web servers suit this machine: one for each core, one where a port cannot be shared (Windows)."""
    if not hasattr(socket, "SO_REUSEPORT"):
        return 1
    return max(1, min(MOST_WEB_PROCESSES, os.cpu_count() or 1))


def serve(
    instance: Instance,
    *,
    host: str,
    port: int,
    processes: int | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve in the foreground until SIGTERM or Ctrl-C; `on_ready` is given the address once pages are answered."""
    serving = Serving(instance, host, port, processes or web_processes())
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: serving.stop.set())
    serving.run(on_ready)


def refuse_taken_address(host: str, port: int) -> None:
    """Raise ServeError when the address cannot be listened on."""
    try:
        with socket.create_server((host, port), reuse_port=False):
            return
    except (OSError, OverflowError) as error:
        raise ServeError(f"{host}:{port} cannot be used ({error}); choose another with --port") from error


def is_answering(host: str, port: int) -> bool:
    """Does something accept connections at the address?"""
    try:
        with socket.create_connection((_reachable(host), port), timeout=1):
            return True
    except OSError:
        return False


def address_of(host: str, port: int) -> str:
    """The address to type into a browser.

    >>> address_of("0.0.0.0", 8000)
    'http://127.0.0.1:8000/'
    """
    return f"http://{_reachable(host)}:{port}/"


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "", "::") else host
