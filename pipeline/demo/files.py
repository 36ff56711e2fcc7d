"""Writes the whole city as files and says how each is to be imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.demo import arrivals, city, course, exports, plants, surveys, texts, worktime
from pipeline.demo.exports import View, World
from pipeline.demo.sheets import Sheet, write_text, write_workbook
from pipeline.demo.worktime import DAY

LAST_CUTOFF = worktime.at(2026, 1, 5, 8)
CSV_QUARTERS = 5  # the first quarters come from the older system, which exports csv
WEB_SHARE = 1 / 6  # of the answers


@dataclass(frozen=True)
class DemoFile:
    """One file of the city with what the person who imports it knows about it."""

    path: Path
    kind: str
    options: dict[str, Any] = field(default_factory=dict)


def make_world(n_cases: int, n_units: int, seed: int) -> World:
    """Everything that is true in the city, from one seed.

    Raises ValueError when there are too few cases to carry the plants.
    """
    if n_cases < 500:
        raise ValueError("The demonstration city needs at least 500 cases. Give --cases a larger number.")
    rng = np.random.default_rng(seed)
    units, topics = city.make_units(n_units, rng), city.topics()
    table = arrivals.arrivals(units, topics, n_cases, rng)
    plants.give_small_unit_its_cases(table, units, rng)
    course.course(table, units, rng)
    plants.plant_all(table, units, rng)
    written = texts.write_texts(table, units, topics, rng)
    return World(table, written, units, topics, exports.record_numbers(table))


def write_city(folder: Path, *, n_cases: int, n_units: int, n_answers: int, seed: int) -> list[DemoFile]:
    """Write all files into the folder, in the order in which they are to be imported; same arguments, same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    world = make_world(n_cases, n_units, seed)
    rng = np.random.default_rng([seed, 1])
    answer: list[DemoFile] = []
    for part in (_directory, _hotline, _board, _letters, _later):
        answer.extend(part(world, folder))
    answer.extend(_answers(world, folder, n_answers, rng))
    return answer


def _directory(world: World, folder: Path) -> Iterator[DemoFile]:
    """The unit directory, one sheet."""
    columns: dict[str, list[Any]] = {
        "单位编码": [u.code for u in world.units], "单位名称": [u.name for u in world.units],
        "单位简称": [u.short_name for u in world.units], "别名": [u.alias for u in world.units],
        "同类组": [city.GROUP_NAMES[u.group] for u in world.units],
        "常住人口": [u.residents for u in world.units],
        "生效日期": [local_date(2019, 1, 1)] * len(world.units),
    }  # fmt: skip
    path = folder / "01_单位名录.xlsx"
    write_workbook(path, [Sheet("单位名录", columns)])
    yield DemoFile(path, "units")


def local_date(year: int, month: int, day: int) -> str:
    """A date without a time, as people type it.

    >>> local_date(2025, 7, 1)
    '2025-07-01'
    """
    return date(year, month, day).isoformat()


def _hotline(world: World, folder: Path) -> Iterator[DemoFile]:
    """Quarterly exports: the quarter's orders, and earlier ones that moved on since."""
    before = 0
    for number in range(8):
        year, quarter = 2024 + number // 4, number % 4 + 1
        start, end = _quarter(year, quarter)
        cutoff = end + 4 * DAY + 8 * 3600
        rows = exports.shown_rows(world.table, course.HOTLINE, start, end, before, cutoff)
        columns = exports.hotline_columns(View(world, rows, cutoff))
        name = f"02_12345工单_{year}年第{quarter}季度"
        before = cutoff
        options = {"exported_at": _iso(cutoff), "channel": "hotline", "register": "12345"}
        if number < CSV_QUARTERS:
            path = folder / f"{name}.csv"
            write_text(path, Sheet(name, columns))
        else:
            path = folder / f"{name}.xlsx"
            title = (f"海川市12345政务服务便民热线工单明细（{year}年第{quarter}季度）", f"导出时间：{_iso(cutoff)}")
            write_workbook(path, [Sheet("工单明细", columns, above=title)])
        yield DemoFile(path, "responses", options)


