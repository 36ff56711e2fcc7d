"""Makes documents from a stored assessment: reports, notices, scorecards, sheets, evidence and open data."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metrics.disclosure.protection import K_UNIT
from pipeline.numbers.small_cells import smallest_shown
from pipeline.paper import case_export, issued
from pipeline.paper.case_source import case_source
from pipeline.paper.order import FOR_A_TIME, Order, Progress
from pipeline.paper.report_source import UnknownAssessment, protected_for, require_documents, source_for
from records.access import OPERATOR, Action, Forbidden, Viewer, unit_filter
from records.instance import Instance
from reports.document_names import document_name
from reports.fonts import missing_characters
from reports.source import ReportSource
from reports.texts import say

__all__ = [
    "FORMATS", "FOR_A_TIME", "MissingGlyphs", "ReportRequestError", "UnknownAssessment", "make", "make_named",
    "source_for",
]  # fmt: skip

FORMATS: dict[str, tuple[str, ...]] = {
    "annual": ("docx", "pdf"),
    "scorecard": ("docx", "pdf"),
    "workbook": ("xlsx",),
    "evidence": ("zip",),
    "notice": ("docx", "pdf"),
    "daily": ("docx", "pdf"),
    "cases": ("xlsx",),
    "opendata": ("zip",),
}
FOR_ONE_UNIT = ("scorecard", "cases")
WITH_VARIANTS = ("annual", "evidence")
"""Kinds that print how the ranking stands single changes of the scheme."""
SHEETS = ("workbook", "cases", "opendata")
"""Kinds that are no print: they name no font of ours."""


def kinds_for(viewer: Viewer) -> list[str]:
    """The kinds of document that a viewer may order, of some unit or of all, once an assessment is open to the viewer.

    >>> from records.access import Role
    >>> kinds_for(Viewer(1, "head", Role.UNIT_HEAD, frozenset({"u1"})))
    ['scorecard', 'cases']
    """
    own = unit_filter(viewer, Action.MAKE_REPORTS)
    units = [None] if own is None else sorted(own)[:1]
    return [kind for kind in (FORMATS if own is None else FOR_ONE_UNIT) if any(_may(viewer, kind, u) for u in units)]


def _may(viewer: Viewer, kind: str, unit: str | None) -> bool:
    try:
        require_documents(viewer, kind=kind, unit=unit, state="published")
    except Forbidden:
        return False
    return True


@dataclass(frozen=True)
class Paper:
    """A document that was made. `name` is what a person reads on the file, with its ending; the path may be another."""

    path: Path
    name: str


class MissingGlyphs(ValueError):
    """A text holds a character no font can print."""


class ReportRequestError(ValueError):
    """Kind, format and unit do not go together as they were asked for; the message says what does."""


def make(instance: Instance, number: int, **wanted: Any) -> Path:
    """As `make_named`, for callers that name the file themselves."""
    return make_named(instance, number, **wanted).path


def make_named(
    instance: Instance,
    number: int,
    *,
    kind: str,
    format: str,
    unit: str | None = None,
    all_units: bool = False,
    out: Path,
    language: str = "zh",
    viewer: Viewer | None = None,
    progress: Progress | None = None,
    of: str = "",
) -> Paper:
    """Write one document (or a zip of all scorecards) to `out` and name it; the file is whole or absent.

    `of` is the month of a notice (`2024-03`) or the day of a daily brief (`2024-03-05`); by default the last one.

    Raises:
        ReportRequestError: when kind, format and unit do not go together.
        UnknownAssessment: when there is no such assessment.
        Forbidden: when the viewer may not make this document.
    """
    check_request(kind, format, unit=unit, is_for_all=all_units, of=of)
    viewer = viewer or OPERATOR
    order = Order(kind, format, unit, all_units, viewer, progress, of)
    source = _source_of(instance, number, order, language)
    if unit is not None and all(u.unit != unit for u in source.assessment.units):
        raise ReportRequestError(f"unit {unit} is not in assessment {number}; list the units with `wenxiao units`")
    if kind not in SHEETS:
        require_printable(source)
    if kind == "cases":
        made = _whole(out, lambda path: case_export.write(instance, viewer, source, path, unit=unit))
    else:
        from pipeline.paper import writing  # loads every kind of document: a long sheet of cases does without

        source, order = writing.of_its_time(instance, source, order)
        made = _whole(out, lambda path: writing.write(instance, source, path, order))
    issued.note(instance, source, made, kind=kind, format=format, unit=unit, viewer=viewer)
    of = order.day.day if order.day is not None else order.of
    ending = "zip" if all_units else format
    return Paper(made, f"{document_name(source, kind, unit=unit, of=of)}.{ending}")


def _source_of(instance: Instance, number: int, order: Order, language: str) -> ReportSource:
    """What the document of an order may print. Raises Forbidden where the viewer may not make it."""
    kind, viewer = order.kind, order.viewer
    if kind == "cases":
        source = case_source(instance, number, language=language, viewer=viewer)
        require_documents(viewer, kind=kind, unit=order.unit, state=source.state)
        return source
    shown = source_for(instance, number, language=language, viewer=viewer, has_variants=kind in WITH_VARIANTS)
    require_documents(viewer, kind=kind, unit=order.unit, state=shown.state)
    # A unit is shown among its peers without their names, so its scorecard needs the whole source.
    source = source_for(instance, number, language=language, has_variants=False) if kind == "scorecard" else shown
    return protected_for(instance, source, K_UNIT if kind == "opendata" else smallest_shown(viewer))


def check_request(kind: str, format: str, *, unit: str | None, is_for_all: bool, of: str = "") -> None:
    """Raises ReportRequestError unless kind, format and unit go together."""
    if kind not in FORMATS:
        raise ReportRequestError(f"kind {kind!r}: use one of {', '.join(FORMATS)}")
    if format not in FORMATS[kind]:
        raise ReportRequestError(f"a report of kind {kind} comes as {' or '.join(FORMATS[kind])}, not as {format}")
    if kind == "cases" and is_for_all:
        raise ReportRequestError("the cases are of one unit (--unit CODE) or, without it, of all of them together")
    if kind == "scorecard" and (unit is None) == (not is_for_all):
        raise ReportRequestError("a scorecard is for one unit (--unit CODE) or for all of them (--all-units)")
    if of and kind not in FOR_A_TIME:
        raise ReportRequestError(f"a report of kind {kind} covers its whole period: leave --of out")
    if kind not in FOR_ONE_UNIT and (unit is not None or is_for_all):
        raise ReportRequestError(f"a report of kind {kind} covers all units: leave --unit and --all-units out")


def require_printable(source: ReportSource) -> None:
    """Raises MissingGlyphs when a name or text holds a character no font of the documents has.

    It would print as an empty box, and nobody would be told. Word files name their fonts, so the same names are safe.
    """
    places = {unit.code: unit.name for unit in source.units}
    places |= {"office": source.office, "city": source.city}
    places |= {place: written.text for place, written in source.texts.items()}
    missing = missing_characters("".join(places.values()))
    if missing:
        where = [f"{place} ({text[:20]})" for place, text in places.items() if set(missing) & set(text)]
        told = {"signs": " ".join(missing), "places": "; ".join(where[:5])}
        raise MissingGlyphs(say(source.language, "fonts.missing", **told))


def _whole(out: Path, write: Callable[[Path], object]) -> Path:
    """Write beside the target and rename: nobody ever sees half a document."""
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{out.stem}-", suffix=out.suffix or ".part", dir=out.parent)
    os.close(handle)
    part = Path(name)
    try:
        write(part)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return out
