"""D01: two replies of the unit drawn at random are word for word the same more often than among its peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from integrity.rules.null import repeat_rate


@dataclass(frozen=True)
class UnitReplies:
    """How often each text of a unit came: {times: how many texts came that often}."""

    unit: str
    peer_group: str | None
    texts_by_times: Mapping[int, int]

    @property
    def replies(self) -> int:
        return sum(times * texts for times, texts in self.texts_by_times.items())

    @property
    def repeated(self) -> int:
        return sum(times * texts for times, texts in self.texts_by_times.items() if times > 1)

    @property
    def rate(self) -> float:
        return repeat_rate([times for times, texts in self.texts_by_times.items() for _ in range(texts)])


def replies_alike(units: Sequence[UnitReplies]) -> list[Finding]:
    """Units whose repeat rate is at least .10 and 3.5 robust deviations above their peers.

    The robust z is (R - median) / (1.4826 · MAD) over the units of the peer group with enough replies.
    """
    found: list[Finding] = []
    for group in sorted({u.peer_group or "" for u in units}):
        peers = sorted((u for u in units if (u.peer_group or "") == group), key=lambda u: u.unit)
        found += _of_group([u for u in peers if u.replies >= detectors()["D01"].gates.min_n])
    return found


def _of_group(peers: Sequence[UnitReplies]) -> list[Finding]:
    if len(peers) < 3:
        return []
    detector = detectors()["D01"]
    rates = np.array([u.rate for u in peers])
    middle = float(np.median(rates))
    spread = 1.4826 * float(np.median(np.abs(rates - middle)))
    found = []
    for unit, rate in zip(peers, rates, strict=True):
        z = (rate - middle) / spread if spread > 0 else (np.inf if rate > middle else 0.0)
        if (
            rate >= detector.limits["min_rate"]
            and z >= detector.limits["min_robust_z"]
            and unit.repeated >= detector.gates.min_count
        ):
            found.append(_finding(unit, float(rate), middle))
    return found


def _finding(unit: UnitReplies, rate: float, middle: float) -> Finding:
    detector = detectors()["D01"]
    return Finding(
        detector=detector.code,
        unit=unit.unit,
        count=unit.repeated,
        n=unit.replies,
        value=rate,
        expected=middle,
        p_adjusted=None,
        sentence=detector.say(count=unit.repeated, n=unit.replies, share=rate, expected=middle),
        strength=(rate - middle) * unit.repeated**0.5,
        family=detector.family,
        ordinary=detector.ordinary,
        evidence={"signal": None, "largest": max(unit.texts_by_times)},
    )
