"""What holds for every row of a file: its register, channel and source, the cut-off of the export, its period."""

from __future__ import annotations

import datetime as dt

from imports.columns.checking import Check, scale_of
from imports.judging.rules import event_times
from imports.parts.staging import Staging
from imports.parts.statements import MAIN_TIME, Constants
from imports.values.dates import parse_moment
from records.vocabulary import Kind


def constants_of(check: Check) -> Constants:
    """What holds for every row and is known before the first one is read; the row hash rests on nothing else."""
    options, layout = check.options, check.layout
    unit = check.units(options.unit) if options.unit else None
    channel = options.channel or layout.channel
    return Constants(
        register=options.register or layout.register or channel or check.kind.value,
        channel=channel,
        unit=unit[0] if unit else None,
        source=options.source or layout.source or ("self" if check.kind is Kind.COUNTS else "third_party"),
        sheet=check.grid.sheet,
        completed_by=layout.completed_by,
        needs_case=check.options.needs_case,
        has_period=check.period is not None,
    )


def exported_at(check: Check, staging: Staging, now: dt.datetime) -> str | None:
    """The cut-off of the export: as given, else its newest event that does not lie in the future."""
    if check.options.exported_at:
        moment = parse_moment(check.options.exported_at, zone=check.zone)
        return None if moment is None else str(moment)
    times = event_times(check.kind, staging.columns)
    if not times:
        return now.strftime("%Y-%m-%d %H:%M:%S")
    tomorrow = (now + dt.timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S")
    newest = ", ".join(f"max({name}) FILTER ({name} <= TIMESTAMP '{tomorrow}')" for name in times)
    moments = [moment for moment in staging.query(f"SELECT {newest} FROM staged")[0] if moment is not None]
    return str(max(moments)) if moments else now.strftime("%Y-%m-%d %H:%M:%S")


def rating_scale(check: Check, staging: Staging) -> int:
    """Levels of the overall rating: as said for numbers, three where only the three middle words occur, else five."""
    if scale := scale_of(check, "rating"):
        return scale.levels
    if "rating" not in staging.columns:
        return 5
    seen = {row[0] for row in staging.query("SELECT DISTINCT rating FROM staged WHERE rating IS NOT NULL")}
    return 3 if seen and seen <= {0, 2, 3, 4} else 5


def period_of(check: Check, staging: Staging) -> tuple[str | None, str | None]:
    """First and last time the file is about: as it declares, else of its good rows; None where it tells none."""
    name = MAIN_TIME[check.kind]
    if check.period:
        return str(check.period[0]), str(check.period[1] - dt.timedelta(days=1))
    if name not in staging.columns:
        return None, None
    good = "row_no NOT IN (SELECT row_no FROM bad)"
    first, last = staging.query(f"SELECT min({name}), max({name}) FROM staged WHERE {good}")[0]
    return (None if first is None else str(first)), (None if last is None else str(last))
