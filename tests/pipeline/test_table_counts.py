"""X1–X10 and C1–C3 from small imported tables, K4 among them, and against a plain second computation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imports.options import ImportOptions
from metrics.clocks import period
from metrics.registry import REASONS
from metrics.statistics.interval import wilson
from metrics.value import MetricValue
from metrics.values import table_indicators
from metrics.values.compute import Options
from pipeline import importing
from pipeline.numbers.counting import metric_values
from records.engine import Engine
from records.instance import Instance
from records.tables import tables_for_metrics
from records.vocabulary import Kind
from tests.pipeline.plain_reviews import REVIEWS, plain_review
from tests.pipeline.plain_tables import PlainTables

RATING = "单位,统计期间,总数,已评价满意数,已评价基本满意数,已评价不满意数,超期未评价数,已评价总数\n"
K4 = "甲局,2024-03,100,50,10,5,20,65\n"
ALL = list(table_indicators.CODES)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance with the ratings of K4. For reading only."""
    opened = Instance.open(tmp_path_factory.mktemp("rated") / "instance")
    take_in(opened, RATING + K4)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance with the checks of channels, one file for each day. For reading only."""
    opened = Instance.open(tmp_path_factory.mktemp("checked") / "instance")
    take_in_checks(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance with a table of what people checked. For reading only."""
    opened = Instance.open(tmp_path_factory.mktemp("reviewed") / "instance")
    take_in(opened, REVIEWED)
    yield opened
    opened.close()


def take_in(instance: Instance, text: str, kind: Kind = Kind.COUNTS, **options: Any) -> int:
    number = len(list(instance.folder.glob("*.csv")))
    path = instance.folder / f"table_{number}.csv"
    path.write_text(text, encoding="utf-8")
    given = ImportOptions(create_units=True, **options)
    answer = importing.check(instance, path, kind=kind, options=given, by="wang")
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    importing.confirm(instance, answer.batch, "wang")
    return answer.batch


def ask(instance: Instance, code: str, when: str = "2024", **more: Any) -> list[MetricValue]:
    return metric_values(instance, period=when, codes=[code], **more).rows


def one(instance: Instance, code: str, when: str = "2024") -> MetricValue:
    """The pooled total, which is the unit where there is but one."""
    return next(row for row in ask(instance, code, when) if row.total == "pooled")


@pytest.mark.parametrize(
    ("code", "value", "numerator", "denominator"),
    [
        ("X8", 0.6500, 65, 100),
        ("X9", 0.8000, 80, 100),
        ("X10", 0.5200, 65 * 80, 100 * 100),
        ("X9.raters", 0.9231, 60, 65),
    ],
)
def test_case_k4_ratings(rated: Instance, code: str, value: float, numerator: int, denominator: int) -> None:
    found = next(row for row in ask(rated, code) if row.unit is not None)
    assert (found.value, found.numerator, found.denominator) == (value, numerator, denominator)
    bounds = (None, None) if code == "X10" else wilson(numerator, denominator)
    assert (found.low, found.high) == bounds


def test_no_table_is_a_reason_and_not_zero(rated: Instance) -> None:
    reasons = {code: one(rated, code, "2025").reason for code in ("X8", "X10", "X3", "C1")}
    assert reasons == {"X8": "no_aggregate_table", "X10": "no_aggregate_table", "X3": "no_aggregate_table",
                       "C1": "no_channel_checks"}  # fmt: skip
    assert one(rated, "X8.office").reason == "no_aggregate_table"


def test_the_batches_of_tables_are_named_only_where_they_are_used(instance: Instance) -> None:
    batch = take_in(instance, RATING + K4)
    assert metric_values(instance, period="2024", codes=["X8"]).batches == [batch]
    assert metric_values(instance, period="2024", codes=["R5"]).batches == []


def test_rows_wholly_inside_the_period_are_summed(instance: Instance) -> None:
    take_in(instance, RATING + K4 + "甲局,2024-04,10,1,1,0,0,2\n" + "甲局,2023-12,10,9,0,0,0,9\n")
    assert one(instance, "X8", "2024").numerator == 65 + 2
    assert one(instance, "X8", "2024-04").value == 0.2
    assert one(instance, "X8", "2024-03-02..2024-04-30").denominator == 10
    by_month = {row.period: row.value for row in ask(instance, "X8", by=("unit", "month")) if row.unit}
    assert (by_month["2024-03"], by_month["2024-04"], by_month["2024-05"]) == (0.65, 0.2, None)


