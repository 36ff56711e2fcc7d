"""One indicator across all units, and units side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.uncertainty.ranges import SHOWN_AS_RANGE
from metrics.disclosure.small_cells import withheld
from metrics.registry import REGISTRY
from pipeline.views import indicators, scorecards
from pipeline.views.prepared import Prepared
from records.vocabulary import Role
from tests.web.city import prepared


def test_indicator_shows_definition_and_every_unit_with_its_value(client_of, shown_city):
    page = client_of(Role.ASSESSOR).get("/indicators/H2").text
    assert REGISTRY["H2"].formula_zh in page
    for unit in shown_city.results:
        assert f"/units/{unit}?" in page
    assert 'id="c-funnel"' in page


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ASSESSOR, 200), (Role.AUDITOR, 200), (Role.ORG_DEPT, 200), (Role.UNIT_HEAD, 403), (Role.ADMIN, 403)],
)
@pytest.mark.parametrize("path", ["/indicators/H2", "/compare?unit=B00&unit=B03"])
def test_pages_over_units_are_for_those_who_see_the_ranking(client_of, shown_city, role, status, path):
    assert client_of(role).get(path).status_code == status


def test_unknown_indicator_is_not_found(client_of, shown_city):
    assert client_of(Role.ASSESSOR).get("/indicators/nothing").status_code == 404
    with pytest.raises(indicators.UnknownIndicator):
        indicators.indicator(shown_city, "nothing")


def test_missing_value_has_its_reason_in_every_row(shown_city):
    view = indicators.indicator(shown_city, "H2")
    rows = [row for group in view.groups for row in group.rows]
    assert len(rows) == len(shown_city.results)
    assert any(row.value is None for row in rows)
    assert all((row.value is None) == (row.reason is not None) for row in rows)


def test_comparison_keeps_order_drops_unknown_units_and_cuts_after_five():
    units = ["B03", "nobody", "B00", "B03", "B06", "B09", "B12", "B15"]
    found = indicators.compare(prepared(), units)
    assert [card.unit for card in found.cards] == ["B03", "B00", "B06", "B09", "B12"]
    assert all(len(row.tiles) == 5 for row in found.indicators)


def test_only_an_interval_beyond_all_others_is_clearly_best():
    city = prepared()
    tile = scorecards.scorecard(city, "B00").tile("H2")
    high, low = replace(tile, low=0.9, high=0.95), replace(tile, low=0.7, high=0.8)
    overlapping = replace(tile, low=0.78, high=0.91)
    assert indicators._clearly_best((low, high), True) == 1
    assert indicators._clearly_best((low, high), False) == 0
    assert indicators._clearly_best((overlapping, high), True) is None
    assert indicators._clearly_best((high, replace(low, low=None)), True) is None
    told = {"value": None, "reason": SHOWN_AS_RANGE}
    assert indicators._clearly_best((replace(high, **told), low), True) is None
    assert indicators._clearly_best((high, replace(low, **told)), True) is None


def test_comparison_across_peer_groups_warns(client_of, shown_city):
    page = client_of(Role.ASSESSOR).get("/compare?unit=B00&unit=C01").text
    assert "不属于同一类别" in page
    assert "不属于同一类别" not in client_of(Role.ASSESSOR).get("/compare?unit=B00&unit=B03").text
    assert "请选择两到五个单位" in client_of(Role.ASSESSOR).get("/compare?unit=B00").text


def test_both_totals_of_the_city_and_of_each_group_stand_on_the_page(client_of, shown_city):
    """Pooled is the sum of counts over the sum of counts, the mean counts every unit once."""
    view = indicators.indicator(shown_city, "H2")
    for group in view.groups:
        known = [row for row in group.rows if row.value is not None]
        pooled = sum(row.numerator for row in known) / sum(row.denominator for row in known)
        assert group.totals.pooled == pytest.approx(pooled)
        assert group.totals.mean == pytest.approx(sum(row.value for row in known) / len(known))
        assert group.totals.low < pooled < group.totals.high
    page = client_of(Role.ASSESSOR).get("/indicators/H2").text
    assert page.count("合并计算") >= 1 + len(view.groups)
    assert page.count("各单位均值") >= 1 + len(view.groups)


def test_units_that_changed_beyond_chance_are_named_with_words(client_of, shown_city):
    page = client_of(Role.ASSESSOR).get("/indicators/R4.strict").text
    assert "/units/B00/statistics" in page
    assert "明显变差" in page
    assert "明显变差" not in client_of(Role.ASSESSOR).get("/indicators/R5").text  # seen for four days, not for a year


def with_months_withheld(found: Prepared, code: str, share: float) -> Prepared:
    """The city with the months of one indicator withheld for the first units in this share of all."""
    hidden = set(list(found.results)[: round(share * len(found.results))])
    monthly = [
        withheld(value) if value.metric == code and value.unit in hidden and not value.is_missing else value
        for value in found.source.monthly
    ]
    return replace(found, source=replace(found.source, monthly=monthly), _medians={})


@pytest.mark.parametrize(("share", "is_told"), [(0.0, True), (0.05, True), (0.5, False), (1.0, False)])
def test_months_of_few_units_are_not_called_those_of_the_city(shown_city, share, is_told):
    changed = with_months_withheld(shown_city, "H2", share)
    view = indicators.indicator(changed, "H2")
    assert view.months_withheld != is_told
    assert bool(view.city) == is_told
    assert indicators.indicator(changed, "R5").months_withheld is False
    group = next(iter(changed.results.values())).group
    assert any(value is not None for value in changed.peer_series(group, "R5"))
    if not is_told:
        assert changed.peer_series(group, "H2") == [None] * len(changed.months)
