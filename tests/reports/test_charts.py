"""Figures stay inside what the SVG writer draws, and drawings are sound XML with text as text."""

import json
import math
import re
import xml.etree.ElementTree as ET

import plotly.graph_objects as go
import pytest

from reports.charts import figures
from reports.charts.pen import UnsupportedFigure, fitted, text_width
from reports.charts.sparkline import rank_track, share_bar, sparkline
from reports.charts.svg import WIDTHS, render, variants

MONTHS = [f"{m}月" for m in range(1, 13)]
LEVELS = {"5": 30, "4": 20, "3": 10, "2": 5, "1": 3, "default": 20, "unrated": 30}
FIGURES = {
    "trend": figures.trend(MONTHS, [0.8, None, *[0.85] * 10], peers=[0.82] * 12, target=0.9, title="走势"),
    "trend_empty": figures.trend(MONTHS, [None] * 12),
    "trend_low": figures.trend(MONTHS, [0.05] * 12, target=0.03, is_higher_better=False, language="en"),
    "strip": figures.peer_strip(["甲", "乙"], [0.9, None], [[0.8, 0.7, None], [0.5, 0.6, 0.7]]),
    "funnel": figures.funnel([50, 500, 5000, 0], [0.7, 0.8, 0.9, None], 0.8, own=1, names=["a", "b", "c", "d"]),
    "ranking": figures.ranking(
        ["甲", "乙", "丙"], [90.0, 80.0, None], [85, 70, None], [95, 85, None], cuts=[("A", 90)]
    ),
    "satisfaction": figures.satisfaction(["甲"], [LEVELS]),
    "claimed": figures.claimed_confirmed(["甲", "乙"], [0.98, None], [0.8, 0.7]),
    "backlog": figures.backlog(["7天内", "8—15天"], [12, 0]),
    "boxes": figures.boxes(
        ["街道：中位数", "街道：90%分位数"], [[5.0, 9.5, 12.25, 30.0, 41.0], [50.0, 90.0]], axis="小时"
    ),
    "boxes_empty": figures.boxes([], [], axis="小时"),
    "quadrant": figures.quadrant(["甲", "乙", "丙"], [0.9, 0.8, None], [0.7, 0.6, 0.5], axes=("按期", "满意")),
    "quadrant_empty": figures.quadrant([], [], [], axes=("按期", "满意"), language="en"),
    "slopes": figures.slopes(["甲", "乙"], [80.0, 70.0], [90.0, 69.0], ["up", "level"], periods=("2023年", "2024年")),
    "heat": figures.heat(["甲", "乙"], ["首次答复时长与时限之比", "按时答复率"], [[80.0, None], [79.99, 12.4]]),
    "heat_empty": figures.heat([], [], []),
    "grades": figures.grade_distribution(["街道"], [{"A": 2, "": 1}], ["A", "B"]),
}
NAUGHTY = '<script>&"\'#eval("1")$x$\x0b\ud800=1+1'


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("width", WIDTHS.values())
def test_figure_renders_sound_xml(name, width):
    root = ET.fromstring(render(FIGURES[name], width, label=name))
    assert root.get("aria-label") == name
    assert float(root.get("width")) == width


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_plain_and_plotly_takes_it(name):
    figure = json.loads(json.dumps(FIGURES[name]))
    assert go.Figure(figure).to_dict()["layout"]
    assert not re.search(r"<(b|i|sup|span|a)\b", json.dumps(figure))


def test_the_gap_beside_claimed_and_confirmed_is_the_difference_of_the_numbers_not_of_their_roundings():
    drawn = figures.claimed_confirmed(["甲"], [0.55649], [0.69551])
    assert drawn["layout"]["annotations"][0]["text"] == "+13.9"
    drawn = figures.claimed_confirmed(["甲"], [0.55651], [0.69649])
    assert drawn["layout"]["annotations"][0]["text"] == "+14.0"


def test_a_box_holds_the_middle_half_of_the_units_and_few_units_have_none():
    shapes = figures.boxes(["甲", "乙"], [[1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 9.0]], axis="")["layout"]["shapes"]
    box = next(shape for shape in shapes if shape["type"] == "rect")
    assert (box["x0"], box["x1"]) == (2.0, 4.0)
    assert [shape["x0"] for shape in shapes if shape["type"] == "line"] == [1.0, 4.0, 3.0]


def test_units_below_both_medians_are_named_and_no_others():
    drawn = figures.quadrant(["甲", "乙", "丙"], [0.9, 0.5, 0.7], [0.8, 0.4, 0.9], axes=("x", "y"))
    assert [word["text"] for word in drawn["layout"]["annotations"]] == ["乙"]
    assert [line["x0"] for line in drawn["layout"]["shapes"] if "yref" in line] == [70.0]


def test_names_of_changed_units_never_cover_each_other():
    drawn = figures.slopes(
        ["甲", "乙", "丙"], [80.0, 70.0, 60.0], [90.0, 90.0, 61.0], ["up", "up", "level"], periods=("1", "2")
    )
    words = drawn["layout"]["annotations"]
    assert [word["text"] for word in words] == ["甲 90.00", "乙 90.00"]
    assert words[0]["y"] > words[1]["y"]


def test_render_is_the_same_twice_and_ids_differ_between_figures():
    first, second = render(FIGURES["trend"]), render(FIGURES["trend"])
    assert first == second
    ids = [re.search(r'clipPath id="([^"]+)"', render(figure)).group(1) for figure in FIGURES.values()]
    assert len(set(ids)) == len(ids)
    assert len({re.search(r'id="([^"]+)"', d).group(1) for d in variants(FIGURES["trend"], "x").values()}) == 4


