"""Rating by a form: a seeded draw, two raters who see neither the unit nor each other, a third where they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.rules.rubric import Form, Settled, forms, points, settle
from metrics.clocks import period as periods
from metrics.clocks.daytable import day_number
from pipeline.judgement.cycle import masked
from pipeline.numbers.counting import build_facts
from records import audit
from records.access import Action, Viewer, require
from records.clock import now
from records.engine import Engine
from records.instance import Instance
from records.models import RubricItem, RubricReading, RubricRound, Unit
from records.queries import cases
from records.queries.people import list_assessors

REPLIED = """
SELECT unit, register, case_no FROM facts
WHERE received_day >= {first} AND received_day < {end} AND is_replied = 1 AND is_excluded = 0 AND is_duplicate = 0
ORDER BY unit, register, case_no
"""
HIDDEN = "本单位"


class RubricRefused(Exception):
    """Something that cannot be done with a round; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Round:
    """One round and how far it is."""

    id: int
    form: Form
    period: str
    seed: int
    raters: tuple[str, ...]
    made_by: str
    made_at: datetime
    items: int
    settled: int
    third: int  # items on which two raters differ too far, so that a third must rate them


@dataclass(frozen=True)
class Task:
    """One item as its rater sees it: for a reply neither unit nor case number, only the masked texts."""

    place: int
    unit: str | None
    message: str | None
    reply: str | None
    is_third: bool