def _quarter(year: int, quarter: int) -> tuple[int, int]:
    start = worktime.at(year, 3 * quarter - 2, 1)
    return start, worktime.at(year + quarter // 4, (3 * quarter) % 12 + 1, 1)


def _iso(seconds: int) -> str:
    return texts.local_time(seconds).isoformat(sep=" ", timespec="minutes")


def _board(world: World, folder: Path) -> Iterator[DemoFile]:
    """Half-yearly exports of the message board for leaders."""
    before = 0
    for year, half in ((2024, 1), (2024, 2), (2025, 1), (2025, 2)):
        start, end = _quarter(year, 2 * half - 1)[0], _quarter(year, 2 * half)[1]
        cutoff = end + 4 * DAY + 8 * 3600
        rows = exports.shown_rows(world.table, course.MESSAGE_BOARD, start, end, before, cutoff)
        before = cutoff
        path = folder / f"03_领导留言板_{year}年{'上' if half == 1 else '下'}半年.xlsx"
        write_workbook(path, [Sheet("留言", exports.board_columns(View(world, rows, cutoff)))])
        options = {"exported_at": _iso(cutoff), "channel": "message_board", "register": "message_board",
                   "map": [["case_type", "留言类型"]]}  # fmt: skip
        yield DemoFile(path, "responses", options)


def _letters(world: World, folder: Path) -> Iterator[DemoFile]:
    """Yearly exports of the mayor's mailbox (xlsx with a total row) and of the website (csv)."""
    for channel, name in ((course.MAILBOX, "市长信箱"), (course.WEBSITE, "网站留言")):
        before = 0
        for year in (2024, 2025):
            start, end = worktime.at(year, 1, 1), worktime.at(year + 1, 1, 1)
            cutoff = LAST_CUTOFF if year == 2025 else end + 4 * DAY + 8 * 3600
            rows = exports.shown_rows(world.table, channel, start, end, before, cutoff)
            before = cutoff
            columns = exports.mailbox_columns(View(world, rows, cutoff))
            below = (("合计", None, None, None, None, f"{len(rows)}件"), ("制表人：信访科",))
            options = {"exported_at": _iso(cutoff), "channel": arrivals.CHANNELS[channel],
                       "register": arrivals.CHANNELS[channel]}  # fmt: skip
            if channel == course.MAILBOX:
                path = folder / f"04_{name}_{year}年.xlsx"
                write_workbook(path, [Sheet("来信", columns, above=(f"{name}来信办理情况（{year}年）",), below=below)])
            else:
                path = folder / f"04_{name}_{year}年.csv"
                write_text(path, Sheet(name, columns, below=below))
            yield DemoFile(path, "responses", options)


def _later(world: World, folder: Path) -> Iterator[DemoFile]:
    """September 2025 of the hotline, exported again in January 2026."""
    cutoff = LAST_CUTOFF + 3 * DAY
    start, end = worktime.at(2025, 9, 1), worktime.at(2025, 10, 1)
    rows = exports.shown_rows(world.table, course.HOTLINE, start, end, cutoff, cutoff)
    columns = exports.later_export(world, rows, cutoff)
    path = folder / "05_12345工单_2025年9月_重导.xlsx"
    write_workbook(path, [Sheet("工单明细", columns)])
    yield DemoFile(path, "responses", {"exported_at": _iso(cutoff), "channel": "hotline", "register": "12345"})


def _answers(world: World, folder: Path, n: int, rng: np.random.Generator) -> Iterator[DemoFile]:
    """Per year one telephone sample of an independent institute and one web questionnaire."""
    web = round(n * WEB_SHARE / 2)
    for year in (2024, 2025):
        start, end = worktime.at(year, 1, 1), worktime.at(year + 1, 1, 1)
        columns = surveys.telephone(world, start, end, n // 2 - web, rng)
        path = folder / f"06_第三方电话回访_{year}年.xlsx"
        write_workbook(path, [Sheet("回访", columns, above=(f"{year}年度第三方电话回访记录",))])
        yield DemoFile(path, "surveys", {"source": "third_party", "register": "third_party", "channel": "hotline"})
        path = folder / f"07_满意度问卷_{year}年.csv"
        write_text(path, Sheet("问卷", surveys.questionnaire(world, year, web, rng)), encoding="utf-8-sig")
        yield DemoFile(path, "surveys", {
            "source": "platform", "register": f"questionnaire_{year}",
            "map": [["unit", "1、您要评价的单位"], ["resolved", "2、您的问题是否得到解决"], ["rating", "3、整体满意度"],
                    ["speed_rating", "4、处理时长评价"], ["manner_rating", "5、态度评价"], ["comment", "6、您的意见"]],
        })  # fmt: skip
