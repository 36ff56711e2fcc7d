"""Dates in every form of source files, cell by cell."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.values.cells import CellError
from imports.values.dates import order_evidence, parse_moment

READABLE = [
    ("2019/2/28 11:25:05", dt.datetime(2019, 2, 28, 11, 25, 5)),
    ("2024-03-05 09:01:00", dt.datetime(2024, 3, 5, 9, 1)),
    ("2018/4/24", dt.date(2018, 4, 24)),
    ("2019年2月28日", dt.date(2019, 2, 28)),
    ("2024年3月5日 14:05", dt.datetime(2024, 3, 5, 14, 5)),
    ("20190228", dt.date(2019, 2, 28)),
    (20190228.0, dt.date(2019, 2, 28)),
    ("2024.3.5", dt.date(2024, 3, 5)),
    ("2024-03-05 下午9:01", dt.datetime(2024, 3, 5, 21, 1)),
    ("2024-03-05 上午12:01", dt.datetime(2024, 3, 5, 0, 1)),
    ("5-Mar-24", dt.date(2024, 3, 5)),
    ("2024/3/5", dt.date(2024, 3, 5)),
    ("11/13/2018 12:06:56 PM", dt.datetime(2018, 11, 13, 12, 6, 56)),
    ("２０２４-03-05", dt.date(2024, 3, 5)),
    (45000.0, dt.date(2023, 3, 15)),
    (45356.375, dt.datetime(2024, 3, 5, 9)),
    ("45356.375", dt.datetime(2024, 3, 5, 9)),
    ("2024-03-05T01:01:00Z", dt.datetime(2024, 3, 5, 9, 1)),
    ("1710000000", dt.datetime(2024, 3, 10, 0, 0)),
    (dt.datetime(2024, 3, 5, 1, 2), dt.datetime(2024, 3, 5, 1, 2)),
    (dt.date(2024, 3, 5), dt.date(2024, 3, 5)),
    ("", None),
    (None, None),
]
REFUSED = [
    ("0000-00-00", "date_placeholder"),
    ("9999-12-31", "date_placeholder"),
    ("-", "date_placeholder"),
    (0.0, "date_placeholder"),
    (60.0, "date_out_of_range"),
    ("1902-01-01", "date_out_of_range"),
    ("3月5日", "date_without_year"),
    ("9:32:09", "date_unreadable"),
    ("2024-13-01", "date_unreadable"),
    ("不详", "date_unreadable"),
    (dt.time(9, 30), "date_unreadable"),
    ("05/03/2024", "date_order_unknown"),
]


@pytest.mark.parametrize(("cell", "expected"), READABLE, ids=[str(cell) for cell, _ in READABLE])
def test_case_025_readable_forms(cell: Any, expected: dt.datetime | dt.date | None) -> None:
    moment = parse_moment(cell)
    assert moment == expected
    assert type(moment) is type(expected)


@pytest.mark.parametrize(("cell", "code"), REFUSED, ids=[str(cell) for cell, _ in REFUSED])
def test_case_025_refused_forms_name_their_reason(cell: Any, code: str) -> None:
    with pytest.raises(CellError) as refused:
        parse_moment(cell)
    assert refused.value.code == code


def test_case_025_date_system_1904() -> None:
    assert parse_moment(45000.0, is_1904=True) == dt.date(2027, 3, 16)


@pytest.mark.parametrize(("order", "expected"), [("mdy", dt.date(2024, 5, 3)), ("dmy", dt.date(2024, 3, 5))])
def test_order_given_settles_the_open_form(order: str, expected: dt.date) -> None:
    assert parse_moment("05/03/2024", order) == expected


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2099, 12, 31)))
def test_written_forms_come_back(moment: dt.datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert parse_moment(whole.strftime("%Y-%m-%d %H:%M:%S")) == whole
    assert parse_moment(f"{whole.year}/{whole.month}/{whole.day} {whole:%H:%M:%S}") == whole
    assert parse_moment(f"{whole:%m/%d/%Y %I:%M:%S %p}", "mdy") == whole


@pytest.mark.parametrize(
    ("cells", "proven", "open_value"),
    [
        (["05/03/2024"], set(), "05/03/2024"),
        (["05/03/2024", "25/03/2024"], {"dmy"}, "05/03/2024"),
        (["04/12/2018 11:11:26 AM", "11/13/2018"], {"mdy"}, "04/12/2018 11:11:26 AM"),
        (["25/03/2024", "03/25/2024"], {"dmy", "mdy"}, None),
        (["2024-03-05", "3/3/2024", 45000.0], set(), None),
    ],
)
def test_order_evidence(cells: list[Any], proven: set[str], open_value: str | None) -> None:
    assert order_evidence(cells) == (proven, open_value)


def test_stamp_with_a_short_offset_is_refused_and_not_read_without_it() -> None:
    with pytest.raises(CellError, match="date_unreadable"):
        parse_moment("2024-03-05T09:10-04")
