"""The rules of a scheme that one key alone cannot break: sums, references, numbers that belong together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from evaluation.rules.lines import Place
from evaluation.rules.parameters import Comparison
from evaluation.rules.rubric import forms

SUM_TOLERANCE = 1e-6
LEVELS = 3
LONGEST_BONUS = 120  # months
FUNNEL = {"funnel_notable": Comparison.funnel_notable, "funnel_different": Comparison.funnel_different}
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")  # id and version make the name of the published file
LONGEST_NAMES = {"id": 64, "version": 20}


@dataclass(frozen=True)
class Found:
    """A broken rule and where: a path of table names, positions and keys."""

    place: Place
    code: str
    details: dict[str, str] = field(default_factory=dict)


def rules(document: dict[str, Any]) -> Iterator[Found]:
    """Every broken rule of a parsed scheme whose keys are known and of the right kind."""
    yield from _names(document)
    yield from _unique(document)
    yield from _groups(document)
    yield from _weights(document)
    for number, row in enumerate(document["indicator"]):
        yield from _indicator(row, ("indicator", number))
    yield from _information(document)
    yield from _grades_and_vetoes(document)
    yield from _bonuses(document)
    yield from _parameters(document)


def _names(document: dict[str, Any]) -> Iterator[Found]:
    for key, longest in LONGEST_NAMES.items():
        if len(document[key]) > longest or not NAME.fullmatch(document[key]):
            yield Found((key,), "odd_name", {"key": key, "longest": str(longest)})


def _unique(document: dict[str, Any]) -> Iterator[Found]:
    for table, key in (
        ("group", "id"),
        ("indicator", "code"),
        ("information", "code"),
        ("peer_group", "code"),
        ("bonus", "code"),
        ("deduction", "code"),
        ("veto", "code"),
        ("detector", "code"),
    ):
        seen: set[str] = set()
        for number, row in enumerate(document.get(table, [])):
            if row[key] in seen:
                yield Found((table, number, key), "duplicate", {"value": row[key]})
            seen.add(row[key])


def _groups(document: dict[str, Any]) -> Iterator[Found]:
    parents = {row["id"]: row.get("parent") for row in document.get("group", [])}
    used = {row.get("group") for row in document["indicator"]} | set(parents.values())
    for number, row in enumerate(document["indicator"]):
        if row.get("group") is not None and row["group"] not in parents:
            yield Found(("indicator", number, "group"), "unknown_group", {"value": row["group"]})
    for number, row in enumerate(document.get("group", [])):
        place: Place = ("group", number)
        if row.get("parent") is not None and row["parent"] not in parents:
            yield Found((*place, "parent"), "unknown_group", {"value": row["parent"]})
        if row["id"] not in used:
            yield Found(place, "empty_group", {"value": row["id"]})
        depth = depth_of(row["id"], parents)
        if depth is None:
            yield Found((*place, "parent"), "group_cycle", {"value": row["id"]})
        elif depth >= LEVELS:
            yield Found(place, "too_deep", {"value": row["id"]})


def depth_of(group: str, parents: dict[str, str | None]) -> int | None:
    """Level of a group, 1 for the first; None when the chain of parents comes back to it.

    >>> depth_of("b", {"a": None, "b": "a"}), depth_of("a", {"a": "a"})
    (2, None)
    """
    seen: set[str] = set()
    current: str | None = group
    while current in parents:
        if current in seen:
            return None
        seen.add(current)
        current = parents[current]
    return len(seen)


def _weights(document: dict[str, Any]) -> Iterator[Found]:
    total = sum(row["weight"] for row in document["indicator"])
    if abs(total - 100) > SUM_TOLERANCE:
        yield Found(("indicator", 0), "weights_sum", {"sum": f"{total:g}"})
    first = [row for row in document.get("group", []) if row.get("parent") is None]
    if first and all("weight" in row for row in first):
        level = sum(row["weight"] for row in first)
        level += sum(row["weight"] for row in document["indicator"] if row.get("group") is None)
        if abs(level - 100) > SUM_TOLERANCE:
            yield Found(("group", 0), "group_weights_sum", {"sum": f"{level:g}"})


def _indicator(row: dict[str, Any], place: Place) -> Iterator[Found]:
    method, zero, full, target = row["method"], row.get("zero"), row.get("full"), row.get("target")
    if method == "goalposts" and (zero is None or full is None or zero == full):
        yield Found(place, "needs_goalposts")
    if method == "target_distance" and (target is None or target == (zero or 0)):
        yield Found(place, "needs_target")
    if method == "steps" and not _is_monotone([start for start, _ in row.get("steps", [])]):
        yield Found((*place, "steps"), "needs_steps")
    if "blend" in row and (not row["blend"].keys() <= forms().keys() or abs(sum(row["blend"].values()) - 1) > 1e-9):
        details = {"known": ", ".join(forms()), "sum": f"{sum(row['blend'].values()):g}"}
        yield Found((*place, "blend"), "blend_forms", details)
    if method == "deduction" and not row.get("per_item"):
        yield Found(place, "needs_per_item")
    if row.get("transform", "none") != "none" and any(value is not None and value <= 0 for value in (zero, full)):
        yield Found((*place, "transform"), "log_of_nonpositive")
    if row.get("proof") and target is None:
        yield Found((*place, "proof"), "proof_needs_target")
    if not 0 <= row.get("winsorise", 0) < 50:
        yield Found((*place, "winsorise"), "winsorise_range")
    if _is_flipped_twice(row):
        yield Found((*place, "direction"), "direction_contradicts")


def _information(document: dict[str, Any]) -> Iterator[Found]:
    """A metric is scored or information, not both; a scheme made for some peer groups compares in those only."""
    scored = {row["code"] for row in document["indicator"]}
    for number, row in enumerate(document.get("information", [])):
        if row["code"] in scored:
            yield Found(("information", number, "code"), "scored_information", {"value": row["code"]})
    for number, row in enumerate(document.get("peer_group", [])):
        if document.get("peer_groups") and row["code"] not in document["peer_groups"]:
            yield Found(("peer_group", number, "code"), "unknown_peer_group", {"value": row["code"]})


def _is_flipped_twice(row: dict[str, Any]) -> bool:
    """Whether a direction is given that the goalposts contradict: a lower-is-better value must not be turned twice."""
    zero, full = row.get("zero"), row.get("full")
    if row["method"] != "goalposts" or "direction" not in row or zero is None or full is None:
        return False
    return (zero < full) != (row["direction"] == "higher")


def _is_monotone(starts: list[float]) -> bool:
    pairs = list(pairwise(starts))
    return bool(starts) and (all(a < b for a, b in pairs) or all(a > b for a, b in pairs))


def _grades_and_vetoes(document: dict[str, Any]) -> Iterator[Found]:
    grades = document.get("grades", {})
    cuts = grades.get("cuts", [])
    names = [name for name, _ in cuts]
    points = [start for _, start in cuts]
    if len(set(names)) < len(names) or any(a <= b for a, b in pairwise(points)):
        yield Found(("grades", "cuts"), "cuts_order")
    for table in ("titles", "quota"):
        for name in grades.get(table, {}):
            if name not in names:
                yield Found(("grades", table), "unknown_grade", {"value": name})
    for number, row in enumerate(document.get("veto", [])):
        if ("when" in row) == ("source" in row):
            yield Found(("veto", number), "veto_needs_cause")
        if row["cap_grade"] not in names:
            yield Found(("veto", number, "cap_grade"), "unknown_grade", {"value": row["cap_grade"]})


def _bonuses(document: dict[str, Any]) -> Iterator[Found]:
    for number, row in enumerate(document.get("bonus", [])):
        if not 1 <= row.get("valid_months", 12) <= LONGEST_BONUS:
            yield Found(("bonus", number, "valid_months"), "valid_months", {"longest": str(LONGEST_BONUS)})


def _parameters(document: dict[str, Any]) -> Iterator[Found]:
    if not 1 <= document.get("period_start_day", 1) <= 28:
        yield Found(("period_start_day",), "start_day")
    small = document.get("small_n", {})
    if small.get("rank", 30) < small.get("suppress", 10):
        yield Found(("small_n",), "small_n_order")
    funnel = {**FUNNEL, **document.get("comparison", {})}
    if funnel["funnel_different"] <= funnel["funnel_notable"]:
        yield Found(("comparison",), "funnel_order")
    if not 100 <= document.get("uncertainty", {}).get("draws", 2000) <= 100_000:
        yield Found(("uncertainty", "draws"), "draws_range")
