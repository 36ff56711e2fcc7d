"""What the evidence of a finding is made of: tables, texts beside each other, bars, stacks. Codes, no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from integrity.texts.differences import Piece
from records.engine_views import Columns
from records.vocabulary import ColumnType

NEWEST = """
SELECT {columns} FROM (
  SELECT c.*, row_number() OVER (
    PARTITION BY coalesce(c.register, ''), c.case_no ORDER BY c.exported_at DESC NULLS LAST, c.batch DESC, c.row_no DESC
  ) AS age, w.position AS position
  FROM cases c JOIN wanted w ON coalesce(c.register, '') = w.register AND c.case_no = w.case_no
) newest WHERE age = 1 ORDER BY position
"""


@dataclass(frozen=True)
class Table:
    """Rows to show; `name` and the columns are codes the page has words for."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class TextPair:
    """Two texts beside each other, in pieces; `kind` says what they are: two replies, message and reply, the
    nearest other message and the reply, or a message and the core of its reply with what the text pass found in it."""

    kind: str
    left_case: str
    right_case: str
    left: list[Piece]
    right: list[Piece]


@dataclass(frozen=True)
class Bars:
    """Shares of the unit and of its peers by class, in fractions."""

    name: str
    labels: list[str]
    unit: list[float]
    peers: list[float]


@dataclass(frozen=True)
class Stack:
    """Counts by class, for the unit and for its peers together; None where a count is withheld."""

    name: str
    labels: list[str]
    unit: list[int | None]
    peers: list[int | None]


@dataclass(frozen=True)
class Evidence:
    """Everything there is to look at for one finding."""

    tables: list[Table] = field(default_factory=list)
    texts: list[TextPair] = field(default_factory=list)
    bars: Bars | None = None
    stack: Stack | None = None


def wanted(cases: Sequence[tuple[str, str]]) -> Columns:
    """The cases to look up as a view, in their order."""
    values: dict[str, list[Any]] = {
        "register": [r for r, _ in cases],
        "case_no": [n for _, n in cases],
        "position": list(range(len(cases))),
    }
    types = {"register": ColumnType.TEXT, "case_no": ColumnType.TEXT, "position": ColumnType.INTEGER}
    return Columns(values, types)
