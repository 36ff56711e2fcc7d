"""A scheme may have no groups, or indicators that belong to none: reports leave none of them out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports import annual, scorecard
from reports.annual import scheme
from reports.annual.facts import Facts
from reports.blocks import Heading, Paragraph, Table
from reports.workbook import sheets
from tests.reports.factory import make_source


def flat_source(language: str = "zh", **kept: str):
    """The city under its scheme without groups; indicators in `kept` (code -> group) stay in theirs."""
    source = make_source(count=12, language=language)
    groups = [g for g in source.scheme["group"] if g["id"] in kept.values()]
    indicators = [{k: v for k, v in i.items() if k != "group" or i["code"] in kept} for i in source.scheme["indicator"]]
    return replace(source, scheme={**source.scheme, "group": groups, "indicator": indicators})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_indicator_of_a_scheme_without_groups_is_in_tables_and_sentences(language):
    source = flat_source(language)
    facts = Facts(source)
    codes = [i["code"] for i in facts.indicators]
    table = scheme.weights_table(facts)
    assert len(table.rows) == len(codes) == 10
    assert facts.say("scheme.group_column") not in table.head
    body = annual.document(source).body
    told = {b.fact for b in body if isinstance(b, Paragraph)}
    assert {f"metric.{code}" for code in codes} <= told
    results = [b for b in body if isinstance(b, Table) and b.fact == "parts." and len(b.rows) == len(codes)]
    assert len(results) == 1
    assert [row[0] for row in sheets.method(facts).rows] == [facts.label(code).code for code in codes]
    text = " ".join(b.text for b in body if isinstance(b, Heading | Paragraph))
    assert ("0个维度" if language == "zh" else "0 groups") not in text
    card = scorecard.document(facts, "U003")
    assert all(b.rows for b in card.body if isinstance(b, Table))


def test_indicators_outside_every_group_have_a_section_after_the_groups():
    whole = make_source(count=12)
    group = whole.scheme["group"][0]["id"]
    kept = {i["code"]: group for i in whole.scheme["indicator"] if i.get("group") == group}
    facts = Facts(flat_source(**kept))
    assert [g["id"] for g in facts.sections] == [group, ""]
    assert len(facts.group_indicators(group)) == len(kept) > 0
    assert len(facts.group_indicators("")) == 10 - len(kept) > 0
    assert len(scheme.weights_table(facts).rows) == 10


def test_sentence_on_scoring_follows_the_methods_of_the_scheme():
    source = flat_source()
    other = [{**i, "method": "rate_x_full"} for i in source.scheme["indicator"]]
    changed = replace(source, scheme={**source.scheme, "indicator": other})
    linear, by_table = (
        next(b.text for b in scheme.blocks(Facts(s)) if isinstance(b, Paragraph) and b.fact == "scheme.weights")
        for s in (source, changed)
    )
    assert "线性计分" in linear
    assert "线性计分" not in by_table
