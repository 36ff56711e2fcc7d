"""What the check of a file answers: one JSON document, the same for page, command and API."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from records.vocabulary import Severity


@dataclass(frozen=True)
class Problem:
    """One kind of problem in one column: where it is first, how often, and what to do."""

    code: str  # of imports.problems, the closed list
    severity: Severity
    message: str  # a sentence in the reader's language that says what to do
    sheet: str | None = None
    cell: str | None = None  # A1 address of the first one
    row: int | None = None
    field: str | None = None
    value: str | None = None  # masked where personal
    count: int = 1
    values: tuple[str, ...] = ()  # the first distinct values, for mapping them one by one


@dataclass(frozen=True)
class Fault:
    """One refused cell."""

    row: int
    code: str
    cell: str | None  # A1 address; None where the column is missing
    field: str | None
    value: str  # masked; blank where it would say who a person is
    message: str


@dataclass(frozen=True)
class SheetInfo:
    """A sheet of the file: its name, its rows, and whether it is hidden and whether its rows were taken."""

    name: str
    rows: int
    hidden: bool = False
    used: bool = False


@dataclass(frozen=True)
class FileInfo:
    """What the bytes turned out to be, whatever the name said."""

    name: str
    sha256: str
    format: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    sheets: list[SheetInfo] = field(default_factory=list)


@dataclass(frozen=True)
class ColumnInfo:
    """One column of the file and what it was taken for."""

    header: str
    column: str  # letter
    field: str | None
    how: str  # given | saved | exact | alias | similar | content | ignored | personal
    fields: tuple[str, ...] = ()  # all fields that read it, when several do
    samples: tuple[str, ...] = ()  # masked
    guess: str | None = None  # field proposed by a similar heading or by the content; not used until a person takes it


@dataclass(frozen=True)
class RowCounts:
    """What became of the rows of a file. `skipped` counts the rows that are no record, by the reason."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicate_in_file: int = 0
    skipped: dict[str, int] = field(
        default_factory=lambda: {"blank": 0, "subtotal": 0, "repeated_header": 0, "note": 0, "hidden": 0}
    )


@dataclass(frozen=True)
class CheckAnswer:
    """Everything known about a file after the check. `state` is `checked` or `refused`; confirm makes it `accepted`."""

    state: str
    kind: str
    file: FileInfo
    rows: RowCounts = field(default_factory=RowCounts)
    columns: list[ColumnInfo] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)  # the first refused cells one by one; all are in the errors file
    period: dict[str, str | None] = field(default_factory=lambda: {"first": None, "last": None})
    vanished: int = 0
    beyond: int = 0  # stored records before the first or after the last day of the file, perhaps vanished
    masked: dict[str, int] = field(default_factory=lambda: {"phone": 0, "identity": 0, "name": 0})
    seconds: float = 0.0
    batch: int | None = None
    same_as_batch: int | None = None
    layout: str | None = None
    saved_layout: str | None = None  # the layout of this office that the file was recognised by
    signature: str | None = None  # of headings and sheet, by which a saved layout knows its files again
    exported_at: str | None = None  # local ISO time: the cut-off of this export
    known_numbers: list[str] = field(default_factory=list)  # the first ones that are stored already
    new_units: list[dict[str, str]] = field(default_factory=list)  # with --create-units: [{code, name}]
    staged: str | None = None  # path of the typed part waiting for confirm
    is_unreadable: bool = False  # exit code 3: encrypted, corrupt, bomb, not a spreadsheet

    def to_json(self) -> dict[str, Any]:
        """The stable answer of `wenxiao import --json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> CheckAnswer:
        """The inverse of `to_json`."""
        info = document["file"]
        return cls(
            **{
                **document,
                "file": FileInfo(**{**info, "sheets": [SheetInfo(**s) for s in info["sheets"]]}),
                "rows": RowCounts(**document["rows"]),
                "columns": [
                    ColumnInfo(**{**c, "fields": tuple(c["fields"]), "samples": tuple(c["samples"])})
                    for c in document["columns"]
                ],
                "problems": [
                    Problem(**{**p, "severity": Severity(p["severity"]), "values": tuple(p.get("values", ()))})
                    for p in document["problems"]
                ],
                "faults": [Fault(**fault) for fault in document.get("faults", ())],
            }
        )
