"""The pages of an upload with 200,000 rows staged: the server's own time of mapping with check, and of confirm.

The median of nine requests through the application in one process, after one that warms it up.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
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
    for page in ("check", "confirm"):
        note = f"first time {run.answer[page + '_first']:.0f} ms"
        name = f"{page} page of an upload of 200,000 rows"
        found.append(Ratio(name, run.answer[page], TARGET_MS, 1.0, unit="ms", note=note))
    return found


def _pages(path: str, folder: str) -> dict:
    instance = Instance.open(Path(folder))
    people.add_person(
        instance, sign_in="bench", name="bench", role=Role.ASSESSOR, password="a bench of its own", by="bench"
    )
    with Path(path).open("rb") as stream:
        options = ImportOptions(channel="hotline", create_units=True)
        upload = uploads.store(
            instance, stream=stream, name="orders.csv", kind=Kind.RESPONSES, options=options, by="bench"
        )
    if uploads.check(instance, upload.id).state != "checked":
        raise RuntimeError("the upload was refused")
    return _timed(instance, upload.id)


def _timed(instance: Instance, upload: str) -> dict:
    """Milliseconds of each page: the first request, and the median of the later ones."""
    client = create_app(instance).test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = "1.1"
    found: dict[str, float] = {}
    for page in ("check", "confirm"):
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
