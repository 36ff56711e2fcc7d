"""Importing: a file is checked, a person confirms, and only then its rows are records. Alike for page, command and job.

answer = check(instance, path, kind=Kind.RESPONSES, options=ImportOptions(), by="wang")
confirm(instance, answer.batch, "wang")
"""

from pipeline.importing.checking import check
from pipeline.importing.completing import has_refused_rows, options_completing
from pipeline.importing.confirming import (
    BatchConflict,
    confirm,
    confirmed_by,
    discard,
    is_accepted,
    prepare,
    restore,
    withdraw,
)
from pipeline.importing.directory import UnitRowsError, current_units, read_directory
from pipeline.importing.layouts import LayoutNameError, all_layouts, save_layout
from pipeline.importing.leftovers import remove_leftovers

__all__ = [
    "BatchConflict",
    "LayoutNameError",
    "UnitRowsError",
    "all_layouts",
    "check",
    "confirm",
    "confirmed_by",
    "current_units",
    "discard",
    "has_refused_rows",
    "is_accepted",
    "options_completing",
    "prepare",
    "read_directory",
    "remove_leftovers",
    "restore",
    "save_layout",
    "withdraw",
]