def test_render_no_style_attribute_and_text_stays_text():
    drawing = render(FIGURES["satisfaction"])
    assert " style=" not in drawing
    assert "<text" in drawing
    assert "非常满意" in drawing


def test_render_naughty_strings_survive_escaped():
    figure = figures.ranking([NAUGHTY], [50.0], [40], [60])
    root = ET.fromstring(render(figure, label=NAUGHTY))
    assert "<script>" in "".join(root.itertext())
    assert "\x0b" not in root.get("aria-label")


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ({"data": [{"type": "pie", "x": [], "y": []}], "layout": {}}, "pie"),
        ({"data": [], "layout": {"shapes": [{"type": "circle", "x0": 0, "x1": 1, "y0": 0, "y1": 1}]}}, "circle"),
        (
            {
                "data": [{"type": "scatter", "mode": "markers", "x": [1], "y": [1], "marker": {"symbol": "star"}}],
                "layout": {},
            },
            "star",
        ),
    ],
)
def test_render_outside_subset_raises(figure, message):
    with pytest.raises(UnsupportedFigure, match=message):
        render(figure)


def test_trend_missing_month_is_a_gap():
    paths = re.findall(r'<path d="([^"]+)" fill="none" stroke="#1f4e8c"', render(FIGURES["trend"]))
    assert len(paths) == 1  # the lone first month has no line, the others one
    assert len(re.findall("L", paths[0])) == 9


def test_satisfaction_shares_add_to_hundred():
    total = sum(trace["x"][0] for trace in FIGURES["satisfaction"]["data"])
    assert total == pytest.approx(100, abs=0.4)


def test_funnel_limits_narrow_with_size_and_hold_the_formula():
    sizes, lower, upper = figures.funnel_limits(0.8, 10, 1000, 0.95)
    assert lower == sorted(lower)
    assert upper == sorted(upper, reverse=True)
    assert 0.8 - lower[-1] == pytest.approx(1.96 * (0.16 / sizes[-1]) ** 0.5, abs=1e-3)
    _, apart, _ = figures.funnel_limits(0.8, 10, 1000, 0.95, between=0.01)
    assert math.asin(0.8**0.5) - math.asin(apart[-1] ** 0.5) == pytest.approx(
        1.96 * (1 / 4 / sizes[-1] + 0.01) ** 0.5, abs=1e-4
    )


def test_funnel_draws_the_levels_that_the_scheme_sets():
    drawn = figures.funnel([50, 500], [0.7, 0.8], 0.8, levels=(0.9, 0.99), language="en")
    assert [trace["name"] for trace in drawn["data"] if trace.get("name", "").endswith("limits")] == [
        "99% limits",
        "90% limits",
    ]


def test_small_drawings_are_sound():
    for drawing in (
        sparkline([1, None, 3], label="x", target=2),
        sparkline([None], label="x"),
        rank_track(3, 1, 9, 60),
        rank_track(None, None, None, 1),
        share_bar(0.4, label="x"),
        share_bar(None, label="x"),
    ):
        assert ET.fromstring(drawing).get("role") == "img"


def test_fitted_text_is_never_wider_than_its_room():
    for room in range(5, 200, 7):
        text = fitted("市人力资源和社会保障局 HR", 12, room)
        assert text_width(text, 12) <= max(room, text_width("…", 12))


def test_a_field_of_the_heat_map_takes_its_colour_from_the_points_not_from_their_rounding():
    figure = figures.heat(["甲", "乙"], ["一", "二"], [[80.0, None], [79.99, 39.6]])
    fields = {(s["x0"] > 0, s["y0"] > 0): s["fillcolor"] for s in figure["layout"]["shapes"]}
    texts = {(a["x"], a["y"]): a["text"] for a in figure["layout"]["annotations"] if "yref" not in a}
    assert texts == {(0, 1): "80", (1, 1): "—", (0, 0): "80", (1, 0): "40"}
    assert len(set(fields.values())) == 4, "80.00 and 79.99 differ, 39.6 is below 40, no data is grey"


def test_limits_of_a_share_leave_no_room_above_a_hundred():
    """A unit with 100 % in every month: the axis names no share that cannot be."""
    months = [f"{n}月" for n in range(1, 13)]
    names = ("按时签收率", "平均", "自然波动界限")
    figure = figures.control(months, [1.0] * 12, lower=[1.0] * 12, centre=1.0, upper=[1.0] * 12, names=names)
    low, high = figure["layout"]["yaxis"]["range"]
    assert 95 < low < 100 <= high < 101


def test_a_unit_alone_has_no_legend_of_others_and_limits_that_narrow():
    alone = figures.funnel([90], [0.8], 0.8, own=0)
    assert {trace.get("name") for trace in alone["data"]} - {None} == {"99.8%控制限", "95%控制限", "本单位"}
    upper = alone["data"][1]["y"]
    assert upper[0] > upper[-1]
    assert max(alone["data"][0]["x"]) > 2 * 90


def test_months_that_still_change_are_dotted_and_hollow_from_the_last_settled_one_on():
    figure = figures.trend(["8月", "9月", "10月", "11月"], [0.9, 0.95, 0.8, 0.6], unsettled=[2, 3])
    young, own = figure["data"]
    assert own["y"] == [90.0, 95.0, None, None]
    # Every month stands in each line: the first one drawn sets the order of the axis.
    assert (young["x"], young["y"]) == (["8月", "9月", "10月", "11月"], [None, 95.0, 80.0, 60.0])
    assert (young["line"]["dash"], young["marker"]["color"], young["name"]) == ("dot", "#ffffff", "还会变化的月份")
    [only] = figures.trend(["8月", "9月"], [0.9, 0.95])["data"]
    assert only["y"] == [90.0, 95.0]
