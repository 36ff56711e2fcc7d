"""From open to closed, and again: first and final closing, the cycles between, and what they took net of pauses.

First and final are never averaged together. The gap between a closing and a reopening is neither handling nor pause.
A reopening within 30 days by the citizen or a check begins a new cycle; later it is a repeat, counted as a new demand.
A unit that undoes its own closing within the hour has corrected a slip, not reopened a case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from metrics.clocks.clock import merge_pauses
from records.vocabulary.events import Event, in_order, open_spans, received_at
from records.vocabulary.events import pauses as pauses_of

CREDIT_NUMERATOR, CREDIT_DENOMINATOR = 1, 5  # a pause is credited with at most a fifth of the gross time
Measure = Callable[[datetime, datetime], int]


@dataclass(frozen=True)
class Cycle:
    """One stretch from open to closed; `end` None while it runs. Seconds as the measure counts them."""

    start: datetime
    end: datetime | None
    gross: int
    paused: int

    @property
    def net(self) -> int:
        return max(self.gross - self.paused, 0)


@dataclass(frozen=True)
class Handling:
    """How a case was handled. `full` runs from receipt to the last closing, gaps included; None while open.

    `net` is the sum over the cycles without pauses; `credited` deducts at most a fifth of the gross time.
    """

    received: datetime
    first_closed: datetime | None
    final_closed: datetime | None
    cycles: tuple[Cycle, ...]
    reopens: int
    repeats: tuple[datetime, ...]
    full: int | None
    problems: tuple[str, ...]

    @property
    def first(self) -> int | None:
        return self.cycles[0].gross if self.first_closed else None

    @property
    def net(self) -> int:
        return sum(cycle.net for cycle in self.cycles)

    @property
    def credited(self) -> int:
        gross = sum(cycle.gross for cycle in self.cycles)
        most = gross * CREDIT_NUMERATOR // CREDIT_DENOMINATOR
        return gross - min(sum(cycle.paused for cycle in self.cycles), most)


def handling(events: Iterable[Event], as_of: datetime, measure: Measure) -> Handling | None:
    """The handling of a case from its events up to the cut-off; None without a receipt.

    `measure` gives the seconds between two moments (working or calendar time). Problems are `pause_exceeds_cycle`,
    where pauses given for a cycle are longer than it, and `pause_open`, where one never ended.
    """
    ordered = [e for e in in_order(events) if e.at <= as_of]
    start = received_at(ordered)
    if start is None:
        return None
    spans, reopens, repeats = open_spans(ordered, start)
    pauses, is_open = pauses_of(ordered)
    problems = ["pause_open"] if is_open else []
    cycles = []
    for begin, end in spans:
        stop = end or as_of
        gross = measure(begin, stop)
        mine = _paused(pauses, begin, stop, measure)
        if _is_too_long(pauses, begin, stop, as_of):
            problems.append("pause_exceeds_cycle")
        cycles.append(Cycle(begin, end, gross, min(mine, gross)))
    ends = [end for _, end in spans if end]
    final = ends[-1] if ends and spans[-1][1] else None
    full = measure(start, final) if final else None
    return Handling(
        start, ends[0] if ends else None, final, tuple(cycles), reopens, tuple(repeats), full, tuple(problems)
    )  # fmt: skip


def _paused(
    pauses: Sequence[tuple[datetime, datetime | None]], begin: datetime, stop: datetime, measure: Measure
) -> int:
    return sum(measure(a, b) for a, b in merge_pauses(pauses, begin, stop))


def _is_too_long(
    pauses: Sequence[tuple[datetime, datetime | None]], begin: datetime, stop: datetime, as_of: datetime
) -> bool:
    """Whether a pause that begins in this cycle is said to last longer than the whole cycle."""
    return any(begin <= a < stop and (b or as_of) - a > stop - begin and b is not None for a, b in pauses)
