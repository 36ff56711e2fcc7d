"""Judgements in pairs as a form: how many times one child of a group matters more than another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from flask_babel import gettext

from evaluation.rules.judged import Child
from evaluation.rules.weighting import LARGEST_RATIO, Judgement, ahp, reciprocal_matrix
from reports import numbers


@dataclass(frozen=True)
class Pair:
    """One question of the form: the field, both children, what was typed."""

    field: str
    first: Child
    second: Child
    typed: str


def pairs(found: Sequence[Child], typed: Mapping[str, str]) -> list[Pair]:
    """Every pair once, in the order of the upper triangle of the matrix."""
    return [
        Pair(f"pair.{i}.{j}", found[i], found[j], typed.get(f"pair.{i}.{j}", ""))
        for i, j in combinations(range(len(found)), 2)
    ]


def judged(found: Sequence[Child], typed: Mapping[str, str]) -> tuple[Judgement | None, dict[str, str]]:
    """What the judgements say, and what is wrong by field; contradicting judgements come with their refusal."""
    wrong: dict[str, str] = {}
    upper: list[float] = []
    for pair in pairs(found, typed):
        try:
            upper.append(_times(pair.typed))
        except (ValueError, ZeroDivisionError):
            names = {"first": pair.first.code, "second": pair.second.code}
            wrong[pair.field] = gettext("%(first)s 与 %(second)s：请填大于 0 的数，如 3 或 1/3。", **names)
    if wrong:
        return None, wrong
    answer = ahp(reciprocal_matrix(upper, len(found)))
    if not answer.is_consistent:
        ratio = {"ratio": numbers.fixed(answer.consistency_ratio, 3), "most": numbers.fixed(LARGEST_RATIO, 2)}
        wrong[""] = gettext("判断前后矛盾：一致性比率 %(ratio)s，须小于 %(most)s，请重新讨论后再填。", **ratio)
    return answer, wrong


def _times(text: str) -> float:
    """A number above 0, or a fraction such as 1/3. Raises ValueError and ZeroDivisionError."""
    above, _, below = text.strip().replace("／", "/").partition("/")
    value = float(above) / (float(below) if below else 1.0)
    if not 0 < value < float("inf"):
        raise ValueError(text)
    return value
