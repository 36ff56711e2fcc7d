"""The daily brief: its counts are those of another way of counting, and it prints them to the digit."""

from __future__ import annotations

import re
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn

from evaluation.rules.scheme import load
from pipeline.judgement import assessing
from pipeline.numbers import counting
from pipeline.paper import daily_brief, reporting
from pipeline.paper.daily_brief import NoDay
from records.access import OPERATOR, Forbidden, Viewer
from records.queries import assessments
from records.vocabulary import Role
from reports import brief, numbers
from reports.annual.facts import Facts
from reports.blocks import Heading
from reports.texts import say

DAY = "2024-12-30"


@pytest.fixture(scope="module")
def number(demo_instance):
    rows = assessing.list_assessments(demo_instance)
    return next(row["assessment"] for row in rows if row["state"] == "published" and row["scheme_id"] == "city_records")


@pytest.fixture(scope="module")
def scheme(demo_instance, number):
    with demo_instance.session() as session:
        return load(assessments.scheme_text_of(session, number=number))


@pytest.fixture(scope="module")
def made(demo_instance, number, scheme):
    """The source and the day."""
    source = reporting.source_for(demo_instance, number)
    return daily_brief.counted(demo_instance, OPERATOR, source, scheme, DAY)


def total(instance, scheme, codes, period):
    answer = counting.metric_values(
        instance, codes=codes, period=period, scope=scheme.scope, standard=scheme.limits.get("standard"), by=("total",)
    )
    return {row.metric: row for row in answer.rows if row.total == "pooled"}


def test_the_counts_of_the_day_are_those_of_the_metrics(demo_instance, made, scheme):
    _, day = made
    for label, counts in ((DAY, day.counts), ("2024-12-29", day.before)):
        found = total(demo_instance, scheme, ["n_received"], f"{label}..{label}")["n_received"]
        assert counts.received == found.value
        assert sum(n for _, n in counts.topics) == counts.received
        assert [n for _, n in counts.topics] == sorted((n for _, n in counts.topics), reverse=True)


def test_the_rates_are_those_of_the_cases_since_the_month_began(demo_instance, made, scheme, number, tmp_path):
    source, day = made
    facts = Facts(source)
    codes = brief.rates(facts)
    assert codes
    spans = {"2024-12-01..2024-12-30": day.to_day, "2024-12-01..2024-12-29": day.to_day_before,
             "2024-11-01..2024-11-30": day.month_before}  # fmt: skip
    for span, rows in spans.items():
        expected = total(demo_instance, scheme, codes, span)
        shown = {r.metric: r.value for r in rows if r.total == "pooled" and r.unit is None and r.metric in codes}
        assert shown == {code: expected[code].value for code in codes}
    settings = {"kind": "daily", "format": "docx", "of": DAY, "out": tmp_path / "brief.docx"}
    document = docx.Document(str(reporting.make(demo_instance, number, **settings)))
    text = re.sub(r"\\s", "", "".join(t.text or "" for t in document.element.body.iter(qn("w:t"))))
    assert f"受理群众诉求{numbers.count(day.counts.received)}件" in text
    for code in codes:
        now = next(r for r in day.to_day if r.metric == code and r.total == "pooled" and r.unit is None)
        assert f"{facts.label(code).name}{facts.spoken(code, now.value)}（{numbers.count(now.n)}件）" in text


def test_another_day_has_another_code(demo_instance, made, scheme, number):
    source = reporting.source_for(demo_instance, number)
    other, _ = daily_brief.counted(demo_instance, OPERATOR, source, scheme, "2024-12-29")
    assert len({source.content_sha256, made[0].content_sha256, other.content_sha256}) == 3


@pytest.mark.parametrize("wanted", ["2199-01-01", "yesterday"])
def test_a_day_that_is_not_whole_is_refused(demo_instance, made, scheme, wanted):
    with pytest.raises(NoDay, match=wanted):
        daily_brief.counted(demo_instance, OPERATOR, made[0], scheme, wanted)


@pytest.mark.parametrize("role", [Role.ORG_DEPT, Role.UNIT_HEAD])
def test_only_those_who_see_counts_of_today_get_a_brief(demo_instance, number, tmp_path, role):
    viewer = Viewer(7, "x", role, frozenset({"u1"}), sign_in="x")
    with pytest.raises(Forbidden):
        reporting.make(demo_instance, number, kind="daily", format="pdf", out=tmp_path / "x.pdf", viewer=viewer)


def test_a_channel_the_records_do_not_know_is_no_zero(demo_instance, made, scheme, monkeypatch):
    """No unit has a channel for companies here: 0 cases would say that one was asked and nobody came."""
    source, day = made
    assert day.counts.from_companies is None
    headings = [block.text for block in brief.document(source, day).body if isinstance(block, Heading)]
    assert any(text.endswith(say("zh", "brief.companies_unknown")) for text in headings)
    monkeypatch.setattr(daily_brief, "ENTERPRISE", "hotline")
    _, known = daily_brief.counted(demo_instance, OPERATOR, source, scheme, DAY)
    assert 0 < known.counts.from_companies <= known.counts.received


@pytest.mark.parametrize(
    ("topics", "told"),
    [
        ((("噪声", 3), ("供水", 2)), "噪声最多，占60.0%"),
        ((("噪声", 2), ("供水", 2), ("", 1)), "2类并列最多，各占40.0%"),
    ],
)
def test_no_topic_is_called_the_first_beside_others_with_as_many_cases(made, topics, told):
    source, day = made
    counts = replace(day.counts, topics=topics)
    body = brief.document(source, replace(day, counts=counts)).body
    assert any(block.text.endswith(told) for block in body if isinstance(block, Heading))
