"""The answer of a check: counts, columns, sheets and the problems of the first stage that failed."""

from __future__ import annotations

import dataclasses
from collections import Counter

from imports.answer import CheckAnswer, ColumnInfo, FileInfo, Problem, RowCounts, SheetInfo
from imports.columns.checking import Check, samples
from imports.limits import limits
from imports.problems import ProblemBook, Unreadable, problem_codes
from imports.reading.grid import column_letter
from imports.reading.rows import RowReader
from imports.values.privacy import mask_text
from records.vocabulary import Kind, Severity


def unreadable_answer(error: Unreadable, kind: Kind, file: FileInfo, book: ProblemBook) -> CheckAnswer:
    """The answer for a file that was not read; exit code 3 where its code has an outcome."""
    book.add(error.code, **error.words)
    problems = [problem for problem in book.problems() if problem.code == error.code]
    is_unreadable = problem_codes()[error.code].outcome is not None
    return CheckAnswer("refused", kind.value, file, problems=problems, is_unreadable=is_unreadable)


def make_answer(
    check: Check, file: FileInfo, rows: RowReader, state: str, rejected: int, accepted: int, duplicates: int
) -> CheckAnswer:
    """The answer to a file whose rows were read: its state, its counts, and what was found in it."""
    _say_ragged(check, rows)
    _say_left_out(check, rows)
    masked: Counter[str] = Counter({"phone": 0, "identity": 0, "name": 0})
    for reader in check.readers:
        masked.update(reader.masked)
    empty = RowCounts().skipped
    counts = RowCounts(
        read=rows.total,
        accepted=accepted,
        rejected=rejected,
        duplicate_in_file=duplicates,
        skipped={**empty, **rows.skipped},
    )
    return CheckAnswer(
        state=state,
        kind=check.kind.value,
        file=_file_info(check, file, rows),
        rows=counts,
        columns=_column_infos(check),
        problems=_stage_problems(check.book),
        faults=check.faults,
        masked=dict(masked),
        layout=check.layout.id,
        saved_layout=check.recognised,
        signature=check.signature,
    )


_OF_ONE_COLUMN = frozenset({"scale_direction_unknown", "date_order_unknown"})  # say nothing of other columns
_QUESTIONS = frozenset({"unit_unknown", "value_unknown"})


def _stage_problems(book: ProblemBook) -> list[Problem]:
    """No row problem is shown while a column problem is open: it would be an echo of it.

    Where only the meaning of numbers is open, the words and units nobody knows are asked at the same time.
    """
    problems, known = book.problems(limits().problems_listed), problem_codes()
    if not book.has_block("file", "column"):
        return problems
    open_columns = {p.code for p in problems if p.severity is Severity.BLOCK and known[p.code].stage != "row"}
    beside = _QUESTIONS if open_columns <= _OF_ONE_COLUMN else frozenset()
    return [problem for problem in problems if known[problem.code].stage != "row" or problem.code in beside]


def _say_ragged(check: Check, rows: RowReader) -> None:
    if rows.ragged:
        shown = "、".join(map(str, rows.ragged[:10])) + ("…" if len(rows.ragged) > 10 else "")
        check.book.add("ragged_rows", row=rows.ragged[0], count=len(rows.ragged), rows=shown)


_LEFT_OUT = {
    "zh": {"subtotal": "合计行", "repeated_header": "重复的表头", "note": "说明或空号行"},
    "en": {"subtotal": "totals", "repeated_header": "repeated headings", "note": "notes or rows with a number only"},
}


def _say_left_out(check: Check, rows: RowReader) -> None:
    """Which rows were taken for totals, repeated headings or notes: a person sees at once if one was data."""
    named = _LEFT_OUT["en" if check.book.language == "en" else "zh"]
    shown = []
    for reason, numbers in rows.left_out.items():
        if reason in named:
            more = "…" if rows.skipped[reason] > len(numbers) else ""
            shown.append(f"{named[reason]} {'、'.join(map(str, numbers))}{more}")
    if shown:
        count = sum(rows.skipped[reason] for reason in named)
        first = min(numbers[0] for reason, numbers in rows.left_out.items() if reason in named)
        check.book.add("rows_left_out", row=first, count=count, rows="；".join(shown))


def _file_info(check: Check, file: FileInfo, rows: RowReader) -> FileInfo:
    grid = check.grid
    sheets = list(grid.sheets)
    if grid.is_ragged_text and len(sheets) == 1:
        height = check.header_row + check.layout.extra_header_rows + rows.total + sum(rows.skipped.values())
        sheets = [SheetInfo(file.name, height, used=True)]
    return dataclasses.replace(
        file,
        format=grid.format,
        encoding=grid.encoding,
        sheet=grid.sheet,
        header_row=check.header_row or None,
        sheets=sheets,
    )


def _column_infos(check: Check) -> list[ColumnInfo]:
    shown = samples(check) if check.columns else {}
    return [
        ColumnInfo(
            header=mask_text(column.header)[0],  # a row of data may have been taken for the headings
            column=column_letter(column.index),
            field=column.fields[0] if column.fields else None,
            how=column.how,
            fields=column.fields,
            samples=shown.get(column.index, ()),
            guess=column.guess,
        )
        for column in check.columns
    ]
