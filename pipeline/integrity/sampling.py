"""The verification sample of a period: a seeded draw, a blind work list, results, and what they say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from integrity.sampling import Candidate, Drawn, draw
from metrics.clocks import period as periods
from metrics.clocks.daytable import day_number
from pipeline.integrity.findings import find
from pipeline.integrity.sample_results import SampleResult, result_for
from pipeline.numbers.counting import build_facts
from pipeline.numbers.small_cells import smallest_shown
from records import audit
from records.access import Action, Viewer, require
from records.clock import now
from records.engine import Engine
from records.instance import Instance
from records.models import SampleCase, VerificationSample
from records.queries.findings import every_current

CLOSED_TEXT = """
SELECT register, case_no, unit, is_claimed_resolved
FROM facts
WHERE received_day >= {first} AND received_day < {end} AND is_closed = 1 AND is_excluded = 0 AND is_duplicate = 0
"""
RESULTS = ("yes", "partly", "no", "unreachable")


class SampleRefused(Exception):
    """A result that cannot be entered; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class WorkItem:
    """What the caller sees of a case: nothing of what the unit claims, nothing of why it is in the list."""

    place: int
    register: str
    case_no: str
    unit: str
    result: str | None
    note: str | None


@dataclass(frozen=True)
class SampleRow:
    """One sample and how far its calls are."""

    id: int
    period: str
    seed: int
    cases: int
    entered: int
    made_by: str
    made_at: datetime


def verification_sample(instance: Instance, period: str, *, size: int | None = None, seed: int = 0) -> list[Drawn]:
    """Closed cases to be called back. The stratum is unit and claimed status; findings mark what is flagged."""
    return draw(_candidates(instance, period), size, seed)


def _candidates(instance: Instance, period: str) -> list[Candidate]:
    facts = build_facts(instance)
    if facts.as_of is None:
        return []
    asked = periods.parse(period)
    text = CLOSED_TEXT.format(first=day_number(asked.start), end=day_number(asked.end))
    flagged = _flagged(instance, asked.label)
    return [
        Candidate(register, case_no, unit, f"{unit}/{'resolved' if claimed else 'other'}",
                  (register, case_no) in flagged, tuple(sorted(flagged.get((register, case_no), ()))))
        for register, case_no, unit, claimed in Engine(instance).run(text, facts.views)
    ]  # fmt: skip


def _flagged(instance: Instance, period: str) -> dict[tuple[str, str], set[str]]:
    """Kinds of finding by case: of those the desk holds for the period, or of a fresh look where it holds none."""
    with instance.session() as session:
        stored = every_current(session, period=period)
    kept = [(f.key, [(r, n) for r, n in f.document.get("cases", [])]) for f in stored]
    found = kept or [(f.key, list(f.case_keys)) for f in find(instance, period)]
    flagged: dict[tuple[str, str], set[str]] = defaultdict(set)
    for detector, keys in found:
        for key in keys:
            flagged[key].add(detector)
    return flagged


def draw_and_store(instance: Instance, period: str, *, size: int | None, seed: int, viewer: Viewer) -> int:
    """Draw a sample and keep it with the counts its estimate needs; its number comes back."""
    require(viewer, Action.ASSESS)
    pool = _candidates(instance, period)
    by_key = {(c.register, c.case_no): c for c in pool}
    drawn = draw(pool, size, seed)
    claimed = Counter(_is_claimed(c.stratum) for c in pool)
    with instance.session() as session:
        sample = VerificationSample(
            period=period, seed=seed, made_by=viewer.sign_in, made_at=now(),
            document={"claimed": claimed[True], "others": claimed[False]},
        )  # fmt: skip
        session.add(sample)
        session.flush()
        session.add_all(
            SampleCase(
                sample_id=sample.id, place=place, register=case.register, case_no=case.case_no, unit_code=case.unit,
                stratum=case.stratum, reason=case.reason, is_claimed=_is_claimed(case.stratum),
                detectors=list(by_key[case.register, case.case_no].detectors),
            )
            for place, case in enumerate(drawn, start=1)
        )  # fmt: skip
        audit.write(session, viewer.sign_in, "draw_sample", str(sample.id), {"cases": len(drawn), "seed": seed})
        return sample.id


def _is_claimed(stratum: str) -> bool:
    return stratum.endswith("/resolved")


def list_samples(instance: Instance, *, viewer: Viewer) -> list[SampleRow]:
    """All samples, the newest first."""
    require(viewer, Action.SEE_FINDINGS)
    with instance.session() as session:
        cases = session.execute(select(SampleCase.sample_id, SampleCase.result)).all()
        totals = Counter(sample for sample, _ in cases)
        entered = Counter(sample for sample, result in cases if result is not None)
        wanted = select(VerificationSample).order_by(VerificationSample.id.desc())
        return [
            SampleRow(s.id, s.period, s.seed, totals[s.id], entered[s.id], s.made_by, s.made_at)
            for s in session.scalars(wanted)
        ]


def work_list(instance: Instance, number: int, *, viewer: Viewer) -> list[WorkItem]:
    """The blind list of calls; each read is logged. Raises Forbidden without the survey role."""
    require(viewer, Action.SEE_RATINGS)
    with instance.session() as session:
        wanted = select(SampleCase).where(SampleCase.sample_id == number).order_by(SampleCase.place)
        items = [
            WorkItem(c.place, c.register, c.case_no, c.unit_code, c.result, c.note) for c in session.scalars(wanted)
        ]
        if items:
            audit.write(session, viewer.sign_in, "read_work_list", str(number), {"cases": len(items)})
        return items


def enter_results(instance: Instance, number: int, results: Iterable[tuple[int, str, str]], *, viewer: Viewer) -> int:
    """Results of calls as (place, result, note); the number of cases entered comes back.

    A result may be corrected; who entered it last stands beside it. Nothing is stored when one result is unknown.
    """
    require(viewer, Action.ASSESS)
    require(viewer, Action.SEE_RATINGS)
    given = list(results)
    if any(result not in RESULTS for _, result, _ in given):
        raise SampleRefused("unknown_result")
    with instance.session() as session:
        wanted = select(SampleCase).where(SampleCase.sample_id == number)
        cases = {case.place: case for case in session.scalars(wanted)}
        if any(place not in cases for place, _, _ in given):
            raise SampleRefused("unknown_place")
        for place, result, note in given:
            case = cases[place]
            case.result, case.note = result, note.strip() or None
            case.entered_by, case.entered_at = viewer.sign_in, now()
        audit.write(session, viewer.sign_in, "enter_results", str(number), {"cases": len(given)})
    return len(given)


def result_of(instance: Instance, number: int, *, viewer: Viewer) -> SampleResult | None:
    """What the results say so far, None when there is no such sample.

    Who may not read single answers gets no number before every case has a result, and then none that tells the answers
    of a few: the list of a finding names its cases, so the hit rate of one case would be one citizen's answer.
    """
    require(viewer, Action.SEE_FINDINGS)
    with instance.session() as session:
        sample = session.get(VerificationSample, number)
        if sample is None:
            return None
        cases = list(session.scalars(select(SampleCase).where(SampleCase.sample_id == number)))
        return result_for(sample, cases, smallest_shown(viewer))
