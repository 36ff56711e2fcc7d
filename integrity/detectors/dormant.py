"""D16: a channel where messages come in and nobody answers for months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from integrity.rules.rule_findings import rule_finding

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Silence:
    """A stretch without an answer on one channel of a unit; days are counted from 1970-01-01.

    `waiting` are the messages that came in it and were unanswered at its end.
    """

    unit: str
    channel: str
    since: int
    until: int
    waiting: int

    @property
    def days(self) -> int:
        return self.until - self.since


def dormant_channels(silences: Sequence[Silence], messages: Mapping[tuple[str, str], int]) -> list[Finding]:
    """One finding for each unit: the longest silence with at least five waiting messages, and all others beside it.

    `messages` holds the messages of each unit and channel in the period.
    """
    limits = detectors()["D16"].limits
    by_unit: dict[str, list[Silence]] = {}
    for silence in silences:
        if silence.days > limits["answer_days"] and silence.waiting >= limits["min_waiting"]:
            by_unit.setdefault(silence.unit, []).append(silence)
    found = []
    for unit, stretches in sorted(by_unit.items()):
        longest = max(stretches, key=lambda s: (s.waiting, s.days, s.channel))
        n = max(messages.get((unit, longest.channel), 0), longest.waiting)
        listed = [[s.channel, _iso(s.since), _iso(s.until), s.days, s.waiting] for s in stretches]
        found.append(
            rule_finding("D16", unit, count=longest.waiting, n=n, expected=0.0, evidence={"silences": listed},
                         days=str(longest.days), since=_iso(longest.since), until=_iso(longest.until))
        )  # fmt: skip
    return found


def _iso(day: int) -> str:
    return (EPOCH + timedelta(days=day)).isoformat()
