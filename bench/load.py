"""100 readers and 5 uploads at once against the real server on the loopback: `python -m bench.load --seconds 30`.

Two people sign in, and a hundred readers with their sessions keep a connection each and read pages one after the other
with a short pause, as a person does (a hundred passwords at once would measure argon2, which is slow on purpose);
every uploader sends a file by the API, waits for its check, and confirms it. The table shows what they waited for.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.measure import PROJECT, machine
from pipeline.demo.build import DemoPlan, build
from pipeline.demo.people import SignIn, sign_ins
from pipeline.house import people
from pipeline.house.serving import is_answering
from records.instance import Instance

PORT = 8765
READERS, UPLOADERS = 100, 5
WARM_UPS = 6  # connections for each session; the system spreads them over the processes
PAUSE = (0.5, 1.5)  # seconds between two pages of one reader
HEADER = "工单编号,承办单位,来电时间,办结时间,工单状态,主要内容\n"
BOUNDARY = "wenxiao-load"


@dataclass
class Waited:
    """Seconds each kind of request took, and what went wrong."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    def note(self, what: str, seconds: float, status: int, expected: tuple[int, ...]) -> None:
        """Count one answer."""
        with self.lock:
            self.seconds[what].append(seconds)
            if status not in expected:
                self.errors.append(f"{what}: {status}")


