"""Peer groups, spans with any first day, units merged in mid-year, and what people rated or checked, as metric rows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from evaluation.rules.rubric import forms, points
from metrics.counting.rates import COUNTS
from metrics.statistics.sampling import two_phase
from metrics.values import needs
from pipeline.numbers.counting import build_facts, metric_values
from pipeline.numbers.demands import shared_demands
from pipeline.numbers.question import BY, CountingError, shape_of
from pipeline.numbers.rollup import with_subunits
from records.access import Viewer
from records.engine import Engine
from records.models import RubricItem, RubricReading, RubricRound, SampleCase, Unit, VerificationSample
from records.queries import cases
from records.vocabulary import Role

CODES = ["n_received", "R5", "H1.strict", "R3", "H1.median_km", "S1c", "T1", "P2"]
ASSESSOR = Viewer(1, "x", Role.ASSESSOR, sign_in="x")


def pooled(rows: Any) -> dict[tuple, Any]:
    return {(r.unit, r.period, r.group, r.metric): r for r in rows if r.total != "mean_of_units"}


def members_of(instance: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with instance.session() as session:
        for code, group in session.execute(select(Unit.code, Unit.peer_group)):
            found.setdefault(group or "", set()).add(code)
    return found


def test_a_peer_group_is_pooled_case_by_case_and_averaged_over_its_units(demo_instance: Any) -> None:
    """The pooled row equals the total of a question about the members alone; the mean is that of their own values."""
    groups = members_of(demo_instance)
    assert len(groups) > 1
    answer = metric_values(demo_instance, period="2025", by=("peer_group", "quarter"), codes=CODES)
    of_units = metric_values(demo_instance, period="2025", by=("unit", "quarter"), codes=CODES).rows
    for group, members in groups.items():
        alone = metric_values(demo_instance, period="2025", by=("total", "quarter"), codes=CODES, units=members).rows
        for row in alone:
            mine = [r for r in answer.rows if (r.group, r.period, r.metric) == (group, row.period, row.metric)]
            (twin,) = [r for r in mine if r.total == row.total]
            assert (twin.value, twin.numerator, twin.denominator, twin.low, twin.high, twin.n, twin.reason) == (
                row.value, row.numerator, row.denominator, row.low, row.high, row.n, row.reason
            )  # fmt: skip
            own = [r.value for r in of_units if r.unit in members and (r.period, r.metric) == (row.period, row.metric)]
            known = [value for value in own if value is not None]
            if row.total == "mean_of_units" and known:
                assert twin.value == pytest.approx(sum(known) / len(known))
    assert {r.unit for r in answer.rows} == {None}
    assert {r.group for r in answer.rows} == {None, *groups}
    first = next(row for row in answer.to_json()["rows"] if row["group"] is not None and row["metric"] == "R5")
    assert first["exclusions"].keys() == {"excluded", "duplicate", "withdrawn", "not_responsible"}


@pytest.mark.parametrize("by", [by for by in BY if "month" not in by and "quarter" not in by])
def test_every_metric_answers_every_split_and_labels_both_totals(demo_instance: Any, by: str) -> None:
    rows = metric_values(demo_instance, period="2025-03", by=tuple(by.split(","))).rows
    assert {row.metric for row in rows} == set(needs.all_codes())
    totals = Counter((row.metric, row.total) for row in rows if row.unit is None)
    for code in needs.all_codes():
        assert totals[code, "pooled"] > 0
        assert totals[code, "mean_of_units"] == (0 if code in COUNTS else totals[code, "pooled"])
    assert all((row.value is None) == (row.reason is not None) for row in rows)


def test_months_and_quarters_from_the_nineteenth(demo_instance: Any) -> None:
    """2025Q2 of months that begin on the 19th is 19 March to 18 June, and its months add up to it."""
    asked = {"period": "2025Q2", "start_day": 19, "codes": ["n_received"]}
    whole = pooled(metric_values(demo_instance, **asked).rows)
    plain = pooled(metric_values(demo_instance, period="2025-03-19..2025-06-18", codes=["n_received"]).rows)
    months = metric_values(demo_instance, by=("unit", "month"), **asked).rows
    quarters = metric_values(demo_instance, period="2025-03-19..2025-06-18", by=("unit", "quarter"), start_day=19,
                             codes=["n_received"]).rows  # fmt: skip
    assert {row.period for row in months} == {"2025-04", "2025-05", "2025-06"}
    assert {row.period for row in quarters} == {"2025Q2"}
    for (unit, _, _, code), row in whole.items():
        assert row.value == plain[unit, "2025-03-19..2025-06-18", None, code].value
        assert row.value == sum(m.value for m in months if m.unit == unit)
        assert row.value == sum(q.value for q in quarters if q.unit == unit)
    assert whole[None, "2025Q2", None, "n_received"].value > 100


def test_a_peer_group_is_split_further(demo_instance: Any) -> None:
    """A channel of a peer group is the channel of a question about its members, and says what it leaves out."""
    asked = {"period": "2025", "by": ("peer_group", "channel"), "codes": CODES}
    answer, groups = metric_values(demo_instance, **asked), members_of(demo_instance)
    found = {(r.peer_group, r.group, r.metric, r.total): r for r in answer.rows}
    assert {r.peer_group for r in answer.rows} == {None, *groups}
    for group, members in groups.items():
        alone = metric_values(demo_instance, period="2025", by=("total", "channel"), codes=CODES, units=members)
        for row, told in zip(alone.rows, alone.to_json()["rows"], strict=True):
            twin = found[group, row.group, row.metric, row.total]
            assert twin.but(peer_group=None) == row
            if row.metric == "R5" and row.total == "pooled":
                (said,) = [one for one in answer.to_json()["rows"] if (one["peer_group"], one["group"], one["metric"],
                           one["total"]) == (group, row.group, "R5", "pooled")]  # fmt: skip
                assert said["exclusions"] == told["exclusions"] is not None


def test_shared_demands_by_a_split(demo_instance: Any) -> None:
    """A demand counts in each channel of its cases with all its people; every channel has cases of those it counts."""
    asked = {"period": "2025", "codes": ["P1"]}
    rows = pooled(metric_values(demo_instance, by=("unit", "channel"), **asked).rows)
    shared = [one for one in shared_demands(demo_instance, "2025") if one.people >= 2]
    channels = {group for _, _, group, _ in rows}
    for channel in channels:
        own = [one for one in shared if channel in one.channels]
        total = rows[None, "2025", channel, "P1"]
        assert (total.denominator, total.numerator) == (len(own), sum(one.people for one in own))
    assert any(row.value for row in rows.values())
    known = {unit for unit, *_ in rows if unit}
    for unit in known:
        mine = [one for one in shared if unit in one.units]
        split = [row for (u, *_), row in rows.items() if u == unit and row.value is not None]
        assert bool(mine) == bool(split)


@pytest.mark.parametrize("by", [("peer_group", "total"), ("month", "quarter"), ("unit", "total"), ("colour",)])
def test_a_question_that_cannot_be_split_so_is_refused(by: tuple[str, ...]) -> None:
    with pytest.raises(CountingError):
        shape_of(by)


def test_a_merge_in_mid_year_leaves_each_case_with_one_unit(demo_copy: Any) -> None:
    """Cases before the day stay with the old unit, those of later days are its successor's, and nothing is lost."""
    asked = {"period": "2025", "by": ("unit", "month"), "codes": ["n_received", "R5", "H1"]}
    before = pooled(metric_values(demo_copy, **asked).rows)
    busy = Counter({u: before[u, "2025-03", None, "n_received"].value for u, *_ in before if u})
    (old, _), (new, _), (parent, _) = busy.most_common(3)
    with demo_copy.session() as session:
        unit = session.get(Unit, old)
        unit.valid_to, unit.merged_into = date(2025, 6, 11), new
        session.get(Unit, new).parent_code = parent
    after = pooled(metric_values(demo_copy, **asked).rows)
    rows = {key: (before[key].value, after[key].value) for key in before if key[3] == "n_received"}
    assert rows[old, "2025-05", None, "n_received"][0] == rows[old, "2025-05", None, "n_received"][1]
    assert rows[new, "2025-05", None, "n_received"][0] == rows[new, "2025-05", None, "n_received"][1]
    both = [sum(rows[u, "2025-07", None, "n_received"][0] for u in (old, new))]
    assert rows[new, "2025-07", None, "n_received"][1] == both[0] > 0
    assert after[old, "2025-07", None, "n_received"].reason == "unit_not_in_force"
    assert after[old, "2025-07", None, "R5"].reason == "unit_not_in_force"
    june = [rows[u, "2025-06", None, "n_received"] for u in (old, new)]
    assert sum(b for b, _ in june) == sum(a for _, a in june)
    assert june[0][1] < june[0][0]
    assert [a for b, a in rows.values() if b != a and a is not None]
    assert all(after[None, p, None, "n_received"].value == before[None, p, None, "n_received"].value
               for _, p, _, _ in before)  # fmt: skip
    year = {"period": "2025", "codes": ["n_received"]}
    rolled, plain = pooled(with_subunits(demo_copy, **year).rows), pooled(metric_values(demo_copy, **year).rows)
    total = sum(plain[u, "2025", None, "n_received"].value for u in (old, new))
    assert rolled[new, "2025", None, "n_received"].value == total
    assert rolled[old, "2025", None, "n_received"].value == plain[old, "2025", None, "n_received"].value
    assert rolled[parent, "2025", None, "n_received"].value == total + plain[parent, "2025", None, "n_received"].value
    with demo_copy.session() as session:
        july = cases.CaseFilter(new, datetime(2025, 7, 1), datetime(2025, 8, 1))
        assert cases.page(demo_copy, session, viewer=ASSESSOR, wanted=july).total == both[0]


