"""A made-up city of honest units that truly differ, for measuring how often detectors speak up without a cause.

Each unit has its own volume and, for every signal, its own true rate: Beta(mu·M, (1-mu)·M), where rho = 1/(M + 1) is
.01 or less and the true rates differ by at most a third of their mean. On top, the rates of a unit go together with its
quality: a slow unit is slow in many respects, and that alone is no practice. A planted unit has its rate raised by a
stated number of points.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from scipy.stats import binom

from integrity.detectors.bursts import UnitHours, rating_bursts
from integrity.detectors.follow_up_gap import TwoSources, follow_up_gap
from integrity.detectors.odd_figures import UnitFigures, odd_minutes
from integrity.detectors.replies_alike import UnitReplies, replies_alike
from integrity.detectors.shares import UnitShares, share_findings
from integrity.rules.catalogue import Detector, detectors
from integrity.rules.null import adjusted, with_two_keys
from tests.integrity.honest_rules import rule_findings

UNITS, GROUPS, MONTHS = 200, 3, 24
RHO, LARGEST_CV = 0.01, 0.35
BASE = {
    "D02": 0.03, "D03": 0.02, "D04": 0.02, "D05": 0.12, "D07": 0.15, "D08": 0.01, "D08.heaping": 0.10,
    "D10.signed": 0.04, "D10.sent_late": 0.20, "D11.late": 0.05, "D20.undated": 0.15,
    "D11": 0.05, "D11.ping_pong": 0.008, "D12": 0.02, "D12.extended": 0.03, "D12.extended_late": 0.003,
    "D12.suspended": 0.01, "D12.unhappy_excluded": 0.05, "D13": 0.55, "D13.default": 0.15, "D14": 0.02,
    "D14.fast": 0.03, "D14.straight": 0.30, "D14.text": 0.15, "D14.staff": 0.002, "D15": 0.04,
    "D18": 0.03, "D19": 0.15, "D20": 0.03, "D22": 0.03,
}  # fmt: skip
AMONG = {"D07": 0.04, "D10.signed": 0.15, "D10.sent_late": 0.15, "D11.late": 0.08,
         "D12.unhappy_excluded": 0.05, "D13.default": 0.2, "D18": 0.15, "D05": 0.5,
         "D14": 0.1, "D14.fast": 0.1, "D14.straight": 0.1, "D14.text": 0.08, "D14.staff": 0.1}  # fmt: skip
EFFECT = {"D05": 0.30, "D07": 0.50, "D13": 0.60, "D11": 0.20, "D18": 0.20, "D13.default": 0.35, "D14.straight": 0.45,
          "D14.text": 0.45, "D19": 0.30, "D08.heaping": 0.30, "D12.extended_late": 0.06, "D11.ping_pong": 0.08,
          "D12.suspended": 0.08, "D12.unhappy_excluded": 0.45, "D14.staff": 0.12, "D14.fast": 0.25,
          "D10.signed": 0.25, "D10.sent_late": 0.50, "D11.late": 0.50, "D20.undated": 0.40}  # fmt: skip
USUAL_EFFECT = 0.15
PLANTED_EACH = 2


@dataclass(frozen=True)
class Rates:
    """What one run measured for one detector."""

    honest: int
    false_flags: int
    naive_flags: int
    planted: int
    found: int
    has_textbook: bool = True


def share_detectors() -> list[Detector]:
    return [d for d in detectors().values() if d.signal]


def city(rng: np.random.Generator, planted: dict[str, list[int]]) -> list[UnitShares]:
    """One city; `planted` names the places of the units that carry each detector's practice."""
    volume = rng.lognormal(np.log(1500), 0.6, UNITS).astype(int) + 200
    quality = rng.standard_normal(UNITS)
    root = int(rng.integers(2**32))
    streams = {d.key: np.random.default_rng([root, *d.key.encode()]) for d in share_detectors()}  # none moves another
    units = []
    for i in range(UNITS):
        counts, expected = {}, {}
        for detector in share_detectors():
            assert detector.signal is not None
            n = max(1, int(volume[i] * AMONG.get(detector.key, 1.0)))
            base = BASE[detector.key] * float(np.exp(-0.15 * quality[i]))
            size = max(1 / RHO - 1, (1 - base) / (base * LARGEST_CV**2) - 1)
            own = streams[detector.key]
            rate = float(own.beta(base * size, max(1 - base, 0.01) * size))
            if i in planted.get(detector.key, []):
                rate = min(rate + EFFECT.get(detector.key, USUAL_EFFECT), 0.98)
            counts[detector.signal] = (n, int(own.binomial(n, rate)))
            expected[detector.signal] = n * BASE[detector.key]
            if detector.second_key:
                counts |= _second_key(own, detector, n, i in planted.get(detector.key, []))
            if detector.contrast:
                counts[detector.contrast] = (n, int(own.binomial(n, base * 0.8)))
        units.append(UnitShares(f"u{i:03d}", f"g{i % GROUPS}", counts, expected))
    return units


