"""Single cells: texts, record numbers, counts, yes and no, values and scales, masking."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.values.cells import CellError, count, number, number_text, seconds, text_of, yes_no
from imports.values.privacy import mask_text, normal_phone, token
from imports.values.units import UnitReader, unit_code
from imports.values.vocabularies import CodeReader, RatingReader, parse_scale, word_lists
from tests.imports.small_files import KEYS, UNITS


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("１２", 12),
        ("1,234", 1234),
        ("95%", 0.95),
        ("95.00％", 0.95),
        ("12", 12),
        ("12\xa0", 12),
        ("-", None),
        (3.5, 3.5),
    ],
)
def test_case_101_numbers(cell: Any, expected: float | None) -> None:
    assert number(cell) == expected


def test_case_101_zero_width_space_is_no_difference() -> None:
    assert text_of("东\u200b城区") == "东城区"
    assert UnitReader(UNITS)("东\u200b城区") == ("dc", None)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(20240305.0, "20240305"), ("00123", "00123"), ("188006.0", "188006"), ('="2024"', "2024"), ("1E5", "1E5"),
     ("'0012", "0012"), ("热线-240305-000123", "热线-240305-000123"), ("", None)],
)  # fmt: skip
def test_record_numbers_stay_text(cell: Any, expected: str | None) -> None:
    assert number_text(cell) == expected


@pytest.mark.parametrize("cell", [2.02403050001234567e17, 1e15, 12.5, "2.02403E+17", "1.10101E+17"])
def test_record_numbers_that_lost_digits_are_refused(cell: Any) -> None:
    with pytest.raises(CellError, match="number_lost_digits"):
        number_text(cell)


@pytest.mark.parametrize(("cell", "expected"), [("3次", 3), (0.0, 0), ("", None), ("1,000件", 1000)])
def test_counts(cell: Any, expected: int | None) -> None:
    assert count(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"), [("95秒", 95), ("1分35秒", 95), (95.0, 95), (dt.timedelta(hours=27), 97200), ("", None)]
)
def test_seconds(cell: Any, expected: int | None) -> None:
    assert seconds(cell) == expected


@pytest.mark.parametrize(("cell", "expected"), [("是", 1), ("否", 0), ("", None), ("Yes", 1), (0.0, 0)])
def test_yes_no(cell: Any, expected: int | None) -> None:
    assert yes_no(cell) == expected


def test_words_of_states_and_given_values_win() -> None:
    assert CodeReader("State", {})("回复完成") == "replied"
    assert CodeReader("State", {"回复完成": "closed"})("回复完成") == "closed"
    assert CodeReader("State", {})("") is None
    with pytest.raises(CellError, match="value_unknown"):
        CodeReader("State", {})("神秘")


@pytest.mark.parametrize(
    ("scale", "cell", "expected"),
    [("5=best", 5.0, 5), ("1=best", "1", 5), ("1=best", 4.0, 2), ("10=best", 10.0, 5), ("3=best", 1.0, 2)],
)
def test_scales_with_direction(scale: str, cell: Any, expected: int) -> None:
    assert RatingReader({}, parse_scale(scale))(cell) == expected


def test_scale_words_need_no_direction_and_numbers_do() -> None:
    read = RatingReader({}, None)
    assert [read(word) for word in ("非常满意", "满意", "基本满意", "不满意", "默认满意", "未评价", "")] == [
        5,
        4,
        3,
        2,
        0,
        None,
        None,
    ]
    with pytest.raises(CellError, match="scale_direction_unknown"):
        read(4.0)


def test_word_lists_hold_only_codes_of_the_vocabulary() -> None:
    from records.vocabulary import codes

    for name, words in word_lists().items():
        known = {str(entry.value) for entry in getattr(codes, name)} | {""}
        assert set(words.values()) <= known, name


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("市人社局、市住建委", ("rsj", "zjw")),
        ("@东城区", ("dc", None)),
        ("东城区；市人社局；市住建委", ("dc", "rsj|zjw")),
        ("", None),
    ],
)
def test_units_lead_and_assist(cell: str, expected: tuple[str, str | None] | None) -> None:
    assert UnitReader(UNITS)(cell) == expected


def test_units_unknown_is_refused_or_created_the_same_everywhere() -> None:
    with pytest.raises(CellError, match="unit_unknown"):
        UnitReader(UNITS)("无名办")
    first, second = UnitReader(UNITS, True), UnitReader(UNITS, True)
    assert first("无名办") == second("无名办") == (unit_code("无名办"), None)
    assert first.created == {unit_code("无名办"): "无名办"}


def test_case_k14_masking() -> None:
    text, counts = mask_text("联系人张三13812345678，身份证110101199003071234")
    assert text == "联系人张*138****5678，身份证110**************4"
    assert counts == {"name": 1, "phone": 1, "identity": 1}


@pytest.mark.parametrize(
    ("text", "clear"),
    [("电话 010-62345678 找我", "62345678"), ("邮箱 zhang.san@example.com", "zhang.san"),
     ("微信号 zhang_san88", "zhang_san88"),
     ("卡号6222021234567890123", "1234567890"), ("车牌京A12345", "12345"), ("138 1234 5678", "1234 "),
     ("住幸福里小区3号楼2单元501室", "501"), ("我叫欧阳小明，", "小明"), ("电话+86 13812345678", "12345678")],
)  # fmt: skip
def test_masking_removes_the_clear_value(text: str, clear: str) -> None:
    masked, counts = mask_text(text)
    assert clear not in masked
    assert sum(counts.values()) == 1


@pytest.mark.parametrize(
    "text", ["编号20240305000123的工单", "3月5日反映路灯不亮", "本人于2024年3月投诉", "联系人未接电话"]
)
def test_masking_leaves_plain_text(text: str) -> None:
    assert mask_text(text)[0] == text


@given(
    st.text(alphabet="联系人张三，电话微信 ", max_size=30),
    st.integers(13000000000, 19999999999),
    st.text(alphabet="，。路灯不亮", max_size=9),
)
def test_masking_no_mobile_survives(before: str, phone: int, after: str) -> None:
    assert str(phone) not in mask_text(f"{before}{phone}{after}")[0]


def test_tokens_by_purpose_and_normal_phone() -> None:
    assert normal_phone("+86 138-1234-5678") == normal_phone("13812345678") == "13812345678"
    assert normal_phone("138××××5678") is None
    person = token(KEYS, "person", "13812345678")
    assert len(person) == 32
    assert person != token({"person": b"x" * 32}, "person", "13812345678")
