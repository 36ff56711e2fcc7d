"""Bonuses: documented work that adds points, proposed with its document and approved by a second person.

A bonus counts in a period while it is valid: the last day of the period lies between the day of the work and the last
valid day, at most the months that the rule of the scheme grants.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from evaluation.rules.scheme import Item, Scheme
from pipeline.judgement import cycle
from pipeline.judgement.evidence_files import Given, files_of, keep
from pipeline.judgement.scheme_store import newest_schemes
from records import audit
from records.access import Action, Viewer, can, require
from records.clock import now
from records.instance import Instance
from records.models import Bonus, Unit
from records.queries.bonuses import BonusRow

SENTENCES = {
    "unknown_unit": "no unit of this code is assessed; see `wenxiao units list`",
    "unknown_rule": "no scheme has this bonus rule; see `wenxiao bonuses rules`",
    "no_title": "say what was done",
    "no_reason_given": "say why",
    "no_document": "hand in at least one document",
    "no_items": "a bonus has at least one item",
    "not_done_yet": "the day of the work lies in the future",
    "ends_before_it_begins": "the last valid day lies before the day of the work",
    "valid_too_long": "the rule does not grant so long a validity",
    "already_decided": "it was decided already",
    "same_person": "a bonus is decided by another person than the one who proposed it",
}
"""What each refusal says to somebody at the command line; pages have their own words."""


class BonusRefused(ValueError):
    """The step cannot be taken like this; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code


@dataclass(frozen=True)
class Rule:
    """A bonus rule that can be proposed for."""

    scheme: Scheme
    item: Item

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.scheme.id}:{self.item.code}"


@dataclass(frozen=True)
class Wanted:
    """What is proposed. `rule` is the key of a Rule; `valid_until` None takes all that the rule grants."""

    unit: str
    rule: str
    title: str
    ground: str
    done_on: date
    valid_until: date | None = None
    items: int = 1


def rules(instance: Instance) -> list[Rule]:
    """Every bonus rule of the newest version of every scheme."""
    return [Rule(scheme, item) for scheme in newest_schemes(instance) for item in scheme.bonuses]


def last_valid_day(done_on: date, months: int) -> date:
    """The last day of a validity of some months that begins on a day.

    >>> last_valid_day(date(2025, 3, 10), 12), last_valid_day(date(2024, 2, 29), 12)
    (datetime.date(2026, 3, 9), datetime.date(2025, 2, 27))
    """
    year, month = divmod(done_on.year * 12 + done_on.month - 1 + months, 12)
    day = min(done_on.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)


def propose(instance: Instance, viewer: Viewer, wanted: Wanted, files: Sequence[Given]) -> int:
    """Propose a bonus for a unit; answers with its number.

    Raises Forbidden for another unit, EvidenceRefused, and BonusRefused without a document, title or ground, for an
    unknown rule, or for days that the rule does not allow.
    """
    require(viewer, Action.PROPOSE_BONUSES, unit=wanted.unit)
    rule = next((rule for rule in rules(instance) if rule.key == wanted.rule), None)
    if rule is None:
        raise BonusRefused("unknown_rule")
    longest = last_valid_day(wanted.done_on, rule.item.valid_months)
    _refuse_odd(wanted, longest, files, instance.today())
    with instance.session() as session:
        unit = session.get(Unit, wanted.unit)
        if unit is None or not unit.is_assessed or unit.merged_into is not None:
            raise BonusRefused("unknown_unit")
        row = Bonus(
            unit_code=wanted.unit, scheme_id=rule.scheme.id, rule=rule.item.code,
            title=cycle.masked(wanted.title)[:200], ground=cycle.masked(wanted.ground), items=wanted.items,
            done_on=wanted.done_on, valid_until=wanted.valid_until or longest, state="proposed",
            proposed_by=viewer.sign_in, proposed_at=now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        keep(instance, session, subject="bonus", subject_id=row.id, files=files, by=viewer.sign_in)
        detail = {"unit": wanted.unit, "rule": rule.key, "items": wanted.items}
        audit.write(session, viewer.sign_in, "bonus.propose", f"bonus {row.id}", detail)
        return row.id


def decide(instance: Instance, viewer: Viewer, number: int, *, is_approved: bool, answer: str) -> None:
    """Approve or refuse a proposal with reasons. Raises LookupError, Forbidden, and BonusRefused for the person who
    proposed it, without reasons or document, or when it was decided."""
    if not answer.strip():
        raise BonusRefused("no_reason_given")
    with instance.session() as session:
        row = _row(session, number)
        require(viewer, Action.DECIDE_BONUSES, unit=row.unit_code)
        if row.state != "proposed":
            raise BonusRefused("already_decided")
        if row.proposed_by == viewer.sign_in:
            raise BonusRefused("same_person")
        if is_approved and not files_of(session, subject="bonus", subject_id=row.id):
            raise BonusRefused("no_document")
        row.state = "approved" if is_approved else "refused"
        row.answer, row.decided_by, row.decided_at = cycle.masked(answer), viewer.sign_in, now()
        audit.write(session, viewer.sign_in, "bonus.decide", f"bonus {number}", {"state": row.state})


def take_back(instance: Instance, viewer: Viewer, number: int, *, why: str) -> None:
    """Take back a proposal (whoever made it) or an approved bonus (whoever may decide). Raises as `decide` does."""
    if not why.strip():
        raise BonusRefused("no_reason_given")
    with instance.session() as session:
        row = _row(session, number)
        if row.state not in ("proposed", "approved"):
            raise BonusRefused("already_decided")
        if row.state == "approved" or row.proposed_by != viewer.sign_in:
            require(viewer, Action.DECIDE_BONUSES, unit=row.unit_code)
        row.state, row.answer = "withdrawn", cycle.masked(why)
        audit.write(session, viewer.sign_in, "bonus.withdraw", f"bonus {number}", {"unit": row.unit_code})


def may_decide(viewer: Viewer, unit: str, proposed_by: str) -> bool:
    """Whether this viewer is the second person of a proposal."""
    return proposed_by != viewer.sign_in and can(viewer, Action.DECIDE_BONUSES, unit=unit)


def told(instance: Instance, rows: Iterable[BonusRow]) -> list[BonusRow]:
    """Bonuses with their state today, as commands and programs read them."""
    day = instance.today()
    return [replace(row, state=row.state_on(day)) for row in rows]


def _refuse_odd(wanted: Wanted, longest: date, files: Sequence[Given], today: date) -> None:
    last = wanted.valid_until or longest
    broken = {
        "no_title": not wanted.title.strip(),
        "no_reason_given": not wanted.ground.strip(),
        "no_document": not files,
        "no_items": wanted.items < 1,
        "not_done_yet": wanted.done_on > today,
        "ends_before_it_begins": last < wanted.done_on,
        "valid_too_long": last > longest,
    }
    for code, is_broken in broken.items():
        if is_broken:
            raise BonusRefused(code)


def _row(session: Session, number: int) -> Bonus:
    row = session.get(Bonus, number)
    if row is None:
        raise LookupError(f"there is no bonus {number}; see `wenxiao bonuses list`")
    return row
