"""A score that a reader may know to a tenth is printed to a tenth, in every document and every sheet."""

from __future__ import annotations

import json
import math
import pickle
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from evaluation.scores.result import UnitResult
from evaluation.scores.told import Coarse, middle, places_of, told
from reports import annual, evidence_statement, numbers, scorecard
from reports.annual.facts import Facts
from reports.annual.written import facts_value
from reports.source import ReportSource
from reports.workbook import cells
from tests.reports.factory import make_source


def coarse(unit: UnitResult, place: int) -> UnitResult:
    """Every third unit as a range, the others to a tenth with an interval of whole points."""
    if unit.score is None or unit.low is None or unit.high is None:
        return unit
    if place % 3 == 0:
        start = math.floor(unit.score * 2) / 2
        return replace(unit, score=None, low=Coarse(start, 1), high=Coarse(start + 0.5, 1), reason="shown_as_range")
    low, high = Coarse(math.floor(unit.low), 0), Coarse(math.ceil(unit.high), 0)
    return replace(unit, score=Coarse(round(unit.score, 1), 1), low=low, high=high)


@pytest.fixture(scope="module")
def source() -> ReportSource:
    whole = make_source()
    units = [coarse(unit, place) for place, unit in enumerate(whole.assessment.units)]
    before = {
        code: {"score": Coarse(round(row["score"], 1), 1), "low": Coarse(math.floor(row["low"]), 0),
               "high": Coarse(math.ceil(row["high"]), 0)}
        for code, row in whole.previous["units"].items()
    }  # fmt: skip
    previous = {**whole.previous, "units": before}
    return replace(whole, assessment=replace(whole.assessment, units=units), previous=previous)


def strings(found: Any) -> Iterator[str]:
    """Every text of a document, however deep it lies; figures are data and hold no printed score."""
    if isinstance(found, str):
        yield found
    elif is_dataclass(found) and not isinstance(found, type):
        for name in fields(found):
            yield from strings(getattr(found, name.name))
    elif isinstance(found, list | tuple):
        for part in found:
            yield from strings(part)


def pretended(source: ReportSource, texts: list[str]) -> list[str]:
    """Printed numbers that claim more decimals of a score or an interval than the reader may know."""
    rows = [(u.score, u.low, u.high) for u in source.assessment.units]
    rows += [(row["score"], row["low"], row["high"]) for row in source.previous["units"].values()]
    wrong = {f"{score:.2f}" for score, _, _ in rows if score is not None}
    wrong |= {f"{low:.2f}—{high:.2f}" for _, low, high in rows if low is not None and high is not None}
    return sorted({w for w in wrong for text in texts if re.search(rf"(?<![\d.]){re.escape(w)}(?!\d)", text)})


def test_no_document_pretends_to_know_more(source: ReportSource) -> None:
    facts = Facts(source)
    documents = [annual.document(source), evidence_statement.document(source, has_records=False)]
    documents += [scorecard.document(facts, unit.unit) for unit in facts.units]
    texts = [text for document in documents for text in strings(document)]
    assert pretended(source, texts) == []
    scored = [unit for unit in facts.units if unit.score is not None]
    for unit in scored:
        assert any(f"{unit.score:.1f}" in text for text in texts), unit.unit
    assert any(f"{scored[0].low:.0f}—{scored[0].high:.0f}" in text for text in texts)


def test_whole_scores_keep_their_two_decimals() -> None:
    whole = make_source()
    unit = next(unit for unit in whole.assessment.units if unit.score is not None)
    assert facts_value(Facts(whole), f"unit.{unit.unit}.score") == f"{unit.score:.2f}"


def test_a_written_text_tells_a_range_as_the_table_does(source: ReportSource) -> None:
    unit = next(unit for unit in source.assessment.units if unit.score is None and unit.low is not None)
    assert facts_value(Facts(source), f"unit.{unit.unit}.score") == f"{unit.low:.1f}—{unit.high:.1f}"


@pytest.mark.parametrize(
    ("now", "before", "printed"),
    [(88.25, 88.0, "+0.25"), (Coarse(88.3, 1), 88.04, "+0.3"), (88.04, Coarse(88.3, 1), "−0.3"), (None, 88.0, "—")],
)
def test_a_difference_is_as_coarse_as_the_coarser_of_both(
    now: float | None, before: float | None, printed: str
) -> None:
    assert numbers.score_change(now, before) == printed


def test_a_cell_holds_and_shows_what_is_printed() -> None:
    assert cells.score(Coarse(56.6, 1)) == cells.Number(56.6, "one")
    assert cells.score(Coarse(55.0, 0)) == cells.Number(55.0, "count")
    assert cells.score(56.6) == cells.Number(56.6, "two")


def test_a_coarse_number_is_a_number_and_stays_coarse_in_a_copy() -> None:
    score = Coarse(56.6, 1)
    assert json.loads(json.dumps({"score": score})) == {"score": 56.6}
    assert (pickle.loads(pickle.dumps(score)), places_of(pickle.loads(pickle.dumps(score)))) == (56.6, 1)
    assert places_of(middle([score, 57.13, 58.2])) == 1
    assert places_of(told(0.25, 57.13, None)) == 2
