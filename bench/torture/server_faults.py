"""What breaks while the system serves: web server and worker killed in an upload, the database restarted."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.torture.victim import Victim, importing, patience
from pipeline.house import people
from records.access import OPERATOR
from records.instance import Instance
from records.queries.people import list_people
from records.vocabulary import Role

ACCOUNT = "torture"
ENDLESS = float("inf")


def kill_worker(victim: Victim) -> None:
    """kill -9 of a worker that has begun a job: the next worker of its name ends it."""
    from pipeline.house import jobs

    instance = Instance.open(victim.folder)
    job = jobs.enqueue(instance, "self_check")
    victim.killed(1.0 + victim.moment(3.0), "worker", "--name", ACCOUNT)
    with victim.start("worker", "--name", ACCOUNT) as worker:
        try:
            _wait_for(lambda: jobs.progress(instance, job).is_over)
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
    if jobs.progress(instance, job).state != "done":
        victim.wrong.append(f"a job that a killed worker had begun is {jobs.progress(instance, job).state}")
    instance.close()


def kill_serving(victim: Victim) -> None:
    """kill -9 of web server, worker and their parent in the middle of an upload; started again, the upload ends."""
    token, (path, count) = _token(victim), victim.new_file()
    upload = ""
    with _serving(victim) as (port, kill):
        upload = _ask(port, token, "POST", "/api/v1/uploads", path)["id"]
        time.sleep(victim.moment(2.0))
        if victim.random.random() < 0.5:
            with suppress(OSError, http.client.HTTPException, KeyError):
                _wait_for(lambda: _state(port, token, upload) == "checked", 10)
                _ask(port, token, "POST", f"/api/v1/uploads/{upload}/confirm", timeout=victim.moment(1.0))
        kill()
    with _serving(victim) as (port, _):
        _wait_for(lambda: _state(port, token, upload) in ("checked", "refused", "failed", "gone"))
        answer = _ask(port, token, "GET", f"/api/v1/uploads/{upload}")
        if answer.get("state") == "checked":
            answer = {"answer": _ask(port, token, "POST", f"/api/v1/uploads/{upload}/confirm")}
        elif answer.get("status") == 404:  # the confirmation was through before the kill: the batch must be there
            answer = {"answer": _accepted_batch(port, token, path.name)}
    told = answer.get("answer") or {}
    if told.get("state") != "accepted" or told["rows"]["accepted"] != count:
        victim.wrong.append(f"an upload that was under way ended as {json.dumps(answer)[:300]}")
    else:
        victim.accepted[told["batch"]] = count


def restart_database(victim: Victim) -> None:
    """The PostgreSQL server is restarted at once, as after a crash, while an import runs: told in words or done."""
    from tests.postgresql import restart

    path, _ = victim.new_file()
    with victim.start(*importing(path)) as process:
        time.sleep(victim.moment(3.0))
        restart(victim.environment["WENXIAO_DATABASE_URL"])
        output, errors = process.communicate(timeout=patience())
    if not victim.note(output):
        victim.must_be_told(subprocess.CompletedProcess([], process.returncode, output, errors), "database restarted")


@contextmanager
def _serving(victim: Victim) -> Iterator[tuple[int, Callable[[], None]]]:
    """The served instance on a port that is free now, and how to kill all of it."""
    port = _free_port()
    with victim.start("serve", "--port", str(port)) as process:

        def kill() -> None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            _wait_for(lambda: not _answers(port), 20)

        try:
            _wait_for(lambda: _answers(port) or process.poll() is not None, ENDLESS)  # it ends where it gets nowhere
            if process.poll() is not None:
                raise RuntimeError(f"the server ended by itself: {process.communicate()[1][-500:]}")
            yield port, kill
        finally:
            kill()


def _ask(
    port: int, token: str, method: str, address: str, file: Path | None = None, timeout: float | None = None
) -> Any:
    mark = uuid.uuid4().hex
    headers, body = {"Authorization": f"Bearer {token}"}, b""
    if file is not None:
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                 for name, value in (("kind", "responses"), ("create_units", "true"))]  # fmt: skip
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
        body = ("".join(parts) + head).encode() + file.read_bytes() + f"\r\n--{mark}--\r\n".encode()
        headers["Content-Type"] = f"multipart/form-data; boundary={mark}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout or patience())
    try:
        connection.request(method, address, body, headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def _state(port: int, token: str, upload: str) -> str:
    with suppress(OSError, http.client.HTTPException):
        return _ask(port, token, "GET", f"/api/v1/uploads/{upload}").get("state", "gone")
    return ""  # the server does not answer yet


def _accepted_batch(port: int, token: str, file_name: str) -> dict[str, Any]:
    found = _ask(port, token, "GET", "/api/v1/batches?limit=500")["batches"]
    batch = next(
        (batch for batch in found if batch["file_name"] == file_name), {"state": "gone", "id": 0, "row_count": 0}
    )
    return {"state": batch["state"], "batch": batch["id"], "rows": {"accepted": batch["row_count"]}}


def _token(victim: Victim) -> str:
    instance = Instance.open(victim.folder)
    with instance.session() as session:
        known = {row.sign_in for row in list_people(session, viewer=OPERATOR)}
    if ACCOUNT not in known:
        people.add_person(instance, sign_in=ACCOUNT, name=ACCOUNT, role=Role.ASSESSOR, by="torture")
        people.reset_password(instance, sign_in=ACCOUNT, by="torture", must_change=False)
    token = people.make_token(instance, sign_in=ACCOUNT, title=ACCOUNT, by="torture")
    instance.close()
    return token


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _wait_for(is_so: Callable[[], bool], seconds: float = 180.0) -> None:
    deadline = time.monotonic() + patience(seconds)
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.1)


SERVING: dict[str, Callable[[Victim], None]] = {
    "kill -9 worker": kill_worker,
    "kill -9 web server and worker in an upload": kill_serving,
}
ON_POSTGRESQL = {"database restarted": restart_database}