def test_q1_reads_the_readings_of_the_form(demo_copy: Any) -> None:
    """Two readings an item; the points are their mean, and a round counts in every period that holds it whole."""
    form = forms()["reply_quality"]
    best = {criterion.code: form.top for criterion in form.criteria}
    marks = [best, best | {form.criteria[0].code: form.top - 1}]
    mean = sum(points(form, one) for one in marks) / 2
    now = datetime(2025, 5, 6, tzinfo=UTC)
    with demo_copy.session() as session:
        unit = session.scalars(select(Unit.code).order_by(Unit.code)).first()
        made = RubricRound(form=form.id, period="2025Q1", seed=1, made_by="x", made_at=now, document={"raters": []})
        session.add(made)
        session.flush()
        for place, second in enumerate((marks[1], marks[0], None), start=1):
            item = RubricItem(round_id=made.id, place=place, unit_code=unit, register="r", case_no=str(place),
                              raters=["a", "b"])  # fmt: skip
            session.add(item)
            session.flush()
            for rater, given in (("a", marks[0]), ("b", second)):
                if given is not None:
                    session.add(RubricReading(item_id=item.id, rater=rater, marks=given, at=now))
    found = {p: pooled(metric_values(demo_copy, period=p, codes=["Q1"]).rows)[unit, p, None, "Q1"]
             for p in ("2025", "2025Q1", "2025-02")}  # fmt: skip
    assert found["2025-02"].reason == "no_scored_replies"
    assert found["2025"].value == found["2025Q1"].value == pytest.approx((mean + points(form, marks[0])) / 2)
    assert found["2025"].n == 2  # the item with one reading waits
    assert found["2025"].low < found["2025"].value < (found["2025"].high or 0) + 1e-9


