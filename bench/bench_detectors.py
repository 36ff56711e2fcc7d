"""All detectors over two million cases of five hundred units against the minute they may take.

The facts are built before the clock starts, as they are in use. The text pass is measured apart: it runs once for each
new row, when its file is accepted.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.bench_metrics import CASES, make_instance
from bench.measure import Ratio, report, run_apart

BUDGET = 60.0
REPLIES = 20_000
TEXT_BUDGET = 60.0 / 200_000  # seconds a reply: a file of 200,000 rows may add a minute to its import


def ratios() -> list[Ratio]:
    """The detectors and the text pass against their budgets."""
    with tempfile.TemporaryDirectory() as folder:
        make_instance(Path(folder), CASES)
        run_apart(__name__, "facts", folder)
        found = run_apart(__name__, "detect", folder)
    text = run_apart(__name__, "text")
    return [
        Ratio("detectors over 2 million cases", found.seconds, BUDGET, 1.0, note=f"{found.peak_mb:.0f} MB"),
        Ratio("text pass of one reply", text.answer["each"], TEXT_BUDGET, 1.0, note=f"{REPLIES:,} replies"),
    ]


def _facts(folder: Path) -> dict | None:
    from pipeline.integrity.findings import ground_of
    from records.instance import Instance

    ground_of(Instance.open(folder), "2024")
    return None


def _detect(folder: Path) -> dict | None:
    from pipeline.integrity.findings import find
    from records.instance import Instance

    return {"findings": len(find(Instance.open(folder), "2024"))}


def _text() -> dict | None:
    from datetime import datetime

    from integrity.texts.features import ReplyRow, text_features

    sentences = (
        "经现场核实，您反映的问题属实",
        "已责成物业公司于{}日内更换部件",
        "依据《物业管理条例》第{}条处理",
        "联系电话0470-33{}",
    )
    rows = [
        ReplyRow("r", str(i), 1, f"小区{i % 997}号楼电梯第{i % 31}次停运，请尽快处理",
                 "。".join(s.format(100 + i % 7919) for s in sentences), datetime(2024, 1, 1 + i % 28), f"t{i % 40}")
        for i in range(REPLIES)
    ]  # fmt: skip
    started = time.perf_counter()
    text_features(rows)
    return {"each": (time.perf_counter() - started) / REPLIES}


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    work = {"facts": lambda: _facts(Path(rest[0])), "detect": lambda: _detect(Path(rest[0])), "text": _text}
    report(work[what])
