"""The boundaries of the areas that units answer for: one GeoJSON file an administrator gives, and its outlines.

The file is read, checked and kept as it came (`boundaries.geojson` in the folder of the instance). There is a map only
while it is there; nothing else depends on it.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from records import audit
from records.access import Action, Viewer, require
from records.instance import Instance
from records.queries.units import directory_names

FILE = "boundaries.geojson"
MOST_BYTES = 8 << 20
MOST_AREAS = 2_000
MOST_POINTS = 400_000
CODES = ("unit", "code", "adcode", "id", "name", "NAME", "名称", "title")
WIDTH = 760.0  # of the drawing
CLOSEST = 0.6  # points nearer to the one before are left out of the drawing

Ring = tuple[tuple[float, float], ...]


class BoundariesRefused(ValueError):
    """A file that is no set of areas; `code` names the sentence, `detail` fills it."""

    def __init__(self, code: str, **detail: object) -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code} {detail}")


@dataclass(frozen=True)
class Area:
    """One feature: the words that may name its unit, and its rings as (longitude, latitude)."""

    words: tuple[str, ...]
    rings: tuple[Ring, ...]


@dataclass(frozen=True)
class Outline:
    """An area as it is drawn: `path` is the data of an SVG path; `unit` is None where no unit has its name."""

    unit: str | None
    name: str
    path: str


@dataclass(frozen=True)
class Outlines:
    """All areas in one drawing of this size."""

    areas: tuple[Outline, ...]
    width: float
    height: float


def read(content: bytes) -> tuple[Area, ...]:
    """The areas of a GeoJSON file: features with a Polygon or MultiPolygon. Raises BoundariesRefused."""
    if len(content) > MOST_BYTES:
        raise BoundariesRefused("too_large", most=MOST_BYTES >> 20)
    try:
        document = json.loads(content)
        features = document["features"] if document["type"] == "FeatureCollection" else None
        areas = tuple(_area(feature) for feature in features or ())
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        raise BoundariesRefused("unreadable") from None
    if not areas:
        raise BoundariesRefused("empty")
    points = sum(len(ring) for area in areas for ring in area.rings)
    if len(areas) > MOST_AREAS or points > MOST_POINTS:
        raise BoundariesRefused("too_many", areas=len(areas), points=points)
    return areas


def _area(feature: Mapping[str, Any]) -> Area:
    geometry, properties = feature["geometry"], feature.get("properties") or {}
    polygons = {"Polygon": lambda c: [c], "MultiPolygon": lambda c: c}[geometry["type"]](geometry["coordinates"])
    words = [str(properties[key]) for key in CODES if properties.get(key) not in (None, "")]
    return Area(tuple(words), tuple(_ring(ring) for polygon in polygons for ring in polygon))


def _ring(points: list[list[float]]) -> Ring:
    ring = tuple((float(point[0]), float(point[1])) for point in points)
    if len(ring) < 4 or not all(abs(x) <= 180 and abs(y) <= 90 for x, y in ring):
        raise ValueError("a ring has four points and more, in degrees")
    return ring


def keep(instance: Instance, viewer: Viewer, content: bytes) -> tuple[int, list[str]]:
    """Keep a file that can be read; answers how many areas found their unit and the names of those that did not.

    Raises Forbidden and BoundariesRefused.
    """
    require(viewer, Action.OPERATE)
    areas = read(content)
    target = instance.folder / FILE
    waiting = target.with_suffix(".new")
    waiting.write_bytes(content)
    waiting.chmod(0o600)
    os.replace(waiting, target)
    with instance.session() as session:
        names = directory_names(session)
        strange = [area.words[-1] if area.words else "—" for area in areas if unit_of(area, names) is None]
        detail = {"areas": len(areas), "matched": len(areas) - len(strange)}
        audit.write(session, viewer.sign_in, "boundary.add", FILE, detail)
    return len(areas) - len(strange), strange


def remove(instance: Instance, viewer: Viewer) -> None:
    """Take the map away. Raises Forbidden."""
    require(viewer, Action.OPERATE)
    (instance.folder / FILE).unlink(missing_ok=True)
    with instance.session() as session:
        audit.write(session, viewer.sign_in, "boundary.remove", FILE, {})


def exists(instance: Instance) -> bool:
    """Whether there is a map to show."""
    return (instance.folder / FILE).exists()


def unit_of(area: Area, names: Mapping[str, str]) -> str | None:
    """The unit that one of the words of an area means."""
    return next((names[word] for word in area.words if word in names), None)


def outlines(instance: Instance) -> Outlines | None:
    """Every area as a path in one drawing; None without a file."""
    path = instance.folder / FILE
    if not path.exists():
        return None
    with instance.session() as session:
        names = directory_names(session)
    drawn, height = _drawn(str(path), path.stat().st_mtime_ns)
    areas = [Outline(unit_of(area, names), area.words[-1] if area.words else "—", data) for area, data in drawn]
    return Outlines(tuple(areas), WIDTH, height)


@lru_cache(maxsize=2)
def _drawn(path: str, _changed_at: int) -> tuple[tuple[tuple[Area, str], ...], float]:
    with open(path, "rb") as file:
        areas = read(file.read())
    xs = [x for area in areas for ring in area.rings for x, _ in ring]
    ys = [y for area in areas for ring in area.rings for _, y in ring]
    # Degrees of longitude are shorter than those of latitude by the cosine of the latitude in the middle.
    low_x, high_y = min(xs), max(ys)
    squeeze = math.cos(math.radians((min(ys) + high_y) / 2)) or 1.0
    wide, tall = (max(xs) - low_x) * squeeze or 1.0, (high_y - min(ys)) or 1.0
    scale = min(WIDTH / wide, WIDTH / tall)
    left = (WIDTH - wide * scale) / 2

    def place(x: float, y: float) -> tuple[float, float]:
        return left + (x - low_x) * squeeze * scale, (high_y - y) * scale

    drawn = tuple((area, "".join(_path([place(*p) for p in ring]) for ring in area.rings)) for area in areas)
    return drawn, round(tall * scale, 1)


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in _thinned(points)) + "Z"


def _thinned(points: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """The points that can be told apart in the drawing; the first always."""
    last = (math.inf, math.inf)
    for point in points:
        if math.dist(point, last) >= CLOSEST or last[0] == math.inf:
            yield point
            last = point
