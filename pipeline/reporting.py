"""Makes documents from a stored assessment: annual report, scorecards, workbook, evidence pack."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from pipeline.report_source import UnknownAssessment, require_documents, source_for
from records.access import OPERATOR, Viewer
from records.instance import Instance
from reports import annual, docx_writer, evidence, pdf_writer, scorecard, workbook
from reports.source import ReportSource

__all__ = ["FORMATS", "ReportRequestError", "UnknownAssessment", "make", "make_all_scorecards", "source_for"]

FORMATS: dict[str, tuple[str, ...]] = {
    "annual": ("docx", "pdf"),
    "scorecard": ("docx", "pdf"),
    "workbook": ("xlsx",),
    "evidence": ("zip",),
}
Progress = Callable[[int, int], None]


class ReportRequestError(ValueError):
    """The kind, format or unit asked for does not go together; the message says what does."""


def make(
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
) -> Path:
    """Write one document (or a zip of all scorecards) to `out` and return its path; the file is whole or absent.

    Raises:
        ReportRequestError: when kind, format and unit do not go together.
        UnknownAssessment: when there is no such assessment.
        Forbidden: when the viewer may not make this document.
    """
    check_request(kind, format, unit=unit, is_for_all=all_units)
    viewer = viewer or OPERATOR
    shown = source_for(instance, number, language=language, viewer=viewer)
    require_documents(viewer, kind=kind, unit=unit, state=shown.state)
    # A unit is shown among its peers without their names, so its scorecard needs the whole source.
    source = source_for(instance, number, language=language) if kind == "scorecard" else shown
    if unit is not None and all(u.unit != unit for u in source.assessment.units):
        raise ReportRequestError(f"unit {unit} is not in assessment {number}; list the units with `wenxiao units`")
    return _whole(out, lambda path: _write(source, path, kind=kind, format=format, unit=unit, is_for_all=all_units))


def check_request(kind: str, format: str, *, unit: str | None, is_for_all: bool) -> None:
    """Raises ReportRequestError unless kind, format and unit go together."""
    if kind not in FORMATS:
        raise ReportRequestError(f"kind {kind!r}: use one of {', '.join(FORMATS)}")
    if format not in FORMATS[kind]:
        raise ReportRequestError(f"a report of kind {kind} comes as {' or '.join(FORMATS[kind])}, not as {format}")
    if kind == "scorecard" and (unit is None) == (not is_for_all):
        raise ReportRequestError("a scorecard is for one unit (--unit CODE) or for all of them (--all-units)")
    if kind != "scorecard" and (unit is not None or is_for_all):
        raise ReportRequestError(f"a report of kind {kind} covers all units: leave --unit and --all-units out")


def make_all_scorecards(source: ReportSource, path: Path, *, format: str, progress: Progress | None = None) -> Path:
    """A zip with one scorecard per unit; `progress` is told how many of how many are written."""
    return scorecard.write_all(source, path, format=format, progress=progress)


def _write(source: ReportSource, path: Path, *, kind: str, format: str, unit: str | None, is_for_all: bool) -> None:
    if kind == "workbook":
        workbook.write(source, path)
    elif kind == "evidence":
        evidence.write(source, path)
    elif kind == "scorecard" and is_for_all:
        make_all_scorecards(source, path, format=format)
    elif kind == "scorecard" and unit is not None:
        scorecard.write(source, unit, path, format=format)
    elif format == "docx":
        docx_writer.write(annual.document(source), path)
    else:
        pdf_writer.write(annual.document(source), path)


def _whole(out: Path, write: Callable[[Path], None]) -> Path:
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