class Visitor:
    """One kept connection with its cookies."""

    def __init__(self, waited: Waited) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        self.waited, self.cookie = waited, ""

    def ask(
        self,
        what: str,
        method: str,
        path: str,
        body: bytes | None = None,
        expected: tuple[int, ...] = (200,),
        **headers: Any,
    ) -> tuple[int, str, bytes]:  # fmt: skip
        """Send a request, time it to its last byte; the status, where it leads, and the body."""
        started = time.perf_counter()
        sent = {**({"Cookie": self.cookie} if self.cookie else {}), **headers}
        self.connection.request(method, path, body, sent)
        answer = self.connection.getresponse()
        content = answer.read()
        self.waited.note(what, time.perf_counter() - started, answer.status, expected)
        if cookie := answer.getheader("Set-Cookie"):
            self.cookie = cookie.split(";")[0]
        return answer.status, answer.getheader("Location") or "", content

    def sign_in(self, name: str, password: str) -> None:
        """Through the form, with its token."""
        page = self.ask("sign-in page", "GET", "/sign-in")[2].decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        form = urlencode({"sign_in": name, "password": password, "csrf_token": token.group(1)}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.ask("sign-in", "POST", "/sign-in", form, (302,), **kind)


def read(
    waited: Waited,
    cookie: str,
    paths: dict[str, list[str]],
    ready: threading.Barrier,
    stop: threading.Event,
) -> None:
    """One reader with a session, until the end."""
    chance = random.Random(threading.get_ident())
    visitor = Visitor(waited)
    try:
        visitor.cookie = cookie
        ready.wait(60)
        while not stop.wait(chance.uniform(*PAUSE)):
            what = chance.choice(list(paths))
            visitor.ask(what, "GET", chance.choice(paths[what]))
    except (OSError, http.client.HTTPException, AssertionError) as error:
        waited.note("reader", 0.0, 0, (200,))
        waited.errors.append(f"reader: {type(error).__name__} {error}")


def session_of(waited: Waited, account: SignIn) -> str:
    """The cookie of a person who signed in."""
    visitor = Visitor(waited)
    visitor.sign_in(account.user, account.password)
    visitor.connection.close()
    return visitor.cookie


def warm_up(cookies: list[str], paths: dict[str, list[str]]) -> None:
    """Open each kind of page a few times in each process, so that the table tells of a running day, not of a start."""
    for cookie in cookies * WARM_UPS:
        visitor = Visitor(Waited())
        visitor.cookie = cookie
        for kind in paths.values():
            visitor.ask("warm", "GET", kind[0])
        visitor.connection.close()


def upload(waited: Waited, token: str, number: int, rows: int, ready: threading.Barrier, stop: threading.Event) -> None:
    """One uploader, file after file until the end."""
    visitor, count = Visitor(waited), 0
    ready.wait(60)
    headers: dict[str, Any] = {"Authorization": f"Bearer {token}"}
    form = {**headers, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    while not stop.is_set():
        count += 1
        body = multipart(cases(f"L{number}{count:03d}", rows))
        try:
            started = time.perf_counter()
            answer = json.loads(visitor.ask("upload", "POST", "/api/v1/uploads", body, (202,), **form)[2])
            path = f"/api/v1/uploads/{answer['id']}"
            while answer["state"] in ("stored", "checking"):
                time.sleep(0.5)
                answer = json.loads(visitor.ask("poll", "GET", path, **headers)[2])
            visitor.ask("confirm", "POST", f"{path}/confirm", b"", (200, 409), **headers)
            waited.note("file in, checked, confirmed", time.perf_counter() - started, 200, (200,))
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            waited.errors.append(f"uploader: {type(error).__name__} {error}")


def cases(prefix: str, rows: int) -> bytes:
    """A file of new cases."""
    lines = [
        f"{prefix}{n:05d},单位{n % 7},2023-03-{1 + n % 27:02d} 09:00,2023-03-{2 + n % 27:02d} 10:00,已办结,路灯不亮"
        for n in range(rows)
    ]
    return (HEADER + "\n".join(lines) + "\n").encode()


def multipart(content: bytes) -> bytes:
    """The body of an upload."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="load.csv"\r\n\r\n'
    fields = head % ("kind", "responses") + head % ("create_units", "true")
    return fields.encode() + file.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def quantile(values: list[float], share: float) -> float:
    """The smallest value whose cumulated count reaches the share."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)]


def run(folder: Path, seconds: float, rows: int) -> Waited:
    """Build a city where there is none, serve it, let readers and uploaders in."""
    instance = Instance.open(folder)
    if not sign_ins(instance):
        build(instance, DemoPlan(cases=5_000, units=20, seed=7))
    accounts = {entry.user: entry for entry in sign_ins(instance)}
    tokens = [people.make_token(instance, sign_in="assessor", title=f"load {n}", by="load") for n in range(UPLOADERS)]
    from pipeline.numbers.counting import unit_names

    codes = sorted(unit_names(instance))
    paths = {
        "scorecard": [f"/units/{code}?assessment=1" for code in codes],
        "overview": ["/"],
        "ranking": ["/ranking"],
        "directory": ["/units"],
        "records": ["/records?state=closed", "/records?page=2"],
    }
    waited, stop = Waited(), threading.Event()
    ready = threading.Barrier(READERS + UPLOADERS + 1)
    command = [sys.executable, "-m", "pipeline.commands", "--instance", str(folder), "serve", "--port", str(PORT)]
    log = folder.parent / "serve.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=output) as server,
    ):
        try:
            while not is_answering("127.0.0.1", PORT):
                time.sleep(0.2)
            cookies = [session_of(waited, accounts[name]) for name in ("assessor", "auditor")]
            warm_up(cookies, paths)
            threads = [
                threading.Thread(target=read, args=(waited, cookies[n % 2], paths, ready, stop)) for n in range(READERS)
            ]
            threads += [
                threading.Thread(target=upload, args=(waited, token, n, rows, ready, stop))
                for n, token in enumerate(tokens)
            ]
            for thread in threads:
                thread.start()
            ready.wait(60)
            time.sleep(seconds)
            stop.set()
            for thread in threads:
                thread.join(60)
        finally:
            server.terminate()
            server.wait(30)
    instance.close()
    if waited.errors:
        waited.errors.append("the log ends with " + log.read_text("utf-8", "replace")[-1500:])
    return waited


def main() -> int:
    """Print the table; ends with 1 when any request failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.load")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rows", type=int, default=500, help="rows of each uploaded file")
    parser.add_argument("--city", type=Path, help="a demonstration city to copy, so that none has to be built")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wxload") as folder:
        if given.city:
            shutil.copytree(given.city, Path(folder) / "city")
        waited = run(Path(folder) / "city", given.seconds, given.rows)
    print(f"{machine()}, {READERS} readers, {UPLOADERS} uploaders of {given.rows} rows, {given.seconds:.0f} s\n")
    print("| request | count | median ms | p95 ms | longest ms |\n| --- | --- | --- | --- | --- |")
    for what, values in waited.seconds.items():
        shown = [1000 * quantile(values, share) for share in (0.5, 0.95, 1.0)]
        print(f"| {what} | {len(values)} | " + " | ".join(f"{value:.0f}" for value in shown) + " |")
    print(f"\nfailed {len(waited.errors)}")
    for line in sorted(set(waited.errors))[:20]:
        print(f"- {line} ({waited.errors.count(line)})")
    return int(bool(waited.errors))


if __name__ == "__main__":
    sys.exit(main())
