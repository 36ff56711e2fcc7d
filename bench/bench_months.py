"""One corrected month against the whole year, and pages of the case list, over one million generated cases."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from bench.make_cases import make_instance
from bench.measure import Ratio, report, run_apart

CASES = 1_000_000
CORRECTED = 1_000
PAGES = 40
SPAN = (datetime(2024, 3, 1), datetime(2024, 4, 1))


def ratios() -> list[Ratio]:
    """Building facts after a correction of March against building all of them; the slowest pages against 100 ms."""
    with tempfile.TemporaryDirectory() as folder:
        make_instance(Path(folder), CASES).close()
        whole = run_apart("bench.bench_months", "build", folder)
        _correct(Path(folder))
        again = run_apart("bench.bench_months", "build", folder)
        pages = run_apart("bench.bench_months", "pages", folder)
    if again.answer["written"] != 1:
        raise RuntimeError(f"{again.answer['written']} months were written after one was corrected")
    return [
        Ratio("facts after a corrected March / of the year, a million cases", again.seconds, whole.seconds, 0.125),
        Ratio("page of 50 by unit and month, p95 / 100 ms", pages.answer["p95"], 0.1, 1.0),
        Ratio("peak memory of building the facts / 4 GB", whole.peak_mb, 4096, 1.0, unit="MB"),
    ]  # fmt: skip


def _correct(folder: Path) -> None:
    """A later batch with some cases of March, each with one more return."""
    from records.clock import now
    from records.engine import Engine
    from records.instance import Instance
    from records.models import Batch
    from records.parts import accepted_parts, adopt
    from records.tables import files_view
    from records.vocabulary import CASE_COLUMNS, Kind

    instance, number = Instance.open(folder), 99
    staged = instance.staging_folder / "corrected.parquet"
    with instance.session() as session:
        parts = accepted_parts(session, Kind.RESPONSES)
    names = ", ".join("CAST(3 AS INTEGER) AS n_returns" if c.name == "n_returns" else c.name for c in CASE_COLUMNS)
    text = (
        f"SELECT {names} FROM cases WHERE received_at >= TIMESTAMP '{SPAN[0]}' AND received_at < TIMESTAMP '{SPAN[1]}' "
        f"ORDER BY case_no LIMIT {CORRECTED}"
    )
    Engine(instance).write(text, {"cases": files_view(instance, parts, Kind.RESPONSES)}, staged)
    with instance.session() as session:
        session.add(Batch(id=number, kind="responses", state="checked", file_name="corrected", made_by="bench",
                          made_at=now()))  # fmt: skip
        session.flush()
        adopt(instance, session, staged, Kind.RESPONSES, number)


def _build(folder: str) -> dict:
    from pipeline.numbers.counting import build_facts
    from records.instance import Instance

    instance = Instance.open(Path(folder))
    before = set(instance.facts_folder.glob("*.parquet"))
    build_facts(instance)
    return {"written": len(set(instance.facts_folder.glob("*.parquet")) - before)}


def _pages(folder: str) -> dict:
    from records.access import OPERATOR
    from records.instance import Instance
    from records.queries import cases
    from records.queries.cases import CaseFilter

    instance, seconds = Instance.open(Path(folder)), []
    with instance.session() as session:
        for number in range(PAGES):
            started = time.perf_counter()
            wanted = CaseFilter(unit=f"u{number * 7:03d}", since=SPAN[0], until=SPAN[1])
            if not cases.page(instance, session, viewer=OPERATOR, wanted=wanted).rows:
                raise RuntimeError("an empty page")
            seconds.append(time.perf_counter() - started)
    first, *later = seconds  # the first one writes the file of the month that changed
    return {"first": first, "p95": sorted(later)[int(len(later) * 0.95)]}


if __name__ == "__main__":
    import pipeline.numbers.counting  # noqa: F401
    import records.queries.cases  # noqa: F401  (loading the program is timed on neither side of a ratio)

    work = {"build": _build, "pages": _pages}[sys.argv[1]]
    report(lambda: work(sys.argv[2]))
