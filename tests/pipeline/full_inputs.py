"""What the demonstration city has no input for, made up: tables, checks of channels and cases, scored replies."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from evaluation.rules.rubric import forms
from imports.options import ImportOptions
from metrics.counting.aggregates import TABLES
from pipeline import importing
from pipeline.numbers.counting import build_facts
from records.engine import Engine
from records.instance import Instance
from records.models import RubricItem, RubricReading, RubricRound, SampleCase, Unit, VerificationSample
from records.vocabulary import Kind
from records.vocabulary.table_fields import CHANNEL_FIELDS, MEASURES

TABLE_UNIT = "统计口径单位"
MONTHS = ("2025-02", "2025-03", "2025-07")
NOW = datetime(2025, 8, 1, tzinfo=UTC)
CHECKED = ("channel_no", "channel_name", "unit", "channel", "checked_at", "updated_at", "update_limit_days",
           "is_available", "is_tested", "calls", "calls_answered")  # fmt: skip
WHOLES = ("total", "received", "valid", "due", "reviewed", "scored", "checked", "closed")
SINCE = "received_day >= 20089 ORDER BY case_no"  # 2025-01-01, in days since 1970
CLOSED = f"SELECT register, case_no, unit, is_claimed_resolved FROM facts WHERE is_closed = 1 AND {SINCE}"
REPLIED = f"SELECT register, case_no, unit FROM facts WHERE is_replied = 1 AND {SINCE}"


def add_all(instance: Instance) -> None:
    """Every input that a registered metric needs, beside what the city has."""
    with instance.session() as session:
        names = list(session.scalars(select(Unit.name).order_by(Unit.code)))[:3]
    _take_in(instance, Kind.COUNTS, _tables([*names, TABLE_UNIT]))
    _take_in(instance, Kind.CHANNELS, _channels(names))
    _add_checks(instance)
    _add_scores(instance)


def _tables(units: list[str]) -> list[list[object]]:
    """One row for each unit and month with every measure that a statement reads; parts stay below their wholes."""
    measures = list(dict.fromkeys(name for table in TABLES.values() for name in table))
    rows: list[list[object]] = [["承办单位", "统计期间", *(MEASURES[name].label_zh for name in measures)]]
    for i, unit in enumerate(units):
        for j, month in enumerate(MONTHS):
            rows.append([unit, month, *(_number(name, k, i, j) for k, name in enumerate(measures))])
    return rows


def _number(measure: str, place: int, i: int, j: int) -> object:
    if measure.startswith("has_"):
        return "是"
    if measure.startswith("faults"):
        return place % 4 + i + j
    if measure == "reply_points":
        return 900 + 13 * i + 7 * j
    if measure.startswith("mean"):
        return 3.25 + i + j / 4
    is_whole = "overdue" not in measure and any(word in measure for word in WHOLES)
    return (200 + 11 * i + 5 * j) if is_whole else 5 + place % 7 + 3 * i + 2 * j


def _channels(units: list[str]) -> list[list[object]]:
    rows: list[list[object]] = [[field.label_zh for field in CHANNEL_FIELDS.values() if field.name in CHECKED]]
    for i, unit in enumerate(units):
        for j, month in enumerate(MONTHS):
            updated = f"{month}-{(1, 18)[(i + j) % 2]:02d} 09:00"
            checked = f"{month}-20 10:00"
            said = (14, "是", ("是", "否")[j % 2], 1000, 900 + 10 * i + j)
            rows.append([f"{i}-{j}", "渠道", unit, "website", checked, updated, *said])
    return rows


def _take_in(instance: Instance, kind: Kind, rows: list[list[object]]) -> None:
    path = Path(instance.folder) / f"full-{kind.value}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    answer = importing.check(instance, path, kind=kind, options=ImportOptions(create_units=True), by="wang")
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    importing.confirm(instance, answer.batch or 0, "wang")


def _add_checks(instance: Instance) -> None:
    """Of each unit some claimed and some other closed cases, reached, with every answer there is."""
    cases: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for register, number, unit, claimed in Engine(instance).run(CLOSED, build_facts(instance).views):
        cases.setdefault((unit, claimed), []).append((register, number))
    with instance.session() as session:
        sample = VerificationSample(period="2025", seed=1, document={}, made_by="x", made_at=NOW)
        session.add(sample)
        session.flush()
        drawn = [(unit, claimed, *key) for (unit, claimed), keys in sorted(cases.items()) for key in keys[:7]]
        for place, (unit, claimed, register, number) in enumerate(drawn):
            session.add(SampleCase(
                sample_id=sample.id, place=place, register=register, case_no=number, unit_code=unit, stratum="",
                reason=("random", "random", "flagged")[place % 3], is_claimed=bool(claimed), detectors=[],
                result=("yes", "no", "partly", "yes")[place % 4],
            ))  # fmt: skip


def _add_scores(instance: Instance) -> None:
    """Replies marked by two raters, one that waits for its second, in a month and in a year."""
    form, replies = forms()["reply_quality"], Engine(instance).run(REPLIED, build_facts(instance).views)[:24]
    with instance.session() as session:
        for number, asked in enumerate(("2025-03", "2025")):
            made = RubricRound(form=form.id, period=asked, seed=1, made_by="x", made_at=NOW, document={"raters": []})
            session.add(made)
            session.flush()
            for place, (register, case_no, unit) in enumerate(replies[number::2]):
                item = RubricItem(round_id=made.id, place=place, unit_code=unit, register=register, case_no=case_no,
                                  raters=["a", "b"])  # fmt: skip
                session.add(item)
                session.flush()
                marks = {c.code: form.top - (place + k) % 2 for k, c in enumerate(form.criteria)}
                for rater in ("a", "b") if place else ("a",):
                    session.add(RubricReading(item_id=item.id, rater=rater, marks=marks, at=NOW))
