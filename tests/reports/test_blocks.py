"""Blocks hold together and are numbered as GB/T 9704 wants it."""

import pytest

from reports.blocks import Figure, Heading, PageTurn, Table, chinese_number, heading_number, numbered


def table(**changes):
    values = {"title": "甲", "head": ("a", "b"), "rows": (("1", "2"),), "widths": (1, 1), "numeric": (False, True)}
    return Table(**{**values, **changes})


@pytest.mark.parametrize("changes", [{"rows": (("1",),)}, {"widths": (1,)}, {"numeric": (True,)}])
def test_table_uneven_rows_are_refused(changes):
    with pytest.raises(ValueError, match="2 entries"):
        table(**changes)


def test_numbered_headings_restart_below_their_parent():
    texts = [
        Heading(1, "a"),
        Heading(2, "b"),
        Heading(3, "c"),
        Heading(2, "d"),
        Heading(3, "e"),
        Heading(1, "f"),
        Heading(2, "g"),
    ]
    assert [b.text for b in numbered(texts)] == ["一、a", "（一）b", "1．c", "（二）d", "1．e", "二、f", "（一）g"]


def test_numbered_annex_keeps_its_own_label():
    assert numbered([Heading(1, "表", label="附件1　")])[0].text == "附件1　表"


def test_numbered_captions_count_tables_and_figures_apart():
    found = numbered(
        [table(), Figure({}, "图", ""), PageTurn(), table(title="乙"), table(title="丙", is_numbered=False)]
    )
    assert [getattr(b, "title", "") for b in found] == ["表1　甲", "图1　图", "", "表2　乙", "丙"]


def test_chinese_number_is_unique_up_to_199():
    assert len({chinese_number(n) for n in range(1, 200)}) == 199
    assert chinese_number(111) == "一百一十一"
    assert chinese_number(120) == "一百二十"
    assert chinese_number(101) == "一百零一"


def test_heading_number_english():
    assert heading_number([3, 0, 0], 1, "en") == "3. "
