"""One search over units, indicators, terms and case numbers, filtered by what the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from metrics.registry import REGISTRY
from pipeline.views.words import Words
from records.access import Action, Viewer, can
from records.instance import Instance
from records.queries import cases, units
from reports.glossary import Term, terms

MOST_OF_A_KIND = 20
SHORTEST_NUMBER = 4  # a beginning of a case number that is worth looking for


@dataclass(frozen=True)
class FoundUnit:
    """A unit whose code, name or alias holds the words."""

    code: str
    name: str
    is_open: bool  # whether the viewer may open its scorecard


@dataclass(frozen=True)
class FoundCase:
    """A case whose number begins with the words."""

    register: str
    case_no: str
    unit: str


@dataclass(frozen=True)
class Found:
    """Everything that fits, at most twenty of a kind."""

    units: tuple[FoundUnit, ...]
    indicators: tuple[tuple[str, Words], ...]
    terms: tuple[Term, ...]
    cases: tuple[FoundCase, ...]

    @property
    def total(self) -> int:
        """How many things were found."""
        return len(self.units) + len(self.indicators) + len(self.terms) + len(self.cases)


def search(instance: Instance, viewer: Viewer, words: str) -> Found:
    """What fits the words; case and space at the ends do not matter, and no words find nothing."""
    wanted = words.strip().casefold()
    if not wanted:
        return Found((), (), (), ())
    return Found(_units(instance, viewer, wanted), _indicators(wanted), _terms(wanted), _cases(instance, viewer, words))


def _fits(wanted: str, texts: Iterable[str | None]) -> bool:
    return any(wanted in text.casefold() for text in texts if text)


def _units(instance: Instance, viewer: Viewer, wanted: str) -> tuple[FoundUnit, ...]:
    with instance.session() as session:
        rows = units.list_units(session, viewer=viewer)
    found = [row for row in rows if _fits(wanted, (row.code, row.name, row.short_name, *row.aliases))]
    return tuple(
        FoundUnit(row.code, row.name, can(viewer, Action.SEE_SCORECARD, unit=row.code))
        for row in found[:MOST_OF_A_KIND]
    )


def _indicators(wanted: str) -> tuple[tuple[str, Words], ...]:
    found = [
        (metric.code, Words(metric.name_zh, metric.name_en))
        for metric in REGISTRY.values()
        if _fits(wanted, (metric.code, metric.name_zh, metric.name_en))
    ]
    return tuple(found[:MOST_OF_A_KIND])


def _terms(wanted: str) -> tuple[Term, ...]:
    found = [term for term in terms() if _fits(wanted, (term.zh, term.en, *term.also))]
    return tuple(found[:MOST_OF_A_KIND])


def _cases(instance: Instance, viewer: Viewer, words: str) -> tuple[FoundCase, ...]:
    number = words.strip()
    if len(number) < SHORTEST_NUMBER or not any(c.isdigit() for c in number) or not can(viewer, Action.SEE_CASES):
        return ()
    wanted = cases.CaseFilter(case_no=number)
    with instance.session() as session:
        found = cases.page(instance, session, viewer=viewer, wanted=wanted, limit=MOST_OF_A_KIND)
    return tuple(FoundCase(row["register"], row["case_no"], row["unit"]) for row in found.rows)
