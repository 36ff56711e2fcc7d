"""Paper: annual report of 200 units, scorecards of 300 units, 100,000 cases as a sheet, each in a process of its own.

The sheet of cases is measured twice: the writing of the rows alone, and the order as a person gives it, from the
stored assessment to the file, with everything that process holds. The yardsticks are the targets in seconds and MB;
the note tells the processor seconds, which a busy machine does not stretch.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.measure import Ratio, report, run_apart

UNITS, CARDS, CASES = 200, 300, 100_000
CITY = 60  # units of the city whose cases are ordered
TARGETS = {
    "annual_docx": (f"annual report of {UNITS} units as docx", 5.0),
    "annual_pdf": (f"annual report of {UNITS} units as pdf", 5.0),
    "cards_pdf": (f"{CARDS} scorecards as pdf", 30.0),
    "cards_docx": (f"{CARDS} scorecards as docx", 60.0),
    "cases": (f"{CASES:,} cases as xlsx, 21 columns", 10.0),
}
MOST_MB, MOST_SECONDS = 150.0, 10.0
SCHEME, PERIOD = "haochaping", "2024"


def ratios() -> list[Ratio]:
    """Seconds of each document against its target, and the memory of the sheet of cases."""
    answer = []
    for name, (title, target) in TARGETS.items():
        run = run_apart("bench.bench_reports", name)
        note = f"{run.answer['work_cpu']:.1f} s of processor, {run.answer['size_mb']:.1f} MB written"
        answer.append(Ratio(title, run.answer["work_seconds"], target, 1.0, note=note))
        if name == "cases":
            answer.append(Ratio("memory of that", run.peak_mb, MOST_MB, 1.0, unit="MB"))
    return [*answer, *_whole_order()]


def _whole_order() -> list[Ratio]:
    """The same number of cases of a city in 52 exports, ordered as a sheet."""
    with tempfile.TemporaryDirectory() as folder:
        run_apart("bench.bench_reports", "stored", folder)
        run = run_apart("bench.bench_reports", "ordered", folder)
    title, size = f"order of {CASES:,} cases as xlsx", f"{run.answer['size_mb']:.1f} MB written"
    return [
        Ratio(f"{title}, from the stored assessment", run.answer["work_seconds"], MOST_SECONDS, 1.0, note=size),
        Ratio("memory of that, the whole process", run.peak_mb, MOST_MB, 1.0, unit="MB"),
    ]


def _stored(folder: Path) -> dict[str, float]:
    from bench.make_cases import make_instance
    from pipeline.judgement.assessing import make_draft

    instance = make_instance(folder, CASES, units=CITY)
    make_draft(instance, scheme_id=SCHEME, period=PERIOD)
    instance.close()
    return {}


def _ordered(folder: Path) -> dict[str, float]:
    from pipeline.paper import reporting
    from records.instance import Instance

    started = time.perf_counter()
    made = reporting.make(Instance.open(folder), 1, kind="cases", format="xlsx", out=folder / "cases.xlsx")
    return {"work_seconds": time.perf_counter() - started, "size_mb": made.stat().st_size / 1e6}


def _annual(format: str) -> Callable[[Path], Any]:
    from reports import annual, docx_writer, pdf_writer
    from tests.reports.factory import make_source

    source = make_source(count=UNITS)
    writer = docx_writer if format == "docx" else pdf_writer
    return lambda path: writer.write(annual.document(source), path)


def _cards(format: str) -> Callable[[Path], Any]:
    from reports import scorecard
    from tests.reports.factory import make_source

    source = make_source(count=CARDS)
    return lambda path: scorecard.write_all(source, path, format=format)


def _cases(_: str) -> Callable[[Path], Any]:
    from reports.workbook import streaming
    from reports.workbook.streaming import Column

    forms = ["text"] * 7 + ["time"] * 3 + ["tenth", "text"] * 4 + ["text", "count", "text"]
    columns = [Column(f"column {i}", 12, form) for i, form in enumerate(forms)]
    settings: dict[str, Any] = {"name": "cases", "title": "cases", "line": "bench", "count": CASES}
    settings |= {"office": "bench", "made_at": "2025-01-07"}
    return lambda path: streaming.write(path, columns, _rows(forms), **settings)


def _rows(forms: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, CASES, 5_000):
        yield [
            tuple(f"值{i % 977}-{n}" if form == "text" else 45_000 + i / 97 + n for n, form in enumerate(forms))
            for i in range(start, start + 5_000)
        ]


def _work(name: str) -> dict[str, float]:
    """Prepare the data, then time the writing alone."""
    what, _, format = name.partition("_")
    write = {"annual": _annual, "cards": _cards, "cases": _cases}[what](format)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document"
        started, cpu = time.perf_counter(), time.process_time()
        write(path)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        return {"work_seconds": seconds, "work_cpu": cpu, "size_mb": path.stat().st_size / 1e6}


if __name__ == "__main__":
    steps = {"stored": _stored, "ordered": _ordered}
    chosen = sys.argv[1]
    report(lambda: steps[chosen](Path(sys.argv[2])) if chosen in steps else _work(chosen))
