"""The linter of pages finds what it says it finds in tables; the rest of it fails on real pages in the other tests."""

from __future__ import annotations

from tests.web.page_lint import faults

PAGE = "<!doctype html><html lang='zh-CN'><head><title>表</title></head><body><h1>表</h1>{}</body></html>"
TABLE = (
    "<table class='{kind}'><caption>表</caption><thead><tr><th scope='col'>单位</th>"
    "<th scope='col' class='num'>件数</th>"
    "</tr></thead><tbody><tr><th scope='row'>甲</th><td {cell}>3</td></tr></tbody></table>"
)


def test_a_number_stands_as_the_head_of_its_column() -> None:
    assert faults(PAGE.format(TABLE.format(kind="t", cell="class='num'"))) == []
    assert faults(PAGE.format(TABLE.format(kind="t", cell=""))) == [
        "cell 2 of a row is not aligned as the head of its column"
    ]


def test_a_number_keeps_its_name_where_a_row_becomes_a_card() -> None:
    named = "class='num' data-l='件数'"
    assert faults(PAGE.format(TABLE.format(kind="t cards", cell=named))) == []
    assert faults(PAGE.format(TABLE.format(kind="t cards", cell="class='num'"))) == [
        "cell 2 of a row is a number without a name on a phone"
    ]


def test_a_word_that_accuses_is_a_fault() -> None:
    assert faults(PAGE.format("<p>\u8be5\u5355\u4f4d\u5f04\u865a\u4f5c\u5047</p>")) == ["the page says “\u4f5c\u5047”"]
