"""What the answers of a verification sample say: the confirmed rate, and how often each detector was right.

Who may not read single answers gets the numbers once, when every case has a result, and the same ones ever after: the
difference between two looks would be what the citizens said who were called in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from metrics.statistics.sampling import Confirmed, two_phase
from pipeline.integrity.shown import is_closed
from records.models import SampleCase, VerificationSample

RETIRE_AFTER, RETIRE_BELOW = 50, 2.0
TOLD = "told"


@dataclass(frozen=True)
class HitRate:
    """Cases reached and not confirmed among those of one detector, beside the random arm; None where withheld."""

    detector: str
    reached: int
    not_confirmed: int | None
    random_share: float | None

    @property
    def share(self) -> float | None:
        return self.not_confirmed / self.reached if self.reached and self.not_confirmed is not None else None

    @property
    def is_to_retire(self) -> bool:
        """Fifty checks and fewer hits than twice the random arm: the detector finds no more than chance does."""
        if self.reached < RETIRE_AFTER or self.random_share is None or self.share is None:
            return False
        return self.share < RETIRE_BELOW * self.random_share


@dataclass(frozen=True)
class SampleResult:
    """What a sample says: the confirmed rate from the random arm, and the hit rate of each detector.

    `is_withheld` where numbers are closed because they would tell what a few citizens answered; `left` cases still need
    a result before this reader is told anything.
    """

    confirmed: Confirmed | None
    claimed_share: float | None
    random_reached: int | None
    hits: list[HitRate]
    is_withheld: bool = False
    left: int = 0
    is_told_once: bool = False


@dataclass(frozen=True)
class Tally:
    """Counts of answers: of the random arm (reached, confirmed) for claimed cases and for the others, and of each
    detector (reached, not confirmed)."""

    arm: tuple[tuple[int, int], tuple[int, int]]
    hits: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data, as it is kept with the sample."""
        return {
            "arm": [list(pair) for pair in self.arm],
            "hits": {code: list(pair) for code, pair in self.hits.items()},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Tally:
        """The inverse of `to_json`."""
        (n, yes), (other_n, other_yes) = document["arm"]
        return cls(
            ((n, yes), (other_n, other_yes)), {code: (m, failed) for code, (m, failed) in document["hits"].items()}
        )


def tally_of(cases: Sequence[SampleCase]) -> Tally:
    """The counts of the answers so far; a case partly solved is not confirmed."""
    reached = [case for case in cases if case.result in ("yes", "partly", "no")]
    arm = [[c for c in reached if c.reason == "random" and c.is_claimed is claimed] for claimed in (True, False)]
    claimed, others = ((len(part), sum(c.result == "yes" for c in part)) for part in arm)
    hits = {}
    for code in sorted({code for case in reached for code in case.detectors}):
        mine = [case for case in reached if code in case.detectors]
        hits[code] = len(mine), sum(case.result != "yes" for case in mine)
    return Tally((claimed, others), hits)


def result_for(sample: VerificationSample, cases: Sequence[SampleCase], smallest: int) -> SampleResult:
    """What a reader of counts from `smallest` is told; the first look at a sample that is done keeps its counts."""
    population = sample.document["claimed"], sample.document["others"]
    if smallest <= 1:
        return summarise(tally_of(cases), population)
    left = sum(case.result is None for case in cases)
    if TOLD not in sample.document:
        if left:
            return SampleResult(None, _share(population), None, [], is_withheld=True, left=left, is_told_once=True)
        sample.document = {**sample.document, TOLD: tally_of(cases).to_json()}
    return summarise(Tally.from_json(sample.document[TOLD]), population, smallest)


def summarise(tally: Tally, population: tuple[int, int], smallest: int = 1) -> SampleResult:
    """Confirmed rate and hit rates. Only the random arm speaks for all cases."""
    strata = [(size, n, yes) for size, (n, yes) in zip(population, tally.arm, strict=True)]
    reached, failed = sum(n for _, n, _ in strata), sum(n - yes for _, n, yes in strata)
    is_few = any(is_closed(n, yes, smallest) for _, n, yes in strata)
    usual = failed / reached if reached and not is_few else None
    hits = [
        HitRate(code, n, None if is_closed(n, missed, smallest) else missed, usual)
        for code, (n, missed) in sorted(tally.hits.items())
    ]
    return SampleResult(
        None if is_few else two_phase(strata[0], strata[1]), _share(population), reached, hits,
        is_withheld=is_few or any(hit.not_confirmed is None for hit in hits), is_told_once=smallest > 1,
    )  # fmt: skip


def _share(population: tuple[int, int]) -> float | None:
    total = sum(population)
    return population[0] / total if total else None
