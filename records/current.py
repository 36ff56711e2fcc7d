"""Current cases: the newest observation of every record, read through the index of places or as files for lists.

The facts read the rows straight from their parts. The case list reads one file per month of receipt, sorted by unit,
written when a list first asks for the month and named by what it holds. Derived and rebuilt at will, never evidence.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from records.derived import forget_unused, write_json
from records.engine import Engine
from records.engine_views import PartFiles, Query
from records.instance import Instance
from records.newest import MONTH, NEWEST_FIRST, Index, IndexMonth, index_of, known_index, rows_view, short_sha256
from records.parts import PartInfo
from records.vocabulary import CURRENT_COLUMNS

VERSION = "3"
_BUILDING = threading.Lock()
SORTED_AT_ONCE = 1_500_000  # cases of the months that are sorted and written together; a larger month stands alone
_NAMES = ", ".join(column.name for column in CURRENT_COLUMNS)
AGAIN = (
    "CASE WHEN person_token IS NOT NULL THEN lead(received_at) OVER "
    "(PARTITION BY coalesce(person_token, case_no), category ORDER BY received_at, case_no, coalesce(register, '')) END"
)


@dataclass(frozen=True)
class CurrentCases:
    """The newest observation of every case of the accepted parts, as the index finds them. Times are local.

    `months` are those of receipt, oldest first (year × 100 + month, 0 without a time of receipt).
    """

    instance: Instance
    index: Index
    parts: tuple[PartInfo, ...]

    @property
    def months(self) -> tuple[IndexMonth, ...]:
        """The months with their numbers of cases and the keys of their content."""
        return self.index.months

    @property
    def recorded(self) -> Mapping[str, list[Any]]:
        """Columns: a register and, for each event, 1 where any of its current cases names it."""
        return self.index.recorded

    @property
    def exported_at(self) -> datetime | None:
        """The newest cut-off of any observation."""
        return self.index.last("exported_at")

    @property
    def last_at(self) -> datetime | None:
        """The latest time of receipt or closing of any observation."""
        return self.index.last("last_at")

    def view(self, months: Sequence[IndexMonth] | None = None) -> Query:
        """The rows of some months, or of all, read from their parts and nowhere stored."""
        chosen = self.months if months is None else months
        held = {batch for month in chosen for batch in month.batches}
        views = {
            "places": self.index.view(month.month for month in chosen),
            "observations": rows_view(self.instance, [part for part in self.parts if part.batch in held]),
        }
        text = f"SELECT {_NAMES} FROM observations JOIN places USING (batch, file_row)"
        return Query(text.replace("register,", "observations.register,", 1), views)


def current_text(columns: Sequence[str] | None = None) -> str:
    """The newest observation of each record over the view `cases`: the latest export, then the highest batch and row.

    `month` is the month of receipt, `again_at` the next case of the same person in the same category. Any engine reads
    it; without `columns` all of CURRENT_COLUMNS are answered.
    """
    made = {"month": MONTH, "again_at": AGAIN}
    wanted = columns if columns is not None else [column.name for column in CURRENT_COLUMNS]
    shown = ", ".join(f"{made[name]} AS {name}" if name in made else name for name in wanted)
    read = {"register", "case_no", "received_at", "person_token", "category", "batch", "row_no", "exported_at"}
    inner = ", ".join(sorted(read | {name for name in wanted if name not in made}))
    age = f"row_number() OVER (PARTITION BY coalesce(register, ''), case_no ORDER BY {NEWEST_FIRST}) AS age"
    return f"SELECT {shown} FROM (SELECT {inner}, {age} FROM cases) AS observations WHERE age = 1"


def current_cases(instance: Instance, parts: Sequence[PartInfo]) -> CurrentCases:
    """The current cases of these parts; the index of months whose content is new is written first."""
    with _BUILDING:  # a file that one thread reads is not replaced by the same one of another thread
        index = index_of(instance, parts)
    return CurrentCases(instance, index, tuple(parts))


def is_made(instance: Instance, parts: Sequence[PartInfo], is_wanted: Callable[[IndexMonth], bool]) -> bool:
    """Are the index of these parts and the files of the wanted months there already?"""
    index = known_index(instance, parts)
    wanted = [month for month in index.months if is_wanted(month)] if index else []
    return index is not None and all(path.exists() for path in _paths(instance, wanted).values())


def _paths(instance: Instance, months: Sequence[IndexMonth]) -> dict[int, Path]:
    folder = instance.facts_folder / "current"
    return {month.month: folder / f"{month.key}.parquet" for month in months}


def month_files(current: CurrentCases, months: Sequence[IndexMonth]) -> PartFiles:
    """Some months as files sorted by unit, for lists that are leafed through; missing ones are written first."""
    paths = _paths(current.instance, months)
    if not all(path.exists() for path in paths.values()):
        _write_months(current, months, paths)
    return PartFiles(tuple(paths.values()), CURRENT_COLUMNS)


def _write_months(current: CurrentCases, months: Sequence[IndexMonth], paths: Mapping[int, Path]) -> None:
    folder = current.instance.facts_folder / "current"
    folder.mkdir(mode=0o700, exist_ok=True)
    with _BUILDING:
        missing = [month for month in months if not paths[month.month].exists()]
        engine = Engine(current.instance)
        for chunk in together(missing, [month.rows for month in missing], SORTED_AT_ONCE):
            text = f"SELECT {_NAMES} FROM current_cases ORDER BY month, unit, received_at DESC, register, case_no"
            targets = {month.month: paths[month.month] for month in chunk}
            engine.write_split(text, {"current_cases": current.view(chunk)}, "month", targets)
        if missing:
            keys = [month.key for month in current.index.months]
            write_json(folder / f"{short_sha256([VERSION, keys])}.json", keys)
            forget_unused(folder, keeps=6)


def together(items: Sequence[Any], sizes: Sequence[int], limit: int) -> list[list[Any]]:
    """Neighbours in groups of at most `limit` in all; an item above the limit stands alone.

    >>> together("abcd", [3, 4, 9, 1], 7)
    [['a', 'b'], ['c'], ['d']]
    """
    groups: list[list[Any]] = []
    filled = 0
    for item, size in zip(items, sizes, strict=True):
        if not groups or filled + size > limit:
            groups.append([])
            filled = 0
        groups[-1].append(item)
        filled += size
    return groups
