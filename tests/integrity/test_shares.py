"""Share detectors: the planted unit is found with a lay sentence, the honest ones are spared, the words are proper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrity.detectors.shares import UnitShares, expected_counts, share_findings
from integrity.rules.catalogue import Detector, detectors
from integrity.rules.null import with_two_keys
from metrics.counting import answer_signals
from metrics.counting.signals import share_names

FORBIDDEN = ("\u9020\u5047", "\u4f5c\u5f0a", "\u8fdd\u89c4", "fraud", "cheat", "guilty")
SHARES = [d for d in detectors().values() if d.signal]
SIGNALS = {"cases": lambda: share_names(20000), "answers": lambda: answer_signals.SIGNALS}


def _city(signal: str, base: float, planted: float, seed: int = 1, units: int = 40) -> list[UnitShares]:
    rng = np.random.default_rng(seed)
    out = []
    for i in range(units):
        n = int(rng.integers(300, 2500))
        rate = planted if i == 0 else float(rng.beta(base * 80, (1 - base) * 80))
        counts = {signal: (n, int(rng.binomial(n, rate)))}
        out.append(UnitShares(f"u{i:02d}", "street", counts, {signal: base * n}))
    return out


@pytest.mark.parametrize("detector", SHARES, ids=lambda d: d.key)
def test_share_findings_planted_unit_is_found(detector: Detector) -> None:
    found = share_findings(_city(detector.signal or "", 0.10, 0.60), detector.source)
    assert [(f.detector, f.variant, f.unit) for f in found] == [(detector.code, detector.variant, "u00")]
    for language in ("zh", "en"):
        assert f"{found[0].count:,}" in found[0].sentence[language]


def test_share_findings_contrast_unit_that_answers_nobody_is_spared() -> None:
    units = _city("charge_unanswered", 0.10, 0.45)
    everywhere = [UnitShares(u.unit, u.peer_group, {**u.counts, "other_unanswered": (400, 180)}) for u in units]
    selective = [UnitShares(u.unit, u.peer_group, {**u.counts, "other_unanswered": (400, 30)}) for u in units]
    assert share_findings(everywhere) == []
    assert [f.unit for f in share_findings(selective)] == ["u00"]


@pytest.mark.parametrize(("inside", "family"), [((200, 90), "citizen_voice"), ((200, 42), "")])
def test_share_findings_second_key_needs_fewer_confirmed_cases_inside_the_heap(inside, family) -> None:
    units = _city("heaped", 0.10, 0.45)
    keyed = [
        UnitShares(u.unit, u.peer_group, {**u.counts, "heaped_unsolved": inside, "unheaped_unsolved": (300, 60)})
        for u in units
    ]
    (found,) = share_findings(keyed)
    assert (found.second_family, found.is_ticket) == (family, not family)
    assert found.evidence["second_key"] == {"inside": list(inside), "outside": [300, 60]}  # the desk sees it either way


def test_closings_before_the_limit_alone_never_help_to_name_a_unit() -> None:
    """Work before a deadline is lawful and good: without its second key it is on the list, and that is all."""
    found = [*share_findings(_city("heaped", 0.10, 0.45)), *share_findings(_city("perfunctory", 0.10, 0.60))]
    assert [(f.detector, f.unit, f.named) for f in with_two_keys(found)] == [
        ("D02", "u00", False),
        ("D08", "u00", False),
    ]


def test_share_findings_like_with_like_spares_the_unit_with_the_hard_cases() -> None:
    units = [UnitShares(f"u{i:02d}", "street", {"repeated": (1000, 40 + i)}, {"repeated": 45.0}) for i in range(30)]
    hard = UnitShares("hard", "street", {"repeated": (1000, 200)}, {"repeated": 190.0})
    assert share_findings([*units, hard]) == []
    assert [
        f.unit
        for f in share_findings([*units, UnitShares("bad", "street", {"repeated": (1000, 200)}, {"repeated": 45.0})])
    ] == ["bad"]


@given(st.dictionaries(st.sampled_from("abcd"), st.dictionaries(st.sampled_from("xyz"), st.tuples(st.integers(0, 50),
       st.integers(0, 50)).map(lambda t: (max(t), min(t)))), min_size=2))  # fmt: skip
def test_expected_counts_stay_within_the_cases(cells) -> None:
    for unit, expected in expected_counts(cells).items():
        assert -1e-9 <= expected <= sum(n for n, _ in cells[unit].values()) + 1e-9


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


@pytest.mark.parametrize("source", ["cases", "answers"])
def test_detectors_every_signal_is_counted(source: str) -> None:
    mine = [d for d in SHARES if d.source == source]
    named = {name for d in mine for name in (d.signal, d.contrast, *(d.second_key or ())) if name}
    assert named
    assert named <= set(SIGNALS[source]())


@pytest.mark.parametrize("detector", detectors().values(), ids=lambda d: d.code)
def test_detectors_words_accuse_nobody(detector: object) -> None:
    text = repr(detector).lower()
    assert not [word for word in FORBIDDEN if word in text]
    assert detector.ordinary["zh"]  # type: ignore[attr-defined]
    assert detector.ordinary["en"]  # type: ignore[attr-defined]
