"""The rules about single records and channels in the honest city: slips of honest units, two planted units each.

Honest units close a few cases in one minute after a meeting, correct a record now and then, leave a message waiting
over a holiday, have months that happen to be equal, and two registers that overlap by chance.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from integrity.detectors.batch_closing import UnitClosings, batch_closing
from integrity.detectors.channel_checks import Check, channel_checks
from integrity.detectors.dormant import Silence, dormant_channels
from integrity.detectors.odd_figures import UnitFigures, all_perfect, equal_months
from integrity.detectors.plain_rules import UnitRecords, plain_findings
from integrity.detectors.registers import Overlap, under_recorded
from integrity.detectors.steady_months import steady_months
from integrity.rules.finding import Finding

PLAIN = ("D10", "D17", "D23")
SLIPS = 0.0004  # of an honest unit's records: entered twice, clocks that differ, corrected a year later
CHECKED = date(2025, 3, 20)


def rule_findings(rng: np.random.Generator, units: int, planted: int) -> dict[str, list[Finding]]:
    """What each rule finds among `units` units, the first `planted` of which show the practice."""
    sizes = (rng.lognormal(np.log(1500), 0.6, units).astype(int) + 200).tolist()
    figures = [_figures(rng, i, planted) for i in range(units)]
    equal = [_equal(rng, i, planted) for i in range(units)]
    silences = [_silence(rng, i, planted) for i in range(units)]
    messages = {(silence.unit, silence.channel): 200 for silence in silences}
    found = {
        "D09": batch_closing([_closings(rng, i, n, planted) for i, n in enumerate(sizes)]),
        "D16": dormant_channels(silences, messages),
        "D16.check": channel_checks([_check(rng, i, planted) for i in range(units)]),
        "D21": all_perfect(figures),
        "D21.equal": equal_months(equal),
        "D21.steady": steady_months([_steady(rng, i, planted) for i in range(units)]),
        "D24": under_recorded([_overlap(rng, i, n, planted) for i, n in enumerate(sizes)]),
    }
    for code in PLAIN:
        found[code] = plain_findings(code, [_records(rng, i, n, planted) for i, n in enumerate(sizes)])
    return {key: [f for f in findings if not f.is_ticket] for key, findings in found.items()}


def _name(i: int) -> str:
    return f"u{i:03d}"


def _closings(rng: np.random.Generator, i: int, n: int, planted: int) -> UnitClosings:
    """Batches of five to eight after a meeting, a tenth of the closings at most; planted: two in five, in thirties."""
    share, size = (0.4, 30) if i < planted else (float(rng.beta(2, 60)), int(rng.integers(5, 9)))
    start = datetime(2024, 1, 2, 17)
    batches = tuple((start + timedelta(days=3 * b), size) for b in range(int(n * share / size)))
    return UnitClosings(_name(i), "g", n, size, batches)


def _records(rng: np.random.Generator, i: int, n: int, planted: int) -> UnitRecords:
    count = int(rng.binomial(n, 0.03 if i < planted else SLIPS))
    return UnitRecords(_name(i), "g", n, tuple(("hotline", f"{i}-{number}") for number in range(count)))


def _silence(rng: np.random.Generator, i: int, planted: int) -> Silence:
    """The longest stretch without an answer: some weeks with a message or two; planted: half a year and thirty."""
    days, waiting = (180, 30) if i < planted else (int(rng.gamma(2, 8)) + 3, int(rng.poisson(1.0)))
    return Silence(_name(i), "message_board", 19_800, 19_800 + days, waiting)


def _check(rng: np.random.Generator, i: int, planted: int) -> Check:
    """A site last updated in the last ten days; planted: five weeks ago."""
    days = 35 if i < planted else int(rng.integers(0, 11))
    return Check(_name(i), "site", "website", CHECKED, updated=CHECKED - timedelta(days=days))


def _figures(rng: np.random.Generator, i: int, planted: int) -> UnitFigures:
    """Rates around 95 % in twenty-four months; planted: two rates of 100 %."""
    n = int(rng.integers(40, 120))
    rate = 1.0 if i < planted else float(rng.beta(95, 5))
    months = {name: [(n, int(rng.binomial(n, rate))) for _ in range(24)] for name in ("replied", "closed")}
    return UnitFigures(_name(i), "g", months, [1] * 60)


def _equal(rng: np.random.Generator, i: int, planted: int) -> UnitFigures:
    """Months as they come; planted: twelve months with the share of the first, cases differing."""
    months: dict[str, list[tuple[int, int]]] = {}
    for name in ("replied", "closed"):
        sizes = rng.integers(40, 120, 24).tolist()
        if i < planted:
            months[name] = [(20 * (2 + place % 3), 19 * (2 + place % 3)) for place in range(24)]
        else:
            months[name] = [(n, int(rng.binomial(n, float(rng.beta(95, 5))))) for n in sizes]
    return UnitFigures(_name(i), "g", months, [1] * 60)


def _steady(rng: np.random.Generator, i: int, planted: int) -> UnitFigures:
    """A rate of nine in ten that drifts a little, of cases that differ; planted: the same rate within half a point."""
    months = []
    for n in rng.integers(60, 160, 24).tolist():
        even = round(n * (0.9 + rng.uniform(-0.005, 0.005)))
        usual = int(rng.binomial(n // 2, 0.97) + rng.binomial(n - n // 2, float(rng.beta(83, 17))))
        months.append((n, even if i < planted else usual))
    return UnitFigures(_name(i), "g", {"in_time": months}, [1] * 60)


def _overlap(rng: np.random.Generator, i: int, n: int, planted: int) -> Overlap:
    """Each demand is in the first register with chance .9 and in the second with .25; planted: .6 in the first."""
    held = 0.6 if i < planted else float(rng.beta(180, 20))
    first, second = rng.random(n) < held, rng.random(n) < 0.25
    return Overlap(
        _name(i), "hotline", "message_board", int(first.sum()), int(second.sum()), int((first & second).sum())
    )
