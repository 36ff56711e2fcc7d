"""Check and confirm one file in a process of its own: `python -m tests.pipeline.import_once FOLDER FILE`.

With `FOLDER FILE MOMENT FILE MOMENT …` every file is imported by a copy of the process that is killed at its moment:
`before` or `after` a function, as in `after:pipeline.importing.checking._allocate`. Prints how each copy ended.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from pathlib import Path

from imports.options import ImportOptions
from pipeline import importing
from records.instance import Instance
from records.vocabulary import Kind
from tests.in_process import files_read_here


def kill_at(moment: str) -> None:
    """Put a kill -9 of this process before or after a function."""
    when, _, place = moment.partition(":")
    module, _, name = place.rpartition(".")
    holder = importlib.import_module(module)
    function = getattr(holder, name)

    @functools.wraps(function)
    def deadly(*arguments: object, **named: object) -> object:
        if when == "after":
            function(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")

    setattr(holder, name, deadly)


def main(folder: str, file: str) -> None:
    """Import the file; what came of it stands in the catalogue."""
    options = ImportOptions(create_units=True, register="12345", exported_at="2024-04-05 08:00")
    instance = Instance.open(Path(folder))
    answer = importing.check(instance, Path(file), kind=Kind.RESPONSES, options=options, by="wang")
    if answer.state == "checked":
        importing.confirm(instance, answer.batch or 0, "wang")
    instance.close()


def killed_at(folder: str, file: str, moment: str) -> int:
    """Import the file in a copy of this process, which saves loading the libraries anew; its exit code."""
    copy = os.fork()
    if copy:
        return os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
    try:
        kill_at(moment)
        with files_read_here():
            main(folder, file)
    finally:
        os._exit(0)


if __name__ == "__main__":
    folder, first, *others = sys.argv[1:]
    if not others:
        main(folder, first)
    for file, moment in zip(sys.argv[2::2], sys.argv[3::2], strict=False):
        print(killed_at(folder, file, moment))
