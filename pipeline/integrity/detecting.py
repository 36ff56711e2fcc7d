"""Every detector over one period: count what it reads, hand the counts to `integrity`, gather the findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from integrity.detectors.batch_closing import UnitClosings, batch_closing
from integrity.detectors.bursts import UnitHours, rating_bursts
from integrity.detectors.channel_checks import Check, channel_checks
from integrity.detectors.dormant import Silence, dormant_channels
from integrity.detectors.follow_up_gap import TwoSources, follow_up_gap
from integrity.detectors.number_gaps import Series, number_gaps, running_series
from integrity.detectors.odd_figures import UnitFigures, odd_figures
from integrity.detectors.plain_rules import UnitRecords, plain_findings
from integrity.detectors.registers import Overlap, under_recorded
from integrity.detectors.replies_alike import UnitReplies, replies_alike
from integrity.detectors.shares import UnitShares, expected_counts, share_findings
from integrity.detectors.steady_months import steady_months
from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from metrics.clocks.period import Period, months_in
from metrics.counting import answer_signals, batches, histories, months, number_series, signals, silences
from metrics.counting import channel_checks as channel_checks_text
from pipeline.numbers.counting import period_days
from records.engine import Engine
from records.engine_views import View

LISTED_SERIES = 100  # series whose gaps are listed one by one
FAST_SHARE = 3  # answers faster than a third of the median are looked at


@dataclass(frozen=True)
class Span:
    """A period with its first and last day of data as day numbers and ISO days, and the cut-off."""

    period: Period  # never "all": cut to the days that hold data
    first: int
    end: int
    as_of: int
    start_day: int = 1

    @property
    def isos(self) -> tuple[str, str]:
        return self.period.start.isoformat(), self.period.end.isoformat()


@dataclass(frozen=True)
class Ground:
    """What the detectors work on: the engine, its views, the period, and the peer group of every unit."""

    engine: Engine
    views: Mapping[str, View]
    span: Span
    groups: Mapping[str, str | None]

    def run(self, text: str, **more: View) -> list[tuple]:
        """Rows of the units of the directory: the first column is the unit."""
        return [row for row in self.engine.run(text, {**self.views, **more}) if row[0] in self.groups]


def detect(ground: Ground) -> list[Finding]:
    """The findings of all detectors, in no order that means anything."""
    return [finding for detector in DETECTORS for finding in detector(ground)]


def unit_shares(ground: Ground) -> list[UnitShares]:
    """All share signals of the cases of each unit."""
    span = ground.span
    names = signals.share_names(span.as_of)
    mixed = {d.signal: _expected(ground, d.signal, d.mix) for d in detectors().values() if d.mix and d.signal}
    return [
        UnitShares(
            row[0],
            ground.groups[row[0]],
            {name: (row[1 + 2 * i], row[2 + 2 * i]) for i, name in enumerate(names)},
            {signal: expected.get(row[0], 0.0) for signal, expected in mixed.items()},
        )
        for row in ground.run(signals.shares_text(span.first, span.end, span.as_of))
    ]


def _expected(ground: Ground, signal: str, column: str) -> dict[str, float]:
    span = ground.span
    cells: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for unit, value, among, hits in ground.run(
        signals.mixed_shares_text(signal, column, span.first, span.end, span.as_of)
    ):
        cells[unit][value] = (among, hits)
    return expected_counts(cells)


def _shares(ground: Ground) -> list[Finding]:
    shares = unit_shares(ground)
    return share_findings(shares) + _plain(ground, {u.unit: u.counts["excluded"][0] for u in shares})


def _plain(ground: Ground, n: Mapping[str, int]) -> list[Finding]:
    span = ground.span
    texts = {
        "D10": signals.all_records_text("contradictory", span.first, span.end, span.as_of),
        "D17": histories.vanished_text(*span.isos),
        "D23": histories.rewritten_text(*span.isos),
    }
    found: list[Finding] = []
    for code, text in texts.items():
        cases: dict[str, dict[tuple[str, str], tuple]] = defaultdict(dict)
        for unit, register, case_no, *more in ground.run(text):
            cases[unit][register, case_no] = tuple(more)
        units = [
            UnitRecords(u, group, n.get(u, 0), tuple(cases[u]), tuple(cases[u].values()) if code == "D17" else ())
            for u, group in ground.groups.items()
        ]
        found += plain_findings(code, units)
    return found


def _alike(ground: Ground) -> list[Finding]:
    by_unit: dict[str, dict[int, int]] = defaultdict(dict)
    for unit, times, texts in ground.run(signals.repeats_text(ground.span.first, ground.span.end)):
        by_unit[unit][times] = texts
    return replies_alike([UnitReplies(unit, ground.groups[unit], counts) for unit, counts in by_unit.items()])


def answer_shares(ground: Ground) -> dict[str, tuple[UnitShares, tuple[int, int, int, int]]]:
    """For each unit the signals of its answers, and (rated, satisfied, flagged and rated, flagged and satisfied)."""
    out = {}
    for unit, n, satisfied, *rest in ground.run(answer_signals.signals_text(*ground.span.isos, fast_below(ground))):
        counts = {name: (rest[2 * i], rest[2 * i + 1]) for i, name in enumerate(answer_signals.SIGNALS)}
        out[unit] = UnitShares(unit, None, counts), (n, satisfied, rest[-2], rest[-1])
    return out


def fast_below(ground: Ground) -> int:
    """A third of the median time of filling in, in seconds; 0 where no form gives times."""
    rows = ground.engine.run(answer_signals.durations_text(*ground.span.isos), ground.views)
    half, seen = sum(n for _, n in rows) / 2, 0
    for seconds, n in rows:
        seen += n
        if seen >= half:
            return int(seconds // FAST_SHARE)
    return 0


def _answers(ground: Ground) -> list[Finding]:
    return share_findings([shares for shares, _ in answer_shares(ground).values()], source="answers")


def _bursts(ground: Ground) -> list[Finding]:
    hours: dict[str, dict] = defaultdict(dict)
    for unit, hour, n in ground.run(answer_signals.hours_text(*ground.span.isos)):
        hours[unit][hour] = n
    return rating_bursts([UnitHours(unit, found) for unit, found in hours.items()], ground.span.period.days)


def _gap(ground: Ground) -> list[Finding]:
    span = ground.span
    third = {unit: (n, good) for unit, n, good in ground.run(answer_signals.third_party_text(*span.isos))}
    own = {unit: (n, good) for unit, n, good in ground.run(answer_signals.own_text(span.first, span.end))}
    both = sorted(set(own) & set(third))
    return follow_up_gap([TwoSources(unit, ground.groups[unit], own[unit], third[unit]) for unit in both])


def _batches(ground: Ground) -> list[Finding]:
    span = ground.span
    found: dict[str, list] = defaultdict(list)
    for unit, minute, n in ground.run(batches.batches_text(span.first, span.end)):
        found[unit].append((minute, n))
    rows = ground.run(batches.seconds_text(span.first, span.end))
    return batch_closing(
        [UnitClosings(unit, ground.groups[unit], int(n), largest, tuple(found[unit])) for unit, n, largest in rows]
    )


def _dormant(ground: Ground) -> list[Finding]:
    span = ground.span
    answer_days = int(detectors()["D16"].limits["answer_days"])
    text = silences.silences_text(span.first, span.end, span.as_of, answer_days)
    messages = {(unit, channel): n for unit, channel, n in ground.run(silences.totals_text(span.first, span.end))}
    return dormant_channels([Silence(*row) for row in ground.run(text)], messages)


def _channels(ground: Ground) -> list[Finding]:
    return channel_checks([Check(*row) for row in ground.run(channel_checks_text.checks_text(*ground.span.isos))])


def _gaps(ground: Ground) -> list[Finding]:
    """Missing numbers; a register's numbers are no unit's, unless a series is one unit's own."""
    span, run = ground.span, ground.engine.run
    totals = dict(run(signals.registers_text(span.first, span.end), ground.views))
    by_width = {
        width: [Series(*row) for row in run(number_series.series_text(width, span.first, span.end), ground.views)]
        for width in number_series.WIDTHS
    }
    found: list[Finding] = []
    for register, width in running_series(by_width, totals).items():
        mine = [s for s in by_width[width] if s.register == register and (s.unit is None or s.unit in ground.groups)]
        incomplete = [(s.register, s.beginning) for s in mine if s.is_running and s.missing][:LISTED_SERIES]
        text = number_series.gaps_text(width, incomplete, span.first, span.end) if incomplete else ""
        gaps = [
            (beginning, f"{low:0{width}d}", f"{high:0{width}d}", *days)
            for _, beginning, low, high, *days in (run(text, ground.views) if text else ())
        ]
        found += number_gaps(mine, {register: gaps})
    return found


