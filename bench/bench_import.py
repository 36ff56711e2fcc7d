"""Import of a generated hotline export of 200,000 rows and 20 columns against the bare reader over the same file.

Loading the libraries is not timed on either side; starting the process that reads the file is, as part of an import.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from python_calamine import CalamineWorkbook

from bench.make_orders import write_orders
from bench.measure import PROJECT, Ratio, report, run_apart
from imports.options import ImportOptions
from pipeline.importing import check, confirm
from records.instance import Instance
from records.vocabulary import Kind

ROWS = 200_000


def ratios() -> list[Ratio]:
    """The import against the reader, seconds and memory; both runs in processes of their own, one after the other."""
    workbook = orders_file(ROWS)
    bare = run_apart("bench.bench_import", "bare", str(workbook))
    with tempfile.TemporaryDirectory() as folder:
        product = run_apart("bench.bench_import", "product", str(workbook), folder)
    if bare.answer["rows"] != ROWS + 1 or product.answer["accepted"] != ROWS:
        raise RuntimeError(f"the two runs did not read the same rows: {bare.answer} {product.answer}")
    return [
        Ratio("import of 200,000 x 20 xlsx / bare python-calamine", product.seconds, bare.seconds, 3.0),
        Ratio("peak memory of that import / 1.5 GB", product.peak_mb, 1536, 1.0, unit="MB"),
    ]


def orders_file(rows: int) -> Path:
    """The generated export, made once and kept under build/."""
    path = PROJECT / "build" / f"orders-{rows}.xlsx"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        write_orders(path, rows)
    return path


def _bare(workbook: str) -> dict:
    sheet = CalamineWorkbook.from_path(workbook).get_sheet_by_index(0)
    return {"rows": sum(1 for _ in sheet.iter_rows())}


def _product(workbook: str, folder: str) -> dict:
    instance = Instance.open(Path(folder))
    options = ImportOptions(channel="hotline", create_units=True)
    answer = check(instance, Path(workbook), kind=Kind.RESPONSES, options=options, by="bench")
    if answer.state != "checked" or answer.batch is None:
        raise RuntimeError(f"refused: {[p.code for p in answer.problems]}")
    return {"accepted": confirm(instance, answer.batch, "bench").rows.accepted}


if __name__ == "__main__":
    work = {"bare": _bare, "product": _product}[sys.argv[1]]
    report(lambda: work(*sys.argv[2:]))
