"""What the notice says about a month that is not over for all of its cases, and about differences that are none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metrics.value import MetricValue
from reports import notice
from reports.annual.facts import Facts
from reports.blocks import Note, PageTurn, Paragraph, Table
from reports.texts import say
from tests.reports.factory import make_source, scheme


def weighty(code: str, language: str = "zh"):
    """A small city whose notice holds the rate of this code, with the open cases of its last two months."""
    own = scheme()
    next(row for row in own["indicator"] if row["code"] == code)["weight"] = 40.0
    source = make_source(count=3, language=language)
    still = [
        MetricValue(None, month, "n_open", n, None, n, None, None, n, total="pooled")
        for month, n in (("2024-11", 12), ("2024-12", 1_345))
    ]
    return replace(source, scheme=own, monthly=[*source.monthly, *still])


def notes(source, month=None):
    return [block.text for block in notice.document(source, month).body if isinstance(block, Note)]


def test_a_fresh_month_tells_how_many_cases_can_still_be_answered():
    [told, *_] = notes(weighty("R5"))
    assert told == (
        "注：截至2025年1月5日，2024年12月受理的诉求还有1,345件未办结，上月的还有12件；"
        "这些诉求以后的答复和办结还会改变回复率，与上月的差不说明办理变好或变差。"
    )
    [english, *_] = notes(weighty("R5", "en"))
    assert english.startswith("On 2025-01-05 1,345 cases of Dec 2024 were still open, 12 of the month before;")
    assert "Reply rate" in english


def test_a_month_without_open_cases_or_without_such_a_rate_says_nothing_of_them():
    assert not [text for text in notes(weighty("R5"), "2024-03") if "未办结" in text]
    assert not [text for text in notes(weighty("H2")) if "未办结" in text]
    assert "上月" not in next(text for text in notes(weighty("R5"), "2024-11") if "未办结" in text)


@pytest.mark.parametrize(("language", "words"), [("zh", "较上月持平"), ("en", "unchanged against the month before")])
def test_a_difference_that_prints_as_nothing_is_told_in_words(language, words):
    source = make_source(count=3, language=language)
    november = {(v.metric, v.total): v for v in source.monthly if v.period == "2024-11" and v.unit is None}
    december = [
        v.but(value=november[v.metric, v.total].value + 0.0004)
        if v.unit is None and v.period == "2024-12" and v.metric == "H2" and v.total == "pooled"
        else v
        for v in source.monthly
    ]
    made = notice.document(replace(source, monthly=december))
    [told, *_] = [b.text for b in made.body if isinstance(b, Paragraph) and b.fact == "monthly.H2"]
    assert words in told
    assert "0.0" not in told


def test_further_units_are_set_off_from_those_named():
    assert say("en", "notice.and_more", n=10) == " and others, 10 in all,"


def test_the_annex_begins_on_a_page_of_its_own():
    body = notice.document(make_source(count=3)).body
    place = next(n for n, block in enumerate(body) if isinstance(block, Table))
    assert body[place - 1].text == say("zh", "notice.annex_note", month="2024年12月")
    assert isinstance(body[place - 2], PageTurn)


def test_where_units_are_named_it_says_how_many_are_by_chance():
    source = make_source(count=3)
    low = source.units[0].code
    poor = [
        v.but(value=0.1, low=0.05, high=0.2, n=90) if (v.unit, v.metric, v.period) == (low, "R5", "2024-12") else v
        for v in weighty("R5").monthly
    ]
    named = replace(weighty("R5"), monthly=poor)
    assert notice.clearly_worse(Facts(named), "R5", "2024-12")
    assert say("zh", "notice.by_chance") in notes(named)
    alike = [v.but(low=0.0, high=1.0) if v.unit is not None and v.value is not None else v for v in poor]
    assert say("zh", "notice.by_chance") not in notes(replace(named, monthly=alike))
