"""Every parameter of a scheme: it has a default, changing it changes what it says, and an impossible value is a fault
with its line."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.assess import assess
from evaluation.rules.parameters import parameters
from evaluation.rules.scheme import Scheme, check
from evaluation.scores.board import lay
from evaluation.scores.observations import AssessedUnit, Evidence
from evaluation.scores.result import Assessment
from evaluation.uncertainty.chance import rankable
from evaluation.uncertainty.funnel import LEVELS, zone
from evaluation.uncertainty.robustness import robustness
from tests.evaluation.builders import GRADES, HEAD, by_unit, indicator, rate, scheme

SIZE = 40
HITS = np.random.default_rng(7).binomial(120, np.linspace(0.62, 0.93, SIZE)).tolist()
UNITS = [AssessedUnit(f"u{n:02}", f"u{n:02}", "town") for n in range(SIZE)]
VALUES = [rate(unit.code, code, hits, 120) for unit, hits in zip(UNITS, HITS, strict=True) for code in ("a", "b")]
PROOF = [Evidence("u03", "table:B1", 4), Evidence("u03", "table:D1", 9)]
TABLES = (
    indicator("a", 60, zero=0.4, full=1.0, proof=True, target=0.85),
    indicator("b", 40, zero=0.2, full=1.0),
    '[[bonus]]\ncode = "B1"\nper_item = 1\ncap = 4\n[[deduction]]\ncode = "D1"\nper_item = 1\ncap = 9\n',
)


def made(*settings: str) -> Scheme:
    return scheme(*TABLES, *settings)


def result(*settings: str) -> Assessment:
    return assess(made(*settings), VALUES, UNITS, period="2024", draws=400, evidence=PROOF)


BASE = result()


def told(found: Assessment, name: str) -> list:
    return [getattr(unit, name) for unit in found.units]


@pytest.mark.parametrize(
    ("setting", "changed", "kept"),
    [
        ("[uncertainty]\nrank_interval = 0.5", "rank_low", "joint_rank_low"),
        ("[uncertainty]\njoint_interval = 0.5", "joint_rank_low", "rank_low"),
        ("[uncertainty]\nend_share = 0.1", "probability_top", "rank_low"),
        ("[uncertainty]\ncertain = 0.6", "grade", "score"),
        ("[uncertainty]\nseed = 5", "low", "score"),
        ("[comparison]\nleast_units = 60", "reliability", "rank"),
        ("[comparison]\npenalty_level = 0.5", "score", "n"),
        ("[small_n]\nsuppress = 121\nrank = 121", "score", "n"),
        ("[small_n]\nrank = 121", "rank", "score"),
        ("[small_n]\nreliability = 0.999", "rank", "score"),
        ('[aggregate]\nacross = "geometric"', "score", "n"),
        ("[aggregate]\nbonus_cap = 2", "bonus", "deduction"),
        ("[aggregate]\ndeduction_cap = 3", "deduction", "bonus"),
    ],
)
def test_parameter_changes_what_it_says(setting: str, changed: str, kept: str) -> None:
    found = result(setting)
    assert told(found, changed) != told(BASE, changed)
    if kept != "n" or "suppress" not in setting:
        assert told(found, kept) == told(BASE, kept)


def test_narrower_levels_give_narrower_intervals_and_fewer_ends() -> None:
    narrow = result("[uncertainty]\nrank_interval = 0.5\njoint_interval = 0.5\nend_share = 0.1")
    pairs = list(zip(narrow.units, BASE.units, strict=True))
    assert all(a.rank_high - a.rank_low <= b.rank_high - b.rank_low for a, b in pairs)
    assert all(a.joint_rank_high - a.joint_rank_low <= b.joint_rank_high - b.joint_rank_low for a, b in pairs)
    assert sum(unit.probability_top for unit in narrow.units) == pytest.approx(4)
    assert sum(unit.probability_top for unit in BASE.units) == pytest.approx(12)


def test_a_higher_penalty_level_protects_more_units_that_miss_the_target() -> None:
    protected = [
        sum(unit.indicator("a").note == "within_chance" for unit in result(f"[comparison]\npenalty_level = {p}").units)
        for p in (0.5, 0.95, 0.999)
    ]
    assert protected[0] < protected[1] < protected[2]


def test_missing_below_says_from_which_weight_a_unit_is_rated() -> None:
    values = [row for row in VALUES if (row.unit, row.metric) != ("u05", "b")]
    for below, is_rated in ((0.8, False), (0.5, True)):
        found = assess(made(f"[aggregate]\nmissing_below = {below}"), values, UNITS, period="2024", draws=100)
        assert (by_unit(found)["u05"].score is not None) is is_rated


def test_goalpost_shift_and_dirichlet_widen_the_ranks_of_other_choices() -> None:
    def width(*settings: str) -> int:
        used = made(*settings)
        board = lay(used, VALUES, UNITS)
        return sum(row.rank_high - row.rank_low for row in robustness([board], rankable(board), seed=1, draws=60).units)

    # Both indicators are one rate here: only the target of the first keeps moved goalposts from keeping every order.
    still = width("[uncertainty]\ngoalpost_shift = 0.0\nweights_dirichlet = 1000000")
    assert width("[uncertainty]\ngoalpost_shift = 0.5\nweights_dirichlet = 1000000") > still


def test_every_parameter_has_a_default_that_the_scheme_without_it_has() -> None:
    document = made().document
    silent = {row.name: row.value for row in parameters(document)}
    assert all(row.value == row.default for row in parameters(document))
    assert {"small_n.rank", "uncertainty.rank_interval", "comparison.penalty_level", "aggregate.bonus_cap"} <= set(
        silent
    )
    written = made("[comparison]\nleast_units = 20")
    assert {row.name: row.value for row in parameters(written.document)}["comparison.least_units"] == 20
    assert written.sha256 != made().sha256


@pytest.mark.parametrize(
    "line",
    [
        "[uncertainty]\nrank_interval = 0.2", "[uncertainty]\njoint_interval = 1.0", "[uncertainty]\nend_share = 0.6",
        "[uncertainty]\ngoalpost_shift = 0.7", "[comparison]\npenalty_level = 0.4", "[comparison]\nleast_units = 2",
        "[comparison]\nfunnel_winsor = 0.5", "[comparison]\nreference_cases = 0",
        "[uncertainty]\nweights_dirichlet = 0.5", "[comparison]\nfunnel_notable = 0.5",
        "[comparison]\nfunnel_different = 1.0",
        "[waiting]\nlongest_working_hours = 0", "[waiting]\nlongest_hours = 0.5",
    ],
)  # fmt: skip
def test_impossible_value_is_a_fault_with_its_line(line: str) -> None:
    text = HEAD + line + "\n" + indicator("a", 100) + GRADES
    [fault] = check(text)
    assert (fault.code, fault.line) == ("out_of_range", 5)
    key = line.split("\n")[1].split(" ")[0]
    assert key in fault.en
    assert key in fault.zh


def test_outer_limits_of_a_funnel_lie_outside_the_inner_ones() -> None:
    text = HEAD + "[comparison]\nfunnel_notable = 0.998\n" + indicator("a", 100) + GRADES
    [fault] = check(text)
    assert (fault.code, fault.line) == ("funnel_order", 4)
    assert check(text.replace("0.998", "0.99")) == []


def test_levels_of_a_funnel_say_where_a_unit_lies() -> None:
    used = made("[comparison]\nfunnel_notable = 0.9\nfunnel_different = 0.94").comparison
    places = [zone(0.836, 100, 0.9, 0.0, levels) for levels in (LEVELS, used.funnel_levels)]
    assert places == ["inside", "different"]
    assert made().comparison.funnel_levels == LEVELS
