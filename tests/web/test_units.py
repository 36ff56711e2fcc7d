"""The directory and the scorecard, over a made-up city with real judgement."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import get_template_attribute

from evaluation.uncertainty.ranges import SHOWN_AS_RANGE
from metrics.value import MetricValue
from pipeline.numbers.small_cells import with_small_cells_withheld
from pipeline.views import card_parts, funnels, scorecards, sentences, statistics_view
from pipeline.views.words import Words
from records.vocabulary import Role
from reports import numbers
from tests.web.city import prepared
from web import formats


def test_scorecard_prints_every_figure_of_the_assessment(client_of, shown_city):
    card = scorecards.scorecard(shown_city, "B00")
    page = client_of(Role.ASSESSOR).get("/units/B00").text
    assert f"<h1>{card.name}</h1>" in page
    assert card.key_sentence.zh in page
    for tile in card.tiles:
        assert tile.name.zh in page
    assert page.count("<svg") > 12


def test_values_told_as_ranges_are_said_to_be_ranges_and_never_called_usual(shown_city):
    plain = scorecards.scorecard(shown_city, "B00").tiles
    hidden = replace(plain[0], value=None, low=0.8, high=0.9, reason=SHOWN_AS_RANGE, comparison=None)
    tiles = (hidden, *(replace(tile, comparison=None) for tile in plain[1:]))
    assert "只显示范围" in sentences.key_sentence(tiles, None).zh
    assert "正常波动" not in sentences.key_sentence(tiles, None).zh
    assert "正常波动" in sentences.key_sentence(tiles[1:], None).zh
    assert (numbers.value_of(hidden, "rate"), numbers.value_interval_of(hidden, "rate")) == ("80.0—90.0", "—")
    assert (hidden.is_range, hidden.is_empty, replace(hidden, low=None, high=None).is_empty) == (True, False, True)


def test_a_sentence_that_names_three_of_more_says_so(shown_city):
    plain = scorecards.scorecard(shown_city, "B00").tiles
    for better, is_cut in ((3, False), (4, True)):
        tiles = tuple(replace(t, comparison="better" if i < better else None) for i, t in enumerate(plain))
        said = sentences.key_sentence(tiles, None)
        assert (f"{plain[2].name.zh}等。" in said.zh) == is_cut
        assert (f"{plain[2].name.en} and others." in said.en) == is_cut
        assert plain[3].name.zh not in said.zh


@pytest.mark.parametrize(("high", "said"), [(2, "数据足以确定为第 2 名"), (4, "区间第 2—4 名")])
def test_a_rank_without_doubt_is_no_interval(client_of, shown_city, monkeypatch, high, said):
    card = replace(scorecards.scorecard(shown_city, "B00"), rank=2, rank_low=2, rank_high=high)
    monkeypatch.setattr(scorecards, "scorecard", lambda *_args, **_more: card)
    assert said in client_of(Role.ASSESSOR).get(f"/units/B00?indicator=R5&high={high}").text


def test_scorecard_is_complete_in_english(client_of, shown_city):
    card = scorecards.scorecard(shown_city, "B00")
    page = client_of(Role.ASSESSOR).get("/units/B00?lang=en").text
    assert card.key_sentence.en.split(".")[0] in page
    assert "How the score comes about" in page


def test_trend_fragment_holds_one_chart_and_no_page(client_of, shown_city):
    fragment = client_of(Role.ASSESSOR).get("/units/B00/trend?indicator=R5").text
    assert "<h1" not in fragment
    assert fragment.count('id="c-trend"') == 1


def test_unit_without_cases_says_why_and_prints_no_zero_score(client_of, shown_city):
    empty = next(code for code, result in shown_city.results.items() if result.score is None)
    page = client_of(Role.ASSESSOR).get(f"/units/{empty}").text
    assert "未评分" in page
    assert ">0.00<" not in page


@pytest.mark.parametrize(
    ("role", "unit", "status"),
    [
        (Role.ASSESSOR, "B00", 200), (Role.AUDITOR, "B00", 200), (Role.ORG_DEPT, "B00", 200), (Role.ADMIN, "B00", 403),
        (Role.UNIT_HEAD, "B00", 403), (Role.UNIT_HEAD, "B03", 200), (Role.ASSESSOR, "nobody", 404),
    ],
)  # fmt: skip
def test_scorecard_is_open_to_roles_as_the_matrix_says(client_of, shown_city, role, unit, status):
    assert client_of(role).get(f"/units/{unit}").status_code == status
    assert client_of(role).get(f"/units/{unit}/trend").status_code == status


def test_head_of_unit_sees_no_single_peer(client_of, shown_city):
    page = client_of(Role.UNIT_HEAD).get("/units/B03").text
    own = shown_city.name("B03")
    others = [shown_city.name(code) for code in shown_city.results if code != "B03"]
    assert own in page
    assert not [name for name in others if name in page]
    assert len(funnels.funnel(shown_city, "B03", "H2").sizes) == 9  # of its group of ten; one has no value
    start = page.index('id="c-funnel"')
    for drawing in re.findall("<svg.*?</svg>", page[start : page.index("</section>", start)], re.S):
        assert drawing.count("<circle") <= 2  # the unit, and its mark in the legend


def test_directory_links_only_what_the_viewer_may_open(client_of, shown_city):
    assert client_of(Role.ASSESSOR).get("/units").text.count('href="/units/B') == 10
    page = client_of(Role.UNIT_HEAD).get("/units").text
    assert page.count('href="/units/') == 1
    assert 'href="/units/B03"' in page


def test_directory_search_finds_names_and_codes(client_of, shown_city):
    client = client_of(Role.ASSESSOR)
    assert client.get("/units?q=B03").text.count('role="rowheader"') == 1
    assert "没有找到单位" in client.get("/units?q=不存在的单位").text


def test_tile_of_an_unknown_indicator_is_the_heaviest_rate():
    card = scorecards.scorecard(prepared(), "B00")
    rates = [tile for tile in card.tiles if tile.measure == "rate" and tile.value is not None]
    assert card.tile("nonsense") == max(rates, key=lambda tile: tile.effective_weight)


def test_missing_indicator_keeps_its_reason_and_has_no_value():
    city = prepared()
    empty = next(code for code, result in city.results.items() if result.score is None)
    tiles = scorecards.scorecard(city, empty).tiles
    assert any(tile.reason is not None for tile in tiles)
    assert all((tile.value is None) == (tile.reason is not None) for tile in tiles)


def test_open_cases_stand_by_age_with_their_numbers(client_of, shown_city):
    page = client_of(Role.ASSESSOR).get("/units/B00").text
    for age in ("7天以内", "8—15天", "90天以上"):
        assert age in page
    assert scorecards.scorecard(shown_city, "B00").backlog[-1][1] == 4


def test_shared_demand_names_people_and_place_once_for_each_unit_concerned(client_of, shown_city):
    assert "三号院" in client_of(Role.ASSESSOR).get("/units/B00").text
    assert "三号院" not in client_of(Role.ASSESSOR).get("/units/B06").text


@pytest.mark.parametrize(
    ("role", "unit", "is_shown"),
    [(Role.ASSESSOR, "B00", True), (Role.AUDITOR, "B00", True), (Role.ORG_DEPT, "B00", False),
     (Role.ASSESSOR, "B06", False)],
)  # fmt: skip
def test_findings_are_shown_when_named_to_those_who_may_see_them(client_of, shown_city, role, unit, is_shown):
    page = client_of(role).get(f"/units/{unit}").text
    assert (f"{unit}的答复雷同" in page) == is_shown
    assert ("尚未核实，不影响得分" in page) == is_shown


def test_month_far_below_the_others_is_notable_and_named():
    city = prepared()
    usual = {month: MetricValue("B00", month, "H2", 90, 100, 0.9, None, None, 100) for month in city.months}
    odd = MetricValue("B00", "2024-06", "H2", 40, 100, 0.4, None, None, 100)
    city.monthly["B00", "H2"] = {**usual, "2024-06": odd}
    told = card_parts.notability(city, "B00", "H2")
    assert ("2024-06", "outside", -1) in [(m.month, m.rule, m.side) for m in told.months]
    assert "2024年6月低于自身的正常波动范围" in told.reading.zh


def test_months_that_are_still_open_are_told_and_not_judged():
    city = prepared()
    usual = {month: MetricValue("B00", month, "R5", 960, 1000, 0.96, None, None, 1000) for month in city.months}
    young = MetricValue("B00", city.months[-1], "R5", 600, 1000, 0.6, None, None, 1000)
    city.monthly["B00", "R5"] = {**usual, city.months[-1]: young}
    told = card_parts.notability(city, "B00", "R5")
    assert told.months == ()
    assert told.reading.zh.startswith("2024年10月起的办件距数据截止不足90天")
    assert told.reading.zh.endswith("此前各月均在自身的正常波动范围内，无需逐月解释。")
    assert "From Oct 2024 on" in told.reading.en
    city.monthly["B00", "R4.strict"] = city.monthly["B00", "R5"]
    judged = [(m.month, m.rule, m.side) for m in card_parts.notability(city, "B00", "R4.strict").months]
    assert (city.months[-1], "outside", -1) in judged


def test_card_and_statistics_name_the_same_months():
    """Two months near the upper limit: both pages mark the second one, and the sentence under the chart tells it."""
    city = prepared()
    hits = {month: 76 + 8 * (place % 2) for place, month in enumerate(city.months)}
    hits |= {city.months[4]: 90, city.months[5]: 90}
    city.monthly["B00", "H2"] = {
        month: MetricValue("B00", month, "H2", n, 100, n / 100, None, None, 100) for month, n in hits.items()
    }
    told, series = card_parts.notability(city, "B00", "H2"), statistics_view.series_of(city, "B00", "H2")
    assert series is not None
    assert {m.month for m in told.months} == {series.months[place] for place, _, _ in series.rules}
    assert ("near_limit", 1) in [(m.rule, m.side) for m in told.months]
    assert "接近自身正常波动的上限" in series.reading.zh


def test_few_months_say_nothing_about_variation():
    city = prepared()
    kept = list(city.monthly["B00", "H2"].items())[:4]
    city.monthly["B00", "H2"] = dict(kept)
    assert card_parts.notability(city, "B00", "H2") == card_parts.Notability((), Words("", ""))


def test_export_from_a_card_begins_with_the_card_of_that_unit(client_of, shown_city):
    page = client_of(Role.ASSESSOR).get("/units/B00").text
    (address,) = re.findall(r'href="(/reports\?[^"]*unit=B00[^"]*)"', page)
    assert "kind=scorecard" in address


def test_statistics_of_a_unit_say_what_they_mean(client_of, shown_city):
    page = client_of(Role.ASSESSOR).get("/units/B00/statistics").text
    assert "未达到" in page
    assert "比全市同类件快" in page
    assert "差距超出偶然，尚未核实，不影响得分" in page
    assert "不宜比较" in page  # the mix has less than half in common with the others
    assert page.count("明显变差") == 1
    assert page.count("观察时间比去年短，不作判断") == 1  # the reply rate, cut off four days after the year
    assert "设计效应" in page
    assert page.count("<svg") >= 2  # the months inside their limits, on two widths


def test_statistics_without_numbers_give_reasons_and_no_zero(client_of, shown_city):
    empty = next(code for code, result in shown_city.results.items() if result.score is None)
    page = client_of(Role.ASSESSOR).get(f"/units/{empty}/statistics").text
    for words in ("没有用时数据", "没有去年同期的数据", "本期没有满意度数据"):
        assert words in page
    english = client_of(Role.ASSESSOR).get("/units/B00/statistics?lang=en").text
    assert "Aalen-Johansen" in english
    assert client_of(Role.UNIT_HEAD).get("/units/B00/statistics").status_code == 403
    assert client_of(Role.UNIT_HEAD).get("/units/B03/statistics").status_code == 200


def test_statistics_hide_answers_of_a_few(client_of, shown_city):
    few = {"S6": {"value": 50.0, "low": 1.0, "high": 99.0, "n": 3, "numerator": 1, "denominator": 3, "reason": None}}
    change = {"S1c": {"y1": 40, "n1": 41, "y2": 30, "n2": 60}, "R5": {"y1": 1, "n1": 9, "y2": 1, "n2": 9}}
    told = {"values": few, "change": change, "weighted": {}, "ends": [[5, 1.0, 0.0, 0.0, 0.0]]}
    source = replace(shown_city.source, statistics={"B03": told})
    found = with_small_cells_withheld(source, 10).statistics["B03"]
    assert (found["values"]["S6"]["value"], found["values"]["S6"]["reason"]) == (None, "withheld")
    assert set(found["change"]) == {"R5"}
    assert found["ends"] == told["ends"]


@pytest.mark.parametrize(("codes", "said"), [(["a"], "倾向“优秀”，把握不足 95%"), (["a", "b"], "优秀／良好，不可分")])
def test_one_grade_left_by_a_range_is_a_leaning_and_two_cannot_be_told_apart(app, codes, said):
    grades = [
        scorecards.Grade("a", Words("优秀", "Excellent"), 0, 90),
        scorecards.Grade("b", Words("良好", "Good"), 1, 80),
    ]
    with app.test_request_context("/?lang=zh"):
        macro = get_template_attribute("_macros/grades.html", "not_separable")
        assert macro(codes, grades).strip() == said


def test_rank_span_of_one_place_is_one_number(shown_city):
    card = scorecards.scorecard(shown_city, "B00")
    spans = [replace(card, rank_low=low, rank_high=high) for low, high in ((2, 2), (2, 4), (None, None))]
    assert [formats.rank_span(row) for row in spans] == ["2", "2—4", "—"]


@pytest.mark.parametrize(("open_cases", "is_drawn"), [((0, 0), False), ((0, 3), True)])
def test_no_open_case_is_said_and_not_drawn(client_of, shown_city, monkeypatch, open_cases, is_drawn):
    ages = (Words("7天以内", "up to 7 days"), Words("8—15天", "8–15 days"))
    card = replace(scorecards.scorecard(shown_city, "B00"), backlog=tuple(zip(ages, open_cases, strict=True)))
    monkeypatch.setattr(scorecards, "scorecard", lambda *_args, **_more: card)
    page = client_of(Role.ASSESSOR).get(f"/units/B00?open={open_cases[1]}").text
    assert ('id="c-backlog"' in page) == is_drawn
    assert ("没有未办结件。" in page) != is_drawn
