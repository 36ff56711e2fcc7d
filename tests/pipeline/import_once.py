"""Check and confirm one file in a process of its own: `python -m tests.pipeline.import_once FOLDER FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from imports.options import ImportOptions
from pipeline import importing
from records.instance import Instance
from records.vocabulary import Kind


def main(folder: str, file: str) -> None:
    """Import the file; what came of it stands in the catalogue."""
    options = ImportOptions(create_units=True, register="12345", exported_at="2024-04-05 08:00")
    instance = Instance.open(Path(folder))
    answer = importing.check(instance, Path(file), kind=Kind.RESPONSES, options=options, by="wang")
    if answer.state == "checked":
        importing.confirm(instance, answer.batch or 0, "wang")
    instance.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
