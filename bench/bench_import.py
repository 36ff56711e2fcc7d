"""Import of a generated hotline export of 20 columns against the bare readers over the same file, in one run.

Loading the libraries is not timed on either side, nor is making an empty instance; starting the process that reads the
file is, as part of an import. That process is the last in the queue for a core, so the bare readers are as well.
Processor seconds, those of the reading child included, stand in the note: they are what the work costs.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
from python_calamine import CalamineWorkbook

from bench.make_orders import write_orders
from bench.measure import PROJECT, Ratio, Run, report, run_apart
from imports.options import ImportOptions
from imports.worker import NICENESS
from pipeline.importing import check, confirm
from records.instance import Instance
from records.vocabulary import Kind

Work = Callable[[], dict]
ROWS, MANY_ROWS = 200_000, 1_000_000


def ratios() -> list[Ratio]:
    """Both formats against their readers, the file again with other bytes, memory; every run in its own process."""
    workbook, text, many = orders_file(ROWS), orders_file(ROWS, ".csv"), orders_file(MANY_ROWS, ".csv")
    found = []
    for path, reader, target, name in ((workbook, "calamine", 2.0, "python-calamine"), (text, "duckdb", 3.0, "DuckDB")):
        bare = run_apart("bench.bench_import", reader, str(path))
        with tempfile.TemporaryDirectory() as folder:
            product = run_apart("bench.bench_import", "product", str(path), folder)
        _same(bare, ROWS, "rows")
        _same(product, ROWS, "accepted")
        what = f"import of 200,000 x 20 {path.suffix[1:]} / bare {name}"
        found.append(Ratio(what, product.seconds, bare.seconds, target, note=_processor(product, bare)))
        found.append(Ratio(f"peak memory of the {path.suffix[1:]} / 1.5 GB", product.peak_mb, 1536, 1.0, unit="MB"))
    return [*found, *_again(workbook), _many(many)]


def _again(path: Path) -> list[Ratio]:
    with tempfile.TemporaryDirectory() as folder:
        run = run_apart("bench.bench_import", "again", str(path), folder)
    _same(run, ROWS, "unchanged")
    return [Ratio("the same 200,000 rows again / first time", run.answer["again"], run.answer["first"], 1.2)]


def _many(path: Path) -> Ratio:
    with tempfile.TemporaryDirectory() as folder:
        run = run_apart("bench.bench_import", "product", str(path), folder)
    _same(run, MANY_ROWS, "accepted")
    note = f"{run.seconds:.0f} s, processor {run.answer['cpu']:.0f} s"
    return Ratio("peak memory of 1,000,000 x 20 csv / 1 GB", run.peak_mb, 1024, 1.0, unit="MB", note=note)


def _same(run: Run, rows: int, name: str) -> None:
    if run.answer[name] != rows:
        raise RuntimeError(f"{name} is {run.answer[name]}, not {rows}: {run.answer}")


def _processor(product: Run, bare: Run) -> str:
    return f"processor {product.answer['cpu']:.1f} / {bare.answer['cpu']:.1f} s"


def orders_file(rows: int, suffix: str = ".xlsx") -> Path:
    """The generated export, made once and kept under build/."""
    path = PROJECT / "build" / f"orders-{rows}{suffix}"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        draft = path.with_stem(f"{path.stem}-draft")
        write_orders(draft, rows)
        draft.rename(path)
    return path


def _calamine(path: str) -> Work:
    def read() -> dict:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        return {"rows": sum(1 for _ in sheet.iter_rows()) - 1}

    os.nice(NICENESS)
    return read


def _duckdb(path: str) -> Work:
    def read() -> dict:
        with duckdb.connect() as connection:
            connection.execute("CREATE TABLE bare AS SELECT * FROM read_csv(?, all_varchar = true)", [path])
            return {"rows": connection.execute("SELECT count(*) FROM bare").fetchall()[0][0]}

    os.nice(NICENESS)
    return read


def _product(path: str, folder: str) -> Work:
    instance = Instance.open(Path(folder))
    return lambda: {"accepted": _import(instance, Path(path))["accepted"]}


def _again_with_other_bytes(path: str, folder: str) -> Work:
    """The file, then the same rows in a file of other bytes: the very same file is refused before it is read."""
    instance, copy = Instance.open(Path(folder)), Path(folder) / "again.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        target.comment = b"packed again"

    def import_twice() -> dict:
        started = time.perf_counter()
        _import(instance, Path(path))
        between = time.perf_counter()
        second = _import(instance, copy)
        return {"first": between - started, "again": time.perf_counter() - between, "unchanged": second["unchanged"]}

    return import_twice


def _import(instance: Instance, path: Path) -> dict[str, int]:
    options = ImportOptions(channel="hotline", create_units=True)
    answer = check(instance, path, kind=Kind.RESPONSES, options=options, by="bench")
    if answer.state != "checked" or answer.batch is None:
        raise RuntimeError(f"refused: {[p.code for p in answer.problems]}")
    rows = confirm(instance, answer.batch, "bench").rows
    return {"accepted": rows.accepted, "unchanged": rows.unchanged}


WORK: dict[str, Callable[..., Work]] = {
    "calamine": _calamine,
    "duckdb": _duckdb,
    "product": _product,
    "again": _again_with_other_bytes,
}

if __name__ == "__main__":
    report(WORK[sys.argv[1]](*sys.argv[2:]))
