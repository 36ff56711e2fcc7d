"""The tables of the open data package: fields with their meaning, rows as they stand in the published result."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metrics.disclosure.protection import FULL_SHARE_FROM, hides_share
from metrics.value import MetricValue
from reports.annual.facts import Facts
from reports.codes import document_code
from reports.csv_cells import safe_cell
from reports.source import ReportSource
from reports.texts import say

KIND = "opendata"
PROTECTED = "too_few"  # why a cell about a handful of people is empty


@dataclass(frozen=True)
class Field:
    """One column: its name, its Frictionless type; its meaning stands in the wording under `open.<name>`."""

    name: str
    type: str


@dataclass(frozen=True)
class Table:
    """One table with its rows in the order of the units."""

    name: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Any, ...], ...]


def _fields(**types: str) -> tuple[Field, ...]:
    return tuple(Field(name, kind) for name, kind in types.items())


def tables(source: ReportSource) -> list[Table]:
    """Results of units, values of indicators, the months, the indicators with formula and weight."""
    facts = Facts(source)
    return [_results(facts), _indicators(facts), _months(facts), _dictionary(facts)]


def _results(facts: Facts) -> Table:
    fields = _fields(unit="string", unit_name="string", peer_group="string", received="integer", score="number",
                     score_low="number", score_high="number", grade="string", reason="string")  # fmt: skip
    rows = tuple(
        (u.unit, facts.names[u.unit], u.group, *((None,) * 5), PROTECTED)
        if is_protected(facts.received(u.unit)) or is_protected(u.n)
        else (u.unit, facts.names[u.unit], u.group, facts.received(u.unit), u.score, u.low, u.high, u.grade, u.reason)
        for u in facts.units
    )
    return Table("results", fields, rows)


def _indicators(facts: Facts) -> Table:
    fields = _fields(unit="string", indicator="string", numerator="number", denominator="number", value="number",
                     value_low="number", value_high="number", n="integer", points="number", weight="number",
                     reason="string")  # fmt: skip
    rows = tuple(
        (u.unit, r.code, *((None,) * 7), r.weight, PROTECTED)
        if is_protected(r.n)
        else (u.unit, r.code, r.numerator, r.denominator, r.value, r.low, r.high, r.n, r.points, r.weight, r.reason)
        for u in facts.units
        for r in facts.results(u)
    )
    return Table("indicators", fields, rows)


def _months(facts: Facts) -> Table:
    fields = _fields(unit="string", month="string", indicator="string", numerator="number", denominator="number",
                     value="number", n="integer", reason="string")  # fmt: skip
    known = {u.unit for u in facts.units}
    shown = [v for v in facts.source.monthly if v.unit in known and v.group is None]
    hidden = hidden_months(shown)
    rows = tuple(
        (v.unit, v.period, v.metric, None, None, None, None, PROTECTED)
        if i in hidden
        else (v.unit, v.period, v.metric, v.numerator, v.denominator, v.value, v.n, v.reason)
        for i, v in enumerate(shown)
    )
    return Table("months", fields, rows)


def is_protected(n: float | None) -> bool:
    """Whether a figure about so few cases stays out of what everybody may read; nothing at all may be said.

    >>> is_protected(9), is_protected(10), is_protected(0), is_protected(None)
    (True, False, False, False)
    """
    return bool(n) and hides_share(int(n or 0))


def hidden_months(values: Sequence[MetricValue]) -> set[int]:
    """The places of the months that are left empty.

    Months on too few cases; and where the rest of the year would give one of them away by subtraction from the value of
    the period, the smallest months beside it, until at least two are hidden and they hold ten cases together.
    """
    rows: dict[tuple[str | None, str], list[int]] = defaultdict(list)
    for i, value in enumerate(values):
        rows[value.unit, value.metric].append(i)
    hidden: set[int] = set()
    for places in rows.values():
        ordered = sorted((i for i in places if values[i].n), key=lambda i: (values[i].n or 0, values[i].period))
        few = [i for i in ordered if is_protected(values[i].n)]
        further = ordered[len(few) :]
        while few and further and (len(few) < 2 or sum(values[i].n or 0 for i in few) < FULL_SHARE_FROM):
            few.append(further.pop(0))
        hidden.update(few)
    return hidden


def _dictionary(facts: Facts) -> Table:
    fields = _fields(indicator="string", indicator_name="string", formula="string", measure="string", weight="number",
                     source="string")  # fmt: skip
    labels = [(facts.label(i["code"]), float(i["weight"])) for i in facts.indicators]
    rows = tuple((label.code, label.name, label.formula, label.unit, weight, label.source) for label, weight in labels)
    return Table("dictionary", fields, rows)


def as_csv(table: Table) -> bytes:
    """UTF-8 without mark, one head row, an empty cell for what is missing; text no spreadsheet takes for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in table.fields)
    writer.writerows([safe_cell(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8", "replace")


def descriptor(source: ReportSource, files: dict[str, dict[str, Any]]) -> bytes:
    """`datapackage.json`: what the package is, and per file its fields, size and SHA-256."""
    scheme, language = source.assessment.scheme, source.language
    resources = []
    for table in tables(source):
        schema = {
            "fields": [
                {"name": field.name, "type": field.type, "description": say(language, f"open.{field.name}")}
                for field in table.fields
            ],
            "missingValues": [""],
        }
        for ending, kind in (("csv", "text/csv"), ("parquet", "application/vnd.apache.parquet")):
            name = f"{table.name}.{ending}"
            resources.append(
                {"name": f"{table.name}-{ending}", "path": name, "format": ending, "mediatype": kind,
                 "title": say(language, f"open.table_{table.name}"), "schema": schema, **files[name]}
            )  # fmt: skip
    package = {
        "name": f"assessment-{source.number}", "profile": "data-package",
        "title": Facts(source).say("annual.title", city=source.city, period=Facts(source).period),
        "created": source.made_at, "version": f"{scheme.get('id', '')} {scheme.get('version', '')}".strip(),
        "description": say(language, "open.package"), "contributors": [{"title": source.office, "role": "publisher"}],
        "wenxiao": {"assessment": source.number, "period": source.assessment.period,
                    "data_as_of": source.assessment.as_of, "scope": source.scheme.get("scope", "kept"),
                    "scheme_sha256": scheme.get("sha256", ""), "verification_code": source.verification_code,
                    "document_code": document_code(source.content_sha256, KIND)},
        "resources": resources,
    }  # fmt: skip
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
