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
    """A case of the sample and why it is in it: flagged or random."""

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
    """Draw `size` cases (the required size when None): 70 % from the flagged, the rest at random from all others.

    The flagged arm goes round the units in turn, and no unit gives more than a tenth of the sample (or its even share
    where there are fewer than ten units): one unit with many flagged cases must not fill the list. The random arm is
    spread over the strata in proportion to their cases and gives the true base rate. Where too few cases are flagged
    the random arm takes their place. Equal candidates, size and seed give the same sample, whatever
    the order of the candidates.
    """
    pool = sorted(candidates, key=lambda c: (c.register, c.case_no))
    wanted = min(required_size(len(pool)) if size is None else size, len(pool))
    rng = np.random.default_rng(seed)
    first = _round_robin([c for c in pool if c.is_flagged], round(wanted * FLAGGED_SHARE), _unit_cap(pool, wanted), rng)
    chosen = {(c.register, c.case_no) for c in first}
    rest = [c for c in pool if (c.register, c.case_no) not in chosen]
    second = _spread(rest, wanted - len(first), rng)
    drawn = [(c, "flagged") for c in first] + [(c, "random") for c in second]
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


def _spread(pool: Sequence[Candidate], size: int, rng: np.random.Generator) -> list[Candidate]:
    """A draw in proportion to the strata: whole shares first, what is left by the largest remainders."""
    strata: dict[str, list[Candidate]] = {}
    for candidate in pool:
        strata.setdefault(candidate.stratum, []).append(candidate)
    names = sorted(strata)
    exact = {name: size * len(strata[name]) / len(pool) for name in names} if pool else {}
    quota = {name: int(exact[name]) for name in names}
    for name in sorted(names, key=lambda n: (quota[n] - exact[n], n))[: size - sum(quota.values())]:
        quota[name] += 1
    chosen = []
    for name in names:
        members = strata[name]
        chosen += [members[i] for i in sorted(rng.permutation(len(members))[: quota[name]])]
    return chosen
