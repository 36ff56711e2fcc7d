"""What every command shares: the instance, JSON output, exit codes, and errors told in one sentence."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import click

from pipeline.numbers.plain import plain

if TYPE_CHECKING:
    from records.instance import Instance

DONE = 0
REFUSED = 1  # refused for reasons in the answer
WRONG_USAGE = 2
UNREADABLE = 3  # the file cannot be read or is unsafe

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")


@dataclass(frozen=True)
class Start:
    """What the root command knows before any subcommand runs."""

    folder: Path


class Refused(click.ClickException):
    """Ends the command with exit code 1 and one sentence on standard error."""

    exit_code = REFUSED

    def show(self, file: Any = None) -> None:
        click.echo(f"wenxiao: {self.format_message()}", err=True)


class Unreadable(Refused):
    """Ends the command with exit code 3: the file cannot be read or is unsafe."""

    exit_code = UNREADABLE


class OneSentenceGroup(click.Group):
    """A group whose commands never show a traceback: a named error becomes one sentence and exit code 1.

    `WENXIAO_DEBUG=1` shows the traceback for developers.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click ends quietly when the reader of a pipe has seen enough
        except Exception as error:
            if os.environ.get("WENXIAO_DEBUG"):
                raise
            raise Refused(sentence_of(error)) from error


def sentence_of(error: BaseException) -> str:
    """One line that tells a person what went wrong.

    >>> sentence_of(ValueError("no such period: 2024-13"))
    'no such period: 2024-13'
    >>> sentence_of(KeyError())
    'KeyError'
    """
    text = " ".join(str(error).split())
    if isinstance(error, KeyError) or not text:
        return f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text


def instance_from(ctx: click.Context) -> Instance:
    """The instance named by `--instance`, created or migrated when needed."""
    from records.instance import Instance

    return Instance.open(ctx.find_object(Start).folder)  # type: ignore[union-attr]


def who_runs() -> str:
    """The name written into the audit trail for a command: `cli:` and the account of the operating system."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as in a container with a bare user id
        return "cli"


def print_json(document: Any) -> None:
    """Print one JSON document on standard output: Chinese kept readable, dates in ISO form, NaN refused."""
    text = json.dumps(plain(document), ensure_ascii=False, allow_nan=False)
    sys.stdout.write(text + "\n")


def print_table(
    rows: Sequence[Mapping[str, Any]], columns: list[str], *, show: Callable[[Any], str] | None = None
) -> None:
    """Print rows as aligned columns; a Chinese character counts as two places."""
    show = show or (lambda value: "—" if value is None else str(value))
    lines = [columns, *([show(row.get(column)) for column in columns] for row in rows)]
    sizes = [[width_of(text) for text in line] for line in lines]
    widths = [max(column) for column in zip(*sizes, strict=True)]
    printed = []
    for line, own in zip(lines, sizes, strict=True):
        cells = (text + " " * (width - size) for text, width, size in zip(line, widths, own, strict=True))
        printed.append("  ".join(cells).rstrip())
    click.echo("\n".join(printed))


@lru_cache(10_000)
def width_of(text: str) -> int:
    """Places a text takes in a terminal.

    >>> width_of("问效 ok")
    7
    """
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
