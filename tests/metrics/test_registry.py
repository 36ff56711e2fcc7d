"""The registry, the computation and the words for missing values speak of the same things."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metrics.counting import rates
from metrics.registry import DIRECTIONS, INPUTS, REASONS, REGISTRY, reason_text
from metrics.values import comparative, compute, needs, table_indicators

SOURCES = [Path(compute.__file__), Path(rates.__file__), Path(table_indicators.__file__),
           Path(comparative.__file__)]  # fmt: skip


def test_every_source_is_told_in_words_and_names_no_file_of_ours():
    told = [metric.origin(language) for metric in REGISTRY.values() for language in ("zh", "en")]
    assert [text for text in told if ".md" in text] == []


def test_every_computed_code_is_defined_and_every_defined_one_is_computed() -> None:
    assert sorted(REGISTRY) == sorted(needs.all_codes())


@pytest.mark.parametrize("code", list(REGISTRY))
def test_a_definition_is_complete_in_both_languages(code: str) -> None:
    metric = REGISTRY[code]
    assert all((metric.name_zh, metric.name_en, metric.formula_zh, metric.formula_en, metric.source))
    assert metric.direction in DIRECTIONS
    assert bool(metric.edge_zh) == bool(metric.edge_en)


def test_every_reason_that_can_be_given_has_words() -> None:
    given = {rate.reason for rate in rates.rates().values()}
    for path in SOURCES:
        given |= set(re.findall(r'(?:reason=|\bor |\belse |return \[)"([a-z_]+)"', path.read_text("utf-8")))
    assert given - {"median"} <= set(REASONS)
    assert {"no_valid_follow_up", "not_recorded", "not_reached"} <= given
    assert reason_text("no_valid_follow_up") == "无有效回访"


@pytest.mark.parametrize("code", list(REGISTRY))
def test_every_metric_says_what_file_it_is_counted_from(code: str) -> None:
    named = [name for name in (code, code.split(".")[0]) if name in INPUTS]
    assert named, "add the code to metrics/definitions/inputs.toml"
    metric = REGISTRY[code]
    assert (metric.input_zh, metric.input_en) == (INPUTS[named[0]]["zh"], INPUTS[named[0]]["en"])
    assert metric.input_zh
    assert metric.input_en


def test_no_input_is_told_of_a_metric_that_is_not_there() -> None:
    listed = [code for code in INPUTS if code not in REGISTRY and not any(c.startswith(f"{code}.") for c in REGISTRY)]
    assert listed == []
