"""A finding: something that needs a human look, said in lay words with its ordinary explanations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DISCLAIMER = {"zh": "尚未核实，不影响得分。", "en": "Not verified; no effect on any score."}


@dataclass(frozen=True)
class Finding:
    """One detector's answer for one unit.

    `count` of `n` cases show the pattern; `value` is their share (or the statistic), `expected` that of the peers.
    `p_adjusted` is the Benjamini-Hochberg value among all units of the detector and period, None where no chance is
    worked out. `named` is True only when effect, count and two independent keys are met: before that the unit is not
    named outside the review desk.
    """

    detector: str
    unit: str
    count: int
    n: int
    value: float | None
    expected: float | None
    p_adjusted: float | None
    sentence: dict[str, str]
    case_keys: tuple[tuple[str, str], ...] = ()  # (register, case number), at most a few hundred
    named: bool = False
    strength: float = 0.0  # sorts the work list; larger is stronger
    family: str = ""  # records | time | text | citizen_voice | ratings
    ordinary: dict[str, list[str]] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    variant: str = ""  # the pattern among those of one detector
    second_family: str = ""  # set where the finding carries its own second key
    is_deterministic: bool = False  # a rule about single records, no comparison
    is_ticket: bool = False  # a record to be explained, too few for a look at the unit: it never helps to name it
    passed: tuple[str, ...] = ()  # names of the gates and limits it passed, where not all of the detector

    @property
    def key(self) -> str:
        """The entry of the catalogue: code, or code and pattern."""
        return f"{self.detector}.{self.variant}" if self.variant else self.detector
