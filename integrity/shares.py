"""Detectors of the share kind: a pattern that one unit shows more often than its peers differ among themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrity.catalogue import Detector, detectors
from integrity.finding import Finding
from integrity.null import against_peers


@dataclass(frozen=True)
class UnitShares:
    """The counts of one unit: for each signal (cases among which, cases that show it)."""

    unit: str
    peer_group: str | None
    counts: Mapping[str, tuple[int, int]]


def share_findings(units: Sequence[UnitShares]) -> list[Finding]:
    """Findings of all share detectors, each judged inside the peer groups; units keep no trace of their order."""
    found: list[Finding] = []
    for detector in detectors().values():
        if detector.signal is None:
            continue
        for group in sorted({u.peer_group or "" for u in units}):
            peers = sorted((u for u in units if (u.peer_group or "") == group), key=lambda u: u.unit)
            found += _of_group(detector, detector.signal, peers)
    return found


def _of_group(detector: Detector, signal: str, peers: Sequence[UnitShares]) -> list[Finding]:
    pairs = [u.counts.get(signal, (0, 0)) for u in peers]
    test = against_peers([hits for _, hits in pairs], [among for among, _ in pairs], detector.gates)
    return [
        Finding(
            detector=detector.code,
            unit=unit.unit,
            count=hits,
            n=among,
            value=float(test.share[i]),
            expected=test.expected,
            p_adjusted=float(test.p_adjusted[i]),
            sentence=detector.say(count=hits, n=among, share=float(test.share[i]), expected=test.expected),
            strength=float(test.share[i] - test.expected) * hits**0.5,
            family=detector.family,
            ordinary=detector.ordinary,
            evidence={"signal": signal},
        )
        for i, (unit, (among, hits)) in enumerate(zip(peers, pairs, strict=True))
        if test.stands_out[i]
    ]
