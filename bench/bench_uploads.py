"""The pages of an upload with 200,000 rows staged: the server's own time of mapping with check, and of confirm.

The median of nine requests through the application in one process, after one that warms it up. Confirm is asked for
new rows, and for the same rows with every tenth changed and every twentieth gone since they were imported.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from flask.testing import FlaskClient

from bench.bench_import import ROWS, orders_file
from bench.measure import Ratio, report, run_apart
from imports.options import ImportOptions
from pipeline.house import people
from pipeline.importing import uploads
from records.instance import Instance
from records.vocabulary import Kind, Role
from web.app import create_app
from web.session import PERSON

REQUESTS, TARGET_MS = 9, 300.0


def ratios() -> list[Ratio]:
    """First and median time of each page over its target."""
    with tempfile.TemporaryDirectory() as folder:
        run = run_apart("bench.bench_uploads", str(orders_file(ROWS, ".csv")), folder)
    found = []
    for page in ("check", "confirm", "confirm_changed"):
        note = f"first time {run.answer[page + '_first']:.0f} ms"
        name = f"{page.replace('_', ' page, ')} upload of 200,000 rows"
        found.append(Ratio(name, run.answer[page], TARGET_MS, 1.0, unit="ms", note=note))
    return found


def _pages(path: str, folder: str) -> dict:
    instance = Instance.open(Path(folder))
    people.add_person(
        instance, sign_in="bench", name="bench", role=Role.ASSESSOR, password="a bench of its own", by="bench"
    )
    upload = _checked(instance, Path(path))
    found = _timed(instance, upload, ("check", "confirm"))
    uploads.confirm(instance, upload, "bench")
    changed = Path(folder) / "changed.csv"
    changed.write_text("".join(_changed(Path(path).read_text("utf-8").splitlines(keepends=True))), "utf-8")
    later = _timed(instance, _checked(instance, changed), ("confirm",))
    return found | {name.replace("confirm", "confirm_changed"): wait for name, wait in later.items()}


def _changed(lines: list[str]) -> Iterator[str]:
    """Every tenth reply is longer, every twentieth row is missing."""
    for number, line in enumerate(lines):
        if number % 20 != 7:
            yield line.replace("您好，", "您好！经核实，") if number % 10 == 1 else line


def _checked(instance: Instance, path: Path) -> str:
    with path.open("rb") as stream:
        options = ImportOptions(channel="hotline", create_units=True)
        upload = uploads.store(
            instance, stream=stream, name="orders.csv", kind=Kind.RESPONSES, options=options, by="bench"
        )
    if uploads.check(instance, upload.id).state != "checked":
        raise RuntimeError("the upload was refused")
    return upload.id


def _timed(instance: Instance, upload: str, pages: tuple[str, ...]) -> dict[str, float]:
    """Milliseconds of each page: the first request, and the median of the later ones."""
    client = create_app(instance).test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = "1.1"
    found: dict[str, float] = {}
    for page in pages:
        waits = [_request(client, f"/uploads/{upload}/{page}") for _ in range(REQUESTS + 1)]
        found |= {page: statistics.median(waits[1:]), f"{page}_first": waits[0]}
    return found


def _request(client: FlaskClient, path: str) -> float:
    started = time.perf_counter()
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    report(lambda: _pages(*sys.argv[1:]))
