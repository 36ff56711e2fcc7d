"""The SQL that brings staged columns to the fixed columns of a part, built from names of the vocabulary only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from records.vocabulary import PART_COLUMNS, Column, ColumnType, Kind

# What identifies a record of a kind inside its register.
KEYS = {
    Kind.RESPONSES: "case_no", Kind.SURVEYS: "answer_no", Kind.COUNTS: "count_no", Kind.CHANNELS: "channel_no",
}  # fmt: skip
MAIN_TIME = {
    Kind.RESPONSES: "received_at", Kind.SURVEYS: "answered_at", Kind.COUNTS: "period_start",
    Kind.CHANNELS: "checked_at",
}  # fmt: skip
_PROVENANCE = ("exported_at", "batch", "sheet", "row_no", "row_hash")
_GREETING = "^(尊敬的)?[^，,。！!：:]{0,12}[：:，,！!]?(您好|你好)[！!，,。：:]?"
_LEVELS = ("category", "category_2", "category_3")


@dataclass(frozen=True)
class Constants:
    """Values that hold for every row of the file."""

    register: str
    channel: str | None
    unit: str | None
    source: str
    sheet: str | None
    exported_at: str | None = None
    rating_scale: int = 5
    completed_by: str | None = None  # surveys: time that only completed answers have
    needs_case: bool = False  # surveys: every answer names its case
    has_period: bool = False  # counts: one period holds for all rows


def quoted(value: str | None) -> str:
    """A text as SQL literal, NULL for None.

    >>> quoted("Mayor's Office")
    "'Mayor''s Office'"
    """
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def typed_select(kind: Kind, staged: Mapping[str, str], constants: Constants, source: str = "staged") -> str:
    """SELECT of every part column in order from a table or subquery `source`; the row hash only where it is staged."""
    expressions = _expressions(kind, staged, constants)
    parts = [f'{expression} AS "{name}"' for name, expression in expressions.items()]
    return f"SELECT {', '.join(parts)} FROM {source}"


def sort_keys(kind: Kind, staged: Mapping[str, str], constants: Constants) -> list[str]:
    """By what the rows of a part are sorted, as expressions over the staged columns: unit, main time, row."""
    expressions = _expressions(kind, staged, constants)
    return [expressions["unit"], expressions[MAIN_TIME[kind]], '"row_no"']


def derived_expressions(kind: Kind, staged: Mapping[str, str], constants: Constants) -> dict[str, str]:
    """The costly columns of a part that follow from one staged row alone: the row hash, the fingerprint of a reply.

    Told as expressions over the staged columns, so that they can be computed while later rows are still being read.
    """
    expressions = _expressions(kind, staged, constants)
    derived = {"row_hash": _row_hash(kind, staged, expressions)}
    if "reply_text" in staged:
        derived["reply_fingerprint"] = expressions["reply_fingerprint"]
    return derived


def _expressions(kind: Kind, staged: Mapping[str, str], constants: Constants) -> dict[str, str]:
    """Part column -> expression over the staged columns, without the row hash unless it is staged as well."""
    special = _special(staged, constants)
    if kind is Kind.SURVEYS:
        special |= _answers(staged, constants)
    elif kind is Kind.COUNTS:
        special |= _counts(constants)
    elif kind is Kind.CHANNELS:
        special["channel_no"] = _first(staged, ("channel_no",), "unit || ':' || channel_name")
    found = {}
    for column in PART_COLUMNS[kind]:
        if column.name == "row_hash" and "row_hash" not in staged:
            continue
        expression = special.get(column.name) or (f'"{column.name}"' if column.name in staged else "NULL")
        found[column.name] = f"CAST({expression} AS {column.type.value})"
    return found


def _special(staged: Mapping[str, str], constants: Constants) -> dict[str, str]:
    special = {
        "register": quoted(constants.register),
        "channel": _first(staged, ("channel",), quoted(constants.channel)),
        "unit": _first(staged, ("unit",), quoted(constants.unit)),
        "sheet": quoted(constants.sheet),
        "exported_at": quoted(constants.exported_at),
        "batch": "0",
        "person_token": _first(staged, ("citizen_phone", "citizen_identity", "citizen_account"), "NULL"),
        "device_token": _first(staged, ("ip_address",), "NULL"),
    }
    if "category" in staged:
        special["category"] = "trim(split_part(category, '->', 1))"
        levels = ", ".join(name for name in _LEVELS if name in staged)
        special["category_path"] = f"nullif(concat_ws('->', {levels}), '')"
    if "is_assessed" in staged:
        special["is_excluded"] = _first(staged, ("is_excluded",), "1 - is_assessed")
    if "reply_text" in staged:
        special["reply_length"] = "length(reply_text)"
        is_derived = "reply_fingerprint" in staged
        special["reply_fingerprint"] = '"reply_fingerprint"' if is_derived else _fingerprint("reply_text")
    if "rating" in staged:
        if "rating_is_default" in staged:
            special["rating"] = "CASE WHEN rating_is_default = 1 THEN 0 ELSE rating END"
        special["rating_scale"] = f"CASE WHEN rating IS NOT NULL THEN {constants.rating_scale} END"
    return special


def _answers(staged: Mapping[str, str], constants: Constants) -> dict[str, str]:
    completed = {}
    if constants.completed_by:
        is_there = f"{constants.completed_by} IS NOT NULL" if constants.completed_by in staged else "FALSE"
        completed["is_complete"] = f"CAST({is_there} AS SMALLINT)"
    return {
        **completed,
        "answer_no": _first(staged, ("answer_no",), "'r' || row_no"),
        "source": quoted(constants.source),
        "seconds_used": _first(staged, ("seconds_used",), "NULL"),
    }


def _counts(constants: Constants) -> dict[str, str]:
    """A number is about one measure of one unit, period and channel, told by one source."""
    days = "strftime(period_start, '%Y-%m-%d'), strftime(period_end, '%Y-%m-%d')"
    channel = f"coalesce(channel, {quoted(constants.channel)}, '')"
    source = quoted(constants.source)
    return {"source": source, "count_no": f"concat_ws('|', unit, {days}, {channel}, {source}, measure)"}


def _first(staged: Mapping[str, str], names: tuple[str, ...], default: str) -> str:
    """The first of the staged columns that has a value, else the default."""
    present = [f'"{name}"' for name in names if name in staged]
    return f"coalesce({', '.join([*present, default])})" if present else default


def _fingerprint(column: str) -> str:
    """Replies that differ only in greeting, digits, spaces and punctuation have the same 16 hex digits."""
    core = f"regexp_replace(lower(trim({column})), '{_GREETING}|[0-9０-９\\s\\p{{P}}]+', '', 'g')"
    return f"CASE WHEN {column} IS NOT NULL THEN substr(sha256({core}), 1, 16) END"


def row_hash(kind: Kind, staged: Mapping[str, str]) -> str:
    """128 bits over the content of a row: `name=value` of every filled column, so that new columns change nothing."""
    return _row_hash(kind, staged, {column.name: f'"{column.name}"' for column in PART_COLUMNS[kind]})


def _row_hash(kind: Kind, staged: Mapping[str, str], values: Mapping[str, str]) -> str:
    content = [column for column in PART_COLUMNS[kind] if _is_content(column, staged)]
    first, *others = content  # every row has a register, with which the columns begin
    joined = [f"'{first.name}=' || {values[first.name]}", *(_joined(column, values[column.name]) for column in others)]
    return f"substr(sha256(concat({', '.join(joined)})), 1, 32)"


def _is_content(column: Column, staged: Mapping[str, str]) -> bool:
    derived = {"reply_length", "reply_fingerprint", "rating_scale", *_PROVENANCE}
    always = {"register", "channel", "unit", "category_path", "is_excluded", "person_token", "device_token", "source"}
    return column.name not in derived and (column.name in staged or column.name in always)


def _joined(column: Column, value: str) -> str:
    """Separator, name and value as arguments of `concat`, which passes over NULL; a long text is copied only once."""
    name = f"chr(31) || '{column.name}='"
    if value in (f'"{column.name}"', f'CAST("{column.name}" AS VARCHAR)') and column.type is ColumnType.TEXT:
        return f"CASE WHEN {value} IS NOT NULL THEN {name} END, {value}"
    if column.name.endswith("_is_date"):
        value = f"nullif({value}, 0)"
    if column.type is not ColumnType.TEXT:
        value = f"CAST({value} AS VARCHAR)"
    return f"{name} || {value}"
