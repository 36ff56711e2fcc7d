"""Reading bonuses: each viewer sees the units the matrix lets them reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.access import Action, Viewer, require, unit_filter
from records.models import Bonus, Unit
from records.queries.evidence import FileRow, fields_of, files_behind


@dataclass(frozen=True)
class BonusRow:
    """A bonus with its documents."""

    id: int
    unit_code: str
    unit_name: str
    scheme_id: str
    rule: str
    title: str
    ground: str
    items: int
    done_on: date
    valid_until: date
    state: str
    proposed_by: str
    proposed_at: datetime
    answer: str | None
    decided_by: str | None
    decided_at: datetime | None
    files: tuple[FileRow, ...] = ()

    def state_on(self, day: date) -> str:
        """The state as a reader meets it: "expired" where an approved one is past its last valid day."""
        return "expired" if self.state == "approved" and self.valid_until < day else self.state


NAMES = tuple(name for name in BonusRow.__dataclass_fields__ if name not in ("unit_name", "files"))


def list_bonuses(session: Session, *, viewer: Viewer, state: str | None = None) -> list[BonusRow]:
    """The bonuses a viewer may see, what waits for a decision first, then the newest."""
    require(viewer, Action.SEE_BONUSES)
    wanted = select(Bonus, Unit.name).join(Unit, Unit.code == Bonus.unit_code)
    wanted = wanted.order_by((Bonus.state != "proposed"), Bonus.id.desc())
    if state is not None:
        wanted = wanted.where(Bonus.state == state)
    if (units := unit_filter(viewer, Action.SEE_BONUSES)) is not None:
        wanted = wanted.where(Bonus.unit_code.in_(sorted(units)))
    found = session.execute(wanted).all()
    files = files_behind(session, "bonus", [row.id for row, _ in found])
    return [BonusRow(**fields_of(row, NAMES), unit_name=name, files=files.get(row.id, ())) for row, name in found]


def bonus(session: Session, *, viewer: Viewer, number: int) -> BonusRow | None:
    """One bonus the viewer may see, else None."""
    return next((row for row in list_bonuses(session, viewer=viewer) if row.id == number), None)
