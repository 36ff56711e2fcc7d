"""What an export shows: the rows of one cut-off in the words and columns of the source systems (domain.md e.1, e.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.demo import worktime
from pipeline.demo.arrivals import CASE_TYPES, CHANNELS, Table
from pipeline.demo.city import DemoUnit, Topic, document
from pipeline.demo.course import HOTLINE, UNRATED
from pipeline.demo.texts import Texts, local_time
from pipeline.demo.worktime import DAY, NEVER

Cell = str | int | float | datetime | None
EVENTS = ("dispatched", "signed", "returned", "replied", "closed", "final_closed", "reopened", "followed_up", "rated",
          "excluded", "extension_applied", "suspended_from", "suspended_until")  # fmt: skip
TYPE_WORDS = dict(zip(CASE_TYPES, ("投诉", "求助", "咨询", "建议", "举报", "感谢"), strict=True))
RESOLVED_WORDS = ("未解决", "部分解决", "解决")
RATING_WORDS = {UNRATED: "未评价", 4: "满意", 3: "基本满意", 2: "不满意"}
GRADE_WORDS = {UNRATED: "", 0: "默认满意", 5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
OUTCOME_WORDS = ("解决", "部分解决", "仅答复", "不予办理")


@dataclass(frozen=True)
class World:
    """The whole truth of the demonstration city."""

    table: Table
    texts: Texts
    units: Sequence[DemoUnit]
    topics: Sequence[Topic]
    numbers: list[str]  # record number of each case


def record_numbers(table: Table) -> list[str]:
    """Numbers as the systems give them: by day for the hotline, growing with gaps for the boards."""
    answer: list[str] = []
    within_day: dict[tuple[int, int], int] = {}
    running = dict.fromkeys(range(len(CHANNELS)), 0)
    for received, channel in zip(table["received"].tolist(), table["channel"].tolist(), strict=True):
        day = received // DAY
        within_day[day, channel] = within_day.get((day, channel), 0) + 1
        running[channel] += 1 + (received % 3 == 0)
        moment = local_time(received)
        if channel == HOTLINE:
            answer.append(f"热线-{moment:%y%m%d}-{within_day[day, channel]:06d}")
        elif CHANNELS[channel] == "message_board":
            answer.append(str(18_640_000 + running[channel]))
        else:
            letters = "SX" if CHANNELS[channel] == "mailbox" else "WZ"
            answer.append(f"{letters}{moment:%Y%m%d}{within_day[day, channel]:04d}")
    return answer


def shown_rows(table: Table, channel: int, start: int, end: int, before: int, cutoff: int) -> NDArray[np.int64]:
    """Cases received in [start, end), and earlier ones that moved on between the last export and this one."""
    mine = table["channel"] == channel
    fresh = mine & (table["received"] >= start) & (table["received"] < end)
    moved = np.zeros(len(mine), dtype=bool)
    for name in EVENTS:
        moved |= (table[name] > before) & (table[name] <= cutoff)
    return np.flatnonzero(fresh | (mine & moved & (table["received"] < start)))


class View:
    """The columns of some rows as they stood at a cut-off: what had not happened yet is blank."""

    def __init__(self, world: World, rows: NDArray[np.int64], cutoff: int) -> None:
        self.world, self.rows, self.cutoff = world, rows.tolist(), cutoff
        self._table = {name: column[rows] for name, column in world.table.items()}

    def seen(self, event: str) -> NDArray[np.bool_]:
        """Had the event happened by the cut-off?"""
        return self._table[event] <= self.cutoff

    def times(self, event: str, *, only: NDArray[np.bool_] | None = None) -> list[datetime | None]:
        """The times of an event, None where it had not happened."""
        seen = self.seen(event) if only is None else only & (self._table[event] < NEVER)
        values = self._table[event].tolist()
        return [local_time(v) if s else None for v, s in zip(values, seen.tolist(), strict=True)]

    def where(self, shown: NDArray[np.bool_], values: Sequence[Any]) -> list[Any]:
        """The values where shown, None elsewhere."""
        return [v if s else None for v, s in zip(values, shown.tolist(), strict=True)]

    def column(self, name: str) -> list[Any]:
        return list(self._table[name].tolist())

    def text(self, name: str) -> list[str]:
        values = getattr(self.world.texts, name)
        return [values[i] for i in self.rows]

    def words(self, name: str, words: Any) -> list[Any]:
        return [words[v] for v in self._table[name].tolist()]

    def unit_names(self) -> list[str]:
        """Full names mostly, short names and aliases now and then, as files really have them."""
        units = self.world.units
        return [
            (units[u].name, units[u].name, units[u].short_name, units[u].alias)[min(i % 9, 3) if i % 9 > 1 else 0]
            for u, i in zip(self._table["unit"].tolist(), self.rows, strict=True)
        ]

    def topic(self, field: str) -> list[Any]:
        return [getattr(self.world.topics[t], field) for t in self._table["topic"].tolist()]

    def states(self) -> list[str]:
        """State words at the cut-off."""
        closed, replied, signed = self.seen("closed"), self.seen("replied"), self.seen("signed")
        paused = self.seen("suspended_from") & ~self.seen("suspended_until") & ~closed
        state = np.where(closed, "已办结", np.where(replied, "回复完成", np.where(signed, "办理中", "已转派")))
        state = np.where(self.seen("reopened") & ~self.seen("final_closed"), "办理中", state)
        state = np.where(paused, "挂账", np.where(self.seen("excluded"), "已剔除", state))
        return list(state.tolist())


def hotline_columns(view: View) -> dict[str, list[Any]]:
    """The work orders of the 12345 hotline: the 21 columns of e.1 and those of the process model."""
    called, closed = view.seen("followed_up"), view.seen("closed")
    valid = np.array(view.column("valid")) & called
    districts = [view.world.units[i].district for i in view.column("locality")]
    streets = [view.world.units[i].short_name for i in view.column("locality")]
    extended = view.seen("extension_applied")
    excluded = view.seen("excluded")
    grounds = document("phrases")["excluded"]
    return {
        "工单编号": [view.world.numbers[i] for i in view.rows],
        "工单类型": view.words("case_type", list(TYPE_WORDS.values())),
        "紧急程度": ["紧急" if u else "普通" for u in view.column("urgent")],
        "问题分类": view.topic("path"), "标签": view.topic("tags"),
        "标题": view.text("title"), "主要内容": view.text("content"),
        "工单状态": view.states(),
        "来电人": [s + "**" for s in view.text("surname")], "来电人电话": view.text("phone"),
        "被反映区": districts, "被反映街乡镇": streets, "村/社区": view.text("village"), "小区点位": view.text("place"),
        "承办单位": view.unit_names(),
        "来电时间": view.times("received"), "派单时间": view.times("dispatched"), "签收时间": view.times("signed"),
        "转派退回时间": view.times("returned"), "退回次数": view.where(view.seen("signed"), view.column("n_returns")),
        "转派次数": view.where(view.seen("signed"), view.column("n_transfers")),
        "首次答复时间": view.times("replied"), "回复内容": view.where(view.seen("replied"), view.text("reply")),
        "截止时间": [local_time(d) for d in view.column("due")],
        "延期申请时间": view.times("extension_applied"),
        "延期后截止日期": view.times("extended_due", only=extended),
        "申请延期次数": [int(e) for e in extended.tolist()],
        "挂账开始时间": view.times("suspended_from"), "挂账结束时间": view.times("suspended_until"),
        "办结时间": view.times("closed"),
        "最终办结时间": view.times("final_closed", only=closed & view.seen("final_closed")),
        "办结次数": view.where(closed, view.column("n_closings")),
        "处理结果": view.where(closed, view.words("outcome", OUTCOME_WORDS)),
        "重新办理次数": view.where(closed, np.minimum(view.column("n_reworks"), view.seen("reopened")).tolist()),
        "重新办理时间": view.times("reopened"),
        "回访时间": view.times("followed_up"),
        "是否有效回访": ["是" if v else ("否" if c else "") for v, c in zip(valid, called, strict=True)],
        "是否联系": view.where(valid, ["是" if c else "否" for c in view.column("contacted")]),
        "是否解决": view.where(valid, view.words("resolved", RESOLVED_WORDS)),
        "首次满意度": view.where(valid, view.words("first_rating", RATING_WORDS)),
        "是否满意": view.where(valid, view.words("rating", RATING_WORDS)),
        "是否纳入考核": ["否" if e else "是" for e in excluded.tolist()],
        "剔除时间": view.times("excluded"),
        "剔除原因": view.where(excluded, [grounds[i % len(grounds)] for i in view.rows]),
    }  # fmt: skip


def board_columns(view: View) -> dict[str, list[Any]]:
    """The message board for leaders, layout D of e.2, with the unit the message went to and the two grades."""
    rated = view.seen("rated")
    tags = [
        str((t.path.split("->")[0], TYPE_WORDS[CASE_TYPES[c]], s))
        for t, c, s in zip((view.world.topics[t] for t in view.column("topic")), view.column("case_type"),
                           view.states(), strict=True)
    ]  # fmt: skip
    grades = {
        name: [g if g != UNRATED else None for g in view.column(name)] for name in ("manner_grade", "speed_grade")
    }
    return {
        "留言人名称": [f"匿名网友{p % 90_000:05d}" for p in view.column("person")],
        "留言Id": [view.world.numbers[i] for i in view.rows],
        "留言时间": view.times("received"), "留言类型": view.words("case_type", list(TYPE_WORDS.values())),
        "留言标签": tags, "问题分类": view.topic("path"),
        "发生地": [document("city")["city"] + view.world.units[i].district for i in view.column("locality")],
        "留言标题": view.text("title"), "留言正文": view.text("content"),
        "办理状态": view.states(), "承办单位": view.unit_names(),
        "官方回复时间": view.times("replied"), "官方回复正文": view.where(view.seen("replied"), view.text("reply")),
        "办结时间": view.times("closed"),
        "态度评分": view.where(rated, grades["manner_grade"]), "速度评分": view.where(rated, grades["speed_grade"]),
        "是否公开": view.where(view.seen("replied"), ["是"] * len(view.rows)),
        "点赞数": [p % 97 // 8 for p in view.column("person")],
    }  # fmt: skip


def mailbox_columns(view: View) -> dict[str, list[Any]]:
    """Letters to the mayor and messages of the website: dates in several forms, five levels, default ratings."""
    rated = view.seen("rated")
    return {
        "编号": [view.world.numbers[i] for i in view.rows],
        "诉求类型": view.words("case_type", list(TYPE_WORDS.values())),
        "一级分类": [p.split("->")[0] for p in view.topic("path")],
        "二级分类": [p.split("->")[1] for p in view.topic("path")],
        "三级分类": [p.split("->")[2] for p in view.topic("path")],
        "标题": view.text("title"), "内容": view.text("content"),
        "联系人": [s + "先生" for s in view.text("surname")], "联系电话": view.text("phone"),
        "办理单位": view.unit_names(), "状态": view.states(),
        "登记时间": [mixed_time(t, i) for t, i in zip(view.times("received"), view.rows, strict=True)],
        "转办时间": [mixed_time(t, i) for t, i in zip(view.times("dispatched"), view.rows, strict=True)],
        "签收时间": view.times("signed"),
        "答复时间": [mixed_time(t, i) for t, i in zip(view.times("replied"), view.rows, strict=True)],
        "答复内容": view.where(view.seen("replied"), view.text("reply")),
        "办结时间": view.times("closed"),
        "是否公开": view.where(view.seen("replied"), ["是" if i % 9 else "否" for i in view.rows]),
        "评价结果": view.where(rated, view.words("grade", GRADE_WORDS)), "评价时间": view.times("rated"),
    }  # fmt: skip


def mixed_time(moment: datetime | None, number: int) -> Cell:
    """One of the forms people write times in, chosen by the number.

    >>> mixed_time(datetime(2024, 3, 5, 9, 1), 7)
    '2024年3月5日 9:01'
    """
    if moment is None or number % 7 > 2:
        return moment
    if number % 7 == 2:
        return f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment:%M:%S}"
    if number % 7 == 1:
        return f"{moment.year}.{moment.month}.{moment.day} {moment:%H:%M}"
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment.hour}:{moment:%M}"


def later_export(world: World, rows: NDArray[np.int64], cutoff: int) -> dict[str, list[Any]]:
    """The hotline export of September 2025 made again: some records are gone, some were closed earlier than before."""
    kept = rows[~world.table["vanished"][rows]]
    columns = hotline_columns(View(world, kept, cutoff))
    for i, row in enumerate(kept.tolist()):
        if world.table["rewritten"][row]:
            earliest = int(world.table["signed"][row]) + 1800  # nobody closes what has not arrived
            moment = local_time(max(worktime.at(2025, 9, 28, 15) + row % 40 * 3600, earliest))
            columns["首次答复时间"][i] = columns["办结时间"][i] = columns["最终办结时间"][i] = moment
    return columns


Columns = Callable[[View], dict[str, list[Any]]]
