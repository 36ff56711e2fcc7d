"""The verification sample: who is called back by people who do not know what the unit claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FLAGGED_SHARE = 0.70
UNIT_SHARE = 0.10
MARGIN = 0.05
Z = 1.959963984540054


@dataclass(frozen=True)
class Candidate:
    """A case that may be drawn. `stratum` is what the draw is spread over; `is_flagged` when a finding names it."""

    register: str
    case_no: str
    unit: str
    stratum: str
    is_flagged: bool
    detectors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """A case of the sample and why it is in it: random, flagged, or filled."""

    register: str
    case_no: str
    unit: str
    stratum: str
    reason: str


def required_size(population: int, margin: float = MARGIN) -> int:
    """Answers needed for a rate with this margin at 95 %: ceil(n0 / (1 + (n0 - 1)/N)), n0 = z²·.25/e².

    0 for an empty population. Source: cases.md 73.

    >>> required_size(7271, 0.04)
    555
    """
    if population <= 0:
        return 0
    n0 = Z * Z * 0.25 / margin**2
    return int(np.ceil(n0 / (1 + (n0 - 1) / population)))


def draw(candidates: Sequence[Candidate], size: int | None, seed: int) -> list[Drawn]:
    """Draw `size` cases (the required size when None): 30 % at random from all, then 70 % from the flagged left over.

    The random arm comes first and gives every case the same chance, flagged or not, so that it speaks for all cases
    without weights (the Horvitz-Thompson weight is the same for each). The flagged arm goes round the units in turn;
    no unit gives more than a tenth of the sample (or its even share where there are fewer than ten units): one unit
    with many flagged cases must not fill the list. Where too few cases are flagged the random arm is larger, and the
    list is filled with others in the place of flagged cases that the random arm holds already; these speak for no rate.
    Equal candidates, size and seed give the same sample, whatever the order of the candidates.
    """
    pool = sorted(candidates, key=lambda c: (c.register, c.case_no))
    wanted = min(required_size(len(pool)) if size is None else size, len(pool))
    rng, cap = np.random.default_rng(seed), _unit_cap(pool, wanted)
    flagged = [c for c in pool if c.is_flagged]
    few = min(round(wanted * FLAGGED_SHARE), len(_round_robin(flagged, len(flagged), cap, np.random.default_rng(0))))
    first = _equal_chance(pool, wanted - few, rng)
    chosen = {(c.register, c.case_no) for c in first}
    second = _round_robin([c for c in flagged if (c.register, c.case_no) not in chosen], few, cap, rng)
    chosen |= {(c.register, c.case_no) for c in second}
    left = [c for c in pool if (c.register, c.case_no) not in chosen]
    third = _equal_chance(left, wanted - len(chosen), rng)
    drawn = [(c, why) for arm, why in ((first, "random"), (second, "flagged"), (third, "filled")) for c in arm]
    order = rng.permutation(len(drawn))  # a caller must not see from the place in the list why a case is in it
    return [Drawn(c.register, c.case_no, c.unit, c.stratum, why) for c, why in (drawn[i] for i in order)]


def _unit_cap(pool: Sequence[Candidate], wanted: int) -> int:
    """The most flagged cases of one unit: a tenth of the sample, or its even share where units are few; at least 2."""
    units = len({c.unit for c in pool})
    return max(2, int(np.ceil(wanted * max(UNIT_SHARE, 1 / units)))) if units else 0


def _round_robin(pool: Sequence[Candidate], size: int, cap: int, rng: np.random.Generator) -> list[Candidate]:
    """Cases taken from the units in turn, in random order inside each, until the size or every cap is reached."""
    by_unit: dict[str, list[Candidate]] = {}
    for candidate in pool:
        by_unit.setdefault(candidate.unit, []).append(candidate)
    names = sorted(by_unit)
    queues = {name: [by_unit[name][i] for i in rng.permutation(len(by_unit[name]))][:cap] for name in names}
    order = [names[i] for i in rng.permutation(len(names))]
    turns = [queues[name][turn] for turn in range(cap) for name in order if turn < len(queues[name])]
    return turns[:size]


def _equal_chance(pool: Sequence[Candidate], size: int, rng: np.random.Generator) -> list[Candidate]:
    """`size` cases, each of the pool with the same chance size / cases, spread over the strata.

    Systematic: the strata one after the other, each in random order, and every (cases / size)-th from a random start.
    So a stratum gets its exact share, up or down by less than one case, and small strata are not left out.
    """
    if not size:
        return []
    strata: dict[str, list[Candidate]] = {}
    for candidate in pool:
        strata.setdefault(candidate.stratum, []).append(candidate)
    line = [strata[name][i] for name in sorted(strata) for i in rng.permutation(len(strata[name]))]
    start = rng.random()
    return [line[min(int((start + place) * len(line) / size), len(line) - 1)] for place in range(size)]
