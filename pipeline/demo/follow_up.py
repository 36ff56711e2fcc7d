"""What follows from the published year of the demonstration city: improvement tasks, one proof, terms of posts."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta

from pipeline.judgement import rectification, tenures
from pipeline.judgement.evidence_files import Given
from records.access import OPERATOR
from records.instance import Instance
from records.queries.units import list_units

DAYS = 60  # from today until a task is due
POST = "主要负责人"
HAND_OVER = date(2024, 7, 15)  # within the published year, so that a month counts for nobody
PROOF = "整改措施和责任人、逐件复核清单、回访记录"
UNITS_WITH_TERMS = 3


def make_follow_up(instance: Instance, number: int, *, tell: Callable[[str], None]) -> None:
    """Open a task for every proposal of a published assessment and keep two terms for some units, once.

    Units with a task come first, so that a term and its task can be seen together.
    """
    if tenures.terms(instance, OPERATOR):
        return
    found = rectification.proposals(instance, OPERATOR, number)
    if wanted := [one.key for one in found if not one.is_open]:  # a build that was broken off has opened them already
        due = instance.today() + timedelta(days=DAYS)
        made = rectification.open_tasks(instance, OPERATOR, number, wanted, due_on=due, proof=PROOF)
        proof = Given("整改情况.pdf", io.BytesIO(b"%PDF-1.4 demonstration"))
        rectification.hand_in(instance, OPERATOR, made[-1], account="逐件复核，建立每日督办，已回访。", files=[proof])
        tell(f"整改事项 {len(made)} 项")
    weak = [one.unit for one in reversed(found)]
    for unit in list(dict.fromkeys([*weak, *_units(instance)]))[:UNITS_WITH_TERMS]:
        days = {"from_day": date(2023, 1, 1), "to_day": HAND_OVER - timedelta(days=1)}
        tenures.add(instance, OPERATOR, unit=unit, post=POST, **days)
        tenures.add(instance, OPERATOR, unit=unit, post=POST, from_day=HAND_OVER)


def _units(instance: Instance) -> list[str]:
    with instance.session() as session:
        return [unit.code for unit in list_units(session, viewer=OPERATOR)]
