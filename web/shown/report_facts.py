"""Where the numbers of a report come from: the fact of a block, and the page that opens what is behind it."""

from __future__ import annotations

from pipeline.views.behind import Part, may_list
from web.navigation import href
from web.session import viewer

ALWAYS = {
    "summary": "ranking.show", "results": "ranking.show", "use": "ranking.show", "scope": "units.directory",
    "units": "units.directory", "integrity": "findings.index", "demands": "demands.index", "parts": "indicators.index",
    "satisfaction": "indicators.index", "objections": "objections.index", "backlog": "records.index",
    "cases": "records.index", "scheme": "methods.index", "survey": "samples.index", "brief": "records.index",
    "rectification": "rectification.index",
}  # fmt: skip
OF_AN_INDICATOR = ("metric", "monthly", "problem", "brief")
ANNEXES = {
    "scores": "ranking.show", "counts": "records.index", "survey": "samples.index", "exclusions": "exclusions.index",
    "objections": "objections.index", "glossary": "methods.index",
}  # fmt: skip


def addresses(fact: str, number: int, codes: frozenset[str]) -> list[str]:
    """The pages behind the facts of a block of assessment `number`, without those the reader's role may not open.

    `metric.H2` and `monthly.H2` open the indicator with its counted cases where it is one of `codes`, those of the
    scheme; `metric.H2.U1` the very cases of the unit, where the role may list them; `unit.U1` the scorecard,
    `case.R/N|case.R/M` the two cases; what has no page of its own the assessment.
    """
    found = (_address(one, number, codes) for one in fact.split("|") if one)
    return [address for address in found if address is not None]


def _address(fact: str, number: int, codes: frozenset[str]) -> str | None:
    head, _, rest = fact.partition(".")
    if head in OF_AN_INDICATOR:
        return _of_indicator(rest, number, codes) or href(ALWAYS.get(head, "methods.index"), assessment=number)
    if head == "unit" and rest:
        return href("units.scorecard", code=rest, assessment=number)
    if head == "case":
        register, _, case_no = rest.partition("/")
        return href("records.show", register=register, case_no=case_no) if register and case_no else None
    endpoint = ANNEXES.get(rest) if head == "annex" else ALWAYS.get(head)
    if endpoint is None:
        return href("assessments.show", number=number)
    return href(endpoint, assessment=number)


def _of_indicator(rest: str, number: int, codes: frozenset[str]) -> str | None:
    """The page of an indicator `H2`, or the cases of a unit `H2.U1`; None for no indicator of the scheme."""
    if rest in codes:
        return href("indicators.show", code=rest, assessment=number)
    code, _, unit = rest.rpartition(".")
    if code not in codes:
        return None
    if may_list(viewer(), code):
        return href("records.index", unit=unit, indicator=code, assessment=number, part=Part.COUNTED)
    return href("units.scorecard", code=unit, assessment=number, indicator=code)
