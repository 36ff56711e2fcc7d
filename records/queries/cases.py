"""Reading single cases through the engine: a page of a list, one case with every observation; filtered by viewer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from records import audit
from records.access import Action, Forbidden, Viewer, can, unit_filter
from records.engine import Engine, View, quoted
from records.instance import Instance
from records.tables import tables_for_metrics
from records.vocabulary import CASE_COLUMNS

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
NEWEST_FIRST = "exported_at DESC NULLS LAST, batch DESC, row_no DESC"
LARGEST_PAGE = 500


@dataclass(frozen=True)
class CaseFilter:
    """What to list. Times are naive local and half open: since <= received_at < until."""

    unit: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    channel: str | None = None
    state: str | None = None
    category: str | None = None
    case_no: str | None = None  # the beginning of a number


@dataclass(frozen=True)
class CasePage:
    """Some cases, each a dictionary of the columns the viewer may see, and how many there are in all."""

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
) -> CasePage:
    """The newest observation of the cases that fit, the latest received first. Raises Forbidden without cases."""
    limit = max(1, min(limit, LARGEST_PAGE))
    columns = [name for name in LIST_COLUMNS if name in visible_columns(viewer)]
    views, where = tables_for_metrics(instance, session), _where(viewer, wanted or CaseFilter())
    newest = (
        f"SELECT * FROM cases QUALIFY row_number() OVER (PARTITION BY register, case_no ORDER BY {NEWEST_FIRST}) = 1"
    )
    text = (
        f"SELECT {', '.join(columns)}, count(*) OVER () AS total FROM ({newest}) WHERE {where} "
        f"ORDER BY received_at DESC, register, case_no LIMIT {limit} OFFSET {max(0, offset)}"
    )
    rows = Engine(instance).dictionaries(text, views)
    total = rows[0]["total"] if rows else _count(instance, newest, where, views) if offset else 0
    return CasePage([{key: row[key] for key in columns} for row in rows], total, offset, limit)


def one(
    instance: Instance, session: Session, *, viewer: Viewer, case_no: str, register: str | None = None
) -> list[dict[str, Any]]:
    """Every observation of a case, the newest first; an empty list when there is none the viewer may see.

    A number may exist in several registers; without `register` all of them are answered. Reading a case that carries
    a rating is written to the audit trail when the viewer sees the rating.
    """
    columns = visible_columns(viewer)
    where = [f"case_no = {quoted(case_no)}", _own_units(viewer)]
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


def _where(viewer: Viewer, wanted: CaseFilter) -> str:
    parts = [_own_units(viewer)]
    for name in ("unit", "channel", "state", "category"):
        value = getattr(wanted, name)
        if value is not None:
            parts.append(f"{name} = {quoted(value)}")
    if wanted.since is not None:
        parts.append(f"received_at >= {quoted(wanted.since.isoformat(sep=' '))}::TIMESTAMP")
    if wanted.until is not None:
        parts.append(f"received_at < {quoted(wanted.until.isoformat(sep=' '))}::TIMESTAMP")
    if wanted.case_no:
        parts.append(f"starts_with(case_no, {quoted(wanted.case_no)})")
    return " AND ".join(parts)


def _own_units(viewer: Viewer) -> str:
    units = unit_filter(viewer, Action.SEE_CASES)
    if units is None:
        return "true"
    return f"unit IN ({', '.join(quoted(code) for code in sorted(units))})" if units else "false"


def _count(instance: Instance, newest: str, where: str, views: dict[str, View]) -> int:
    return Engine(instance).run(f"SELECT count(*) FROM ({newest}) WHERE {where}", views)[0][0]
