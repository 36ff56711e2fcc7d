"""The demonstration city: deterministic files, believable shares, and each plant where the table says it is."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from pipeline.demo import city, course, exports, files, plants, texts, worktime
from pipeline.demo.exports import World
from pipeline.demo.files import make_world, write_city
from pipeline.demo.worktime import NEVER, at

CUTOFF = files.LAST_CUTOFF + 3 * worktime.DAY


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(30_000, 60, 11)


def carrier(world: World, plant_id: str) -> tuple[plants.Plant, np.ndarray]:
    plant = next(p for p in plants.plants(world.units) if p.id == plant_id)
    return plant, np.flatnonzero(world.table["unit"] == plant.unit)


def test_files_same_seed_same_bytes(tmp_path: Path) -> None:
    def hashes(folder: Path, seed: int) -> dict[str, str]:
        files = write_city(folder, n_cases=600, n_units=9, n_answers=60, seed=seed)
        return {f.path.name: hashlib.sha256(f.path.read_bytes()).hexdigest() for f in files}

    first = hashes(tmp_path / "a", 3)
    assert hashes(tmp_path / "b", 3) == first
    assert hashes(tmp_path / "c", 4) != first
    assert len(first) == 22


@pytest.mark.parametrize("count", [6, 12, 37, 60])
def test_units_of_any_size_have_three_groups_and_unique_names(count: int) -> None:
    units = city.make_units(count, np.random.default_rng(1))
    assert len(units) == count
    assert min(Counter(u.group for u in units).values()) >= 2
    names = [name for u in units for name in (u.name, u.short_name, u.alias)]
    assert len(set(names)) == len(names)
    assert [u.is_small for u in units].count(True) == 1


def test_units_outside_the_range_are_refused() -> None:
    with pytest.raises(ValueError, match="6 to 60"):
        city.group_sizes(61)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [((2024, 2, 8), 5, (2024, 2, 21)), ((2024, 9, 27), 10, (2024, 10, 16)), ((2025, 1, 25), 1, (2025, 1, 26)),
     ((2025, 9, 30), 7, (2025, 10, 16)), ((2025, 12, 31), 1, (2026, 1, 4))],
)  # fmt: skip
def test_due_day_as_published(start: tuple[int, int, int], days: int, due: tuple[int, int, int]) -> None:
    end = worktime.end_of_working_day(np.array([at(*start, 10)]), np.array([days]))
    assert end[0] // worktime.DAY == worktime.day_number(date(*due))


def test_position_and_time_are_inverse_in_office_hours() -> None:
    positions = np.random.default_rng(2).integers(0, 600 * worktime.OFFICE_DAY, 500)
    assert (worktime.position(worktime.time_at(positions)) == positions).all()


def test_shares_are_those_of_a_real_city(world: World) -> None:
    table = world.table
    board = table["channel"] == course.MESSAGE_BOARD
    within_a_month = table["replied"] < table["received"] + 31 * worktime.DAY
    assert 0.92 < within_a_month[board].mean() < 0.98  # 95.17 % answered in a month of a large city's board
    valid = table["valid"]
    rated = table["rating"][valid] != course.UNRATED
    assert 0.85 < (table["rating"][valid][rated] >= 3).mean() < 0.96
    assert 0.80 < (table["resolved"][valid] == 2).mean() < 0.93
    assert 0.90 < (table["replied"] <= table["due"]).mean() < 0.97


def test_weekends_are_quieter_and_heating_is_a_winter_matter(world: World) -> None:
    days = world.table["received"] // worktime.DAY
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    assert (weekday >= 5).mean() < 0.24
    heating = next(i for i, t in enumerate(world.topics) if "供热" in t.path)
    months = [world_month(s) for s in world.table["received"][world.table["topic"] == heating].tolist()]
    assert sum(m in (11, 12, 1, 2) for m in months) > 0.8 * len(months)


def world_month(seconds: int) -> int:
    return int(str(np.datetime64(seconds, "s"))[5:7])


def test_units_differ(world: World) -> None:
    table = world.table
    shares = [
        (table["replied"][table["unit"] == i] <= table["due"][table["unit"] == i]).mean()
        for i in range(len(world.units))
    ]
    assert max(shares) - min(shares) > 0.12


def test_small_unit_has_its_cases_and_nothing_against_it(world: World) -> None:
    plant, rows = carrier(world, "small_perfect")
    years = [world.table["received"][rows] < at(2025, 1, 1), world.table["received"][rows] >= at(2025, 1, 1)]
    assert [int(y.sum()) for y in years] == [plant.count, plant.count]
    assert (world.table["closed"][rows] <= world.table["due"][rows]).all()
    assert (world.table["resolved"][rows] == 2).all()
    assert (world.table["rating"][rows] == 4).all()


@pytest.mark.parametrize(
    ("cases", "units", "seed"),
    [(500, 6, 1), (3_000, 12, 20_250_107), (3_000, 12, 5), (12_000, 60, 20_250_107), (60_000, 40, 20_250_107)],
)
def test_no_reply_and_no_closing_before_the_order_came_at_any_size(cases: int, units: int, seed: int) -> None:
    world = make_world(cases, units, seed)
    september = exports.shown_rows(world.table, course.HOTLINE, at(2025, 9, 1), at(2025, 10, 1), CUTOFF, CUTOFF)
    everything = exports.hotline_columns(exports.View(world, np.arange(cases), CUTOFF))
    assert len(september) > 0
    for columns in (exports.later_export(world, september, CUTOFF), everything):
        for event in ("首次答复时间", "办结时间", "最终办结时间"):
            early = [
                (came, then)
                for came, then in zip(columns["来电时间"], columns[event], strict=True)
                if then and then < came
            ]
            assert early == [], event


@pytest.mark.parametrize(("cases", "units", "seed"), [(3_000, 12, 20_250_107), (60_000, 40, 20_250_107)])
def test_rewritten_orders_are_closed_before_the_export_that_showed_them_open(cases: int, units: int, seed: int) -> None:
    world = make_world(cases, units, seed)
    rows = np.flatnonzero(world.table["rewritten"])
    third_quarter = at(2025, 10, 5, 8)
    assert len(rows) > 0
    assert set(exports.View(world, rows, third_quarter).states()) <= {"办理中", "挂账"}
    told = exports.later_export(world, rows, CUTOFF)["办结时间"]
    assert max(told) < texts.local_time(third_quarter)


@pytest.mark.parametrize(
    ("plant_id", "kind"),
    [("template_replies", plants.TEMPLATE), ("perfunctory_replies", plants.FORWARDING), ("short_replies", plants.SHORT),
     ("off_topic_replies", plants.OFF_TOPIC), ("unkept_promises", plants.PROMISE), ("refusals", plants.REFUSAL)],
)  # fmt: skip
def test_reply_plants_touch_their_share_of_one_unit_only(world: World, plant_id: str, kind: int) -> None:
    plant, rows = carrier(world, plant_id)
    kinds = world.table["reply_kind"]
    assert abs((kinds[rows] == kind).mean() - plant.share) < 0.08
    assert set(world.table["unit"][kinds == kind].tolist()) == {plant.unit}


def test_batch_closing_shares_minutes(world: World) -> None:
    _, rows = carrier(world, "batch_closing")
    minutes = Counter((world.table["closed"][rows] // 60).tolist())
    others = np.flatnonzero(world.table["unit"] != world.table["unit"][rows[0]])
    ordinary = Counter(zip(world.table["unit"][others].tolist(), (world.table["closed"][others] // 60).tolist(),
                           strict=True))  # fmt: skip
    assert sum(n >= 5 for n in minutes.values()) >= 5
    assert max(n for (_, minute), n in ordinary.items() if minute < NEVER // 60) < 5


def test_exclusions_take_the_dissatisfied_out(world: World) -> None:
    _, rows = carrier(world, "exclusions_lift_score")
    table = world.table
    unhappy = rows[table["valid"][rows] & (table["rating"][rows] == 2)]
    happy = rows[table["valid"][rows] & (table["rating"][rows] == 4)]
    assert (table["excluded"][unhappy] < NEVER).mean() > 0.4
    assert (table["excluded"][happy] < NEVER).mean() < 0.1


def test_returns_deadlines_and_defaults_stand_out(world: World) -> None:
    table = world.table
    _, returned = carrier(world, "returns_ping_pong")
    assert (table["n_returns"][returned] >= 2).mean() > 8 * (table["n_returns"] >= 2).mean()
    _, heaped = carrier(world, "deadline_heaping")
    gap = table["due"][heaped] - table["closed"][heaped]
    assert ((gap >= 0) & (gap < 6.5 * 3600)).mean() > 0.4
    _, defaults = carrier(world, "default_ratings")
    grades = table["grade"][defaults[table["channel"][defaults] == course.MAILBOX]]
    assert (grades == course.DEFAULT).mean() > 0.6


def test_later_export_lacks_records_and_moves_closings_back(world: World) -> None:
    table, cutoff = world.table, at(2026, 1, 8, 8)
    rows = exports.shown_rows(table, course.HOTLINE, at(2025, 9, 1), at(2025, 10, 1), cutoff, cutoff)
    columns = exports.later_export(world, rows, cutoff)
    gone = {world.numbers[i] for i in np.flatnonzero(table["vanished"]).tolist()}
    assert gone
    assert not gone & set(columns["工单编号"])
    rewritten = {world.numbers[i] for i in np.flatnonzero(table["rewritten"]).tolist()}
    closed = dict(zip(columns["工单编号"], columns["办结时间"], strict=True))
    assert rewritten
    assert all(closed[number] < exports.local_time(at(2025, 10, 1)) for number in rewritten)


@pytest.mark.parametrize("n_cases", [600, 3000, 12_000])
def test_the_later_export_of_a_small_city_closes_nothing_before_it_came(n_cases: int) -> None:
    """Where a unit has few cases, those rewritten lie late in the month; their file must not be refused."""
    small = make_world(n_cases, 12, 20_250_107)
    cutoff = at(2026, 1, 8, 8)
    rows = exports.shown_rows(small.table, course.HOTLINE, at(2025, 9, 1), at(2025, 10, 1), cutoff, cutoff)
    columns = exports.later_export(small, rows, cutoff)
    times = zip(columns["来电时间"], columns["签收时间"], columns["办结时间"], strict=True)
    assert [row for row in times if row[2] is not None and (row[2] < row[0] or (row[1] and row[2] < row[1]))] == []
    limit = exports.local_time(at(2025, 10, 1))
    closed = dict(zip(columns["工单编号"], columns["办结时间"], strict=True))
    rewritten = [small.numbers[i] for i in np.flatnonzero(small.table["rewritten"]).tolist()]
    assert all(closed[number] < limit for number in rewritten)


def test_an_export_shows_only_what_had_happened(world: World) -> None:
    cutoff = at(2024, 4, 5, 8)
    rows = exports.shown_rows(world.table, course.HOTLINE, at(2024, 1, 1), at(2024, 4, 1), 0, cutoff)
    columns = exports.hotline_columns(exports.View(world, rows, cutoff))
    limit = exports.local_time(cutoff)
    for name in ("派单时间", "签收时间", "首次答复时间", "办结时间", "最终办结时间", "回访时间", "剔除时间"):
        assert all(moment is None or moment <= limit for moment in columns[name])
    assert all((reply is None) == (moment is None) for reply, moment in
               zip(columns["回复内容"], columns["首次答复时间"], strict=True))  # fmt: skip
    assert 0 < sum(moment is None for moment in columns["办结时间"]) < len(rows)


def test_record_numbers_are_unique(world: World) -> None:
    channel = world.table["channel"].tolist()
    assert len(set(zip(channel, world.numbers, strict=True))) == len(channel)