def test_q1_by_category_is_that_of_the_scored_cases(demo_copy: Any) -> None:
    """Scored replies stand in the groups of their cases, and the groups add up to the whole."""
    form = forms()["reply_quality"]
    marks = [dict.fromkeys((c.code for c in form.criteria), form.top - i) for i in (0, 1)]
    now, views = datetime(2025, 5, 6, tzinfo=UTC), build_facts(demo_copy).views
    cases_of = Engine(demo_copy).run(
        "SELECT unit, register, case_no, category FROM facts WHERE is_replied = 1 AND received_day >= 20089 "
        "AND received_day < 20179 AND category IS NOT NULL ORDER BY case_no LIMIT 8", views
    )  # fmt: skip
    with demo_copy.session() as session:
        made = RubricRound(form=form.id, period="2025Q1", seed=1, made_by="x", made_at=now, document={"raters": []})
        session.add(made)
        session.flush()
        for place, (unit, register, number, _) in enumerate(cases_of):
            item = RubricItem(round_id=made.id, place=place, unit_code=unit, register=register, case_no=number,
                              raters=["a", "b"])  # fmt: skip
            session.add(item)
            session.flush()
            for rater in ("a", "b"):
                session.add(RubricReading(item_id=item.id, rater=rater, marks=marks[place % 2], at=now))
    rows = pooled(metric_values(demo_copy, period="2025Q1", by=("unit", "category"), codes=["Q1"]).rows)
    whole = pooled(metric_values(demo_copy, period="2025Q1", by=("total",), codes=["Q1"]).rows)[
        None, "2025Q1", None, "Q1"
    ]
    given: list[float] = []
    wanted = {category for *_, category in cases_of}
    for category in wanted:
        own = [points(form, marks[i % 2]) for i, (*_, mine) in enumerate(cases_of) if mine == category]
        assert rows[None, "2025Q1", category, "Q1"].value == pytest.approx(sum(own) / len(own))
        given += own
    assert whole.n == len(cases_of) == len(given)
    others = [row for (unit, _, group, _), row in rows.items() if unit is None and group not in wanted]
    assert {row.reason for row in others} <= {"no_scored_replies"}


