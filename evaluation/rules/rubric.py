"""Marks of raters by a form of criteria: points, disagreement, agreement beyond chance."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

import numpy as np

FORMS = Path(__file__).parents[1] / "rubrics"
WEIGHT_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Criterion:
    """One thing that is marked from 0 (`low`) to the top mark of the form (`high`)."""

    code: str
    weight: float
    title: Mapping[str, str]
    low: Mapping[str, str]
    high: Mapping[str, str]


@dataclass(frozen=True)
class Form:
    """A rubric. `subject` says what is marked: a "case" (its reply) or a "unit" (a visit, a call)."""

    id: str
    title: Mapping[str, str]
    subject: str
    top: int
    disagreement: float  # points of 100
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Settled:
    """The points of one item, or why it has none yet: "waiting" for two raters or "third" for a third."""

    points: float | None
    state: str  # waiting | third | settled


@dataclass(frozen=True)
class Agreement:
    """How far pairs of raters agree beyond chance; `kappa` is None without pairs or without any spread."""

    pairs: int
    kappa: float | None


@dataclass(frozen=True)
class Correlation:
    """How alike the points of one item are whoever gives them: ICC(1,1) and its 95 % interval, None if unknown."""

    items: int
    icc: float | None
    low: float | None = None
    high: float | None = None


@cache
def forms() -> dict[str, Form]:
    """Every form by its id.

    >>> sorted(forms()), forms()["reply_quality"].top
    (['mystery_call', 'reply_quality', 'site_visit'], 4)
    """
    return {path.stem: _form(tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(FORMS.glob("*.toml"))}


def points(form: Form, marks: Mapping[str, int]) -> float:
    """Points 0..100: the weighted mean of mark/top. Raises ValueError for a mark that is missing or out of range.

    >>> points(forms()["reply_quality"], dict.fromkeys(
    ...     ("relevance", "completeness", "explanation", "measures", "attitude"), 3))
    75.0
    """
    for criterion in form.criteria:
        if not isinstance(mark := marks.get(criterion.code), int) or not 0 <= mark <= form.top:
            raise ValueError(f"{criterion.code}: a whole mark from 0 to {form.top} is needed, not {mark!r}")
    return sum(criterion.weight * marks[criterion.code] / form.top for criterion in form.criteria)


def settle(form: Form, given: Sequence[float]) -> Settled:
    """The points of an item from its raters' points, in any order.

    Two within the form's threshold: their mean. Further apart: a third is asked, and the middle of three holds.

    >>> form = forms()["reply_quality"]
    >>> settle(form, [70, 80]).points, settle(form, [40, 80]).state, settle(form, [40, 80, 75]).points
    (75.0, 'third', 75)
    """
    if len(given) < 2:
        return Settled(None, "waiting")
    if len(given) == 2:
        is_close = abs(given[0] - given[1]) <= form.disagreement
        return Settled(sum(given) / 2, "settled") if is_close else Settled(None, "third")
    return Settled(median(given), "settled")


def weighted_kappa(first: Sequence[int], second: Sequence[int], levels: int) -> Agreement:
    """Cohen's kappa with quadratic weights: 1 - sum(w·observed)/sum(w·expected), w = (i-j)²/(levels-1)².

    Marks are whole, 0..levels-1, of the same items by two raters. With quadratic weights it equals the intraclass
    correlation in large samples (Fleiss and Cohen 1973).

    >>> weighted_kappa([0, 1, 2, 2], [0, 1, 2, 2], 3).kappa
    1.0
    """
    if len(first) != len(second):
        raise ValueError("both raters must have marked the same items")
    if not first:
        return Agreement(0, None)
    observed = np.zeros((levels, levels))
    np.add.at(observed, (np.asarray(first), np.asarray(second)), 1)
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / len(first)
    place = np.arange(levels)
    weight = (place[:, None] - place[None, :]) ** 2 / (levels - 1) ** 2
    by_chance = float((weight * expected).sum())
    kappa = None if by_chance == 0 else 1 - float((weight * observed).sum()) / by_chance
    return Agreement(len(first), kappa)


def intraclass(given: Sequence[Sequence[float]]) -> Correlation:
    """Intraclass correlation ICC(1,1): the share of the variance of points that lies between items.

    (F - 1)/(F + k - 1), with k raters an item and F of the one-way analysis of variance over items (scipy). One-way,
    because each item has raters of its own out of a pool. Its interval comes from the F distribution. Range -1/(k-1)
    to 1; None with fewer than two items or where no points differ. Source: Shrout and Fleiss 1979, Psychol Bull 86:420.

    >>> judges = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(intraclass(judges).icc, 2)
    0.17
    """
    table = np.asarray(given, float)
    if len(table) < 2 or np.ptp(table) == 0:
        return Correlation(len(table), None)
    from scipy import stats  # 70 MB and a second, which counting does without

    items, k = table.shape
    if not np.ptp(table, axis=1).any():
        return Correlation(items, 1.0, 1.0, 1.0)
    ratio = float(stats.f_oneway(*table).statistic)
    inside, outside = items - 1, items * (k - 1)
    lowest = ratio / float(stats.f.ppf(0.975, inside, outside))
    highest = ratio * float(stats.f.ppf(0.975, outside, inside))
    icc, low, high = ((value - 1) / (value + k - 1) for value in (ratio, lowest, highest))
    return Correlation(items, icc, low, high)


def _form(document: Mapping[str, object]) -> Form:
    rows = document["criterion"]
    assert isinstance(rows, list)
    criteria = tuple(Criterion(**row) for row in rows)
    form = Form(**{**{key: value for key, value in document.items() if key != "criterion"}, "criteria": criteria})  # type: ignore[arg-type]
    if abs(sum(criterion.weight for criterion in criteria) - 100) > WEIGHT_TOLERANCE:
        raise ValueError(f"the weights of {form.id} do not sum to 100")
    return form