def _figures(ground: Ground) -> list[Finding]:
    span = ground.span
    periods = months_in(span.period, span.start_day)
    view = period_days(periods, span.period.start, span.period.end - timedelta(days=1))
    rates: dict[str, dict[str, list[tuple[int, int]]]] = {
        unit: {rate: [(0, 0)] * len(periods) for rate in months.RATES} for unit in ground.groups
    }
    for unit, place, *counts in ground.run(months.months_text(), period_days=view):
        for i, rate in enumerate(months.RATES):
            rates[unit][rate][place] = (counts[2 * i], counts[2 * i + 1])
    minutes: dict[str, list[int]] = {unit: [0] * 60 for unit in ground.groups}
    for unit, minute, n in ground.run(signals.minutes_text(span.first, span.end)):
        minutes[unit][int(minute)] = n
    figures = [UnitFigures(u, group, rates[u], minutes[u]) for u, group in ground.groups.items()]
    return odd_figures(figures) + steady_months(figures)


def _registers(ground: Ground) -> list[Finding]:
    span = ground.span
    return under_recorded([Overlap(*row) for row in ground.run(months.overlap_text(span.first, span.end))])


DETECTORS: tuple[Callable[[Ground], list[Finding]], ...] = (
    _shares, _alike, _answers, _bursts, _gap, _batches, _dormant, _channels, _gaps, _figures, _registers,
)  # fmt: skip
