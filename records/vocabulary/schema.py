"""The fixed columns of the stored parts: what one row of a Parquet part holds, in order.

Times are naive local times of the instance's zone; `<time>_is_date` is 1 where the source gave only a date, so that
a date is never read as midnight. Yes/no columns are 0, 1 or null. Free text is masked, persons are tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from records.vocabulary.codes import Kind


class ColumnType(StrEnum):
    """Types every engine agrees on."""

    TEXT = "VARCHAR"
    TIME = "TIMESTAMP"
    SMALL = "SMALLINT"
    INTEGER = "INTEGER"
    BIG = "BIGINT"
    REAL = "DOUBLE"


@dataclass(frozen=True)
class Column:
    """One stored column."""

    name: str
    type: ColumnType


CASE_TIMES = (
    "received_at", "accepted_at", "dispatched_at", "signed_at", "acknowledged_at", "contacted_at",
    "first_response_at", "published_at", "returned_at", "transferred_at", "closed_at", "final_closed_at",
    "reopened_at", "followed_up_at", "rated_at", "excluded_at", "due_at", "extended_due_at",
    "extension_applied_at", "suspended_from", "suspended_until", "urged_at",
)  # fmt: skip

_CASE_TEXT_BEFORE = (
    "register",  # namespace of the number: a message board and a hotline may both have a case 123
    "case_no",
    "unit",  # code of the lead unit
    "assist_units",  # codes joined by |
    "channel", "case_type", "urgency",
    "category",  # first level, or the whole text where there are no levels
    "category_path",  # levels joined by ->
    "tags", "title", "content", "district", "street", "village", "place", "company", "intake_mode", "unit_role",
    "state", "outcome",
)  # fmt: skip
_CASE_TEXT_AFTER = ("reply_text", "result_text", "resolved", "exclusion_reason", "original_case_no", "merged_into",
                    "person_token", "device_token")  # fmt: skip
_CASE_SMALL = (
    "contacted", "valid_follow_up",
    "rating",  # Rating code, 0 = default, null = unrated
    "rating_scale", "first_rating", "manner_grade", "speed_grade",
    "is_excluded", "is_public_reply", "is_supervised", "is_hard", "is_repeat_person", "is_confidential",
)  # fmt: skip
_CASE_COUNTS = ("n_returns", "n_transfers", "n_closings", "n_reworks", "n_extensions", "n_urges", "likes",
                "reply_length")  # fmt: skip
_PROVENANCE = (
    Column("exported_at", ColumnType.TIME),  # cut-off of the export this row came in
    Column("batch", ColumnType.BIG),
    Column("sheet", ColumnType.TEXT),
    Column("row_no", ColumnType.INTEGER),  # row in the source sheet, 1-based
    Column("row_hash", ColumnType.TEXT),  # of the content above; equal hash = unchanged
)


def _times(names: tuple[str, ...]) -> tuple[Column, ...]:
    pairs = ((Column(n, ColumnType.TIME), Column(f"{n}_is_date", ColumnType.SMALL)) for n in names)
    return tuple(column for pair in pairs for column in pair)


def _columns(names: tuple[str, ...], kind: ColumnType) -> tuple[Column, ...]:
    return tuple(Column(n, kind) for n in names)


CASE_COLUMNS: tuple[Column, ...] = (
    *_columns(_CASE_TEXT_BEFORE, ColumnType.TEXT),
    *_times(CASE_TIMES),
    *_columns(_CASE_TEXT_AFTER, ColumnType.TEXT),
    *_columns(_CASE_SMALL, ColumnType.SMALL),
    *_columns(_CASE_COUNTS, ColumnType.INTEGER),
    Column("history", ColumnType.TEXT),  # events of an event log, see `records.vocabulary.events.as_text`
    Column("reply_fingerprint", ColumnType.TEXT),  # 16 hex digits of the normalised reply, null without one
    *_PROVENANCE,
)

ANSWER_COLUMNS: tuple[Column, ...] = (
    *_columns(("register", "answer_no", "case_no", "unit", "channel", "source", "mode", "stratum"), ColumnType.TEXT),
    *_times(("answered_at", "started_at")),
    *_columns(("resolved", "reasons", "comment"), ColumnType.TEXT),
    Column("items", ColumnType.TEXT),  # other closed questions as a JSON object {question: level or word}
    *_columns(
        ("is_complete", "reached", "contacted", "rating", "rating_scale", "speed_rating", "manner_rating",
         "skill_rating", "is_staff"), ColumnType.SMALL,
    ),
    Column("seconds_used", ColumnType.INTEGER),
    Column("weight", ColumnType.REAL),
    *_columns(("person_token", "device_token"), ColumnType.TEXT),
    *_PROVENANCE,
)  # fmt: skip

_NOT_CURRENT = frozenset((
    "content", "place", "reply_text", "result_text", "tags", "assist_units", "category_path", "district", "street",
    "village", "company", "intake_mode", "unit_role", "exclusion_reason", "original_case_no", "device_token", "sheet",
    *(f"{event}_at{part}" for event in ("accepted", "acknowledged", "transferred", "followed_up", "rated", "excluded",
                                        "urged") for part in ("", "_is_date")),
    "first_rating", "is_supervised", "is_hard", "is_repeat_person", "is_confidential", "n_transfers", "n_urges",
    "likes", "row_hash", "history",
))  # fmt: skip
CURRENT_COLUMNS: tuple[Column, ...] = (
    Column("month", ColumnType.BIG),  # of receipt, year × 100 + month; 0 without a time of receipt
    Column("again_at", ColumnType.TIME),  # next case of the same person in the same category
    *(column for column in CASE_COLUMNS if column.name not in _NOT_CURRENT),
)
"""The newest observation of a case: what facts and lists read, without the long texts."""

COUNT_COLUMNS: tuple[Column, ...] = (
    *_columns(
        (
            "register",
            "count_no",  # unit|first day|day after the last|channel|source|measure: what the number is about
            "unit", "channel", "source",
            "measure",  # name of a field of MEASURES
        ),
        ColumnType.TEXT,
    ),
    *_columns(("period_start", "period_end"), ColumnType.TIME),  # half-open
    Column("value", ColumnType.REAL),  # a rate is a fraction
    *_PROVENANCE,
)  # fmt: skip
"""One number of an aggregate table: never mixed with numbers counted from cases."""

CHANNEL_COLUMNS: tuple[Column, ...] = (
    *_columns(("register", "channel_no", "channel_name", "unit", "channel", "address"), ColumnType.TEXT),
    *_times(("checked_at", "updated_at", "answered_at")),
    *_columns(("is_available", "is_tested"), ColumnType.SMALL),
    *_columns(("update_limit_days", "overdue_columns", "calls", "calls_answered"), ColumnType.INTEGER),
    *_PROVENANCE,
)
"""One channel as it was found at one check."""

PART_COLUMNS: dict[Kind, tuple[Column, ...]] = {
    Kind.RESPONSES: CASE_COLUMNS,
    Kind.SURVEYS: ANSWER_COLUMNS,
    Kind.COUNTS: COUNT_COLUMNS,
    Kind.CHANNELS: CHANNEL_COLUMNS,
}

WRITTEN_BY_PEOPLE: dict[Kind, tuple[str, ...]] = {
    Kind.RESPONSES: (
        "title", "content", "tags", "place", "street", "village", "company", "reply_text", "result_text",
        "exclusion_reason",
    ),
    Kind.SURVEYS: ("reasons", "comment"),
}  # fmt: skip
"""Columns that hold what somebody wrote, masked but still about persons; they go when the time of keeping is over."""

TOKENS = ("person_token", "device_token")
"""Columns that hold tokens of persons and devices."""

FEATURE_COLUMNS: tuple[Column, ...] = (
    *_columns(("register", "case_no"), ColumnType.TEXT),
    Column("batch", ColumnType.BIG),
    *_columns(
        (
            "core_length", "is_perfunctory", "is_forwarding", "is_refusal", "points_elsewhere", "finds_nothing",
            "elements", "has_promise",
            "promised_day",  # days since 1970-01-01, null without a dated promise
            "signed_lag",  # days from the reply to the date signed at its end; positive = signed later than sent
            "likeness",  # cosine of message and reply in thousandths, null without both
            "topic_likeness",  # the same of a reply and all other replies on its topic
        ),
        ColumnType.INTEGER,
    ),
)  # fmt: skip
"""Facts of each reply of a part, made by the text pass of `integrity`: rebuildable, never evidence, never text."""

PRINT_COLUMNS: tuple[Column, ...] = (
    *_columns(("register", "case_no"), ColumnType.TEXT),
    *_columns(("batch", *(f"key_{place}" for place in range(10))), ColumnType.BIG),
)
"""Keys of each reply of a part, of which near-equal replies share one: rebuildable, never evidence, never text."""