def test_a_yearly_table_and_its_months_are_not_added_up(instance: Instance) -> None:
    take_in(instance, RATING + K4 + "甲局,2024,1000,500,100,50,200,650\n")
    assert one(instance, "X8", "2024").denominator == 1000
    assert one(instance, "X8", "2024-03").denominator == 100


def test_a_corrected_table_replaces_the_old_numbers(instance: Instance) -> None:
    take_in(instance, RATING + K4)
    second = take_in(instance, RATING + "甲局,2024-03,100,40,10,5,20,55\n")
    assert one(instance, "X8").value == 0.55
    importing.withdraw(instance, second, "wang", "wrong table")
    assert one(instance, "X8").value == 0.65


def test_two_tables_with_a_total_do_not_mix(instance: Instance) -> None:
    take_in(instance, RATING + K4)
    take_in(instance, "单位,统计期间,总件数,有办理联系记录件数,未办理联系件数\n甲局,2024-03,40,30,10\n")
    assert (one(instance, "X8").denominator, one(instance, "X5").denominator) == (100, 40)
    assert one(instance, "X5").value == 0.75


def test_totals_are_pooled_and_the_mean_of_units(instance: Instance) -> None:
    take_in(instance, RATING + K4 + "乙局,2024-03,300,30,0,0,0,30\n")
    totals = {row.total: row.value for row in ask(instance, "X8") if row.unit is None}
    assert totals["pooled"] == 0.2375
    assert totals["mean_of_units"] == pytest.approx((0.65 + 0.1) / 2)


def test_mean_times_are_weighted_over_both_files(instance: Instance) -> None:
    head = "单位,统计期间,总数,平均转送时间,平均受理时间,平均答复时间\n"
    take_in(instance, f"{head}甲局,2024-03,10,1,4.5,20\n", register="petition")
    take_in(instance, f"{head}甲局,2024-03,30,1,2.5,40\n", register="petition_party")
    found = one(instance, "X3")
    assert (found.value, found.numerator, found.denominator, found.low) == (3.0, 120.0, 40, None)
    assert one(instance, "X4").value == 35.0


def test_more_than_the_whole_is_a_contradiction(instance: Instance) -> None:
    take_in(instance, "单位,统计期间,办结初件,首次初件\n甲局,2024-03,10,11\n乙局,2024-03,0,0\n")
    assert sorted(row.reason for row in ask(instance, "X6") if row.unit) == ["counts_contradict", "table_counts_none"]


def test_tables_are_not_split_by_category(instance: Instance) -> None:
    take_in(instance, RATING + K4)
    take_in(instance, CASES, Kind.RESPONSES)
    found = ask(instance, "X8", by=("unit", "category"))
    assert {row.reason for row in found if row.total != "mean_of_units"} == {"tables_not_split"}


CASES = "工单编号,承办单位,受理时间,诉求分类\nG1,甲局,2024-03-04 09:00,供水\n"
CHECKED = "渠道名称,主办单位,检查时间,最近更新时间,更新时限（天）,超期栏目数,是否可用,测试留言是否成功,来电量,接通量\n"
CHECKS = (
    "门户,甲局,2024-03-01 09:00,2024-02-28,14,0,是,是,,\n",
    "门户,甲局,2024-03-20 09:00,2024-03-01,14,,是,否,,\n"
    "信箱,甲局,2024-03-20 09:00,2024-03-19,14,,是,,,\n"
    "热线,甲局,2024-03-20 09:00,,,,是,,1000,962\n",
    "热线,甲局,2024-04-20 09:00,,,2,否,,100,90\n",
)


def take_in_checks(instance: Instance) -> None:
    """One file for each day of checks, as they come."""
    for rows in CHECKS:
        take_in(instance, CHECKED + rows, Kind.CHANNELS)


@pytest.mark.parametrize(
    ("code", "when", "parts"),
    [
        ("C1", "2024-03", (1, 2)), ("C1", "2024-03-01..2024-03-05", (1, 1)), ("C1", "2024", (1, 3)),
        ("C2", "2024-03", (2, 3)), ("C2", "2024", (1, 3)), ("C3", "2024-03", (962, 1000)), ("C3", "2024", (1052, 1100)),
    ],
)  # fmt: skip
def test_channels_by_their_newest_check(checked: Instance, code: str, when: str, parts: tuple[int, int]) -> None:
    found = one(checked, code, when)
    assert (found.numerator, found.denominator) == parts
    assert (found.value, found.low, found.high) == (parts[0] / parts[1], *wilson(*parts))


