"""The facts of each month as a file, named by everything they depend on; built where missing, forgotten when unused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.util import memoized_property

from metrics.counting.facts import FACTS_VERSION, Cut, facts_text
from pipeline.numbers.ledger import Ledger
from records.columns import FACT_COLUMNS, RECORDED
from records.current import CurrentCases, together
from records.derived import forget_unused, write_json
from records.engine import Engine
from records.engine_views import Columns, PartFiles, View
from records.instance import Instance
from records.newest import IndexMonth
from records.vocabulary import ColumnType

LISTINGS_KEPT = 12
ROWS_AT_ONCE = 3_000_000  # cases of the months that one statement builds; a larger month stands alone


@dataclass(frozen=True)
class FactsPlan:
    """Facts of the current cases at one cut-off, under one standard, calendar and ledger."""

    instance: Instance
    current: CurrentCases
    cut: Cut
    days: Mapping[str, Any]
    ledger: Ledger

    def key(self, hashes: list[str]) -> str:
        """The key of all months together, with the hashes of the parts they come from."""
        return _sha256([self._settings, sorted(hashes)])

    def month_files(self) -> PartFiles:
        """The view of all months; those that are missing are built first, each with bounded memory."""
        paths = {month.month: self._path(month) for month in self.current.months}
        missing = [month for month in self.current.months if not paths[month.month].exists()]
        if missing:
            self._build(missing, paths)
            stems = [path.stem for path in paths.values()]
            write_json(self.instance.facts_folder / f"{_sha256(stems)}.json", stems)
            forget_unused(self.instance.facts_folder, keeps=LISTINGS_KEPT)
        return PartFiles(tuple(paths.values()), FACT_COLUMNS)

    def _build(self, months: list[IndexMonth], paths: Mapping[int, Path]) -> None:
        engine, text = Engine(self.instance), facts_text(self.cut, self.days, self.current.index.named)
        for chunk in together(months, [month.rows for month in months], ROWS_AT_ONCE):
            views: dict[str, View] = {"current_cases": self.current.view(chunk), **self._other_views}
            engine.write_split(text, views, "month", {month.month: paths[month.month] for month in chunk})

    def _path(self, month: IndexMonth) -> Path:
        return self.instance.facts_folder / f"{month.month:06d}-{_sha256([self._settings, month.key])}.parquet"

    @memoized_property
    def _settings(self) -> str:
        """Hash of what the facts depend on beside the cases."""
        cut = self.cut
        content = [FACTS_VERSION, cut.as_of.isoformat(), cut.standard.sha256, cut.uses_source_limits, self.days,
                   self.ledger.sha256, self.current.recorded, *cut.moves]  # fmt: skip
        return _sha256(content)

    @property
    def _other_views(self) -> dict[str, Columns]:
        views = {"days": days_view(self.days), "recorded": recorded_view(self.current.recorded)}
        return views | ({"ledger": self.ledger.view()} if self.ledger.cases else {})


def of_months(view: View, first: int, last: int) -> View:
    """The facts of some months (year × 100 + month) only, by the names of their files: fewer files to open."""
    if not isinstance(view, PartFiles):
        return view
    return replace(view, paths=tuple(path for path in view.paths if first <= int(path.name[:6]) <= last))


def days_view(days: Mapping[str, Any]) -> Columns:
    """The day table as a view with settled types."""
    return Columns(days, {n: ColumnType.TEXT if n == "date_text" else ColumnType.BIG for n in days})


def recorded_view(recorded: Mapping[str, list[Any]]) -> Columns:
    """What each register records, as a view with settled types."""
    return Columns(recorded, {c.name: ColumnType.TEXT if c.name == "register" else ColumnType.BIG for c in RECORDED.c})


def _sha256(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8")).hexdigest()[:32]