def _second_key(rng: np.random.Generator, detector: Detector, n: int, is_planted: bool) -> dict[str, tuple[int, int]]:
    """Cases asked about before the limit and elsewhere: a quarter unsolved in both; planted: half of the first."""
    inside, outside = detector.second_key or ("", "")
    return {
        inside: (n // 5, int(rng.binomial(n // 5, 0.5 if is_planted else 0.25))),
        outside: (n // 3, int(rng.binomial(n // 3, 0.25))),
    }


def places(rng: np.random.Generator) -> dict[str, list[int]]:
    """Two units for each practice, no unit with two practices."""
    order = rng.permutation(UNITS).tolist()
    return {d.key: [order.pop() for _ in range(PLANTED_EACH)] for d in share_detectors()}


@dataclass(frozen=True)
class Run:
    """What one city showed: by detector, and over all of them the honest units with any finding, and those named."""

    rates: dict[str, Rates]
    honest: int
    flagged: int
    flagged_by_textbook: int
    named: int

    @property
    def flagged_share(self) -> float:
        return self.flagged / self.honest


def run(seed: int) -> Run:
    """Plant every practice in one city and let all detectors look at it."""
    rng = np.random.default_rng(seed)
    planted = places(rng)
    units = city(rng, planted)
    found = [f for source in ("cases", "answers") for f in share_findings(units, source) if not f.is_ticket]
    flagged: dict[str, set[str]] = {d.key: set() for d in share_detectors()}
    for finding in found:
        flagged[finding.key].add(finding.unit)
    touched = {f"u{i:03d}" for members in planted.values() for i in members}
    honest = [u for u in units if u.unit not in touched]
    out, textbook = {}, set()
    for detector in share_detectors():
        mine = {f"u{i:03d}" for i in planted[detector.key]}
        naive = naive_flags([u.counts[detector.signal or ""] for u in honest])
        textbook |= {honest[i].unit for i in naive}
        false = len(flagged[detector.key] - mine)
        out[detector.key] = Rates(UNITS - len(mine), false, len(naive), len(mine), len(flagged[detector.key] & mine))
    by_rules, extra = rules(rng, np.random.default_rng([seed, 1]))
    named = {f.unit for f in with_two_keys(found) if f.named} - touched
    any_finding = {f.unit for f in found} | extra
    return Run(out | by_rules, len(honest), len(any_finding - touched), len(textbook), len(named))


def rules(rng: np.random.Generator, others: np.random.Generator) -> tuple[dict[str, Rates], set[str]]:
    """The detectors with statistics of their own, two planted units each; and the honest units flagged."""
    mine = {f"u{i:03d}" for i in range(PLANTED_EACH)}
    found = {
        "D01": replies_alike([_replies(rng, i) for i in range(UNITS)]),
        "D06": follow_up_gap([_two_sources(rng, i) for i in range(UNITS)]),
        "D14.burst": rating_bursts([_hours(rng, i) for i in range(UNITS)], 30 * MONTHS),
        "D21.minutes": odd_minutes([_minutes(rng, i) for i in range(UNITS)]),
    }
    found |= rule_findings(others, UNITS, PLANTED_EACH)
    out, extra = {}, set()
    for key, findings in found.items():
        named = {f.unit for f in findings}
        extra |= named - mine
        out[key] = Rates(UNITS - len(mine), len(named - mine), 0, len(mine), len(named & mine), has_textbook=False)
    return out, extra


def _replies(rng: np.random.Generator, i: int) -> UnitReplies:
    """Honest repeats: short replies that come a few times; the planted unit uses one text for two replies in five."""
    n, twice = int(rng.integers(200, 900)), int(rng.integers(5, 40))
    texts = {1: n, 2: twice, int(rng.integers(3, 15)): 1}
    return UnitReplies(f"u{i:03d}", "g", texts | ({int(n * 0.66): 1} if i < PLANTED_EACH else {}))


def _two_sources(rng: np.random.Generator, i: int) -> TwoSources:
    """Both sides ask about the same unit; the third party hears eight points less everywhere, ±4."""
    rate = float(rng.beta(40, 10))
    heard = float(np.clip(rate - 0.08 - rng.normal(0, 0.04), 0.02, 0.98))
    own, third = int(rng.integers(150, 700)), int(rng.integers(60, 160))
    if i < PLANTED_EACH:
        rate, heard = 0.97, min(heard, 0.55)
    return TwoSources(f"u{i:03d}", "g", (own, int(rng.binomial(own, rate))), (third, int(rng.binomial(third, heard))))


def _hours(rng: np.random.Generator, i: int) -> UnitHours:
    start = datetime(2024, 1, 1, 8)
    level = float(rng.lognormal(-1.2, 0.5))
    counts = rng.negative_binomial(1.5, 1.5 / (1.5 + level), (30 * MONTHS, 10))
    places = zip(*(axis.tolist() for axis in np.nonzero(counts)), strict=True)
    hours = {start + timedelta(days=d, hours=h): int(counts[d, h]) for d, h in places}
    if i < PLANTED_EACH:
        hours[datetime(2025, 3, 12, 14)] = 40
    return UnitHours(f"u{i:03d}", hours)


def _minutes(rng: np.random.Generator, i: int) -> UnitFigures:
    """Everybody heaps a little on the full and the half hour; the planted unit closes a fifth of its cases there."""
    shares = np.full(60, 1.0)
    shares[[0, 30]] = rng.uniform(1.0, 2.5)
    if i < PLANTED_EACH:
        shares[[0, 30]] += 9
    n = int(rng.integers(700, 4000))
    return UnitFigures(f"u{i:03d}", "g", {}, rng.multinomial(n, shares / shares.sum()).tolist())


def naive_flags(pairs: list[tuple[int, int]]) -> list[int]:
    """Places of the honest units a textbook test flags: binomial tail against the pooled rate, Benjamini-Hochberg."""
    n, x = np.array(pairs).T
    return np.flatnonzero(adjusted(binom.sf(x - 1, n, x.sum() / n.sum())) < 0.05).tolist()
