"""A scheme with an ill-typed key: the other faults are told with it, and nothing is told that is not wrong."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import evaluation
from evaluation.rules.judgeable import judged
from evaluation.rules.lines import Place
from evaluation.rules.scheme import check
from evaluation.rules.scheme_rules import Found

SHIPPED = sorted((Path(evaluation.__file__).parent / "schemes").glob("*.toml"))
TEN = """id = "ten"
version = "1"
title = { zh = "错", en = "Faulty" }
scope = "some"
[small_n]
suppress = -3
[[indicator]]
code = "R2"
weight = 40
method = "guess"
[[indicator]]
code = "R2"
weight = 60
method = "goalposts"
zero = 0.5
full = 0.5
[[indicator]]
code = "H2"
weight = -5
method = "steps"
steps = [[0.9, 100], [0.5, 20], [0.7, 60]]
[[indicator]]
code = 7
weight = 10
method = "goalposts"
[[indicator]]
code = "S1a"
group = "missing"
weight = 10
method = "goalposts"
zero = 0.2
[grades]
cuts = [["A", 80], ["B", 90]]
"""


def test_everything_wrong_is_said_at_once_with_its_line() -> None:
    assert [(fault.line, fault.code) for fault in check(TEN)] == [
        (4, "not_allowed"),
        (6, "wrong_kind"),
        (10, "not_allowed"),
        (11, "needs_goalposts"),
        (12, "duplicate"),
        (19, "wrong_kind"),
        (21, "needs_steps"),
        (23, "wrong_kind"),
        (26, "needs_goalposts"),
        (28, "unknown_group"),
        (33, "cuts_order"),
    ]


def _places(value: Any, place: Place = ()) -> Iterator[Place]:
    for key, inner in value.items():
        yield (*place, key)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            for number, row in enumerate(inner):
                yield from ((*place, key, number, name) for name in row)
        elif isinstance(inner, dict) and not place and key not in ("title", "limits"):
            yield from ((key, name) for name in inner)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("code", ["wrong_kind", "missing_key"])
def test_one_unreadable_key_of_a_good_scheme_is_the_only_fault(path: Path, code: str) -> None:
    document = tomllib.loads(path.read_text("utf-8"))
    for place in _places(document):
        damaged = copy.deepcopy(document)
        table = damaged
        for step in place[:-1]:
            table = table[step]
        table[place[-1]] = {"no": "such kind"}
        if code == "missing_key":
            del table[place[-1]]
        found = Found(place if code == "wrong_kind" else place[:-1], code, {"key": str(place[-1])})
        assert list(judged(damaged, [found])) == [], place
