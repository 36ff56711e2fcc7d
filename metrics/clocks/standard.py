"""Limits: how long a unit has for which kind of case. Rules are data (`standards/*.toml`); the first that fits wins."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from metrics.clocks.clock import LIMIT_UNITS, Limit


class StandardError(ValueError):
    """A standard that cannot be used; the message says what to correct."""


@dataclass(frozen=True)
class Rule:
    """One limit. An empty condition fits every case; `clocks` are those the limit binds."""

    id: str
    limit: Limit
    clocks: tuple[str, ...] = ("reply", "close")
    channels: tuple[str, ...] = ()
    case_types: tuple[str, ...] = ()
    urgencies: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    basis_zh: str = ""
    basis_en: str = ""

    def fits(self, clock: str, channel: str | None, case_type: str | None, urgency: str | None, day: date) -> bool:
        """Whether this rule binds a case received on that day."""
        return (
            clock in self.clocks
            and (not self.channels or channel in self.channels)
            and (not self.case_types or case_type in self.case_types)
            and (not self.urgencies or urgency in self.urgencies)
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day < self.valid_to)
        )


@dataclass(frozen=True)
class Standard:
    """A versioned list of rules. `sign_hours` is the limit of the sign clock in natural hours.

    >>> load().rule_for("close", "hotline", "inquiry", "normal", date(2025, 3, 3)).limit.amount
    3
    """

    id: str
    version: str
    rules: tuple[Rule, ...]
    sign_hours: int = 24
    sha256: str = ""

    def rule_for(
        self, clock: str, channel: str | None, case_type: str | None, urgency: str | None, received: date
    ) -> Rule | None:
        """The rule in force at receipt; later changes do not rewrite it."""
        return next((r for r in self.rules if r.fits(clock, channel, case_type, urgency, received)), None)


def list_standards() -> list[str]:
    """Ids of the standards shipped here."""
    return sorted(f.name[:-5] for f in _folder().iterdir() if f.name.endswith(".toml"))


def _folder() -> Any:
    return resources.files("metrics") / "standards"


@cache
def load(source: str | Path = "default") -> Standard:
    """The standard of a TOML file, or one shipped here by its id; raises StandardError."""
    file = Path(source) if str(source).endswith(".toml") else _folder() / f"{source}.toml"
    if not file.is_file():
        raise StandardError(f"no standard {source!r}; give a .toml file or one of: {', '.join(list_standards())}")
    text = file.read_text(encoding="utf-8")
    try:
        document = tomllib.loads(text)
        rules = tuple(_rule(entry) for entry in document["rule"])
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise StandardError(f"standard {source}: {error}; each [[rule]] needs id, amount and unit") from None
    name = document.get("id", str(source))
    hours = int(document.get("sign_hours", 24))
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return Standard(name, str(document.get("version", "1")), rules, hours, digest)


def _rule(entry: dict[str, Any]) -> Rule:
    if entry["unit"] not in LIMIT_UNITS:
        raise StandardError(f"rule {entry['id']}: unit {entry['unit']!r} is not one of {', '.join(LIMIT_UNITS)}")
    return Rule(
        entry["id"],
        Limit(int(entry["amount"]), entry["unit"], bool(entry.get("roll_forward", True))),
        tuple(entry.get("clock", ("reply", "close"))),
        tuple(entry.get("channel", ())),
        tuple(entry.get("case_type", ())),
        tuple(entry.get("urgency", ())),
        entry.get("valid_from"),
        entry.get("valid_to"),
        entry.get("basis", {}).get("zh", ""),
        entry.get("basis", {}).get("en", ""),
    )
