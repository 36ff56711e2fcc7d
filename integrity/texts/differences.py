"""Two texts side by side: which pieces they share and which differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

LONGEST = 2000  # characters compared; the rest of a longer text is left out of the picture
SHORTEST = 2  # characters that must be the same in a row to count as shared words


@dataclass(frozen=True)
class Piece:
    """A stretch of one text; `is_same` when the other text has it too."""

    text: str
    is_same: bool


def side_by_side(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, in order; joined they are the texts again.

    >>> [p.text for p in side_by_side("已更换部件", "已更换配件")[0] if not p.is_same]
    ['部']
    """
    a, b = left[:LONGEST], right[:LONGEST]
    one: list[Piece] = []
    two: list[Piece] = []
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if a1 > a0:
            one.append(Piece(a[a0:a1], tag == "equal"))
        if b1 > b0:
            two.append(Piece(b[b0:b1], tag == "equal"))
    return one, two


def shared_words(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, where a piece is the same when the other text holds it anywhere, in whatever order.

    >>> [p.text for p in shared_words("电梯坏了", "已修好电梯")[0] if p.is_same]
    ['电梯']
    """
    return _marked(left[:LONGEST], right[:LONGEST]), _marked(right[:LONGEST], left[:LONGEST])


def _marked(text: str, other: str) -> list[Piece]:
    same = [False] * len(text)
    for start in range(len(text) - SHORTEST + 1):
        if text[start : start + SHORTEST] in other and text[start : start + SHORTEST].isalnum():
            same[start : start + SHORTEST] = [True] * SHORTEST
    pieces: list[Piece] = []
    for character, is_same in zip(text, same, strict=True):
        if pieces and pieces[-1].is_same is is_same:
            pieces[-1] = Piece(pieces[-1].text + character, is_same)
        else:
            pieces.append(Piece(character, is_same))
    return pieces


def marked(text: str, stretches: Iterable[tuple[int, int]]) -> list[Piece]:
    """A text in pieces, the given stretches as the same, everything else as different.

    >>> [(p.text, p.is_same) for p in marked("已于3月修复", [(2, 4)])]
    [('已于', False), ('3月', True), ('修复', False)]
    """
    inside = {place for start, end in stretches for place in range(start, end)}
    pieces: list[Piece] = []
    for place, character in enumerate(text[:LONGEST]):
        if pieces and pieces[-1].is_same is (place in inside):
            pieces[-1] = Piece(pieces[-1].text + character, pieces[-1].is_same)
        else:
            pieces.append(Piece(character, place in inside))
    return pieces