def test_channels_that_record_no_calls(checked: Instance) -> None:
    assert one(checked, "C3", "2024-03-01..2024-03-05").reason == "not_recorded"


def plain_value(plain: PlainTables, code: str, unit: str | None, span: tuple) -> float | None:
    return plain_review(code, plain, unit, span) if code in REVIEWS else plain.value(code, unit, span)


REVIEWED = (
    "单位,统计期间,随机核查办结件数,核查不实件数,有效差评件数,差评回访件数,应整改差评件数,差评按期整改件数,"
    "评分答复件数,答复评分合计,人工复核答复件数,确认空转回复件数,确认答非所问件数,到期承诺件数,兑现承诺件数\n"
    "甲局,2024-03,20,3,10,8,9,6,30,2412.5,40,6,2,10,7\n乙局,2024-03,10,0,4,4,4,4,10,900,20,1,0,5,5\n"
)


@pytest.mark.parametrize(
    ("code", "hits", "base"),
    [("H8", 3, 30), ("S5", 10, 13), ("S10", 12, 14), ("Q1", 3312.5, 40), ("Q3", 7, 60), ("Q4", 2, 60), ("Q5", 12, 15)],
)
def test_what_people_checked_comes_from_a_table(reviewed: Instance, code: str, hits: float, base: int) -> None:
    found = one(reviewed, code)
    assert (found.numerator, found.denominator, found.n) == (hits, base, base)
    assert found.value == pytest.approx(hits / base)
    assert (found.low, found.high) == ((None, None) if code == "Q1" else wilson(hits, base))
    assert one(reviewed, code, "2025").reason in REASONS


def test_every_code_equals_the_plain_computation(instance: Instance) -> None:
    take_in(instance, RATING + K4 + "乙局,2024-04,7,1,1,1,2,3\n甲局,2024,130,51,10,5,20,66\n")
    take_in(instance, "单位,统计期间,受理总数,受理按期办结,受理超期办结\n甲局,2024-03,9,7,2\n乙局,2024-04,3,1,2\n")
    take_in(instance, "单位,统计期间,总数,平均受理时间\n甲局,2024-03,9,7.25\n乙局,2024-03,3,1.125\n")
    take_in_checks(instance)
    take_in(instance, REVIEWED)
    take_in(
        instance,
        "单位,统计期间,政策文件问题项数,是否提供办事服务,办事服务问题项数\n甲局,2024-03,1,是,2\n乙局,2024-04,0,否,\n",
    )
    with instance.session() as session:
        views = tables_for_metrics(instance, session)
    read = (
        Engine(instance).dictionaries(f"SELECT * FROM {name}", {name: views[name]}) for name in ("counts", "channels")
    )
    plain, present = PlainTables(*read), 0
    for by in (("unit",), ("unit", "month")):
        for row in metric_values(instance, period="2024", codes=ALL, by=by).rows:
            span = period.parse(row.period)
            if row.total != "mean_of_units":
                present += row.value is not None
                twin = plain_value(plain, row.metric, row.unit, (span.start, span.end))
                assert row.value == (None if twin is None else pytest.approx(twin)), row
    assert present > 50


def test_cases_and_tables_in_one_answer(instance: Instance) -> None:
    take_in(instance, CASES, Kind.RESPONSES)
    take_in(instance, RATING + K4)
    rows = metric_values(instance, period="2024", codes=["n_received", "X8"]).rows
    assert {row.metric: row.value for row in rows if row.unit is not None} == {"n_received": 1, "X8": 0.65}


RATES = (
    "单位,统计期间,受理量,办结量,有效回访,联系数,解决数,满意数,基本满意\n"
    "甲局,2024-03,260,240,200,198,170,160,20\n丙局,2024-03,50,40,20,18,10,5,5\n"
)
CASE_ROWS = (
    "工单编号,承办单位,来电时间,办结时间,是否有效回访,是否联系,是否解决,是否满意\n"
    "1,乙局,2024-03-04 09:00,2024-03-05 09:00,是,是,解决,满意\n"
    "2,乙局,2024-03-04 09:00,2024-03-06 09:00,是,否,未解决,不满意\n"
)
FROM_TABLES = {"R2": (198, 200), "H2": (170, 200), "S1a": (180, 200), "S1a.satisfied": (160, 200), "H9": (240, 260)}


