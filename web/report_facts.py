"""Where the numbers of a report come from: the fact of a block, and the page that opens what is behind it."""

from __future__ import annotations

from web.navigation import href

ALWAYS = {
    "summary": "ranking.show", "results": "ranking.show", "use": "ranking.show", "scope": "units.directory",
    "units": "units.directory", "integrity": "findings.index", "demands": "demands.index", "parts": "indicators.index",
    "satisfaction": "indicators.index", "objections": "objections.index", "backlog": "records.index",
    "cases": "records.index", "scheme": "methods.index", "survey": "samples.index",
}  # fmt: skip
ANNEXES = {
    "scores": "ranking.show", "counts": "records.index", "survey": "samples.index", "exclusions": "exclusions.index",
    "objections": "objections.index", "glossary": "methods.index",
}  # fmt: skip


def addresses(fact: str, number: int, codes: frozenset[str]) -> list[str]:
    """The pages behind the facts of a block of assessment `number`, without those the reader's role may not open.

    `metric.H2` and `monthly.H2` open the indicator with its counted cases where it is one of `codes`, those of the
    scheme; `unit.U1` the scorecard, `case.R/N|case.R/M` the two cases; what has no page of its own the assessment.
    """
    found = (_address(one, number, codes) for one in fact.split("|") if one)
    return [address for address in found if address is not None]


def _address(fact: str, number: int, codes: frozenset[str]) -> str | None:
    head, _, rest = fact.partition(".")
    if head in ("metric", "monthly"):
        return href("indicators.show", code=rest, assessment=number) if rest in codes else href("methods.index")
    if head == "unit" and rest:
        return href("units.scorecard", code=rest, assessment=number)
    if head == "case":
        register, _, case_no = rest.partition("/")
        return href("records.show", register=register, case_no=case_no) if register and case_no else None
    endpoint = ANNEXES.get(rest) if head == "annex" else ALWAYS.get(head)
    if endpoint is None:
        return href("assessments.show", number=number)
    return href(endpoint, assessment=number)
