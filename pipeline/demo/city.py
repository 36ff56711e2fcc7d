"""Who and where: the units of the city, its places and the topics people call about."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent
GROUP_NAMES = {"bureau": "市直部门", "street": "街道", "town": "乡镇"}
GROUP_SHARES = {"bureau": 24, "street": 20, "town": 16}  # of every sixty units


@dataclass(frozen=True)
class DemoUnit:
    """One unit with what it is truly like; the qualities are what scores should find again.

    `speed`, `solving` and `manner` are standard normal: 0 is ordinary, 2 is very good.
    """

    code: str
    name: str
    short_name: str
    alias: str
    group: str
    district: str
    residents: int | None
    weight: float
    speed: float
    solving: float
    manner: float
    is_small: bool = False


@dataclass(frozen=True)
class Topic:
    """One kind of demand with its sentences."""

    path: str
    lead: str
    share: float
    types: dict[str, int]
    hardness: float
    season: tuple[float, ...]
    urgent: float
    also: str | None
    tags: str
    texts: dict[str, tuple[str, ...]]
    law: str

    @classmethod
    def from_table(cls, table: dict[str, Any]) -> Topic:
        names = ("title", "problem", "ask", "finding", "measure")
        return cls(
            path=table["path"], lead=table["lead"], share=table["share"], types=table["types"],
            hardness=table["hardness"], season=tuple(table.get("season", [1.0] * 12)), urgent=table.get("urgent", 0.02),
            also=table.get("also"), tags=table["tags"], texts={n: tuple(table[n]) for n in names}, law=table["law"],
        )  # fmt: skip


@cache
def document(name: str) -> dict[str, Any]:
    """One of the TOML files beside this module, parsed.

    >>> document("city")["city"]
    '海川市'
    """
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def topics() -> tuple[Topic, ...]:
    """All topics, in the order of their files."""
    return tuple(Topic.from_table(t) for part in ("topics/city", "topics/people") for t in document(part)["topic"])


def group_sizes(count: int) -> dict[str, int]:
    """How many units each peer group has, at least two each.

    >>> group_sizes(60)
    {'bureau': 24, 'street': 20, 'town': 16}
    >>> sum(group_sizes(13).values())
    13
    """
    if not 6 <= count <= 60:
        raise ValueError("The demonstration city has 6 to 60 units. Give --units a number in that range.")
    street, town = (max(2, round(count * GROUP_SHARES[g] / 60)) for g in ("street", "town"))
    return {"bureau": count - street - town, "street": street, "town": town}


def make_units(count: int, rng: np.random.Generator) -> list[DemoUnit]:
    """The units of a city of `count` units: bureaus first, then streets, then towns."""
    plan, sizes = document("city"), group_sizes(count)
    bureaus = [*plan["bureau"][: sizes["bureau"] - 1], plan["bureau"][-1]]  # the smallest one is always there
    named = [("bureau", plan["city"] + b["name"], b["short"], b["alias"], plan["city"], b["weight"]) for b in bureaus]
    for group, kind in (("street", "街道"), ("town", "镇")):
        part = plan[f"{group}s"]
        areas = plan["districts"][:3] if group == "street" else plan["districts"][2:]
        for i, name in enumerate(part["names"][: sizes[group]]):
            area = areas[i % 3]
            full, short = f"{area}{name}{part['suffix']}", f"{name}{kind}"
            named.append((group, full, short, f"{area}{name}{kind}", area, 1.0))
    return [_unit(i, row, rng) for i, row in enumerate(named)]


def _unit(index: int, row: tuple[str, str, str, str, str, float], rng: np.random.Generator) -> DemoUnit:
    group, name, short, alias, district, weight = row
    ability, speed, solving, manner = rng.normal(0, 1, 4)
    residents = None if group == "bureau" else int(rng.lognormal(10.8 if group == "street" else 10.2, 0.4) // 100 * 100)
    volume = weight if group == "bureau" else float(rng.lognormal(0.0, 0.45))
    letter = {"bureau": "B", "street": "J", "town": "X"}[group]
    return DemoUnit(
        code=f"HC{letter}{index + 1:03d}", name=name, short_name=short, alias=alias, group=group, district=district,
        residents=residents, weight=volume,
        speed=round(0.7 * ability + 0.7 * speed, 4), solving=round(0.7 * ability + 0.7 * solving, 4),
        manner=round(0.7 * ability + 0.7 * manner, 4), is_small=short == document("city")["bureau"][-1]["short"],
    )  # fmt: skip
