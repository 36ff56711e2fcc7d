"""The evidence pack for the organization department: documents, results, method and a manifest of SHA-256."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reports import annual, docx_writer, evidence_statement, pdf_writer, workbook
from reports.annual.facts import Facts
from reports.codes import document_code
from reports.csv_cells import safe_cell
from reports.packing import add_bytes
from reports.source import ReportSource

HEADS: dict[str, tuple[str, ...]] = {
    "units": ("unit", "name", "group", "received", "score", "low", "high", "grade", "grade_certain", "reason"),
    "exclusions": ("case_no", "unit", "reason", "applicant", "approver", "at"),
    "objections": ("number", "unit", "indicator", "text", "state", "decision", "decided_at"),
    "findings": ("id", "detector", "unit", "named", "state", "count", "n", "value", "expected", "p_adjusted",
                 "sentence"),
    "batches": ("number", "kind", "file", "rows", "sha256", "first", "last"),
}  # fmt: skip
"""The first columns of each ledger: an empty one says what would stand in it."""


def write(
    source: ReportSource, path: Path, *, records: bytes | None = None, template: Path | None = None
) -> Path:  # fmt: skip
    """Write the pack: report, workbook, statement with signature page, result, scheme, ledgers, and the manifest.

    `records` is the sheet of masked cases; without it the statement says that none is enclosed. `template`
    is the office's own Word file.
    """
    contents = files(source, records, template)
    manifest = {
        "assessment": source.number, "state": source.state, "period": source.assessment.period,
        "scheme": source.assessment.scheme, "as_of": source.assessment.as_of, "made_at": source.made_at,
        "verification_code": source.verification_code,
        "document_code": document_code(source.content_sha256, "evidence"), "left_out": left_out(source),
        "files": [
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(contents.items())
        ],
    }  # fmt: skip
    with zipfile.ZipFile(path, "w") as pack:
        for name, content in sorted(contents.items()):
            add_bytes(pack, name, content)
        add_bytes(pack, "manifest.json", _json(manifest))
    return path


def files(
    source: ReportSource, records: bytes | None = None, template: Path | None = None
) -> dict[str, bytes]:  # fmt: skip
    """Name and content of everything in the pack but the manifest."""
    document, statement = annual.document(source), evidence_statement.document(source, has_records=records is not None)
    answer = {
        "result.json": _json(source.assessment.to_json()),
        "scheme.json": _json(source.scheme),
    }
    ledgers = {"units": _unit_rows(source), "exclusions": source.exclusions, "objections": source.objections,
               "findings": source.findings, "batches": source.batches}  # fmt: skip
    missing = left_out(source)
    answer |= {f"{name}.csv": _csv(HEADS[name], rows) for name, rows in ledgers.items() if name not in missing}
    if records is not None:
        answer["records.xlsx"] = records
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        answer["annual.docx"] = docx_writer.write(document, place / "annual.docx", template=template).read_bytes()
        answer["annual.pdf"] = pdf_writer.write(document, place / "annual.pdf").read_bytes()
        word = docx_writer.write(statement, place / "statement.docx", template=template)
        answer["statement.docx"] = word.read_bytes()
        answer["statement.pdf"] = pdf_writer.write(statement, place / "statement.pdf").read_bytes()
        answer["workbook.xlsx"] = workbook.write(source, place / "workbook.xlsx").read_bytes()
    return answer


def left_out(source: ReportSource) -> dict[str, str]:
    """Ledgers the pack does not hold and why: an empty one would say that there is nothing."""
    answer = dict.fromkeys(sorted(source.hidden), "not shown to the reader this pack was made for")
    if not source.is_searched and "findings" not in source.hidden:
        answer["findings"] = "nobody has looked for findings of this period yet"
    return answer


def _unit_rows(source: ReportSource) -> list[dict[str, Any]]:
    names, facts = {u.code: u.name for u in source.units}, Facts(source)
    return [
        {"unit": u.unit, "name": names.get(u.unit, u.name), "group": u.group, "received": facts.received(u.unit),
         "score": u.score, "low": u.low,
         "high": u.high, "grade": u.grade, "grade_certain": u.grade_certain, "reason": u.reason}
        for u in source.assessment.units
    ]  # fmt: skip


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    return text.encode("utf-8", "replace")


def _csv(head: Iterable[str], rows: list[dict[str, Any]]) -> bytes:
    """Rows as CSV that Excel opens: byte order mark, and no cell it could take for a formula."""
    names = list(dict.fromkeys([*head, *(name for row in rows for name in row)]))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([safe_cell(row.get(name)) for name in names] for row in rows)
    return ("﻿" + text.getvalue()).encode("utf-8", "replace")
