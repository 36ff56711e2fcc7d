"""From one counted table to the rows of an answer: units, peer groups, subtrees, totals, and what each leaves out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.util import memoized_property

from metrics.counting import count_table
from metrics.counting.count_table import CountTable
from metrics.value import MetricValue
from metrics.values import compute, needs
from pipeline.numbers.groups import group_rows, in_force, peer_groups
from pipeline.numbers.tallies import Request
from records.instance import Instance

if TYPE_CHECKING:
    from pipeline.numbers.counting import Facts

Omitted = dict[tuple[str | None, str, str | None, str], dict[str, int]]


@dataclass
class Answering:
    """From one counted table to the rows of an answer and what each row leaves out."""

    instance: Instance
    facts: Facts
    request: Request
    options: compute.Options | None
    is_named: bool  # whether the codes were asked for by name

    def rows(
        self, table: CountTable, base: str, subtrees: Mapping[str, frozenset[str]] | None
    ) -> tuple[list[MetricValue], Omitted]:
        """The rows of units, peer groups or totals; units of `subtrees` with all their members."""
        # What is left out comes first: once a million values stand there, new mappings have Python look at them all.
        omitted = left_out(table, self.request.codes)
        rows = self._of(table, {})
        if base == "peer_group":
            groups = peer_groups(self.instance, self.request.units)
            gathered = count_table.gathered(table, groups)
            own = left_out(gathered, self.request.codes)
            omitted |= {
                (f"peer_group:{name}", period, name if split is None else split, clock): n
                for (name, period, split, clock), n in own.items()
            }
            rows = group_rows(self._of(gathered, groups), rows, groups) + [row for row in rows if row.unit is None]
        elif subtrees and base == "unit":
            gathered = count_table.gathered(table, subtrees)
            omitted |= left_out(gathered, self.request.codes)
            rows = [row for row in rows if row.unit not in subtrees] + self._of(gathered, subtrees)
        if base == "total":
            rows = [row for row in rows if row.unit is None]
        return in_force(self.instance, rows, self.request.periods), omitted

    def _of(self, table: CountTable, sets: Mapping[str, Collection[str]]) -> list[MetricValue]:
        if "P1" in self.request.codes and self.facts.as_of is not None:
            from pipeline.numbers.demand_counts import with_demands

            table = with_demands(table, *self._demands, sets, self.request.units)
        return compute.metric_values(table, self.request.codes, self.options)

    @memoized_property
    def _demands(self) -> tuple[Mapping[str, Any], Mapping[tuple[str, int], set[tuple[str, str]]]]:
        from pipeline.numbers.demand_counts import grouped_demands, groups_of_demands

        found = grouped_demands(self.instance, self.facts, self.request.periods, may_group=self.is_named)
        return found, groups_of_demands(self.instance, self.facts, found, self.request.split)


def left_out(table: CountTable, codes: Iterable[str]) -> Omitted:
    """Cases of each key that stand outside the denominators, by why; for on-time rates those not yet due as well.

    The last part of a key is the clock of an on-time rate, else "".
    """
    found: Omitted = {}
    for clock in {needs.clock_of_rate(code) for code in codes}:
        names = dict(needs.LEFT_OUT)
        if clock:
            names |= {f"{clock}_not_due": "not_yet_due", f"{clock}_no_limit": "no_limit"}
        columns = [table.column(name).tolist() for name in names]
        for key, *values in zip(table.keys, *columns, strict=True):
            found[*key, clock] = dict(zip(names.values(), values, strict=True))
    return found