CLOSED = """
SELECT register, case_no, unit, is_claimed_resolved FROM facts
WHERE is_closed = 1 AND is_excluded + is_duplicate + is_withdrawn + is_not_responsible = 0
  AND received_day >= 20089 AND received_day < 20454 ORDER BY case_no
"""  # the days of 2025, counted from 1970


def test_two_phases_weigh_what_is_claimed_by_what_is_confirmed(demo_copy: Any) -> None:
    closed = Engine(demo_copy).run(CLOSED, build_facts(demo_copy).views)
    drawn = [row for claimed in (1, 0) for row in [r for r in closed if r[3] == claimed][:6]]
    now = datetime(2025, 5, 6, tzinfo=UTC)
    with demo_copy.session() as session:
        session.query(SampleCase).delete()
        sample = VerificationSample(period="2025", seed=1, document={}, made_by="x", made_at=now)
        session.add(sample)
        session.flush()
        for place, (register, number, unit, claimed) in enumerate(drawn):
            session.add(SampleCase(sample_id=sample.id, place=place, register=register, case_no=number, unit_code=unit,
                                   stratum="", reason="random", is_claimed=bool(claimed), detectors=[],
                                   result=("yes", "no", "partly")[place % 3]))  # fmt: skip
    rows = pooled(metric_values(demo_copy, period="2025", codes=["H2.two_phase"]).rows)
    found, claims = rows[None, "2025", None, "H2.two_phase"], sum(row[3] for row in closed)
    expected = two_phase((claims, 6, 2), (len(closed) - claims, 6, 2))
    assert expected is not None
    assert (found.value, found.n, found.denominator) == (pytest.approx(expected.rate), 12, len(closed))
    assert found.high - found.low == pytest.approx(2 * 1.959964 * expected.error, rel=1e-5)