def test_rates_of_cases_come_from_counts_where_only_counts_were_handed_in(instance: Instance) -> None:
    """The three rates of domain.md g.1 from a table of units: 99.0, 85.0 and, with 0.9, 89.0 %."""
    take_in(instance, RATES)
    rows = metric_values(instance, period="2024", codes=list(FROM_TABLES)).to_json()["rows"]
    found = {row["metric"]: row for row in rows if row["unit_name"] == "甲局"}
    for code, (hits, base) in FROM_TABLES.items():
        row = found[code]
        assert (row["numerator"], row["denominator"], row["value"]) == (hits, base, pytest.approx(hits / base))
        assert (row["low"], row["high"]) == pytest.approx(wilson(hits, base))
        assert (row["source"], row["exclusions"]) == ("tables", None)
    weighed = metric_values(instance, period="2024", codes=["S1a"], options=Options(basically_satisfied=0.9)).rows
    assert max(row.value for row in weighed if row.unit is not None) == pytest.approx(0.89)


def test_rows_of_cases_come_before_a_table_of_the_same_unit(instance: Instance) -> None:
    take_in(instance, RATES + "乙局,2024-03,900,900,900,900,900,900,0\n")
    take_in(instance, CASE_ROWS, Kind.RESPONSES)
    rows = metric_values(instance, period="2024", codes=["H2", "R2"], by=("unit",)).rows
    names = {row.unit: row for row in rows if row.metric == "H2" and row.unit is not None}
    parts = sorted((row.numerator, row.denominator, row.source) for row in names.values())
    assert parts == [(1, 2, None), (10, 20, "tables"), (170, 200, "tables")]
    totals = {row.total: row for row in rows if row.metric == "H2" and row.unit is None}
    assert (totals["pooled"].numerator, totals["pooled"].denominator) == (181, 222)
    assert totals["pooled"].source == "cases+tables"
    assert totals["mean_of_units"].value == pytest.approx((1 / 2 + 10 / 20 + 170 / 200) / 3)
    group = [
        row for row in metric_values(instance, period="2024", codes=["H2"], by=("peer_group",)).rows if row.group == ""
    ]
    assert (group[0].numerator, group[0].denominator) == (181, 222)
    other = metric_values(instance, period="2023", codes=["H2"]).rows
    assert {row.reason for row in other if row.total != "mean_of_units"} == {"no_valid_follow_up"}


def test_satisfaction_of_a_table_by_its_denominators(instance: Instance) -> None:
    """K4's row: 100 in all, 50 and 10 satisfied, 5 not, 20 silent: other denominators, other rates."""
    take_in(instance, RATING + K4)
    take_in(
        instance,
        "单位,统计期间,收到留言数量,办结留言数量,公开答复数量,答复总数,答复按期办结\n甲局,2024-03,80,60,45,64,48\n",
    )
    expected = {"S1c": (60, 65), "S1d": (95, 100), "S1e": (60, 100), "S3": (65, 100), "S4": (5, 65), "H9": (60, 80),
                "R6": (45, 60), "R4.strict": (48, 64), "R4": (48, 64)}  # fmt: skip
    for code, (hits, base) in expected.items():
        found = one(instance, code)
        assert (found.numerator, found.denominator, found.source) == (hits, base, "tables"), code
    assert one(instance, "S1b").reason is not None  # the table tells no ratings by default
    assert one(instance, "R4.allowed").reason is not None


def test_tables_and_checks_are_split_by_channel(instance: Instance) -> None:
    """A channel that only a table names has rows of its own, and the channels add up to the whole."""
    take_in(instance, CASES, Kind.RESPONSES)
    take_in_checks(instance)
    head = "单位,统计期间,渠道,收到留言数量,办结留言数量"
    take_in(instance, f"{head}\n甲局,2024-03,网站,80,60\n甲局,2024-03,信箱,20,5\n")
    for code in ("C1", "C2", "C3"):
        whole = [row for row in ask(instance, code) if row.total == "pooled"]
        parts = [
            row
            for row in ask(instance, code, by=("total", "channel"))
            if row.total == "pooled" and row.value is not None
        ]
        assert parts
        for name in ("numerator", "denominator"):
            assert sum(getattr(row, name) for row in parts) == getattr(whole[0], name)
    rates = {row.group: (row.numerator, row.denominator) for row in ask(instance, "H9", by=("unit", "channel"))
             if row.unit is not None and row.source == "tables"}  # fmt: skip
    assert rates == {"website": (60, 80), "mailbox": (5, 20)}
