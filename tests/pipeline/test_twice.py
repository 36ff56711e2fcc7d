"""The whole way twice: the same three files into two instances give the same numbers, scores and documents."""

from __future__ import annotations

import csv
import shutil
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook

from imports.options import ImportOptions
from pipeline.importing import check, confirm
from pipeline.judgement import assessing
from pipeline.numbers.counting import metric_values
from pipeline.paper import reporting
from records.instance import Instance
from records.keys import FILE_NAME
from records.vocabulary import Kind

pytestmark = pytest.mark.slow

UNITS = ("城建局", "交通局", "环保局", "民政局")
CASES = 480
ORDER_HEADERS = [
    "工单编号", "主办单位", "工单类型", "问题分类", "主要内容", "来电时间", "派单时间", "签收时间",
    "首次答复时间", "办结时间", "工单状态", "回复内容", "是否有效回访", "是否联系", "是否解决", "是否满意",
    "来电人电话/账号",
]  # fmt: skip


@dataclass(frozen=True)
class Whole:
    """Everything one run of the whole way leaves."""

    values: list[dict[str, Any]]
    result_sha256: str
    figures: dict[str, list[float]]  # every number of every sheet, in order; times of making are text


def _write(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def _files(folder: Path) -> dict[Kind, Path]:
    rng = np.random.default_rng(11)
    orders = [ORDER_HEADERS]
    answers = [["回访工单编号", "原工单编号", "承办单位", "回访时间", "是否回访成功", "整体服务评价"]]
    for i in range(CASES):
        received = datetime(2024, 1, 2, 9) + timedelta(minutes=int(rng.integers(0, 500_000)))
        wait = [timedelta(minutes=int(m)) for m in np.cumsum(rng.integers(5, 4000, 4))]
        times = [received, *(received + w for w in wait)]
        says = ("满意", "基本满意", "不满意")[int(rng.integers(0, 3))]
        stamps = [f"{t:%Y-%m-%d %H:%M:%S}" for t in times]
        solved = ("解决", "未解决")[int(rng.random() < 0.2)]
        told = [f"R{i:05d}", UNITS[i % 4], ("投诉", "求助")[i % 2], "住房城乡建设->物业管理", f"第{i}号楼电梯停运"]
        done = ["已办结", f"第{i}号楼电梯已于当日修复", "是", "是", solved, says, f"1390000{i:04d}"]
        orders.append([*told, *stamps, *done])
        if i % 6 == 0:
            answers.append([f"H{i:05d}", f"R{i:05d}", UNITS[i % 4], f"{times[-1]:%Y-%m-%d %H:%M:%S}", "是", says])
    units = [["单位编码", "单位名称", "同类组"], *([f"U{k}", name, "市直部门"] for k, name in enumerate(UNITS))]
    return {
        Kind.UNITS: _write(folder / "units.csv", units),
        Kind.RESPONSES: _write(folder / "orders.csv", orders),
        Kind.SURVEYS: _write(folder / "answers.csv", answers),
    }


def _figures(path: Path) -> dict[str, list[float]]:
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the reader says that it leaves the sparklines out
        book = load_workbook(file)
    return {
        sheet.title: [c.value for row in sheet.iter_rows() for c in row if isinstance(c.value, int | float)]
        for sheet in book.worksheets
    }


def _whole(folder: Path, files: dict[Kind, Path]) -> Whole:
    instance = Instance.open(folder)
    for kind, path in files.items():
        options = ImportOptions(channel="hotline" if kind is Kind.RESPONSES else None)
        answer = check(instance, path, kind=kind, options=options, by="test")
        assert answer.state == "checked", [p.message for p in answer.problems]
        assert answer.batch is not None
        confirm(instance, answer.batch, "test")
    rows = metric_values(instance, period="2024", by=("unit", "month")).rows
    stored = assessing.make_draft(instance, scheme_id="bj_three_rates", period="2024", by="test")
    out = folder / "out.xlsx"
    reporting.make(instance, stored.number, kind="workbook", format="xlsx", out=out)
    instance.close()
    return Whole([row._asdict() for row in rows], stored.result_sha256, _figures(out))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Whole, Whole]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        files = _files(tmp_path_factory.mktemp("files"))
        folders = [tmp_path_factory.mktemp("run") for _ in range(2)]
        first = _whole(folders[0], files)
        # Tokens of persons are keyed: with other keys the parts, and so their hashes, would be others.
        shutil.copy(folders[0] / FILE_NAME, folders[1] / FILE_NAME)
        second = _whole(folders[1], files)
    return first, second


def test_twice_every_number_is_identical(both: tuple[Whole, Whole]) -> None:
    first, second = both
    assert first.values == second.values
    assert sum(row["value"] is not None for row in first.values) > 500


def test_twice_the_result_is_identical(both: tuple[Whole, Whole]) -> None:
    assert both[0].result_sha256 == both[1].result_sha256


def test_twice_every_figure_of_the_workbook_is_identical(both: tuple[Whole, Whole]) -> None:
    assert both[0].figures == both[1].figures
    assert sum(len(cells) for cells in both[0].figures.values()) > 200
