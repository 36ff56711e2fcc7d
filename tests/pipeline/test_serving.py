"""Serving: both processes are kept, one that dies is started again, nothing stays behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.house import serving
from pipeline.house.serving import Child, ServeError, Serving
from records.instance import Instance

WEB = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
sys.stdin.buffer.read()
"""
FOLLOWER = "import sys; sys.stdin.buffer.read()"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_until(is_so: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def small(serving: Serving) -> list[Child]:
    """Two small processes in place of the real ones."""
    python, environment = sys.executable, dict(os.environ)
    return [
        Child("web", [python, "-c", WEB, str(serving.port)], environment),
        Child("worker", [python, "-c", FOLLOWER], environment),
    ]


def test_killed_processes_are_started_again_and_leave_at_the_end(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = Serving(instance, "127.0.0.1", free_port())
    children = small(served)
    monkeypatch.setattr(served, "children", lambda: children)
    ready: list[str] = []
    thread = threading.Thread(target=served.run, args=(ready.append,))
    thread.start()
    wait_until(lambda: ready)
    assert ready == [f"http://127.0.0.1:{served.port}/"]
    worker = children[1].process
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: children[1].restarts == 1 and children[1].process is not worker)
    served.stop.set()
    thread.join(timeout=20)
    assert [child.process.poll() is not None for child in children if child.process] == [True, True]


def test_process_that_always_dies_ends_serving(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    served = Serving(instance, "127.0.0.1", free_port())
    broken = Child("web", [sys.executable, "-c", "raise SystemExit(1)"], dict(os.environ))
    monkeypatch.setattr(served, "children", lambda: [broken])
    with pytest.raises(ServeError, match="web process dies at every start"):
        served.run()
    assert broken.restarts == serving.QUICK_DEATHS_ALLOWED - 1


BUSY = "import time\nwhile True: time.sleep(0.001)"
SLOW_START = """
import socket, sys, time
end = time.process_time() + float(sys.argv[2])
while time.process_time() < end:
    pass
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
sys.stdin.buffer.read()
"""


def served_with(instance: Instance, monkeypatch: pytest.MonkeyPatch, *command: str) -> Serving:
    """Serving with one web process that runs this text, and a worker that always has something to do."""
    served = Serving(instance, "127.0.0.1", free_port())
    web, worker = [sys.executable, "-c", command[0], str(served.port), *command[1:]], [sys.executable, "-c", BUSY]
    monkeypatch.setattr(
        served, "children", lambda: [Child("web 1", web, dict(os.environ)), Child("worker", worker, dict(os.environ))]
    )
    return served


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell the work of a process")
def test_start_that_gets_on_is_waited_for(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "READY_SECONDS", 0.5)  # the start needs a second of a processor
    served = served_with(instance, monkeypatch, SLOW_START, "1.0")
    served.run(lambda _address: served.stop.set())
    assert served.stop.is_set()


def test_start_that_does_nothing_ends_serving(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "READY_SECONDS", 1.0)
    with pytest.raises(ServeError, match="neither answered nor worked"):
        served_with(instance, monkeypatch, FOLLOWER).run()


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell the work of a process")
def test_start_that_works_without_end_ends_serving(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "READY_WORK", 0.5)
    with pytest.raises(ServeError, match="seconds of work"):
        served_with(instance, monkeypatch, SLOW_START, "60").run()


def test_slow_death_at_the_start_counts_as_one(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "QUICK_SECONDS", 0.0)
    with pytest.raises(ServeError, match="dies at every start"):
        served_with(instance, monkeypatch, "raise SystemExit(1)").run()


def test_web_processes_share_the_port_and_one_is_enough_where_asked(instance: Instance) -> None:
    def names(count: int) -> list[tuple[str, bool]]:
        return [(c.name, "--share-port" in c.command) for c in Serving(instance, "127.0.0.1", 1, count).children()]

    assert names(2) == [("web 1", True), ("web 2", True), ("worker", False)]
    assert names(1) == [("web 1", False), ("worker", False)]


def test_taken_address_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ServeError, match="--port"):
        serving.refuse_taken_address("127.0.0.1", server.getsockname()[1])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc, which only Linux has")
def test_real_worker_leaves_when_its_parent_is_killed(instance: Instance) -> None:
    child = next(child for child in Serving(instance, "127.0.0.1", 1).children() if child.name == "worker")
    parent_code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", parent_code, *child.command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        wait_until(lambda: list(instance.folder.glob("worker-*.lock")))
        parent.kill()
    wait_until(lambda: not is_alive(pid))


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
