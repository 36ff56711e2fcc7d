"""The start page of each role, and the numbers of the city behind it."""

from __future__ import annotations

import pytest

from evaluation.uncertainty.funnel import Z_998
from metrics.value import MetricValue
from pipeline.views.movers import is_beyond_chance, movers
from pipeline.views.overview import overview, shade
from records.vocabulary import Role
from tests.web.city import prepared


@pytest.mark.parametrize("role", list(Role))
def test_start_page_opens_for_every_role(client_of, shown_city, role):
    answer = client_of(role).get("/", follow_redirects=True)
    assert answer.status_code == 200
    assert ("单位与指标" in answer.text) == (role in (Role.ASSESSOR, Role.AUDITOR, Role.ORG_DEPT))


def test_head_of_one_unit_goes_straight_to_the_card(client_of, shown_city):
    assert client_of(Role.UNIT_HEAD).get("/").headers["Location"] == "/units/B03"


def test_start_page_of_an_administrator_tells_the_state_of_the_house(client_of, shown_city):
    page = client_of(Role.ADMIN).get("/").text
    assert "系统状态" in page
    assert all(f'href="{address}"' in page for address in ("/directory", "/people", "/calendars", "/audit"))
    assert "系统状态" not in client_of(Role.AUDITOR).get("/").text


def test_a_page_may_be_asked_for_by_its_period(client_of, shown_city):
    period = shown_city.source.assessment.period
    client = client_of(Role.ASSESSOR)
    for address in ("/units/B00", "/", "/ranking", "/indicators/R5", "/compare"):
        assert client.get(f"{address}?period={period}").text.count(f"第 {shown_city.source.number} 号")
    assert client.get("/units/B00?period=1999").status_code == 404


def test_assessment_of_another_number_is_refused(client_of, shown_city):
    assert client_of(Role.ASSESSOR).get("/?assessment=99").status_code == 403


def test_heat_map_has_a_cell_for_each_unit_and_indicator(shown_city):
    view = overview(shown_city)
    rows = [row for _, rows in view.heat.groups for row in rows]
    assert len(rows) == len(shown_city.results)
    assert {len(row.cells) for row in rows} == {len(view.heat.columns)}
    assert all(cell.reason for row in rows for cell in row.cells if cell.value is None)


def test_bands_add_up_to_the_group(shown_city):
    groups = overview(shown_city).groups
    assert groups
    for group in groups:
        assert sum(len(band.units) for band in group.bands) == group.size


@pytest.mark.parametrize(("points", "expected"), [(0, 1), (59.99, 1), (60, 2), (70, 3), (80, 4), (90, 5), (100, 5)])
def test_shade_of_points(points, expected):
    assert shade(points) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [((80, 100), (82, 100)), ((800, 1000), (900, 1000)), ((0, 50), (0, 60)), ((1, 2), (2, 2)), ((50, 50), (40, 50))],
)
def test_beyond_chance_agrees_with_the_written_out_formula(before, after):
    (x1, n1), (x2, n2) = before, after
    p = (x1 + x2) / (n1 + n2)
    variance = p * (1 - p) / n1 + p * (1 - p) / n2
    expected = variance > 0 and (x2 / n2 - x1 / n1) ** 2 / variance > Z_998**2
    assert is_beyond_chance(before, after) == expected


def test_movers_are_sorted_and_beyond_the_smallest_move(shown_city):
    view = overview(shown_city)
    for moves in (view.risers, view.fallers):
        sizes = [abs(move.change) for move in moves]
        assert sizes == sorted(sizes, reverse=True)
        assert all(size >= 0.03 for size in sizes)


def test_a_fall_of_months_that_are_still_open_is_not_told():
    """The last quarter is cut off four days after it: fewer replies in every unit but one, which stands out upwards."""
    city = prepared()
    hits = {month: 960 for month in city.months} | {month: 700 for month in city.months[-3:]}
    for unit in city.results:
        for code in ("R5", "R4.strict"):
            city.monthly[unit, code] = {
                month: MetricValue(unit, month, code, n, 1000, n / 1000, None, None, 1000) for month, n in hits.items()
            }
    risen = next(iter(city.results))
    city.monthly[risen, "R5"] = {
        month: MetricValue(risen, month, "R5", 1660 - n, 1000, (1660 - n) / 1000, None, None, 1000)
        for month, n in hits.items()
    }
    found = [m for m in movers(city) if m.code in ("R5", "R4.strict")]
    assert {(m.code, m.is_better) for m in found if m.unit != risen} == {("R4.strict", False)}
    assert ("R5", True) in {(m.code, m.is_better) for m in found if m.unit == risen}
    assert "回复率" in overview(city).unsettled.zh
    assert "按时答复率" not in overview(city).unsettled.zh
