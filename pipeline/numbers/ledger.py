"""The exclusion ledger as the counting reads it: which cases an office decided to leave out, and the hash of that list.

A case that its own export calls excluded needs no entry; it stays excluded, and the ledger page lists it beside these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.util import memoized_property

from records.access import Action, Viewer, require, unit_filter
from records.canonical import document_sha256
from records.engine import Engine
from records.engine_views import Columns
from records.instance import Instance
from records.models import Exclusion, Unit
from records.tables import tables_for_metrics
from records.vocabulary import ColumnType

BY_SOURCE = """
WITH newest AS (
    SELECT unit, is_excluded, state, exclusion_reason, row_number() OVER (
        PARTITION BY coalesce(register, ''), case_no ORDER BY exported_at DESC NULLS LAST, batch DESC, row_no DESC
    ) AS age
    FROM cases
)
SELECT unit, coalesce(exclusion_reason, ''), count(*) FROM newest
WHERE age = 1 AND (is_excluded = 1 OR state = 'excluded')
GROUP BY ALL ORDER BY count(*) DESC, unit, coalesce(exclusion_reason, '')
"""


@dataclass(frozen=True)
class Ledger:
    """Cases left out by decision, as (register, number), sorted; the register is "" where a source has none."""

    cases: tuple[tuple[str, str], ...] = ()

    @memoized_property
    def sha256(self) -> str | None:
        """Hash of the list, None where it is empty: an instance that never excluded anything counts as before."""
        return document_sha256([list(case) for case in self.cases]) if self.cases else None

    def with_case(self, register: str, case_no: str) -> Ledger:
        """The ledger with one more case.

        >>> Ledger().with_case("12345", "A1").cases
        (('12345', 'A1'),)
        """
        return ledger_of([*self.cases, (register, case_no)])

    def view(self) -> Columns:
        """The list as a view `ledger` with the columns register and case_no."""
        columns = {"register": [r for r, _ in self.cases], "case_no": [c for _, c in self.cases]}
        return Columns(columns, {"register": ColumnType.TEXT, "case_no": ColumnType.TEXT})


def ledger_of(cases: Iterable[tuple[str, str]]) -> Ledger:
    """A ledger of these cases, each once."""
    return Ledger(tuple(sorted(set(cases))))


def decided(instance: Instance) -> Ledger:
    """The exclusions that two persons have decided."""
    wanted = select(Exclusion.register, Exclusion.case_no).where(Exclusion.state == "approved")
    with instance.session() as session:
        return ledger_of((register or "", case_no) for register, case_no in session.execute(wanted))


@dataclass(frozen=True)
class SourceCount:
    """Cases of one unit that its own exports call excluded, by the ground they give; nobody here approved them."""

    unit: str
    unit_name: str
    ground: str
    cases: int


def excluded_by_source(instance: Instance, viewer: Viewer) -> list[SourceCount]:
    """Cases the files themselves exclude, by unit and ground, the largest first; as far as the viewer may see.

    Raises Forbidden for those who may not see the ledger.
    """
    require(viewer, Action.SEE_EXCLUSIONS)
    allowed = unit_filter(viewer, Action.SEE_EXCLUSIONS)
    with instance.session() as session:
        names = dict(session.execute(select(Unit.code, Unit.name)).all())
        rows = Engine(instance).run(BY_SOURCE, tables_for_metrics(instance, session))
    return [
        SourceCount(unit, names.get(unit, unit), ground, count)
        for unit, ground, count in rows
        if allowed is None or unit in allowed
    ]
