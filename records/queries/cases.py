"""Reading single cases through the engine: a page of a list, one case with every observation; filtered by viewer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from records import audit
from records.access import Action, Forbidden, Viewer, can, unit_filter
from records.engine import Engine, Statements
from records.engine_views import PartFiles, Query, quoted
from records.instance import Instance
from records.listed import ListedCases, listed_cases
from records.newest import NEWEST_FIRST, IndexMonth
from records.parts import accepted_parts
from records.queries.units import moves
from records.tables import tables_for_metrics
from records.vocabulary import CASE_COLUMNS, Kind

TEXT_COLUMNS = ("title", "content", "reply_text", "result_text", "place", "village", "company", "tags")
RATING_COLUMNS = (
    "rating", "rating_scale", "first_rating", "resolved", "contacted", "valid_follow_up", "manner_grade", "speed_grade",
    "followed_up_at", "followed_up_at_is_date", "rated_at", "rated_at_is_date",
)  # fmt: skip
HIDDEN_COLUMNS = ("person_token", "device_token", "row_hash", "reply_fingerprint")  # never leave the store
LIST_COLUMNS = (
    "register", "case_no", "unit", "channel", "case_type", "urgency", "category", "title", "state", "outcome",
    "received_at", "received_at_is_date", "first_response_at", "closed_at", "due_at", "is_excluded", "rating",
    "resolved", "batch", "exported_at",
)  # fmt: skip
LARGEST_PAGE = 500
COUNTS_KEPT = 20_000  # months counted under a filter
PAGES_KEPT = 32  # pages of the list, which many readers open at the same place
_COUNTED: dict[tuple[str, str], int] = {}
_PAGES: OrderedDict[tuple[Any, ...], CasePage] = OrderedDict()  # a key names the content of the months it was read from
_KEEPING = threading.Lock()
NOT_CLOSED = "not_closed"
EVERY_CASE = "true"


@dataclass(frozen=True)
class CaseFilter:
    """What to list. Times are naive local and half open: since <= received_at < until."""

    unit: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    channel: str | None = None
    state: str | None = None  # a state, or NOT_CLOSED for all but the closed ones
    category: str | None = None
    case_no: str | None = None  # the beginning of a number


@dataclass(frozen=True)
class CasePage:
    """Some cases, each a dictionary of the columns the viewer may see, and how many there are in all.

    Not to be changed: every reader of these rows is answered the same page while they stay the same.
    """

    rows: list[dict[str, Any]]
    total: int
    offset: int
    limit: int


def page(
    instance: Instance,
    session: Session,
    *,
    viewer: Viewer,
    wanted: CaseFilter | None = None,
    offset: int = 0,
    limit: int = 50,
    among: Query | None = None,
) -> CasePage:
    """The newest observation of the cases that fit, the latest received first. Raises Forbidden without cases.

    `among` answers register and case_no of the only cases to look at, those behind a number for instance.
    """
    limit, offset = max(1, min(limit, LARGEST_PAGE)), max(0, offset)
    wanted = wanted or CaseFilter()
    columns = tuple(name for name in LIST_COLUMNS if name in visible_columns(viewer))
    where = _where(viewer, wanted, unit_then(moves(session)))
    parts = accepted_parts(session, Kind.RESPONSES)
    listed = listed_cases(instance, parts, lambda month: _may_hold(month, wanted))
    if not listed.months:
        return CasePage([], 0, offset, limit)
    if among is not None:
        return _read(instance, listed, columns, where, offset, limit, among)
    key = where, columns, tuple(month.key for month in listed.months), offset, limit
    found = _PAGES.get(key)
    if found is None:
        found = _read(instance, listed, columns, where, offset, limit)
        with _KEEPING:
            _PAGES[key] = found
            while len(_PAGES) > PAGES_KEPT:
                _PAGES.popitem(last=False)
    return found


def _read(
    instance: Instance, listed: ListedCases, columns: Sequence[str], where: str, offset: int, limit: int,
    among: Query | None = None,
) -> CasePage:  # fmt: skip
    """One page, asked of the engine."""
    months, files = listed.months, listed.files
    with Engine(instance).open({}) as statements:
        if among is not None:
            statements.add("among_cases", among)
            statements.keep("these_cases", "SELECT coalesce(register, '') AS register, case_no FROM among_cases")
            where += " AND (coalesce(register, ''), case_no) IN (SELECT register, case_no FROM these_cases)"
        counted = _counted(statements, months, files, where, is_kept=among is None)
        needed, skipped = _months_of_page([(m.month, counted.get(m.month, 0)) for m in months], offset, limit)
        rows = _rows(statements, _files_of(files, months, needed), columns, where, offset - skipped, limit)
    return CasePage([dict(zip(columns, row, strict=True)) for row in rows], sum(counted.values()), offset, limit)


def _files_of(files: PartFiles, months: Sequence[IndexMonth], wanted: Sequence[int]) -> PartFiles:
    """The files of some of the months; `files` holds one for each month in their order."""
    return replace(files, paths=tuple(p for p, m in zip(files.paths, months, strict=True) if m.month in wanted))


def _rows(
    statements: Statements, files: PartFiles, columns: Sequence[str], where: str, skipped: int, limit: int
) -> list[tuple[Any, ...]]:
    """One page out of the months that hold it."""
    if not files.paths:
        return []
    statements.add("cases", files)
    order = "received_at DESC, register, case_no"
    text = f"SELECT {', '.join(columns)} FROM cases WHERE {where} ORDER BY {order} LIMIT {limit} OFFSET {skipped}"
    return statements.run(text)


def _counted(
    statements: Statements, months: Sequence[IndexMonth], files: PartFiles, where: str, *, is_kept: bool
) -> dict[int, int]:
    """How many cases of each month fit. A month keeps its answer as long as its content stays the same, so that
    leafing through a list counts once, and an import only counts the months it touched."""
    if where == EVERY_CASE:
        return {month.month: month.rows for month in months}
    kept = {month.month: _COUNTED.get((where, month.key)) for month in months} if is_kept else {}
    found = {month: n for month, n in kept.items() if n is not None}
    missing = [month for month in months if month.month not in found]
    if missing:
        statements.add("counted_cases", _files_of(files, months, [month.month for month in missing]))
        text = f"SELECT month, count(*) FROM counted_cases AS cases WHERE {where} GROUP BY month"
        fresh = dict(statements.run(text))
        found |= {month.month: fresh.get(month.month, 0) for month in missing}
    if missing and is_kept:
        with _KEEPING:
            if len(_COUNTED) > COUNTS_KEPT:
                _COUNTED.clear()
            _COUNTED.update({(where, month.key): found[month.month] for month in missing})
    return found


def _may_hold(month: IndexMonth, wanted: CaseFilter) -> bool:
    """Can the month hold cases of the asked span? Months are year × 100 + month; `until` itself is outside."""
    since = _month_of(wanted.since) if wanted.since else 0
    last = _month_of(wanted.until - timedelta.resolution) if wanted.until else 999_999
    return since <= month.month <= last


def _month_of(moment: datetime) -> int:
    return moment.year * 100 + moment.month


def _months_of_page(counted: list[tuple[int, int]], offset: int, limit: int) -> tuple[list[int], int]:
    """The months that hold the rows offset to offset + limit, and how many rows the months before them hold.

    >>> _months_of_page([(202403, 40), (202402, 40), (202401, 40)], 50, 20)
    ([202402], 40)
    """
    needed: list[int] = []
    seen = skipped = 0
    for month, rows in counted:
        if seen + rows <= offset:
            skipped += rows
        elif seen < offset + limit:
            needed.append(month)
        seen += rows
    return needed, skipped


def one(
    instance: Instance, session: Session, *, viewer: Viewer, case_no: str, register: str | None = None
) -> list[dict[str, Any]]:
    """Every observation of a case, the newest first; an empty list when there is none the viewer may see.

    A number may exist in several registers; without `register` all of them are answered. Reading a case that carries
    a rating is written to the audit trail when the viewer sees the rating.
    """
    columns = visible_columns(viewer)
    where = [f"case_no = {quoted(case_no)}", _own_units(viewer, unit_then(moves(session)))]
    if register is not None:
        where.append(f"register = {quoted(register)}")
    text = f"SELECT {', '.join(columns)} FROM cases WHERE {' AND '.join(where)} ORDER BY register, {NEWEST_FIRST}"
    rows = Engine(instance).dictionaries(text, tables_for_metrics(instance, session))
    if rows and "rating" in columns and not viewer.is_operator:
        audit.write(session, viewer.sign_in or viewer.name, "rating.read", case_no, {"observations": len(rows)})
    return rows


def visible_columns(viewer: Viewer) -> tuple[str, ...]:
    """The columns of a case the viewer may see: process fields, texts, ratings, each by its own permission."""
    if not can(viewer, Action.SEE_CASES):
        raise Forbidden(f"{viewer.role.value} may not see cases")
    hidden = set(HIDDEN_COLUMNS)
    if not can(viewer, Action.SEE_CASE_TEXT):
        hidden.update(TEXT_COLUMNS)
    if not can(viewer, Action.SEE_RATINGS):
        hidden.update(RATING_COLUMNS)
    return tuple(column.name for column in CASE_COLUMNS if column.name not in hidden)


def unit_then(merged: Sequence[tuple[str, date, str]]) -> str:
    """The expression of the unit that answers for a case received on its day, as the facts have it.

    >>> unit_then([]), unit_then([("a", date(2025, 7, 1), "b")])
    ('unit', "CASE WHEN unit = 'a' AND received_at >= DATE '2025-07-01' THEN 'b' ELSE unit END")
    """
    tests = [
        f"WHEN unit = {quoted(unit)} AND received_at >= DATE '{day.isoformat()}' THEN {quoted(successor)}"
        for unit, day, successor in merged
    ]
    return f"CASE {' '.join(tests)} ELSE unit END" if tests else "unit"


def _where(viewer: Viewer, wanted: CaseFilter, unit: str) -> str:
    parts = [_own_units(viewer, unit)]
    if wanted.unit is not None:
        parts.append(f"{unit} = {quoted(wanted.unit)}")
    for name in ("channel", "state", "category"):
        value = getattr(wanted, name)
        if value == NOT_CLOSED:
            parts.append("closed_at IS NULL AND state <> 'closed'")
        elif value is not None:
            parts.append(f"{name} = {quoted(value)}")
    if wanted.since is not None:
        parts.append(f"received_at >= {quoted(wanted.since.isoformat(sep=' '))}::TIMESTAMP")
    if wanted.until is not None:
        parts.append(f"received_at < {quoted(wanted.until.isoformat(sep=' '))}::TIMESTAMP")
    if wanted.case_no:
        parts.append(f"starts_with(case_no, {quoted(wanted.case_no)})")
    return " AND ".join(parts)


def _own_units(viewer: Viewer, unit: str) -> str:
    units = unit_filter(viewer, Action.SEE_CASES)
    if units is None:
        return EVERY_CASE
    return f"{unit} IN ({', '.join(quoted(code) for code in sorted(units))})" if units else "false"
