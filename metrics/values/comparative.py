"""Indicators that set two counts of different origin side by side: S7, H2.two_phase, P1, P2, P3 and P4."""

from __future__ import annotations

from collections.abc import Mapping

from metrics.counting.count_table import CountTable
from metrics.counting.reviews import STRATA
from metrics.statistics.interval import Z95, newcombe_difference, wilson
from metrics.statistics.sampling import two_phase
from metrics.value import Measured

CODES = ("H2.two_phase", "S7", "P1", "P2", "P3", "P4")
RESIDENTS, RESIDENT_CASES = "residents", "cases_of_residents"  # only units whose residents are known
BEFORE, IS_COVERED = "n_received_before", "is_covered_before"
DEMANDS, DEMAND_PEOPLE, ARE_GROUPED = "demands", "demand_people", "are_demands_grouped"
PER = 10_000
_SCALES = (3, 5)
_OWN = ("v_satisfied", "v_basic", "v_dissatisfied")
_SAMPLED = tuple(
    f"third_party_{name}_{scale}" for name in ("weight", "weight_squares", "good_weight") for scale in _SCALES
)
NEEDED: Mapping[str, tuple[str, ...]] = {
    "S7": (*_OWN, *_SAMPLED, "third_party_answers"),
    "H2.two_phase": ("claim_closed", "claim_resolved", "outcome_known"),
    "P1": ("n_received",),
    "P2": ("n_received",),
    "P3": ("n_received",),
    "P4": ("n_received",),
}


def measured(table: CountTable, code: str, basically_satisfied: float = 1.0) -> list[Measured]:
    """One code for every key. Raises KeyError for another code."""
    if code == "S7":
        return _gaps(table, basically_satisfied)
    other = {"H2.two_phase": _confirmed, "P1": _shared, "P2": _per_residents, "P3": _structure, "P4": _growth}
    return other[code](table)


def _confirmed(table: CountTable) -> list[Measured]:
    """What citizens confirm of all closed cases, from random checks inside what the unit claims and does not claim."""
    names = ("claim_closed", "claim_resolved", *STRATA)
    return [_two_phase(*row) for row in zip(*(table.column(name).tolist() for name in names), strict=True)]


def _two_phase(closed: int, claimed: int, reached: int, yes: int, others: int, others_yes: int) -> Measured:
    n = reached + others
    if not n:
        return Measured(None, reason="no_random_checks", denominator=closed)
    found = two_phase((claimed, reached, yes), (closed - claimed, others, others_yes))
    if found is None:
        return Measured(None, n=n, reason="stratum_without_check", denominator=closed)
    low, high = (min(max(found.rate + z * found.error, 0.0), 1.0) for z in (-Z95, Z95))
    return Measured(found.rate, low, high, n, None, None, closed)


def _shared(table: CountTable) -> list[Measured]:
    """Distinct people for each demand that at least two people share."""
    columns = (table.column(name).tolist() for name in (DEMANDS, DEMAND_PEOPLE, ARE_GROUPED))
    return [_people_per_demand(*counts) for counts in zip(*columns, strict=True)]


def _people_per_demand(demands: int, people: int, are_grouped: int) -> Measured:
    if not are_grouped:
        return Measured(None, reason="demands_not_grouped")
    if not demands:
        return Measured(None, reason="no_shared_demands", numerator=0, denominator=0)
    return Measured(people / demands, None, None, demands, None, people, demands)


def _gaps(table: CountTable, weight: float) -> list[Measured]:
    """Own minus independent, as a difference of fractions; 基本满意 weighs the same on the own side as in S1a."""
    names = (*_OWN, *_SAMPLED)
    columns = [table.column(name).tolist() for name in names]
    return [_gap(dict(zip(names, row, strict=True)), weight) for row in zip(*columns, strict=True)]


def _gap(counts: Mapping[str, int], weight: float) -> Measured:
    own, satisfied = sum(counts[name] for name in _OWN), counts["v_satisfied"] + weight * counts["v_basic"]
    sums = {n: sum(counts[f"third_party_{n}_{s}"] for s in _SCALES) for n in ("weight", "weight_squares",
                                                                              "good_weight")}  # fmt: skip
    if not own:
        return Measured(None, reason="no_own_ratings")
    if not sums["weight"]:
        return Measured(None, reason="no_independent_sample")
    share = sums["good_weight"] / sums["weight"]
    effective = sums["weight"] ** 2 / sums["weight_squares"]
    low, high = newcombe_difference(satisfied, own, share * effective, effective)
    return Measured(satisfied / own - share, low, high, own, None, satisfied, own)


def _per_residents(table: CountTable) -> list[Measured]:
    cases, residents = table.column(RESIDENT_CASES).tolist(), table.column(RESIDENTS).tolist()
    return [_of_residents(n, people) for n, people in zip(cases, residents, strict=True)]


def _of_residents(cases: int, people: int) -> Measured:
    if not people:
        return Measured(None, reason="residents_unknown")
    low, high = (PER * bound for bound in wilson(min(cases, people), people))
    return Measured(PER * cases / people, low, high, cases, None, cases, people)


def _structure(table: CountTable) -> list[Measured]:
    """The share of each group of a split in all cases of the unit and period."""
    received = table.column("n_received").tolist()
    whole: dict[tuple[str | None, str], int] = {}
    for (unit, period, split), n in zip(table.keys, received, strict=True):
        if split is not None:
            whole[unit, period] = whole.get((unit, period), 0) + n
    return [
        _share(n, whole[unit, period]) if split is not None else Measured(None, reason="needs_a_split")
        for (unit, period, split), n in zip(table.keys, received, strict=True)
    ]


def _share(part: int, whole: int) -> Measured:
    if not whole:
        return Measured(None, reason="no_cases")
    return Measured(part / whole, *wilson(part, whole), whole, None, part, whole)


def _growth(table: CountTable) -> list[Measured]:
    columns = (table.column(name).tolist() for name in ("n_received", BEFORE, IS_COVERED))
    return [_grown(now, before, covered) for now, before, covered in zip(*columns, strict=True)]


def _grown(now: int, before: int, is_covered: int) -> Measured:
    """(now - before)/before; the interval is that of now's share in both, carried over to the ratio."""
    if not is_covered:
        return Measured(None, reason="no_earlier_period")
    if not before:
        return Measured(None, reason="none_before", numerator=now, denominator=0)
    low, high = wilson(now, now + before)
    upper = high / (1 - high) - 1 if high < 1 else None
    return Measured((now - before) / before, low / (1 - low) - 1, upper, now, None, now - before, before)
