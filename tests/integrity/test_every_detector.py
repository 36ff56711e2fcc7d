"""For every detector and pattern three fixtures: one that shows the practice, one that does not, one with an ordinary
explanation. A detector without the three fails here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from integrity.detectors.batch_closing import UnitClosings, batch_closing
from integrity.detectors.bursts import UnitHours, rating_bursts
from integrity.detectors.channel_checks import Check, channel_checks
from integrity.detectors.dormant import Silence, dormant_channels
from integrity.detectors.follow_up_gap import TwoSources, follow_up_gap
from integrity.detectors.number_gaps import Series, number_gaps
from integrity.detectors.odd_figures import UnitFigures, odd_figures
from integrity.detectors.plain_rules import UnitRecords, plain_findings
from integrity.detectors.registers import Overlap, under_recorded
from integrity.detectors.replies_alike import UnitReplies, replies_alike
from integrity.detectors.shares import UnitShares, share_findings
from integrity.detectors.steady_months import steady_months
from integrity.rules import catalogue
from integrity.rules.catalogue import GATES, Detector, SettingsFaulty, detectors, settings_of
from integrity.rules.finding import Finding

DAY = date(2025, 3, 20)
MINUTE = datetime(2025, 3, 10, 16, 55)


@dataclass(frozen=True)
class Fixtures:
    """What a detector gets for the unit "u": a practice, nothing special, and an ordinary explanation."""

    look: Callable[[Any], Sequence[Finding]]
    practice: Any
    nothing: Any
    ordinary: Any


def _shares(detector: Detector) -> Fixtures:
    """Ordinary: all units show it, because the channel or the system brings it about."""
    signal = detector.signal or ""

    keyed = dict(zip(detector.second_key or (), ((200, 90), (300, 60)), strict=False))

    def city(own: float, usual: float) -> list[UnitShares]:
        rng = np.random.default_rng(7)
        rates = [own, *rng.beta(usual * 80, (1 - usual) * 80, 39).tolist()]
        sizes = rng.integers(400, 2500, 40).tolist()
        return [
            UnitShares("u" if i == 0 else f"p{i:02d}", "g", {signal: (n, int(n * rate))} | keyed, {signal: usual * n})
            for i, (n, rate) in enumerate(zip(sizes, rates, strict=True))
        ]

    return Fixtures(
        lambda units: share_findings(units, detector.source), city(0.5, 0.1), city(0.1, 0.1), city(0.5, 0.5)
    )


def _plain(code: str) -> Fixtures:
    """Ordinary: one or two corrections among many records, as every office has them."""

    def look(count: int) -> list[Finding]:
        counts = {"u": count, "p1": 2, "p2": 0, "p3": 1}
        return plain_findings(
            code, [UnitRecords(u, "g", 5000, tuple((u, str(i)) for i in range(n))) for u, n in counts.items()]
        )

    return Fixtures(look, 40, 0, 2)


def _two_sources(own: tuple[int, int], third: tuple[int, int], gap: float) -> list[TwoSources]:
    rng = np.random.default_rng(3)
    peers = []
    for i in range(30):
        rate = float(rng.beta(60, 15))
        heard = max(rate - gap, 0.02)
        peers.append(TwoSources(f"p{i:02d}", "g", (300, int(rng.binomial(300, rate))),
                                (100, int(rng.binomial(100, heard)))))  # fmt: skip
    return [*peers, TwoSources("u", "g", own, third)]


def _closings(batches: int, peers_too: bool = False) -> list[UnitClosings]:
    mine = tuple((MINUTE + timedelta(days=d), 6) for d in range(batches))
    return [UnitClosings("u", "g", 800, 1, mine),
            *(UnitClosings(f"p{i}", "g", 800, 1, mine if peers_too else ()) for i in range(10))]  # fmt: skip


def _hours(extra: int, peers_too: bool = False) -> list[UnitHours]:
    units = []
    for i in range(20):
        rng, start = np.random.default_rng(i), datetime(2025, 1, 6, 8)
        hours = {start + timedelta(days=d, hours=h): int(rng.negative_binomial(1.5, 0.8))
                 for d in range(90) for h in range(10)}  # fmt: skip
        if peers_too:  # every Wednesday afternoon many people are invited to rate
            hours |= {datetime(2025, 1, 8, 14) + timedelta(weeks=w): 25 for w in range(12)}
        if i == 0 and extra:
            hours[datetime(2025, 2, 12, 14)] = extra
        units.append(UnitHours("u" if i == 0 else f"p{i}", {h: n for h, n in hours.items() if n}))
    return units


def _figures(own: UnitFigures, minutes: list[int] | None = None) -> list[UnitFigures]:
    peers = []
    for i in range(10):
        months = {name: [(60 + m, int((60 + m) * (0.85 + i / 200)) + m % 3) for m in range(8)] for name in ("a", "b")}
        peers.append(UnitFigures(f"p{i}", "g", months, minutes or [15] * 60))
    return [own, *peers]


def _steady(own: Callable[[int, np.random.Generator], int], peers: Callable[[int, np.random.Generator], int]) -> Any:
    """Nine of ten cases in time, each month as `own` or `peers` draws it."""
    rng = np.random.default_rng(5)
    sizes = rng.integers(80, 200, (20, 24)).tolist()
    return [
        UnitFigures("u" if i == 0 else f"p{i:02d}", "g",
                    {"in_time": [(n, (own if i == 0 else peers)(n, rng)) for n in months]}, [15] * 60)
        for i, months in enumerate(sizes)
    ]  # fmt: skip


def _fixed(n: int, rng: np.random.Generator) -> int:
    return round(0.9 * n)


def _as_it_comes(n: int, rng: np.random.Generator) -> int:
    return int(rng.binomial(n, 0.9))


def _months(n: int, rate: float, minutes: list[int] | None = None) -> UnitFigures:
    months = {name: [(n + m % 4, int((n + m % 4) * rate) if rate < 1 else n + m % 4) for m in range(8)]
              for name in ("a", "b")}  # fmt: skip
    return UnitFigures("u", "g", months, minutes or [15] * 60)


HEAPED = [200, *[10] * 29, 150, *[10] * 29]
EQUAL = UnitFigures("u", "g", {n: [(100 + 10 * m, 90 + 9 * m) for m in range(6)] for n in ("a", "b")}, [15] * 60)
FEW = UnitFigures("u", "g", {n: [(10 + m, 9) for m in range(6)] for n in ("a", "b")}, [15] * 60)
HONEST_TEXTS = [UnitReplies(f"p{i}", "g", {1: 300 + i, 2: 5 + i % 3}) for i in range(12)]
HONEST_OVERLAPS = [Overlap(f"p{i}", "12345", "mailbox", 500 + i, 400, 320) for i in range(6)]
OWN_RULES: dict[str, Fixtures] = {
    "D01": Fixtures(
        lambda unit: replies_alike([*HONEST_TEXTS, unit]), UnitReplies("u", "g", {1: 60, 90: 1}),
        UnitReplies("u", "g", {1: 300, 2: 6}), UnitReplies("u", "g", {1: 300, 30: 1}),  # one prescribed wording
    ),
    "D06": Fixtures(
        lambda given: follow_up_gap(given), _two_sources((300, 294), (80, 40), 0.05),
        _two_sources((300, 240), (80, 62), 0.05), _two_sources((300, 250), (80, 52), 0.18),  # another way of asking
    ),
    "D09": Fixtures(batch_closing, _closings(8), _closings(0), _closings(8, peers_too=True)),  # a nightly job
    "D10": _plain("D10"),
    "D14.burst": Fixtures(lambda units: rating_bursts(units, 90), _hours(60), _hours(0), _hours(0, peers_too=True)),
    "D16": Fixtures(
        lambda one: dormant_channels([one], {("u", "mailbox"): 60}), Silence("u", "mailbox", 20_000, 20_120, 12),
        Silence("u", "mailbox", 20_000, 20_030, 12), Silence("u", "mailbox", 20_000, 20_200, 2),  # nobody writes
    ),
    "D16.check": Fixtures(
        channel_checks, [Check("u", "site", "website", DAY, updated=date(2025, 2, 1))],
        [Check("u", "site", "website", DAY, updated=date(2025, 3, 18))],
        [Check("u", "archive", "website", DAY, updated=date(2025, 2, 1), own_limit=90)],  # announced: once a quarter
    ),
    "D17": _plain("D17"),
    "D17.gaps": Fixtures(
        lambda one: number_gaps([one], {}), Series("r", "A", 280, 1, 300, "u"), Series("r", "A", 300, 1, 300, "u"),
        Series("r", "A", 150, 1, 300, "u"),  # an extract of every other number
    ),
    "D21": Fixtures(odd_figures, _figures(_months(60, 1.0)), _figures(_months(60, 0.9)), _figures(_months(4, 1.0))),
    "D21.minutes": Fixtures(
        odd_figures, _figures(_months(60, 0.9, HEAPED)), _figures(_months(60, 0.9)),
        _figures(_months(60, 0.9, HEAPED), HEAPED),  # the system of everybody rounds
    ),
    "D21.equal": Fixtures(odd_figures, _figures(EQUAL), _figures(_months(60, 0.9)), _figures(FEW)),
    "D21.steady": Fixtures(
        steady_months, _steady(_fixed, _as_it_comes), _steady(_as_it_comes, _as_it_comes),
        _steady(_fixed, _fixed),  # the same few kinds of matters in fixed proportions everywhere
    ),
    "D23": _plain("D23"),
    "D24": Fixtures(
        lambda own: under_recorded([*HONEST_OVERLAPS, own]), Overlap("u", "12345", "mailbox", 250, 400, 160),
        Overlap("u", "12345", "mailbox", 500, 400, 320), Overlap("u", "12345", "mailbox", 30, 40, 10),  # anonymous ones
    ),
}  # fmt: skip
FIXTURES = {key: _shares(d) for key, d in detectors().items() if d.signal} | OWN_RULES


def test_every_detector_has_its_three_fixtures() -> None:
    assert set(FIXTURES) == set(detectors())


def _found(key: str, given: Any) -> set[str]:
    code, _, variant = key.partition(".")
    found = FIXTURES[key].look(given)
    return {f.unit for f in found if (f.detector, f.variant) == (code, variant) and not f.is_ticket}


@pytest.mark.parametrize("key", sorted(FIXTURES))
def test_the_practice_is_found(key: str) -> None:
    assert _found(key, FIXTURES[key].practice) == {"u"}


@pytest.mark.parametrize("key", sorted(FIXTURES))
@pytest.mark.parametrize("kind", ["nothing", "ordinary"])
def test_nothing_special_and_ordinary_explanations_are_spared(key: str, kind: str) -> None:
    assert "u" not in _found(key, getattr(FIXTURES[key], kind))  # a ticket lists a record, it is no look at the unit


OUT_OF_REACH = {"q": 0.0, "level": -1.0, "min_difference": 2.0, "min_ratio": 1e9, "min_count": 10**9, "min_n": 10**9}
ASKED = [(key, gate) for key in sorted(FIXTURES) for gate in GATES if gate in detectors()[key].asks]
IDLE = [(key, gate) for key in sorted(FIXTURES) for gate in GATES if gate not in detectors()[key].asks]


@pytest.mark.parametrize(("key", "gate"), ASKED, ids=[f"{key}-{gate}" for key, gate in ASKED])
def test_a_gate_that_a_detector_is_said_to_ask_decides(key: str, gate: str) -> None:
    """The page shows it, a scheme may set it: nobody passes it where it is out of reach."""
    with settings_of([{"code": key, gate: OUT_OF_REACH[gate]}]):
        assert _found(key, FIXTURES[key].practice) == set()


@pytest.mark.parametrize(("key", "gate"), IDLE, ids=[f"{key}-{gate}" for key, gate in IDLE])
def test_a_gate_that_is_not_shown_decides_nothing_and_cannot_be_set(
    key: str, gate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if gate not in detectors()[key].limits:
        with pytest.raises(SettingsFaulty), settings_of([{"code": key, gate: 1}]):
            pass
    own = detectors()[key]
    moved = {**detectors(), key: replace(own, gates=replace(own.gates, **{gate: OUT_OF_REACH[gate]}))}
    monkeypatch.setattr(catalogue, "_catalogue", lambda changes: moved)
    assert _found(key, FIXTURES[key].practice) == {"u"}


def test_a_finding_keeps_the_thresholds_of_its_own_way_in() -> None:
    """D09 finds in two ways, a vanished record in four."""
    peers = [UnitClosings(f"p{i}", "g", 800, 1) for i in range(10)]
    by_second = batch_closing([*peers, UnitClosings("u", "g", 40, 13)])[0]
    by_peers = batch_closing(_closings(8))[0]
    records = [UnitRecords(u, "g", 5000, tuple((u, str(i)) for i in range(n))) for u, n in (("a", 40), ("b", 1))]
    few = UnitRecords("d", "g", 300, tuple(("d", str(i)) for i in range(3)))
    looks = {f.unit: f for f in plain_findings("D17", [*records, few, UnitRecords("c", "g", 5000, ())])}
    asked = {name: set(_names(f)) for name, f in {"second": by_second, "peers": by_peers, **looks}.items()}
    assert asked == {
        "second": {"one_second_share", "one_second_n"}, "peers": set(GATES),
        "a": {"level", "min_count", "min_share"}, "b": {"listed_from"}, "d": {"min_share"},
    }  # fmt: skip
    assert by_second.p_adjusted is None
    assert by_peers.p_adjusted is not None
    assert by_peers.p_adjusted < 0.05


def _names(finding: Finding) -> list[str]:
    return [name for part in detectors()[finding.detector].thresholds(finding.passed).values() for name in part]
