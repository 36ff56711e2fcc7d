"""The text pass over rows: one entry per row, integers only, alike for equal rows."""

from __future__ import annotations

from datetime import datetime

from integrity.texts.features import ReplyRow, text_features
from records.vocabulary import FEATURE_COLUMNS

MESSAGES = ["和平路三号院电梯经常停运", "湖滨小区路灯不亮", "学校门口停车混乱"]
REPLIES = [
    "经核实，和平路三号院电梯停运属实，已更换部件。",
    "经现场查看，湖滨小区路灯已修复。",
    "学校门口已安排交警值守停车秩序。",
]


def _row(number: int, message: str | None, reply: str) -> ReplyRow:
    return ReplyRow("hotline", f"{number}", 1, message, reply, datetime(2024, 3, 8, 10))


def test_text_features_one_entry_per_row() -> None:
    rows = [_row(i, m, r) for i, (m, r) in enumerate(zip(MESSAGES, REPLIES, strict=True))]
    features = text_features(rows)
    assert set(features) == {c.name for c in FEATURE_COLUMNS}
    assert {len(v) for v in features.values()} == {3}


def test_text_features_own_reply_is_more_alike_than_a_swapped_one() -> None:
    own = text_features([_row(i, m, r) for i, (m, r) in enumerate(zip(MESSAGES, REPLIES, strict=True))])
    swapped = text_features(
        [_row(i, m, r) for i, (m, r) in enumerate(zip(MESSAGES, REPLIES[1:] + REPLIES[:1], strict=True))]
    )
    assert min(own["likeness"]) > max(swapped["likeness"])  # type: ignore[type-var]


def test_text_features_without_message_likeness_is_missing() -> None:
    assert text_features([_row(1, None, REPLIES[0])])["likeness"] == [None]


def test_text_features_empty() -> None:
    assert text_features([])["elements"] == []
