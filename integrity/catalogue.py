"""The detectors as data: names, families, gates, sentences and the ordinary explanations that go with each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from integrity.null import Gates


@dataclass(frozen=True)
class Detector:
    """One detector. `signal` names its pair of counts, None when it has a module of its own."""

    code: str
    name: dict[str, str]
    family: str
    sentence: dict[str, str]
    ordinary: dict[str, list[str]]
    gates: Gates
    signal: str | None = None

    def say(self, *, count: int, n: int, share: float, expected: float) -> dict[str, str]:
        """The lay sentence in both languages, with the numbers of one unit."""
        numbers = {"count": f"{count:,}", "n": f"{n:,}", "share": _percent(share), "expected": _percent(expected)}
        return {language: text.format(**numbers) for language, text in self.sentence.items()}


def _percent(value: float) -> str:
    """One decimal, half up, as everywhere; the detectors stand below `reports`, where display rounding lives."""
    return f"{int(value * 1000 + 0.5) / 10:.1f}%"


@lru_cache
def detectors() -> dict[str, Detector]:
    """All detectors by code.

    >>> detectors()["D02"].family
    'text'
    """
    document = tomllib.loads(files("integrity").joinpath("detectors.toml").read_text(encoding="utf-8"))
    return {code: _detector(code, entry) for code, entry in document.items()}


def _detector(code: str, entry: dict) -> Detector:
    return Detector(
        code=code,
        name=entry["name"],
        family=entry["family"],
        sentence=entry["sentence"],
        ordinary={"zh": entry["ordinary_zh"], "en": entry["ordinary_en"]},
        gates=Gates(**entry.get("gates", {})),
        signal=entry.get("signal"),
    )
