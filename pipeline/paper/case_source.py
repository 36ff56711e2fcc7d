"""What a sheet of cases prints beside its rows: an assessment without its numbers, which would fill the memory."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from evaluation.scores.result import Assessment
from pipeline.paper.report_source import UnknownAssessment, accepted_batches, directory_of, warned
from records.access import Action, Viewer, unit_filter
from records.canonical import document_sha256
from records.instance import Instance
from records.queries import assessments, units
from reports.source import ReportSource


def case_source(instance: Instance, number: int, *, language: str, viewer: Viewer) -> ReportSource:
    """Scheme, period, units and state of an assessment as the viewer may see them; every list of numbers is empty.

    The code of the sheet follows from the result, the reader and the accepted batches, which the rows come from.

    Raises:
        UnknownAssessment: when there is no such assessment.
        Forbidden: when its state is closed to the viewer.
    """
    seen = unit_filter(viewer, Action.SEE_SCORECARD)
    with instance.session() as session:
        row = assessments.one(session, viewer=viewer, number=number)
        result = assessments.result_of(session, viewer=viewer, number=number)
        if row is None or result is None:
            raise UnknownAssessment(number)
        text = assessments.scheme_text_of(session, number=number) or ""
        directory = [unit for unit in directory_of(session) if seen is None or unit.code in seen]
        groups, accepted = units.peer_group_titles(session, language), accepted_batches(session)
    bare = [{**unit, "groups": [], "indicators": []} for unit in result["units"]]
    source = ReportSource(
        number=number, state=row.state, assessment=warned(Assessment.from_json({**result, "units": bare}), accepted),
        units=directory, values=[], monthly=[], scheme=tomllib.loads(text), peer_groups=groups,
        office=instance.settings.office, city=instance.settings.city, address=instance.settings.address,
        made_at=row.made_at.astimezone(instance.zone).isoformat(timespec="seconds"),
        verification_code=row.verification_code or "", language=language,
        role="operator" if viewer.is_operator else str(viewer.role),
    )  # fmt: skip
    told = [source.language, source.role, source.state, [unit.unit for unit in source.assessment.units]]
    head = [row.result_sha256, source.office, source.city, source.address, source.assessment.warnings]
    return replace(source, content_sha256=document_sha256([head, told, accepted]))
