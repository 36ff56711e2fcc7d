"""Detectors of the share kind: a pattern that one unit shows more often than its peers differ among themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from integrity.rules.catalogue import Detector, detectors
from integrity.rules.finding import Finding
from integrity.rules.null import against_peers
from metrics.statistics.interval import newcombe_difference

Counts = tuple[int, int]  # cases among which, cases that show it


@dataclass(frozen=True)
class UnitShares:
    """The counts of one unit for each signal.

    `expected` is, for signals compared like with like, how many cases would show it at the rates that all other units
    have for the same kind of case.
    """

    unit: str
    peer_group: str | None
    counts: Mapping[str, Counts]
    expected: Mapping[str, float] = field(default_factory=dict)


def share_findings(units: Sequence[UnitShares], source: str = "cases") -> list[Finding]:
    """Findings of all share detectors of one source, each judged inside the peer groups, whatever the order."""
    found: list[Finding] = []
    for detector in detectors().values():
        if detector.signal is None or detector.source != source:
            continue
        for group in sorted({u.peer_group or "" for u in units}):
            peers = sorted((u for u in units if (u.peer_group or "") == group), key=lambda u: u.unit)
            found += _of_group(detector, detector.signal, peers)
    return found


def expected_counts(cells: Mapping[str, Mapping[str, Counts]]) -> dict[str, float]:
    """Indirect standardisation: unit -> cases expected at the rates of all other units, from unit -> kind -> counts.

    A kind that only one unit has is expected at the rate of all other cases together.

    >>> expected_counts({"a": {"road": (100, 50)}, "b": {"road": (100, 10)}, "c": {"road": (100, 20)}})["a"]
    15.0
    """
    kinds: dict[str, NDArray[np.int64]] = {}
    for unit_cells in cells.values():
        for kind, counts in unit_cells.items():
            kinds[kind] = kinds.get(kind, np.zeros(2, np.int64)) + np.array(counts)
    whole = sum(kinds.values(), np.zeros(2, np.int64))
    answer = {}
    for unit, unit_cells in cells.items():
        own = sum((np.array(c) for c in unit_cells.values()), np.zeros(2, np.int64))
        rest = whole - own
        usual = rest[1] / rest[0] if rest[0] else 0.0
        total = 0.0
        for kind, (among, hits) in unit_cells.items():
            others = kinds[kind] - np.array((among, hits))
            total += among * (others[1] / others[0] if others[0] else usual)
        answer[unit] = float(total)
    return answer


def _of_group(detector: Detector, signal: str, peers: Sequence[UnitShares]) -> list[Finding]:
    pairs = [u.counts.get(signal, (0, 0)) for u in peers]
    usual = _usual(detector, signal, peers)
    hits = [h for _, h in pairs] if usual is None else _adjusted_hits(pairs, usual)
    test = against_peers(hits, [among for among, _ in pairs], detector.gates)
    found = []
    for i, (unit, (among, count)) in enumerate(zip(peers, pairs, strict=True)):
        expected = test.expected if usual is None else float(usual[i])
        is_far = among > 0 and count / among - expected >= detector.gates.min_difference
        if test.stands_out[i] and is_far and _is_own_contrast(detector, unit, (among, count)):
            found.append(_finding(detector, unit, (among, count), expected, float(test.p_adjusted[i])))
    return found


def _usual(detector: Detector, signal: str, peers: Sequence[UnitShares]) -> NDArray[np.float64] | None:
    if detector.mix is None:
        return None
    among = np.array([max(u.counts.get(signal, (0, 0))[0], 1) for u in peers], float)
    return np.array([u.expected.get(signal, 0.0) for u in peers]) / among


def _adjusted_hits(pairs: Sequence[Counts], usual: NDArray[np.float64]) -> list[int]:
    """Hits at the group's mean rate instead of the unit's own mix: x · mean / usual, at most all cases."""
    among, hits = np.array(pairs, float).T
    mean = float((usual * among).sum() / among.sum()) if among.sum() else 0.0
    ratio = np.divide(mean, usual, out=np.ones_like(usual), where=usual > 0)
    return [int(h) for h in np.minimum(np.round(hits * ratio), among)]


def _is_own_contrast(detector: Detector, unit: UnitShares, counts: Counts) -> bool:
    """Whether the unit shows the pattern more often than the same unit elsewhere (true where nothing is asked)."""
    if detector.contrast is None:
        return True
    other_among, other_hits = unit.counts.get(detector.contrast, (0, 0))
    return other_among == 0 or newcombe_difference(counts[1], counts[0], other_hits, other_among)[0] > 0


def _second_key(detector: Detector, unit: UnitShares) -> dict[str, Counts]:
    """The two counts of the second key, nothing where one of them has no cases."""
    pairs = {
        n: unit.counts.get(s, (0, 0)) for n, s in zip(("inside", "outside"), detector.second_key or (), strict=False)
    }
    return pairs if all(among for among, _ in pairs.values()) else {}


def _turns(key: Mapping[str, Counts]) -> bool:
    """Whether the difference of the second key lies above chance."""
    if not key:
        return False
    inside, outside = key["inside"], key["outside"]
    return newcombe_difference(inside[1], inside[0], outside[1], outside[0])[0] > 0


def _finding(detector: Detector, unit: UnitShares, counts: Counts, expected: float, p: float) -> Finding:
    among, count = counts
    share = count / among
    key = _second_key(detector, unit)
    evidence: dict[str, object] = {"signal": detector.signal, "source": detector.source}
    if detector.contrast:
        evidence["contrast"] = list(unit.counts.get(detector.contrast, (0, 0)))
    if key:
        evidence["second_key"] = {name: list(pair) for name, pair in key.items()}
    return Finding(
        detector=detector.code,
        unit=unit.unit,
        count=count,
        n=among,
        value=share,
        expected=expected,
        p_adjusted=p,
        sentence=detector.say(count=count, n=among, share=share, expected=expected),
        strength=(share - expected) * count**0.5,
        family=detector.family,
        ordinary=detector.ordinary,
        evidence=evidence,
        variant=detector.variant,
        second_family="citizen_voice" if _turns(key) else "",
        is_ticket=detector.second_key is not None and not _turns(key),
    )
