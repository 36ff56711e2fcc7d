"""The detectors as data: names, families, gates, sentences and the ordinary explanations that go with each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from integrity.rules.null import Gates

HONEST_UNITS_FLAGGED = 0.001  # the largest share of honest units that may have any statistical finding in a run
GATES = tuple(f.name for f in fields(Gates))

Changes = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]
_CHANGES: ContextVar[Changes] = ContextVar("changes", default=())


@dataclass(frozen=True)
class Detector:
    """One detector, or one pattern of it (`key` is then code.variant).

    `signal` names its pair of counts in `signals` or `answer_signals` of `metrics.counting`, None when it has a module
    of its own. `asks` are the gates it puts to a unit, all of them with a signal. With `contrast` the unit's share must
    also lie above its own share of that signal. `second_key` are two signals whose difference is the second key. With
    `mix` the peers are compared case by case of that column. `limits` are the thresholds of a rule with a statistic of
    its own; `compares` where that statistic sets the unit against its peers without a chance of its own.
    """

    key: str
    code: str
    name: dict[str, str]
    family: str
    sentence: dict[str, str]
    ordinary: dict[str, list[str]]
    gates: Gates
    asks: tuple[str, ...] = ()
    compares: bool = False
    signal: str | None = None
    contrast: str | None = None
    second_key: tuple[str, str] | None = None
    mix: str | None = None
    source: str = "cases"
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def variant(self) -> str:
        return self.key.partition(".")[2]

    def thresholds(self, passed: Iterable[str] = ()) -> dict[str, dict[str, float]]:
        """The gates and limits in force, or only those named in `passed`; a gate it does not ask is none of them."""
        names = frozenset(passed)
        parts = {"gates": {name: getattr(self.gates, name) for name in self.asks}, "limits": dict(self.limits)}
        return {part: {n: v for n, v in held.items() if not names or n in names} for part, held in parts.items()}

    def say(self, *, count: int, n: int, share: float, expected: float, **more: str) -> dict[str, str]:
        """The lay sentence in both languages, with the numbers of one unit; `more` fills what only this one names."""
        numbers = {"count": f"{count:,}", "n": f"{n:,}", "share": percent(share), "expected": percent(expected)} | more
        return {language: text.format(**numbers) for language, text in self.sentence.items()}


def percent(value: float) -> str:
    """One decimal, half up, as everywhere; the detectors stand below `reports`, where display rounding lives."""
    return f"{int(value * 1000 + 0.5) / 10:.1f}%"


def detectors() -> dict[str, Detector]:
    """All detectors by key, with the settings in force (`settings_of`).

    >>> detectors()["D02"].family
    'text'
    """
    return _catalogue(_CHANGES.get())


class SettingsFaulty(ValueError):
    """A scheme sets something that no detector has; the message names it."""


@contextmanager
def settings_of(tables: Iterable[Mapping[str, Any]]) -> Iterator[None]:
    """Inside the block the detectors have the gates and limits of a scheme's [[detector]] tables.

    Each table names a detector by its key (`code`) and the values that replace the start values. Raises SettingsFaulty
    for a detector or a value that is not there.

    >>> with settings_of([{"code": "D08", "min_count": 40}]):
    ...     detectors()["D08"].gates.min_count
    40
    >>> detectors()["D08"].gates.min_count
    20
    """
    changes = tuple(
        sorted((str(t["code"]), tuple(sorted((k, v) for k, v in t.items() if k != "code"))) for t in tables)
    )
    _catalogue(changes)
    token = _CHANGES.set(changes)
    try:
        yield
    finally:
        _CHANGES.reset(token)


@lru_cache(maxsize=16)
def _catalogue(changes: Changes) -> dict[str, Detector]:
    document = tomllib.loads(files("integrity.rules").joinpath("detectors.toml").read_text(encoding="utf-8"))
    looks = sum("level" in _asks(entry) for entry in document.values())
    found = {key: _detector(key, entry, HONEST_UNITS_FLAGGED / looks) for key, entry in document.items()}
    for key, values in changes:
        if key not in found:
            raise SettingsFaulty(f"no detector {key}")
        found[key] = _changed(found[key], dict(values))
    return found


def _changed(detector: Detector, values: dict[str, float]) -> Detector:
    unknown = values.keys() - set(detector.asks) - detector.limits.keys()
    if unknown:
        raise SettingsFaulty(f"{detector.key} has no {', '.join(sorted(unknown))}")
    gates: dict[str, Any] = {name: value for name, value in values.items() if name not in detector.limits}
    limits = {name: value for name, value in values.items() if name in detector.limits}
    return replace(detector, gates=replace(detector.gates, **gates), limits={**detector.limits, **limits})


def _asks(entry: Mapping[str, Any]) -> tuple[str, ...]:
    asked = frozenset(entry.get("asks", GATES if "signal" in entry else ()))
    return tuple(name for name in GATES if name in asked)


def _detector(key: str, entry: dict, level: float) -> Detector:
    second = entry.get("second_key")
    return Detector(
        key=key,
        code=key.partition(".")[0],
        name=entry["name"],
        family=entry["family"],
        sentence=entry["sentence"],
        ordinary={"zh": entry["ordinary_zh"], "en": entry["ordinary_en"]},
        gates=Gates(**({"level": level} | entry.get("gates", {}))),
        asks=_asks(entry),
        compares=entry.get("compares", False),
        signal=entry.get("signal"),
        contrast=entry.get("contrast"),
        second_key=(second[0], second[1]) if second else None,
        mix=entry.get("mix"),
        source=entry.get("source", "cases"),
        limits=entry.get("limits", {}),
    )
