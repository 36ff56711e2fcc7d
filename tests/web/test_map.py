"""The map: only with boundaries, which an administrator gives; the same numbers stand in the table below it."""

from __future__ import annotations

import io
import json
import re

import pytest

from pipeline.house import boundaries
from pipeline.house.boundaries import BoundariesRefused
from records.access import OPERATOR
from records.instance import Instance
from records.vocabulary import Role
from tests.web.page_lint import faults


def square(west: float, south: float, size: float = 0.1) -> list[list[float]]:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def collection(*features: tuple[dict, dict]) -> bytes:
    made = [{"type": "Feature", "properties": words, "geometry": shape} for words, shape in features]
    return json.dumps({"type": "FeatureCollection", "features": made}).encode()


def polygon(*rings: list[list[float]]) -> dict:
    return {"type": "Polygon", "coordinates": list(rings)}


TWO = {"type": "MultiPolygon", "coordinates": [[square(109.1, 20.0)], [square(109.2, 20.0)]]}
CITY = collection(({"code": "B03"}, polygon(square(109.0, 20.0))), ({"name": "<b>谁也不管</b>"}, TWO))


@pytest.fixture
def with_map(instance: Instance):
    boundaries.keep(instance, OPERATOR, CITY)
    yield
    boundaries.remove(instance, OPERATOR)


def test_map_shows_what_the_table_says_and_masks_markup(client_of, shown_city, with_map):
    page = client_of(Role.ASSESSOR).get("/map?lang=zh").text
    assert not faults(page)
    drawn = re.search(r'<a href="/units/B03[^"]*" aria-label="([^"]+)">', page)
    assert drawn
    number = drawn.group(1).split()[-1]
    assert re.search(rf'scope="row"[^>]*><a href="/units/B03[^"]*">[^<]+</a></th>\s*<td[^>]*>{re.escape(number)}', page)
    assert "<b>谁也不管" not in page
    assert "没有对应的单位" in page
    assert 'href="/map"' in client_of(Role.ASSESSOR).get("/ranking").text


def test_without_boundaries_there_is_no_map(client_of, shown_city):
    client = client_of(Role.ASSESSOR)
    assert client.get("/map").status_code == 404
    assert 'href="/map"' not in client.get("/ranking").text


@pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 303), (Role.ASSESSOR, 403), (Role.UNIT_HEAD, 403)])
def test_an_administrator_gives_and_takes_boundaries(client_of, instance, role, status):
    client = client_of(role)
    data = {"file": (io.BytesIO(CITY), "city.geojson")}
    answer = client.post("/map/boundaries", data=data, content_type="multipart/form-data")
    assert answer.status_code == status
    assert boundaries.exists(instance) == (status == 303)
    if status == 303:
        assert "谁也不管" in client.get("/directory?lang=zh").text  # named as an area without a unit
    assert client.post("/map/boundaries/remove").status_code == status
    assert not boundaries.exists(instance)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "unreadable"), (b"[1]", "unreadable"), (collection(), "empty"),
        (collection(({}, {"type": "Point", "coordinates": [1, 2]})), "unreadable"),
        (collection(({}, polygon([[1, 2], [3, 4]]))), "unreadable"),
        (collection(({}, polygon(square(500_000, 4_000_000, 10)))), "unreadable"),  # metres instead of degrees
        (b'{"type":"FeatureCollection","features":[{"geometry":null}]}', "unreadable"),
        (b"[" * 200_000, "unreadable"), (b" " * (boundaries.MOST_BYTES + 1), "too_large"),
    ],
)  # fmt: skip
def test_file_that_is_no_set_of_areas_is_refused(content, code):
    with pytest.raises(BoundariesRefused) as refused:
        boundaries.read(content)
    assert refused.value.code == code


def test_outline_keeps_the_shape_and_drops_what_cannot_be_told_apart(instance, with_map):
    found = boundaries.outlines(instance)
    first = found.areas[0].path
    points = [tuple(map(float, p.split())) for p in first.strip("MZ").split("L")]
    assert found.areas[0].unit == "B03"
    assert found.areas[1].path.count("M") == 2
    # Three squares of 0.1 degrees in a row: a third of the width each, and as high as wide over cos(20.05 degrees).
    assert max(x for x, _ in points) == pytest.approx(760 / 3, abs=0.2)
    assert found.height == pytest.approx(760 / 3 / 0.93940, abs=0.2)
    crowded = [[109.0 + n / 1e7, 20.0] for n in range(5_000)]
    assert len(list(boundaries._thinned([(x, y) for x, y in crowded]))) == 1
