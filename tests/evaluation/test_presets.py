"""The shipped schemes against the text they come from: weights, goalposts, caps and rules."""

from __future__ import annotations

import pytest

from evaluation.assess import assess
from evaluation.movement import next_grade
from evaluation.rules.catalogue import SHIPPED, find
from evaluation.rules.scheme import load
from evaluation.scores.observations import AssessedUnit, Evidence, Observation
from evaluation.scores.table import read_table
from tests.evaluation.builders import indicator, scheme, scored

MESSAGE_BOARD = {
    "R5": (25, 0.80, 1.00), "R4.strict": (20, 0.60, 1.00), "H9": (15, 0.60, 1.00), "S9.manner": (12.5, 50, 95),
    "S9.speed": (12.5, 50, 95), "Q1": (15, 50, 95),
}  # fmt: skip
RATINGS = {
    "S2": (40, 0.80, 1.00), "S5": (30, 0.60, 1.00), "S10": (10, 0.80, 1.00), "S4": (10, 0.05, 0.00),
    "S3": (10, 0.05, 0.50),
}  # fmt: skip
INTEGRATED = {
    "R1": (3, 0.80, 1.00), "R4.strict": (7, 0.60, 1.00), "R3.ratio": (5, 1.5, 0.5), "R5": (5, 0.80, 1.00),
    "H2": (10, 0.40, 0.95), "H1.allowed": (5, 0.70, 1.00), "H4": (3, 0.10, 0.00), "H5": (4, 0.15, 0.00),
    "H6": (3, 0.15, 0.00), "S6": (12, 50, 95), "S1c": (6, 0.60, 0.98), "S4": (3, 0.20, 0.00), "S5": (4, 0.60, 1.00),
    "Q1": (9, 50, 95), "Q3": (3, 0.15, 0.00), "Q5": (3, 0.50, 1.00), "C1": (4, 0.80, 1.00), "C2": (3, 0.80, 1.00),
    "R6": (3, 0.50, 1.00), "T1": (2, 0.80, 1.00), "H8": (3, 0.10, 0.00),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [("message_board", MESSAGE_BOARD), ("haochaping", RATINGS), ("integrated_third_party", INTEGRATED)],
)
def test_weights_and_goalposts_are_those_of_the_text(
    name: str, expected: dict[str, tuple[float, float, float]]
) -> None:
    found = {i.code: (i.weight, i.zero, i.full) for i in find(name).indicators}
    assert found == {code: pytest.approx(row) for code, row in expected.items()}
    assert {i.method for i in find(name).indicators} == {"goalposts"}


def test_three_rates_of_the_example() -> None:
    used = find("bj_three_rates")
    given = [Observation("u", "R2", 0.99), Observation("u", "H2", 0.85), Observation("u", "S1a", 0.89)]
    found = assess(used, given, [AssessedUnit("u", "u", "town")], period="2024-02-19..2024-03-18")
    assert found.units[0].score == pytest.approx(88.00)
    assert (used.period_start_day, used.indicator("S1a").options) == (19, {"basically_satisfied": 0.9})


def test_three_rates_name_two_peer_groups_and_leave_nobody_out() -> None:
    used = find("bj_three_rates")
    assert [row.code for row in used.compared] == ["town", "bureau"]
    given = [Observation(unit, "R2", 0.9) for unit in "ab"] + [Observation(unit, "H2", 0.9) for unit in "ab"]
    given += [Observation(unit, "S1a", 0.9) for unit in "ab"]
    units = [AssessedUnit("a", "a", "town"), AssessedUnit("b", "b", None)]
    found = assess(used, given, units, period="2024")
    assert [unit.score for unit in found.units] == pytest.approx([90.0, 90.0])
    assert "outside_peer_groups:1" in found.warnings
    assert not assess(used, given, units[:1], period="2024").warnings


def test_message_board_shows_two_metrics_without_scoring_them_and_wants_thirty_raters() -> None:
    used = find("message_board")
    rates = {code: 0.9 for code in ("R5", "R4.strict", "H9")} | {"Q1": 80.0}
    given = [Observation("u", code, value) for code, value in rates.items()]
    given += [Observation("u", "S9.manner", 80.0, n=30), Observation("u", "S9.speed", 80.0, n=29)]
    unit = AssessedUnit("u", "u")
    shown = [Observation("u", "P4", 0.4), Observation("u", "n_replied", 1200.0)]
    plain, found = (assess(used, rows, [unit], period="2024").units[0] for rows in (given, [*given, *shown]))
    assert plain.score == found.score
    assert {row["code"]: row["value"] for row in found.information} == {"P4": 0.4, "n_replied": 1200.0}
    assert {row["code"]: row["value"] for row in plain.information} == {"P4": None, "n_replied": None}
    speed, manner = found.indicator("S9.speed"), found.indicator("S9.manner")
    assert speed is not None
    assert manner is not None
    assert (speed.points, speed.reason, speed.n) == (None, "too_few", 29)
    assert manner.points == pytest.approx(100 * 30 / 45)


