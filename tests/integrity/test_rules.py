"""Replies alike and the deterministic rules: a positive, a negative and an ordinary case for each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrity.detectors.plain_rules import UnitRecords, plain_findings
from integrity.detectors.replies_alike import UnitReplies, replies_alike
from integrity.rules.null import with_two_keys

HONEST = [UnitReplies(f"u{i}", "street", {1: 300 + i, 2: 5 + i % 3}) for i in range(12)]


def test_replies_alike_planted_unit() -> None:
    found = replies_alike([*HONEST, UnitReplies("copy", "street", {1: 60, 90: 1})])
    assert [f.unit for f in found] == ["copy"]
    assert found[0].count == 90


@pytest.mark.parametrize(
    "unit",
    [
        UnitReplies("few", "street", {1: 5, 20: 1}),  # too few replies to say anything
        UnitReplies("mild", "street", {1: 300, 30: 1}),  # repeats, but two replies are hardly ever the same
        UnitReplies("alone", "other", {90: 1}),  # no peers
    ],
)
def test_replies_alike_ordinary_units_are_spared(unit: UnitReplies) -> None:
    assert replies_alike([*HONEST, unit]) == []


def _records(unit: str, count: int, n: int) -> UnitRecords:
    return UnitRecords(unit, "street", n, tuple(("hotline", f"{unit}-{i}") for i in range(count)))


@pytest.mark.parametrize(("count", "n", "found"), [(5, 10_000, 1), (4, 10_000, 0), (2, 100, 1), (1, 10, 0), (0, 0, 0)])
def test_plain_findings_gate(count: int, n: int, found: int) -> None:
    assert len(plain_findings("D23", [_records("u", count, n)])) == found
    assert sum(not f.is_ticket for f in plain_findings("D17", [_records("u", count, n)])) == found


def test_one_record_that_vanished_is_listed_and_names_nobody() -> None:
    """A record once seen is explained or listed; a single one is no look at its unit, not even beside another key."""
    ticket = plain_findings("D17", [_records("u", 1, 10_000)])
    other = plain_findings("D23", [_records("u", 2, 10_000)])
    assert [f.case_keys for f in ticket] == [(("hotline", "u-0"),)]
    assert other == []
    late = replace(ticket[0], detector="D09", family="time", is_ticket=False)
    assert [f.named for f in with_two_keys([*ticket, late])] == [False, False]


def test_plain_findings_name_the_records() -> None:
    finding = plain_findings("D23", [_records("u", 6, 1000), _records("v", 0, 1000)])[0]
    assert finding.case_keys[0] == ("hotline", "u-0")
    assert finding.expected == pytest.approx(0.003)
