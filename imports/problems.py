"""The closed list of problem codes, and the book in which a check writes what it met."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from imports.answer import Problem
from imports.values.cells import one_line
from imports.values.privacy import mask_text
from records.vocabulary import Severity

VALUES_SHOWN = 20
STAGES = ("file", "read", "column", "row")


@dataclass(frozen=True)
class ProblemCode:
    """One entry of the closed list. `outcome` is set where the file cannot be read at all.

    `beside` is the other field of a row that the sentence speaks of, where two cells of a row contradict each other.
    """

    code: str
    stage: str
    severity: Severity
    zh: str
    en: str
    outcome: str | None = None
    beside: str | None = None


class Unreadable(Exception):
    """The file cannot be read: encrypted, damaged, too large or no spreadsheet. Carries a problem code."""

    def __init__(self, code: str, **words: Any) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


@cache
def problem_codes() -> dict[str, ProblemCode]:
    """All codes by name.

    >>> problem_codes()["password_protected"].outcome
    'password-protected'
    """
    document = tomllib.loads(Path(__file__).with_name("problems.toml").read_text("utf-8"))
    return {
        code: ProblemCode(code, **{**entry, "severity": Severity(entry["severity"])})
        for code, entry in document.items()
    }


def sentence(code: str, language: str = "zh", **words: object) -> str:
    """The sentence of a code in `zh` or `en`, with its words filled in.

    >>> sentence("error_cells", "en", count=3)
    '3 cells hold an error value such as #N/A or #DIV/0! and count as blank.'
    """
    entry = problem_codes()[code]
    return (entry.en if language == "en" else entry.zh).format_map({**_BLANKS, **words})


_BLANKS = dict.fromkeys(
    ("header", "field", "value", "known", "names", "unknown", "similar", "limit", "kind", "values"), ""
)


@dataclass
class _Entry:
    code: str
    words: dict[str, object]
    column: str | None
    row: int | None
    field: str | None
    count: int = 0
    values: dict[str, str] = dataclasses.field(default_factory=dict)  # the first distinct values, in order, as told


@dataclass
class ProblemBook:
    """Collects problems, one entry per (code, column) with the first cell and a count."""

    language: str = "zh"
    sheet: str | None = None
    entries: dict[tuple[str, str | None], _Entry] = dataclasses.field(default_factory=dict)

    def add(
        self,
        code: str,
        *,
        column: str | None = None,
        row: int | None = None,
        field: str | None = None,
        count: int = 1,
        **words: object,
    ) -> None:
        """Note a problem; what it says of the file is masked. Raises KeyError for a code outside the closed list."""
        problem_codes()[code]
        words = {name: one_line(mask_text(word)[0]) if isinstance(word, str) else word for name, word in words.items()}
        key = (code, column or field)
        entry = self.entries.get(key)
        if entry is None:
            words = {**words, "field": field or ""}
            entry = self.entries[key] = _Entry(code, words, column, row, field)
        elif row is not None and entry.row is not None and row < entry.row:
            entry.row, entry.words = row, {**words, "field": field or ""}
        entry.count += count
        if "value" in words and len(entry.values) < VALUES_SHOWN:
            entry.values.setdefault(str(words["value"]), f"{words['value']}{words.get('similar', '')}")

    def has_block(self, *stages: str) -> bool:
        """True when a blocking problem of one of the stages (all when none is named) was met."""
        codes = (problem_codes()[entry.code] for entry in self.entries.values())
        return any(code.severity is Severity.BLOCK and (not stages or code.stage in stages) for code in codes)

    def problems(self, limit: int = 200) -> list[Problem]:
        """The problems met: file before columns before rows, blocking ones first in each stage."""
        ordered = sorted(self.entries.values(), key=_order)
        return [self._problem(entry) for entry in ordered[:limit]]

    def _problem(self, entry: _Entry) -> Problem:
        words = {"count": entry.count, "values": "、".join(entry.values.values()), **entry.words}
        value = entry.words.get("value")
        return Problem(
            code=entry.code,
            severity=problem_codes()[entry.code].severity,
            message=sentence(entry.code, self.language, **words),
            sheet=self.sheet,
            cell=f"{entry.column}{entry.row}" if entry.column and entry.row else None,
            row=entry.row,
            field=entry.field,
            value=None if value is None else str(value),
            count=entry.count,
            values=tuple(entry.values),
        )


def _order(entry: _Entry) -> tuple[int, int, int, str, int, str]:
    code = problem_codes()[entry.code]
    severity = list(Severity).index(code.severity)
    letter = entry.column or ""
    return STAGES.index(code.stage), severity, entry.row or 0, entry.code, len(letter), letter