WEBSITE = "unit,W2.policy,W2.replies,W2.content,W2.statistics,W2.service,W3\n"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("0,0,0,0,0,", 100),
        ("1,1,0,1,0,", 90),  # -5, -3 and -2
        ("3,0,0,0,0,", 95),  # an item costs its points until the full mark of the line is used up
        ("0,0,15,N/A,N/A,", 80),  # a site without services: 60 of 75 points
        ("0,0,15,0,0,10", 95),  # part 3 counts above 80 only
        ("0,0,20,0,0,10", 80),
        ("1,0,0,0,0,40", 100),
    ],
)
def test_website_by_deduction(row: str, expected: float) -> None:
    used = find("website_interaction")
    table = read_table(f"{WEBSITE}u,{row}\n", used)
    found = assess(used, table.values, table.units, period="2024", evidence=table.evidence).units[0]
    assert found.score == pytest.approx(expected)


@pytest.mark.parametrize("matter", ["site_security", "media_stale", "app_stale", "media_silent", "service_useless"])
def test_one_item_of_part_one_ends_the_check(matter: str) -> None:
    used = find("website_interaction")
    table = read_table(f"{WEBSITE}u,0,0,0,0,0,\n", used)
    proof = Evidence("u", f"confirmed_finding:{matter}", 1.0, "finding 7")
    found = assess(used, table.values, table.units, period="2024", evidence=[proof]).units[0]
    assert (found.grade, found.score, found.vetoes[0]["grade_without"]) == ("D", 100.0, ["A"])
    assert (found.vetoes[0]["documents"], found.vetoes[0]["rule"]) == (["finding 7"], f"confirmed_finding:{matter}")
    assert "19号" in found.vetoes[0]["document"]


def test_integrated_bonus_and_penalties_are_capped() -> None:
    used = find("integrated_third_party")
    bonus, deduction = used.bonuses[0], used.deductions[0]
    assert (bonus.per_item, used.bonus_cap, used.deduction_cap) == (1, 5, 10)
    assert deduction.source == "confirmed_finding"
    assert {veto.code: veto.cap_grade for veto in used.vetoes} == {"V1": "C", "V2": "D", "V3": "D", "V4": "D"}
    assert {group.id: group.weight for group in used.groups} == {
        "timeliness": 20, "resolution": 25, "satisfaction": 25, "quality": 15, "channels": 10, "credibility": 5,
    }  # fmt: skip


def test_published_versions_keep_their_hash() -> None:
    """A shipped version never changes: whoever needs another text adds a version beside it."""
    found = {path.stem: load(path).sha256[:12] for path in SHIPPED.glob("*@2025.1.toml")}
    assert found == PUBLISHED


PUBLISHED = {
    "bj_three_rates@2025.1": "6f562f930098",
    "haochaping@2025.1": "c26e6f0da3a2",
    "integrated_third_party@2025.1": "584440cba07f",
    "message_board@2025.1": "cd98f2cadd24",
    "website_interaction@2025.1": "b460d372a726",
}


def test_a_deduction_tells_the_score_without_it() -> None:
    tables = '[[deduction]]\ncode = "D1"\nper_item = 8\ncap = 8\nsource = "table"\ndocument = "rule 1"\n'
    tables += '[[deduction]]\ncode = "D2"\nper_item = 6\ncap = 6\nsource = "table"\n'
    used = scheme(indicator("x", 100), tables, root="aggregate = { deduction_cap = 10 }")
    evidence = [Evidence("u", "table:D1", 1, "finding 3"), Evidence("u", "table:D2", 1)]
    found = scored(used, {"u": {"x": 80}}, evidence=evidence).units[0]
    assert found.score == 70.0
    assert [(item["code"], item["score_without"]) for item in found.evidence] == [("D1", 74.0), ("D2", 72.0)]
    assert found.evidence[0]["documents"] == ["finding 3"]
    assert found.evidence[0]["rule"] == {"per_item": 8.0, "cap": 8.0, "source": "table", "document": "rule 1"}


def test_the_way_up_starts_at_the_goalpost_for_a_value_below_it() -> None:
    """50 % under goalposts of 60 to 100 earns 0: the way to 50 points leads to 80 %, not to 70 %."""
    used = scheme(indicator("x", 50, method="goalposts", zero=0.6, full=1.0), indicator("y", 50))
    table = {"u": {"x": 0.5, "y": 70}}
    up = next_grade(scored(used, table).units[0], used)
    assert up is not None
    move = next(move for move in up.moves if move.code == "x")
    assert move.needed == pytest.approx(0.8)
    reached = scored(used, {"u": {**table["u"], "x": move.needed}}).units[0]
    assert reached.score == pytest.approx(60.0)


def test_under_a_geometric_level_no_single_way_is_told() -> None:
    group = '[[group]]\nid = "g"\nacross = "geometric"\n'
    used = scheme(group, indicator("x", 50, group="g"), indicator("z", 30, group="g"), indicator("y", 20))
    up = next_grade(scored(used, {"u": {"x": 50, "z": 50, "y": 60}}).units[0], used)
    assert up is not None
    assert [move.code for move in up.moves] == []
