"""Share detectors: the planted unit is found with a lay sentence, the honest ones are spared, the words are proper."""

from __future__ import annotations

import numpy as np
import pytest

from integrity.catalogue import detectors
from integrity.shares import UnitShares, share_findings
from metrics.signals import share_names

FORBIDDEN = ("\u9020\u5047", "\u4f5c\u5f0a", "\u8fdd\u89c4", "fraud", "cheat", "guilty")
SHARES = [d for d in detectors().values() if d.signal]


def _city(signal: str, base: float, planted: float, seed: int = 1, units: int = 40) -> list[UnitShares]:
    rng = np.random.default_rng(seed)
    out = []
    for i in range(units):
        n = int(rng.integers(300, 2500))
        rate = planted if i == 0 else float(rng.beta(base * 80, (1 - base) * 80))
        out.append(UnitShares(f"u{i:02d}", "street", {signal: (n, int(rng.binomial(n, rate)))}))
    return out


@pytest.mark.parametrize("detector", SHARES, ids=lambda d: d.code)
def test_share_findings_planted_unit_is_found(detector: object) -> None:
    found = share_findings(_city(detector.signal, 0.10, 0.45))  # type: ignore[attr-defined]
    assert [(f.detector, f.unit) for f in found] == [(detector.code, "u00")]  # type: ignore[attr-defined]
    assert f"{found[0].count:,}" in found[0].sentence["zh"]
    assert f"{found[0].count:,}" in found[0].sentence["en"]


@pytest.mark.parametrize("seed", range(5))
def test_share_findings_honest_city_is_spared(seed: int) -> None:
    assert share_findings(_city("perfunctory", 0.10, 0.10, seed)) == []


def test_share_findings_small_count_is_no_finding() -> None:
    units = [UnitShares(f"u{i}", "street", {"perfunctory": (40, 15 if i == 0 else 2)}) for i in range(20)]
    assert share_findings(units) == []


def test_share_findings_compare_inside_peer_groups_only() -> None:
    usual_there = [UnitShares(f"b{i}", "bureau", {"refused": (1000, 400 + i)}) for i in range(20)]
    usual_here = [UnitShares(f"s{i}", "street", {"refused": (1000, 20 + i)}) for i in range(20)]
    assert share_findings(usual_there + usual_here) == []


def test_detectors_every_signal_is_counted() -> None:
    assert {d.signal for d in SHARES} <= set(share_names(20000))


@pytest.mark.parametrize("detector", detectors().values(), ids=lambda d: d.code)
def test_detectors_words_accuse_nobody(detector: object) -> None:
    text = repr(detector).lower()
    assert not [word for word in FORBIDDEN if word in text]
    assert detector.ordinary["zh"]  # type: ignore[attr-defined]
    assert detector.ordinary["en"]  # type: ignore[attr-defined]
