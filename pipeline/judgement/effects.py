"""What a decision would do to a score, tried before it is taken; nothing is stored and nobody's draft changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from evaluation.rules.scheme import load
from evaluation.scores.board import Board, lay
from evaluation.scores.grades import grade_of
from evaluation.scores.observations import Observation
from evaluation.scores.replay import evidence_of, units_of, values_of
from evaluation.scores.told import Coarse
from evaluation.trace import plain
from metrics.disclosure.protection import K_INTERNAL, K_UNIT
from metrics.disclosure.small_cells import VOICE_CODES
from pipeline.judgement import assessing
from pipeline.judgement.measuring import Measured, measure
from pipeline.numbers.ledger import decided
from pipeline.numbers.small_cells import smallest_shown
from pipeline.paper import report_source
from records.access import Viewer
from records.instance import Instance


@dataclass(frozen=True)
class Effect:
    """A unit's score and grade before and after, and the values of the indicators that change: code -> (before, after).

    None means not rated. `open_to` is the largest k whose readers know the score of the unit exactly: beside a
    score that is told as a range, the exact one before or after would tell what the range keeps.
    """

    score_before: float | None
    score_after: float | None
    grade_before: str | None
    grade_after: str | None
    values: Mapping[str, tuple[float | None, float | None]]
    open_to: int = 1  # also of effects that were kept before this was
    grade_titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by code

    @property
    def change(self) -> float | None:
        """Points gained, None where either side is not rated."""
        if self.score_before is None or self.score_after is None:
            return None
        return self.score_after - self.score_before

    def to_json(self) -> dict[str, Any]:
        """Plain data, as it is stored with the decision."""
        return {**asdict(self), "values": {code: list(pair) for code, pair in self.values.items()}}


def as_seen(effect: Effect | None, viewer: Viewer) -> Effect | None:
    """The effect for this viewer: who may not read single answers learns nothing where one case changed what citizens
    answered, for the change is what that citizen said. Scores and grades go with the values, and they stand only where
    this viewer knows the score of the unit exactly anyway."""
    if effect is None or smallest_shown(viewer) <= 1:
        return effect
    if smallest_shown(viewer) <= effect.open_to and not VOICE_CODES & effect.values.keys():
        return effect
    kept = {code: pair for code, pair in effect.values.items() if code not in VOICE_CODES}
    return Effect(None, None, None, None, kept)


def effect_from(document: Mapping[str, Any]) -> Effect:
    """The inverse of `to_json`."""
    pairs = {code: (before, after) for code, (before, after) in document["values"].items()}
    return Effect(**{**document, "values": pairs})


def of_exclusion(instance: Instance, number: int, unit: str, register: str, case_no: str) -> Effect:
    """Leaving one case out: the period of an assessment counted again from today's records, without and with it."""
    found = assessing.get(instance, number)
    scheme = load(found.scheme_text)
    ledger = decided(instance)
    before = measure(instance, scheme, found.result.period, ledger=ledger)
    after = measure(instance, scheme, found.result.period, ledger=ledger.with_case(register, case_no))
    boards = [lay(scheme, side.values, side.units, side.evidence) for side in (before, after)]
    effect = _effect(boards[0], boards[1], unit, _values(before, unit), _values(after, unit))
    return replace(effect, open_to=_open_to(instance, number, unit))


def of_claim(instance: Instance, number: int, unit: str, indicator: str, claimed: float) -> Effect:
    """Another value of one indicator in the place of the frozen one."""
    found = assessing.get(instance, number)
    scheme, evidence = load(found.scheme_text), evidence_of(found.result)
    frozen = values_of(found.result)
    tried = [
        Observation(unit, indicator, claimed, n=row.n) if (row.unit, row.metric) == (unit, indicator) else row
        for row in frozen
    ]
    units = units_of(found.result)
    boards = [lay(scheme, values, units, evidence) for values in (frozen, tried)]
    before = {row.metric: row.value for row in frozen if row.unit == unit}
    effect = _effect(boards[0], boards[1], unit, before, {**before, indicator: claimed})
    return replace(effect, open_to=_open_to(instance, number, unit))


def _open_to(instance: Instance, number: int, unit: str) -> int:
    """The largest k whose readers are told the score of the unit as it is."""
    source = report_source.source_for(instance, number, is_for_pages=True)
    own = [row for row in source.assessment.units if row.unit == unit]
    alone = replace(
        source, assessment=replace(source.assessment, units=own), values=[v for v in source.values if v.unit == unit],
        monthly=[], adjusted=[], statistics={}, satisfaction={},
    )  # fmt: skip
    for k in (K_UNIT, K_INTERNAL):
        told = report_source.protected_for(instance, alone, k).assessment.units
        if all(
            row.score == was.score and not isinstance(row.score, Coarse) for row, was in zip(told, own, strict=True)
        ):
            return k
    return 1


def _values(measured: Measured, unit: str) -> dict[str, float | None]:
    return {row.metric: row.value for row in measured.values if row.unit == unit}


def _effect(
    before: Board, after: Board, unit: str, old: Mapping[str, float | None], new: Mapping[str, float | None]
) -> Effect:
    scores = [_score(board, unit) for board in (before, after)]
    grades = [_grade(board, unit, score) for board, score in zip((before, after), scores, strict=True)]
    changed = {code: (old.get(code), new.get(code)) for code in sorted({*old, *new}) if old.get(code) != new.get(code)}
    titles = {code: dict(words) for code, words in after.scheme.grades.titles.items() if code in grades}
    return Effect(scores[0], scores[1], grades[0], grades[1], changed, grade_titles=titles)


def _place(board: Board, unit: str) -> int | None:
    return next((number for number, row in enumerate(board.units) if row.code == unit), None)


def _score(board: Board, unit: str) -> float | None:
    place = _place(board, unit)
    return None if place is None else plain(board.scores[place])


def _grade(board: Board, unit: str, score: float | None) -> str | None:
    """The band of the score under the ceilings of vetoes; None where too little of the scheme is measured."""
    place, grades = _place(board, unit), board.scheme.grades
    if score is None or place is None or not grades.cuts or not board.is_measured:
        return None
    names = [name for name, _ in grades.cuts]
    return max((grade_of(score, grades), *board.adjusted[place].cap_grades), key=names.index)
