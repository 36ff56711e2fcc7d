"""Calls after bad ratings, random checks and independent samples feed their indicators; without them, a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from imports.options import ImportOptions
from metrics.value import MetricValue
from pipeline import importing
from pipeline.numbers.counting import build_facts, metric_values
from records.engine import Engine
from records.instance import Instance
from records.models import SampleCase, Unit, VerificationSample
from records.vocabulary import Kind

CASES = """工单编号,承办单位,来电时间,办结时间,是否满意,评价时间,回访时间,渠道
1,甲局,2025-03-03 09:00,2025-03-20 10:00,不满意,2025-03-06 10:00,2025-03-21 09:00,热线
2,甲局,2025-03-03 09:00,2025-03-05 10:00,不满意,2025-03-06 10:00,2025-03-07 09:00,热线
3,甲局,2025-03-03 09:00,2025-03-05 10:00,不满意,2025-03-06 10:00,2025-03-06 10:00,网站
4,甲局,2025-04-28 09:00,2025-04-29 10:00,不满意,2025-04-29 10:00,,网站
5,乙局,2025-03-03 09:00,2025-03-05 10:00,满意,2025-03-06 10:00,2025-03-07 09:00,热线
"""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    opened = Instance.open(tmp_path / "instance")
    path = tmp_path / "cases.csv"
    path.write_text(CASES, encoding="utf-8")
    given = ImportOptions(create_units=True, exported_at="2025-05-06 12:00")
    answer = importing.check(opened, path, kind=Kind.RESPONSES, options=given, by="wang")
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    importing.confirm(opened, answer.batch, "wang")
    yield opened
    opened.close()


def pooled(instance: Instance, code: str, when: str = "2025", **more: Any) -> MetricValue:
    rows = metric_values(instance, period=when, codes=[code], **more).rows
    return next(row for row in rows if row.total == "pooled" and row.group is None)


def test_calls_after_bad_ratings(instance: Instance) -> None:
    called, fixed = pooled(instance, "S10"), pooled(instance, "S5")
    assert (called.numerator, called.denominator) == (2, 4)  # the call that brought the rating does not count
    # Case 4 has had two working days, so it is neither due nor put right.
    assert (fixed.numerator, fixed.denominator) == (1, 3)


def test_only_random_checks_tell_of_false_closures(instance: Instance) -> None:
    assert pooled(instance, "H8").reason == "no_random_checks"
    now = datetime(2025, 5, 6, tzinfo=UTC)
    register = Engine(instance).run("SELECT max(register) FROM facts", build_facts(instance).views)[0][0]
    with instance.session() as session:
        unit = session.query(Unit.code).filter_by(name="甲局").scalar()
        sample = VerificationSample(period="2025", seed=1, document={}, made_by="wang", made_at=now)
        session.add(sample)
        session.flush()
        drawn = [("1", "random", True, "no"), ("2", "random", True, "yes"), ("3", "flagged", True, "no"),
                 ("4", "random", True, "unreachable")]  # fmt: skip
        for place, (number, reason, claimed, result) in enumerate(drawn):
            session.add(SampleCase(sample_id=sample.id, place=place, register=register, case_no=number, unit_code=unit,
                                   stratum="", reason=reason, is_claimed=claimed, detectors=[], result=result,
                                   ))  # fmt: skip
    found = pooled(instance, "H8")
    assert (found.numerator, found.denominator) == (1, 2)


def test_growth_needs_a_covered_period_before(instance: Instance) -> None:
    assert pooled(instance, "P4", "2025-03").reason == "no_earlier_period"
    grown = pooled(instance, "P4", "2025-04-03..2025-05-03")
    assert (grown.value, grown.denominator) == (-0.75, 4)


def test_residents_are_known_or_the_reason_stands(instance: Instance) -> None:
    assert pooled(instance, "P2").reason == "residents_unknown"
    with instance.session() as session:
        session.query(Unit).filter_by(name="甲局").one().residents = 20_000
    found = pooled(instance, "P2")
    assert (found.numerator, found.denominator, found.value) == (4, 20_000, 2.0)


def test_what_is_left_out_is_listed_beside_each_value(instance: Instance) -> None:
    answer = metric_values(instance, period="2025", codes=["H1", "R5", "H8"]).to_json()
    rows = {row["metric"]: row for row in answer["rows"] if row["total"] == "pooled"}
    assert rows["R5"]["exclusions"] == {"excluded": 0, "duplicate": 0, "withdrawn": 0, "not_responsible": 0}
    assert set(rows["H1"]["exclusions"]) > set(rows["R5"]["exclusions"])
    assert rows["H8"]["exclusions"] is None


def test_calls_after_bad_ratings_by_channel(instance: Instance) -> None:
    rows = metric_values(instance, period="2025", codes=["S10"], by=("total", "channel")).rows
    found = {row.group: (row.numerator, row.denominator) for row in rows if row.total == "pooled"}
    assert found == {"hotline": (2, 2), "website": (0, 2)}
