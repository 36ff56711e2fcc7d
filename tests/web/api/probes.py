"""The addresses a walk asks for, each with who should get it: every state of an assessment, own and other unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from records.access import Action, Viewer, can
from records.instance import Instance
from records.models import Bonus, Exclusion, Finding, Objection, RectificationTask

AT = datetime(2025, 4, 1, tzinfo=UTC)
DOCUMENT = {"sentence": {"zh": "样例", "en": "example"}, "ordinary": {"zh": [], "en": []}, "cases": []}
CITY_PAGES = """
    /ranking?assessment={n} /compare?assessment={n} /leadership?assessment={n} /leadership/years?assessment={n}
    /leadership/posts?assessment={n} /leadership/objections?assessment={n} /indicators?assessment={n}
    /indicators/H2?assessment={n} /fairness/{n} /reports/preview/{n} /api/v1/leadership?assessment={n}
    /api/v1/leadership/years?assessment={n} /api/v1/leadership/posts?assessment={n}
"""
UNIT_PAGES = """
    /api/v1/assessments/{n}/units/{u} /assessments/{n}/{u} /units/{u}?assessment={n}
    /units/{u}/statistics?assessment={n} /units/{u}/trend?assessment={n}
"""


@dataclass(frozen=True)
class Probe:
    """An address and who should get it. `shape` names its kind, `state` the state of its assessment."""

    address: str
    shape: str
    is_open: Callable[[Viewer], bool]
    state: str = ""


def all_probes(instance: Instance, states: dict[str, int], units: list[str]) -> Iterator[Probe]:
    """Everything that holds a unit or a state; what holds neither is walked by its mark."""
    for state, number in states.items():
        yield from _of_state(state, number)
        for unit in units:
            yield from _of_unit(state, number, unit)
            yield from _of_decisions(instance, state, number, unit)
    for unit in units:
        yield from _of_ledgers(instance, unit)
        yield _plain(f"/api/v1/records?unit={unit}&limit=2", Action.SEE_CASES)
    yield _plain("/api/v1/assessments", Action.SEE_SCORECARD)
    yield _plain("/api/v1/metrics?period=2024-03&metric=n_received", Action.SEE_METRICS)
    yield _plain("/api/v1/findings?period=2024", Action.SEE_FINDINGS)
    yield _plain("/api/v1/surges?period=2024Q3", Action.SEE_CASES)
    yield _plain("/api/v1/batches", Action.SEE_BATCHES)
    yield _plain("/api/v1/units", Action.SEE_DIRECTORY)
    yield _plain("/api/v1/rectification", Action.SEE_RECTIFICATION)
    yield _plain("/api/v1/bonuses", Action.SEE_BONUSES)


def _plain(address: str, action: Action) -> Probe:
    return Probe(address, address, lambda viewer: can(viewer, action))


def _of_state(state: str, number: int) -> Iterator[Probe]:
    for shape in ("/api/v1/assessments/{n}", "/assessments/{n}", "/facts/{n}/overall.units"):
        address = shape.format(n=number)
        yield Probe(address, shape, lambda v: can(v, Action.SEE_SCORECARD, state=state), state)
    for shape in CITY_PAGES.split():
        yield Probe(shape.format(n=number), shape, lambda v: can(v, Action.SEE_RANKING, state=state), state)


def _of_unit(state: str, number: int, unit: str) -> Iterator[Probe]:
    for shape in UNIT_PAGES.split():
        address = shape.format(n=number, u=unit)
        yield Probe(address, shape, lambda v: can(v, Action.SEE_SCORECARD, unit=unit, state=state), state)


def _of_decisions(instance: Instance, state: str, number: int, unit: str) -> Iterator[Probe]:
    """An objection to a result and a task that follows from it."""
    made = {"assessment_number": number, "unit_code": unit}
    objection = _kept(instance, Objection(**made, text="有异议", state="open", raised_by="head", raised_at=AT))
    seen = Action.SEE_SCORECARD
    yield Probe(f"/objections/{objection}", "/objections/#", lambda v: can(v, seen, unit=unit, state=state), state)
    task = RectificationTask(
        **made, indicator="R5", ground="low", proof="照片", due_on=date(2025, 6, 1), made_by="assessor", made_at=AT
    )
    number = _kept(instance, task)
    seen = Action.SEE_RECTIFICATION
    for root in ("", "/api/v1"):
        address, shape = f"{root}/rectification/{number}", f"{root}/rectification/#"
        yield Probe(address, shape, lambda v: can(v, seen, unit=unit, state=state), state)


def _of_ledgers(instance: Instance, unit: str) -> Iterator[Probe]:
    """What is asked for and asked of a unit, whatever the state of an assessment."""
    exclusion = Exclusion(
        register="", case_no=f"probe-{unit}", unit_code=unit, ground="duplicate", state="applied",
        applied_by="head", applied_at=AT,
    )  # fmt: skip
    number = _kept(instance, exclusion)
    yield Probe(f"/exclusions/{number}", "/exclusions/#", lambda v: can(v, Action.SEE_EXCLUSIONS, unit=unit))
    bonus = Bonus(
        unit_code=unit, scheme_id="none", rule="none", title="表彰", ground="文件", items=1, done_on=date(2025, 1, 1),
        valid_until=date(2026, 1, 1), proposed_by="head", proposed_at=AT,
    )  # fmt: skip
    number = _kept(instance, bonus)
    for root in ("", "/api/v1"):
        yield Probe(f"{root}/bonuses/{number}", f"{root}/bonuses/#", lambda v: can(v, Action.SEE_SCORECARD, unit=unit))
    finding = Finding(
        detector="D01", period="probe", unit_code=unit, is_named=True, document=DOCUMENT, state="asked", made_at=AT,
        question="请说明", asked_by="assessor", asked_at=AT, answer_due=date(2025, 5, 1),
    )  # fmt: skip
    number = _kept(instance, finding)
    yield Probe(f"/findings/asked/{number}", "/findings/asked/#", lambda v: can(v, Action.OBJECT, unit=unit))


def _kept(instance: Instance, row: Any) -> int:
    with instance.session() as session:
        session.add(row)
        session.flush()
        return int(row.id)