def draw(
    instance: Instance,
    viewer: Viewer,
    *,
    form_id: str,
    period: str,
    per_unit: int,
    seed: int,
    raters: Sequence[str] = (),
) -> int:
    """Draw items at random and give each to two raters in turn; the number of the round.

    Replies: at most `per_unit` replied cases of every unit, all alike in chance. Visits and calls: `per_unit` of every
    unit. The seed settles the draw, the order and who rates what. Without `raters` all assessors take part. Raises
    RubricRefused: fewer than two raters, an unknown rater or form, nothing to draw from.
    """
    require(viewer, Action.ASSESS)
    form = forms().get(form_id)
    if form is None:
        raise RubricRefused("unknown_form")
    asked = periods.parse(period)
    with instance.session() as session:
        chosen = _chosen_raters(session, raters)
        units = list(session.scalars(select(Unit.code).order_by(Unit.code)))
    population = (
        _replied(instance, asked) if form.subject == "case" else {unit: [("", "")] * per_unit for unit in units}
    )
    drawn = _drawn(population, per_unit, seed)
    if not drawn:
        raise RubricRefused("nothing_to_draw")
    with instance.session() as session:
        made = RubricRound(
            form=form.id, period=asked.label, seed=seed, made_by=viewer.sign_in, made_at=now(),
            document={"raters": chosen, "population": {unit: len(rows) for unit, rows in population.items()}},
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add_all(_items(made.id, drawn, chosen))
        detail = {"form": form.id, "period": asked.label, "seed": seed, "items": len(drawn)}
        audit.write(session, viewer.sign_in, "rubric.draw", f"rubric {made.id}", detail)
        return made.id


def _chosen_raters(session: Session, wanted: Sequence[str]) -> list[str]:
    """The raters asked for, or all assessors; at least two, and none who is no assessor."""
    known = list_assessors(session)
    chosen = sorted(set(wanted)) if wanted else known
    if len(chosen) < 2:
        raise RubricRefused("two_raters")
    if not set(chosen) <= set(known):
        raise RubricRefused("unknown_rater")
    return chosen


def _items(number: int, drawn: Sequence[tuple[str, str, str]], raters: Sequence[str]) -> Iterator[RubricItem]:
    """The drawn items in their order, each given to two raters who follow one another."""
    for place, (unit, register, case_no) in enumerate(drawn, start=1):
        pair = [raters[(place - 1) % len(raters)], raters[place % len(raters)]]
        yield RubricItem(round_id=number, place=place, unit_code=unit, register=register, case_no=case_no, raters=pair)


def list_rounds(instance: Instance, *, viewer: Viewer) -> list[Round]:
    """Every round, the newest first."""
    require(viewer, Action.ASSESS)
    with instance.session() as session:
        rows = session.scalars(select(RubricRound).order_by(RubricRound.id.desc())).all()
        return [_round(session, row) for row in rows]


def work_list(instance: Instance, number: int, *, viewer: Viewer) -> list[int]:
    """Places of the items that wait for this person: the own ones, and those where two others differ too far."""
    require(viewer, Action.ASSESS)
    with instance.session() as session:
        row = row_of(session, number)
        given = readings_of(session, number)
        return [item.place for item in items_of(session, number) if _waits_for(forms()[row.form], item, given, viewer)]


def task(instance: Instance, number: int, place: int, *, viewer: Viewer) -> Task:
    """One item for its rater. Raises RubricRefused when it does not wait for this person."""
    require(viewer, Action.ASSESS)
    with instance.session() as session:
        form = forms()[row_of(session, number).form]
        item = _item(session, number, place)
        if not _waits_for(form, item, readings_of(session, number), viewer):
            raise RubricRefused("not_yours")
        unit = session.get(Unit, item.unit_code)
        name = unit.name if unit else item.unit_code
        is_third = viewer.sign_in not in item.raters
        audit.write(session, viewer.sign_in, "rubric.read", f"rubric {number}", {"place": place})
    if form.subject != "case":
        return Task(place, name, None, None, is_third)
    with instance.session() as session:
        found = cases.one(instance, session, viewer=viewer, case_no=item.case_no, register=item.register or None)
    newest = found[0] if found else {}
    return Task(place, None, _blind(newest.get("content"), name), _blind(newest.get("reply_text"), name), is_third)


def enter(
    instance: Instance, number: int, place: int, marks: Mapping[str, int], *, viewer: Viewer, note: str = ""
) -> Settled:
    """Keep one person's marks, once. Raises RubricRefused, and ValueError for marks that do not fit the form."""
    require(viewer, Action.ASSESS)
    with instance.session() as session:
        form = forms()[row_of(session, number).form]
        points(form, marks)
        item = _item(session, number, place)
        if not _waits_for(form, item, readings_of(session, number), viewer):
            raise RubricRefused("not_yours")
        if viewer.units and item.unit_code in viewer.units:
            raise RubricRefused("own_unit")
        session.add(
            RubricReading(item_id=item.id, rater=viewer.sign_in, marks=dict(marks), note=masked(note) or None, at=now())
        )
        session.flush()
        audit.write(session, viewer.sign_in, "rubric.enter", f"rubric {number}", {"place": place})
        given = readings_of(session, number)[item.id]
        return settle(form, [points(form, one.marks) for one in given])


def _replied(instance: Instance, asked: periods.Period) -> dict[str, list[tuple[str, str]]]:
    facts = build_facts(instance)
    found = defaultdict[str, list[tuple[str, str]]](list)
    if facts.as_of is not None:
        text = REPLIED.format(first=day_number(asked.start), end=day_number(asked.end))
        for unit, register, case_no in Engine(instance).run(text, facts.views):
            found[unit].append((register or "", case_no))
    return found


def _drawn(population: Mapping[str, Sequence[tuple[str, str]]], per_unit: int, seed: int) -> list[tuple[str, str, str]]:
    """A simple random sample within every unit, then all in random order, so that the order tells nothing."""
    rng = np.random.default_rng(seed)
    chosen = [
        (unit, *rows[int(place)])
        for unit, rows in sorted(population.items())
        for place in sorted(rng.choice(len(rows), size=min(per_unit, len(rows)), replace=False))
    ]
    return [chosen[int(place)] for place in rng.permutation(len(chosen))]


def _waits_for(form: Form, item: RubricItem, given: Mapping[int, Sequence[RubricReading]], viewer: Viewer) -> bool:
    readings = given[item.id]
    if any(one.rater == viewer.sign_in for one in readings) or item.unit_code in viewer.units:
        return False
    state = settle(form, [points(form, one.marks) for one in readings]).state
    return viewer.sign_in in item.raters if state == "waiting" else state == "third"


def readings_of(session: Session, number: int) -> dict[int, list[RubricReading]]:
    """Readings by item, the oldest first."""
    wanted = select(RubricReading).join(RubricItem, RubricItem.id == RubricReading.item_id)
    found = defaultdict[int, list[RubricReading]](list)
    for row in session.scalars(wanted.where(RubricItem.round_id == number).order_by(RubricReading.id)):
        found[row.item_id].append(row)
    return found


def items_of(session: Session, number: int) -> list[RubricItem]:
    """The items of a round in their order."""
    return list(session.scalars(select(RubricItem).where(RubricItem.round_id == number).order_by(RubricItem.place)))


def _item(session: Session, number: int, place: int) -> RubricItem:
    found = session.scalar(select(RubricItem).where(RubricItem.round_id == number, RubricItem.place == place))
    if found is None:
        raise LookupError(f"round {number} has no item {place}")
    return found


def row_of(session: Session, number: int) -> RubricRound:
    """A round. Raises LookupError."""
    row = session.get(RubricRound, number)
    if row is None:
        raise LookupError(f"there is no round {number}")
    return row


def _round(session: Session, row: RubricRound) -> Round:
    form, given = forms()[row.form], readings_of(session, row.id)
    items = items_of(session, row.id)
    states = [settle(form, [points(form, one.marks) for one in given[item.id]]).state for item in items]
    return Round(
        row.id, form, row.period, row.seed, tuple(row.document["raters"]), row.made_by, row.made_at, len(items),
        states.count("settled"), states.count("third"),
    )  # fmt: skip


def _blind(text: str | None, name: str) -> str | None:
    return text.replace(name, HIDDEN) if text else None
