"""Numbers of a unit together with everything below it: its subunits, and units merged into any of them.

A merged unit keeps its own history under its own code, up to the day it was merged; the cases of later days are its
successor's (see `records.queries.units.moves`). The successor's subtree holds that history too, so nothing is lost and
nothing counted twice in one number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from pipeline.numbers.counting import MetricsAnswer, metric_values
from records.instance import Instance
from records.models import Unit


def subtrees(links: Mapping[str, tuple[str | None, str | None]]) -> dict[str, frozenset[str]]:
    """Every unit with all that belongs to it, itself included, from (parent, merged into) by code.

    A unit that points to itself in a circle belongs to each unit of the circle once.

    >>> found = subtrees({"city": (None, None), "a": ("city", None), "old": ("city", "a")})
    >>> sorted(found["a"]), len(found["city"])
    (['a', 'old'], 3)
    """
    below: dict[str, set[str]] = defaultdict(set)
    for code, uppers in links.items():
        for upper in uppers:
            if upper is not None:
                below[upper].add(code)
    return {code: frozenset(_reached(code, below)) for code in links}


def _reached(code: str, below: Mapping[str, set[str]]) -> set[str]:
    found, waiting = {code}, [code]
    while waiting:
        for unit in below.get(waiting.pop(), ()):
            if unit not in found:
                found.add(unit)
                waiting.append(unit)
    return found


def unit_links(instance: Instance) -> dict[str, tuple[str | None, str | None]]:
    """Parent and successor of every unit of the directory."""
    with instance.session() as session:
        rows = session.execute(select(Unit.code, Unit.parent_code, Unit.merged_into).order_by(Unit.code))
        return {code: (parent, successor) for code, parent, successor in rows}


def with_subunits(instance: Instance, **asked: Any) -> MetricsAnswer:
    """As `metric_values`, each unit counted together with its subtree; only totals stay as they are.

    Counts are summed and times pooled case by case before any division, so a parent's rate is the rate of all its
    cases and never the mean of its units. Takes the arguments of `metric_values` except `units`.
    """
    return metric_values(instance, subtrees=branches(unit_links(instance)), **asked)


def branches(links: Mapping[str, tuple[str | None, str | None]]) -> dict[str, frozenset[str]]:
    """The subtrees of more than one unit.

    >>> branches({"city": (None, None), "a": ("city", None)})["city"] == {"city", "a"}
    True
    """
    return {code: members for code, members in subtrees(links).items() if len(members) > 1}
