"""The second half of a check: convert every row, judge the whole file, write the part, and make the answer."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from imports import progress
from imports.answer import CheckAnswer, FileInfo
from imports.columns.checking import Check, make_readers, read_structure
from imports.columns.decisions import DEFAULT_ZONE
from imports.columns.declared import say_rows, say_totals
from imports.columns.mapping import Column
from imports.columns.second_table import say_second_table
from imports.judging.answering import make_answer, unreadable_answer
from imports.judging.file_facts import constants_of, exported_at, period_of, rating_scale
from imports.judging.rules import blocking_findings, warnings
from imports.judging.unit_findings import say_units
from imports.layouts import load_layout
from imports.options import ImportOptions, SavedLayout, UnitDirectory
from imports.parts.aggregates import read_period, say_contradictions, tell_twin
from imports.parts.bulk import convert_in_bulk
from imports.parts.exclusion_rows import read_exclusion_rows
from imports.parts.part import final_select
from imports.parts.staging import Staging
from imports.parts.statements import KEYS, Constants, derived_expressions
from imports.parts.unit_rows import read_unit_rows
from imports.problems import ProblemBook, Unreadable
from imports.reading.event_log import EventLog, read_log
from imports.reading.grid import Grid, ReadAgain
from imports.reading.opening import open_grid
from imports.reading.rows import Chunk, RowReader
from imports.repairs.errors_file import write_errors
from imports.repairs.faults import BadCell, first_faults
from imports.repairs.repairs import list_as_file, with_repairs
from imports.values.cells import text_of
from imports.values.privacy import mask_text
from imports.values.units import UnitReader
from records.vocabulary import Kind

SUPPORTED = (Kind.RESPONSES, Kind.SURVEYS, Kind.UNITS, Kind.COUNTS, Kind.CHANNELS, Kind.EXCLUSIONS)
_ROW_KEY = {Kind.UNITS: "unit_name", Kind.COUNTS: "unit", Kind.CHANNELS: "channel_name", Kind.EXCLUSIONS: "case_no"}
PART_NAME = "part.parquet"
ROWS_NAME = "rows.json"  # rows of kinds that go into the catalogue

_CATALOGUE_ROWS = {Kind.UNITS: read_unit_rows, Kind.EXCLUSIONS: read_exclusion_rows}


def run_check(
    path: Path,
    file: FileInfo,
    kind: Kind,
    options: ImportOptions,
    directory: UnitDirectory,
    keys: Mapping[str, bytes],
    staging: Path,
    language: str = "zh",
    saved: Sequence[SavedLayout] = (),
) -> CheckAnswer:
    """Check a file in this process. Use `imports.check.check_file`, which puts a child process around this."""
    started = time.monotonic()
    progress.write(staging, 0, 0, "opening")
    book = ProblemBook(language)
    if kind not in SUPPORTED:
        return unreadable_answer(
            Unreadable("kind_unknown", kind=kind.value, known=" ".join(SUPPORTED)), kind, file, book
        )
    try:
        try:
            answer = _read(path, file, kind, options, directory, keys, staging, book, saved, may_hurry=True)
        except ReadAgain:
            book = ProblemBook(language)
            answer = _read(path, file, kind, options, directory, keys, staging, book, saved, may_hurry=False)
    except Unreadable as error:
        answer = unreadable_answer(error, kind, file, book)
    return dataclasses.replace(answer, seconds=round(time.monotonic() - started, 3))


def _read(
    path: Path,
    file: FileInfo,
    kind: Kind,
    options: ImportOptions,
    directory: UnitDirectory,
    keys: Mapping[str, bytes],
    staging: Path,
    book: ProblemBook,
    saved: Sequence[SavedLayout],
    *,
    may_hurry: bool,
) -> CheckAnswer:
    sheet = None if options.completes else options.sheet
    with open_grid(path, sheet, file.name, may_hurry=may_hurry) as grid:
        if options.completes:
            grid = list_as_file(grid, options.header_row or 1, options.sheet)
        units = UnitReader(directory, options.create_units)
        log = _log_of(grid, kind, options, units)
        rows = with_repairs(log.grid if log else grid, options.repaired)
        check = Check(kind, options, keys, rows, book, units, load_layout(kind.value), file_name=file.name)
        check.log, check.saved = log, tuple(saved)
        return _check(check, file, staging)


def _log_of(grid: Grid, kind: Kind, options: ImportOptions, units: UnitReader) -> EventLog | None:
    """The events of a file of cases that has one row for each event."""
    if kind is not Kind.RESPONSES or options.layout is not None or options.header_row is not None or options.map:
        return None
    return read_log(grid, units, options.timezone or DEFAULT_ZONE, options.date_order)


def _say_events(check: Check, staging: Staging) -> None:
    """Note the events that cannot be read; the case of each is refused with it."""
    if check.log is None:
        return
    for problem in check.log.problems:
        check.say(problem.code, "history", problem.row, problem.value)
        check.bad.append((problem.case_row, problem.code, "history"))
    staging.mark_bad([(p.case_row, p.code, "history") for p in check.log.problems])


def _check(check: Check, file: FileInfo, folder: Path) -> CheckAnswer:
    read_structure(check)
    if check.kind is Kind.COUNTS:
        read_period(check)
        tell_twin(check)
    if not check.book.has_block("file", "column"):
        make_readers(check)
    rows = RowReader(check.grid, check.header_row, check.header, _key_index(check), check.layout.extra_header_rows)
    if check.book.has_block("file", "column"):
        if check.header:
            for _ in rows.chunks():
                continue
        return _refused(check, file, rows)
    if check.kind in _CATALOGUE_ROWS:
        return _finish_catalogue(check, file, rows, _CATALOGUE_ROWS[check.kind](check, rows), folder)
    items = _item_columns(check)
    columns = [column for reader in check.readers for column in reader.staged]
    staging = Staging([*columns, *([("items", "VARCHAR")] if items else [])], folder)
    try:
        if check.kind is not Kind.COUNTS:  # there one staged row becomes several
            staging.derive(derived_expressions(check.kind, staging.columns, constants_of(check)))
        if items or not convert_in_bulk(check, rows, staging, folder):
            for chunk in rows.chunks():
                _convert(check, chunk, staging, items)
                progress.write(folder, rows.total, max(rows.total, check.grid.about_rows - check.header_row), "reading")
        if check.log is not None:
            rows.skipped["event"] = rows.skipped.pop("blank", 0)
            _say_events(check, staging)
        if check.options.completes:
            del rows.skipped["blank"]  # the places of the rows that are in already
        progress.write(folder, rows.total, rows.total, "writing")
        return _finish(check, file, rows, staging, folder)
    finally:
        staging.close()


def _key_index(check: Check) -> int | None:
    column = check.column_of(_ROW_KEY.get(check.kind) or KEYS[check.kind])
    return column.index if column else None


def _convert(check: Check, chunk: Chunk, staging: Staging, items: list[Column]) -> None:
    already_bad = len(check.bad)
    converted: list[list[Any]] = [chunk.numbers]
    for reader in check.readers:
        source = chunk.columns[reader.column.index]
        converted.extend(reader.read(source, chunk.numbers, check.note))
    if items:
        converted.append(_items(chunk, items, frozenset(check.layout.blanks)))
    staging.append(converted)
    staging.mark_bad(check.bad[already_bad:])


def _item_columns(check: Check) -> list[Column]:
    """Questions beyond the fields, where the layout says how their headings look."""
    if check.kind is not Kind.SURVEYS or not check.layout.items:
        return []
    pattern = re.compile(check.layout.items)
    return [column for column in check.columns if not column.fields and pattern.search(column.header)]


def _items(chunk: Chunk, items: list[Column], blanks: frozenset[str]) -> list[Any]:
    names = [column.header for column in items]
    texts = [[mask_text(text_of(cell))[0][:200] for cell in chunk.columns[column.index]] for column in items]
    rows = (
        {name: text for name, text in zip(names, row, strict=True) if text and text not in blanks}
        for row in zip(*texts, strict=True)
    )
    return [json.dumps(row, ensure_ascii=False) if row else None for row in rows]


def _finish(check: Check, file: FileInfo, rows: RowReader, staging: Staging, folder: Path) -> CheckAnswer:
    now = dt.datetime.now(ZoneInfo(check.zone)).replace(tzinfo=None)
    constants = dataclasses.replace(
        constants_of(check), exported_at=exported_at(check, staging, now), rating_scale=rating_scale(check, staging)
    )
    say_rows(check, rows.total)
    if not check.book.has_block("column"):
        for finding in blocking_findings(staging, check.kind, constants):
            check.say(finding.code, finding.field, finding.first_row, finding.value, finding.count)
        for finding in warnings(staging, check.kind, now):
            check.say(finding.code, finding.field, finding.first_row, finding.value, finding.count)
        if check.kind is Kind.COUNTS:
            say_contradictions(check, rows, staging)
    say_totals(check, staging)
    _say_created(check)
    say_units(check, staging)
    rejected = staging.query("SELECT count(DISTINCT row_no) FROM bad")[0][0]
    first_bad = staging.query("SELECT DISTINCT row_no FROM bad ORDER BY 1 LIMIT 20")
    say_second_table(check, [row_no for (row_no,) in first_bad])
    if rejected and not check.book.has_block("column"):  # a column is mapped, not its rows
        _list_refused(check, staging.query("SELECT row_no, code, field FROM bad ORDER BY row_no"))
    if _is_refused(check, rejected, rows.total):
        return _refused(check, file, rows, rejected)
    return _accepted(check, file, rows, staging, folder, constants, rejected)


def _is_refused(check: Check, rejected: int, total: int) -> bool:
    return check.book.has_block("column") or bool(rejected and not check.options.partial) or rejected == total


def _accepted(
    check: Check, file: FileInfo, rows: RowReader, staging: Staging, folder: Path, constants: Constants, rejected: int
) -> CheckAnswer:
    select, duplicates = final_select(check, staging, constants)
    part = folder / PART_NAME
    staging.write_part(select, part)
    accepted = rows.total - rejected - duplicates
    first, last = period_of(check, staging)
    answer = make_answer(check, file, rows, "checked", rejected, accepted, duplicates)
    return dataclasses.replace(
        answer,
        period={"first": first, "last": last},
        exported_at=constants.exported_at,
        new_units=_new_units(check),
        staged=str(part),
    )


def _say_created(check: Check) -> None:
    created = check.units.created
    if created:
        column = check.column_of("unit")
        first = next(iter(created.values()))
        letter = column.letter if column else None
        check.book.add("unit_created", column=letter, field="unit", count=len(created), value=first)


def _finish_catalogue(
    check: Check, file: FileInfo, rows: RowReader, found: list[dict[str, Any]], folder: Path
) -> CheckAnswer:
    say_rows(check, rows.total)
    _say_created(check)
    refused = sorted({number for number, _, _ in check.bad})
    say_second_table(check, refused[:20])
    rejected = len(refused)
    if rejected:
        _list_refused(check, check.bad)
    if _is_refused(check, rejected, rows.total):
        return _refused(check, file, rows, rejected)
    target = folder / ROWS_NAME
    target.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    answer = make_answer(check, file, rows, "checked", rejected, len(found), rows.total - rejected - len(found))
    return dataclasses.replace(answer, staged=str(target), new_units=_new_units(check))


def _list_refused(check: Check, bad: Sequence[BadCell]) -> None:
    """The first refused cells into the answer, and every refused row into the errors file where one is wanted."""
    grid, header = check.written or (check.grid, check.header)
    language = check.book.language
    check.faults = first_faults(grid, check.columns, bad, check.kind, language, check.words_of)
    if check.options.errors:
        units, target = sorted(check.units.directory.titles.values()), Path(check.options.errors)
        write_errors(target, grid, header, check.columns, bad, check.kind, language, units, check.words_of)


def _new_units(check: Check) -> list[dict[str, str]]:
    return [{"code": code, "name": name} for code, name in sorted(check.units.created.items())]


def _refused(check: Check, file: FileInfo, rows: RowReader, rejected: int = 0) -> CheckAnswer:
    return make_answer(check, file, rows, "refused", rejected, 0, 0)
