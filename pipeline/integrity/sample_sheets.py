"""The blind list of a sample as a sheet for the callers, and its answers from accepted files of follow-ups."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from sqlalchemy import select

from pipeline.integrity.sampling import enter_results, work_list
from records.access import Action, Viewer, require
from records.engine import Engine
from records.engine_views import Columns
from records.instance import Instance
from records.models import Batch, SampleCase, VerificationSample
from records.tables import tables_for_metrics
from records.vocabulary import ColumnType
from reports.csv_cells import safe_cell

HEADINGS = ("回访编号", "原工单编号", "承办单位", "回访时间", "是否回访成功", "是否解决", "回访意见")
"""What the layout of telephone follow-ups reads, so that the sheet comes back as it went out."""
ANSWERED = """
SELECT w.place, a.resolved, a.reached FROM answers a JOIN wanted w ON a.case_no = w.case_no
  AND (a.register = w.register OR a.register IS NULL OR a.register NOT IN (SELECT register FROM wanted))
WHERE a.source = 'follow_up' AND a.batch IN ({batches}) AND (a.resolved IS NOT NULL OR a.reached = 0)
ORDER BY w.place, a.answered_at NULLS FIRST, a.batch, a.row_no
"""


def sheet(instance: Instance, number: int, names: Mapping[str, str], *, viewer: Viewer) -> bytes | None:
    """The blind list as a csv for the callers: neither claim nor reason in it; None without such a sample.

    `names` are the units' names by code. Filled in and imported as follow-ups it gives the results (`take`). The read
    is logged; raises Forbidden without the survey role.
    """
    items = work_list(instance, number, viewer=viewer)
    if not items:
        return None
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for item in items:
        row = (f"S{number}-{item.place}", item.case_no, names.get(item.unit, item.unit), "", "", "", "")
        writer.writerow([safe_cell(value) for value in row])
    return text.getvalue().encode("utf-8-sig")


def take(instance: Instance, number: int, *, viewer: Viewer) -> int:
    """Enter the results of files of follow-ups that were accepted after the draw; how many cases were entered.

    A case that has a result keeps it: what was entered by hand is not overwritten. Of several answers the newest
    counts; an answer without "solved or not" counts as not reached only where the call failed.
    """
    require(viewer, Action.ASSESS)
    require(viewer, Action.SEE_RATINGS)
    with instance.session() as session:
        sample = session.get(VerificationSample, number)
        if sample is None:
            return 0
        cases = session.scalars(
            select(SampleCase).where(SampleCase.sample_id == number, SampleCase.result.is_(None))
        ).all()
        open_ = [(case.register, case.case_no, case.place) for case in cases]
        newer = select(Batch.id).where(Batch.state == "accepted", Batch.accepted_at >= sample.made_at)
        batches = list(session.scalars(newer))
        views = tables_for_metrics(instance, session)
    if not open_ or not batches:
        return 0
    registers, numbers, places = (list(column) for column in zip(*open_, strict=True))
    wanted = Columns(
        {"register": registers, "case_no": numbers, "place": places},
        {"register": ColumnType.TEXT, "case_no": ColumnType.TEXT, "place": ColumnType.INTEGER},
    )
    text = ANSWERED.format(batches=", ".join(str(batch) for batch in batches))
    found = {
        int(place): "unreachable" if reached == 0 else resolved
        for place, resolved, reached in Engine(instance).run(text, {"answers": views["answers"], "wanted": wanted})
    }
    given = [(place, result, "") for place, result in sorted(found.items())]
    return enter_results(instance, number, given, viewer=viewer) if given else 0
