"""Original records for the evidence pack: one masked row per case with every clock."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.paper import case_export
from records.access import Action, Viewer, can
from records.instance import Instance
from reports.source import ReportSource


def of_units(instance: Instance, source: ReportSource, viewer: Viewer) -> bytes | None:
    """The sheet with one masked row per case; None where the viewer may not see cases, and the pack then says so."""
    if not can(viewer, Action.SEE_CASES):
        return None
    with TemporaryDirectory(dir=instance.reports_folder) as folder:
        return case_export.write(instance, viewer, source, Path(folder) / "cases.xlsx").read_bytes()
