"""Whole columns give what the cells give one by one, or decline."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imports.columns import whole
from imports.columns.readers import masked_text
from imports.values.cells import number_text, text_of
from imports.values.dates import parse_moment
from imports.values.privacy import mask_text

_PIECES = st.sampled_from(
    (
        "路灯不亮",
        "13812345678",
        "138 1234 5678",
        "１３８１２３４５６７８",
        "张三",
        "联系人",
        "本人李四，",
        "\u200b",
        "\u3000",
        "110101199003071234",
        "3号楼2单元301室",
        "微信abc12345",
        "qq123456",
        "a@b.cn",
        "京A12345",
        "('城建','投诉')",
        "\xa0",
        "010-62345678",
        "\n",
        " ",
        "2",
        "0",
    )
)
TEXTS = st.lists(st.lists(_PIECES, max_size=6).map("".join), min_size=1, max_size=30)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_texts_equal_cells_read_one_by_one(cells: list[str]) -> None:
    found = whole.texts(tuple(cells), {str}, masked_text)
    expected = [masked_text(cell) for cell in cells]
    assert found is None or found == expected


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(("热线-1", "", " 12 ", "１２", "'01", '="02"', "12.0", "1.2E+17", "a\u200b")), max_size=8)
)
def test_numbers_equal_cells_read_one_by_one(cells: list[str]) -> None:
    found = whole.numbers(tuple(cells), {str})
    if found is not None:
        assert found == [number_text(cell) for cell in cells]


def test_a_column_of_plain_texts_or_numbers_is_read_as_a_whole() -> None:
    """Declining is always right, so that it is not always done is a promise of its own."""
    texts = ("路灯不亮，联系人张三13812345678", "井盖丢失", "3号楼2单元301室")
    assert whole.texts(texts, {str}, masked_text) == [masked_text(cell) for cell in texts]
    numbers = ("热线-1", "热线-2", "A3")
    assert whole.numbers(numbers, {str}) == [number_text(cell) for cell in numbers]


def test_texts_decline_other_types_and_repeated_words() -> None:
    assert whole.texts(("a", 1.0), {str, float}, text_of) is None
    assert whole.texts(("投诉",) * 500, {str}, text_of) is None


def test_times_keep_moments_and_mark_days() -> None:
    cells = (dt.datetime(2024, 3, 5, 9), dt.date(2024, 3, 6), "")
    moments, days = whole.times(cells, set(map(type, cells))) or ([], [])
    assert moments == [parse_moment(cells[0]), dt.datetime(2024, 3, 6), None]
    assert days == [0, 1, None]


@pytest.mark.parametrize("cell", ["2024-03-05", 45356.0, dt.datetime(1900, 1, 1), dt.time(9)])
def test_times_decline_what_needs_reading(cell: object) -> None:
    cells = (dt.datetime(2024, 3, 5, 9), cell)
    assert whole.times(cells, set(map(type, cells))) is None


def test_mask_text_full_width_digits() -> None:
    assert mask_text("电话１３８１２３４５６７８")[0] == "电话138****5678"
