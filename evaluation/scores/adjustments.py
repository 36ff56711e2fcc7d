"""What stands outside the tree: bonuses, deductions, and vetoes that cap a grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evaluation.rules.scheme import Item, Scheme, Veto
from evaluation.scores.observations import AssessedUnit, Column, Evidence
from evaluation.scores.proof import is_beyond, one_sided_bounds

Caps = tuple[float | None, float | None]
"""The caps of all bonuses and of all deductions together, None without one."""


@dataclass(frozen=True)
class Adjustment:
    """What is added to and taken from one unit's score, what caps its grade, and the items behind it."""

    bonus: float = 0.0
    deduction: float = 0.0
    vetoes: tuple[Mapping[str, Any], ...] = ()
    items: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def cap_grades(self) -> tuple[str, ...]:
        return tuple(veto["cap_grade"] for veto in self.vetoes)


def adjustments(
    scheme: Scheme,
    units: Sequence[AssessedUnit],
    columns: Mapping[str, Column],
    evidence: Sequence[Evidence],
    base: Sequence[float],
) -> list[Adjustment]:
    """Bonus, deduction and vetoes of every unit, in the order of `units`; `base` is the score of the tree.

    An item counts per_item points per piece of evidence up to its cap; the sums are capped by the scheme's bonus_cap
    and deduction_cap. Bonus evidence carries the source "bonus:CODE"; a deduction or veto takes every piece whose
    source is the one it names, or begins with it and a colon; "table:CODE" belongs to the item of that code.
    """
    by_unit: dict[str, list[Evidence]] = {}
    for piece in evidence:
        by_unit.setdefault(piece.unit, []).append(piece)
    return [
        _adjustment(scheme, number, columns, sorted(by_unit.get(unit.code, []), key=_evidence_order), base[number])
        for number, unit in enumerate(units)
    ]


def _evidence_order(piece: Evidence) -> tuple[str, str]:
    return piece.source, str(piece.document)


def _adjustment(
    scheme: Scheme, number: int, columns: Mapping[str, Column], evidence: Sequence[Evidence], base: float
) -> Adjustment:
    losses = [_item(item, evidence, -1.0) for item in scheme.deductions]
    deduction = _capped(-sum(entry["points"] for entry in losses), scheme.deduction_cap)
    open_bonuses = [b for b in scheme.bonuses if b.only_above is None or base - deduction > b.only_above]
    gains = [_item(item, evidence, 1.0) for item in open_bonuses]
    vetoes = [found for veto in scheme.vetoes if (found := _veto(scheme, veto, number, columns, evidence))]
    return Adjustment(
        bonus=_capped(sum(entry["points"] for entry in gains), scheme.bonus_cap),
        deduction=deduction,
        vetoes=tuple(vetoes),
        items=tuple(entry for entry in (*gains, *losses) if entry["count"]),
    )


def _capped(points: float, cap: float | None) -> float:
    return float(points if cap is None else min(points, cap))


def _item(item: Item, evidence: Sequence[Evidence], sign: float) -> dict[str, Any]:
    source = f"bonus:{item.code}" if item.source == "bonus" else item.source
    pieces = [piece for piece in evidence if belongs(piece.source, source, item.code)]
    count = sum(piece.count for piece in pieces)
    return {
        "code": item.code,
        "title": dict(item.title),
        "count": count,
        "points": sign * min(item.per_item * count, item.cap),
        "rule": {"per_item": item.per_item, "cap": item.cap, "source": source, "document": item.document},
        "documents": [piece.document for piece in pieces if piece.document],
    }


def score_without(base: float, adjusted: Adjustment, item: Mapping[str, Any], caps: Caps) -> float:
    """The score a unit would have without one of its items, before clipping.

    The cap of all bonuses, or of all deductions, holds for the others too: of 8 and 6 points under a cap of 10, taking
    away the 8 leaves 6. `caps` are those of bonuses and deductions. A bonus that the score without a deduction would
    open is not added here: only the item itself is taken away.

    >>> items = ({"code": "D1", "points": -8.0}, {"code": "D2", "points": -6.0}, {"code": "B1", "points": 3.0})
    >>> adjusted = Adjustment(bonus=3.0, deduction=10.0, items=items)
    >>> score_without(80.0, adjusted, items[0], (5.0, 10.0)), score_without(80.0, adjusted, items[2], (5.0, 10.0))
    (77.0, 70.0)
    """
    others = [entry for entry in adjusted.items if entry is not item]
    gained = sum(entry["points"] for entry in others if entry["points"] > 0)
    lost = sum(-entry["points"] for entry in others if entry["points"] < 0)
    return base + _capped(gained, caps[0]) - _capped(lost, caps[1])


def belongs(source: str, wanted: str, code: str) -> bool:
    """Whether a piece of evidence belongs to an item.

    >>> belongs("confirmed_finding:forced_rating", "confirmed_finding", "D1"), belongs("table:D2", "table", "D1")
    (True, False)
    """
    if source.startswith("table:"):
        return source == f"table:{code}"
    return source == wanted or source.startswith(f"{wanted}:")


def _veto(
    scheme: Scheme, veto: Veto, number: int, columns: Mapping[str, Column], evidence: Sequence[Evidence]
) -> dict[str, Any] | None:
    """The veto as the result shows it, or None when it does not apply."""
    pieces = [piece for piece in evidence if belongs(piece.source, veto.source or "", veto.code)]
    shown = {"code": veto.code, "title": dict(veto.title), "cap_grade": veto.cap_grade, "document": veto.document}
    if veto.metric is None:
        documents = [piece.document for piece in pieces if piece.document]
        count = sum(piece.count for piece in pieces)
        return {**shown, "rule": veto.source, "count": count, "documents": documents} if count else None
    column, level = columns[veto.metric], scheme.comparison.penalty_level
    if any(piece.count for piece in pieces) or bool(is_beyond(column, veto.op, veto.value or 0.0, level)[number]):
        value = column.value[number]
        bound = one_sided_bounds(column, level)[0 if veto.op.startswith(">") else 1][number]
        rule = f"{veto.metric} {veto.op} {veto.value:g}"
        return {**shown, "rule": rule, "value": _plain(value), "bound": _plain(bound)}
    return None


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
