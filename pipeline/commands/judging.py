"""What the commands of judgement share: reading a scheme or a table, showing faults and results."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.commands.common import Refused, Start, Unreadable, print_table

if TYPE_CHECKING:
    from evaluation.faults import Fault
    from evaluation.result import Assessment
    from evaluation.scheme import Scheme

UNIT_COLUMNS = ["group", "unit", "name", "score", "interval", "grade", "rank", "ranks", "reason"]


def text_of(path: Path) -> str:
    """The text of a table in UTF-8 (with or without mark) or GB18030. Ends with exit code 3 when it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable(f"{path} is not a text table; save it as CSV")


def scheme_named(ctx: click.Context, name: str) -> Scheme:
    """The scheme of a file or of an id. Prints every fault and ends with exit code 1 when the file has faults."""
    from evaluation.catalogue import UnknownScheme, find
    from evaluation.scheme import SchemeFaulty, load

    try:
        if name.endswith(".toml") or "/" in name:
            return load(scheme_text(Path(name)))
        start = ctx.find_object(Start)
        return find(name, (start.folder / "schemes",) if start else ())
    except SchemeFaulty as error:
        show_faults(error.faults)
        raise Refused(f"the scheme {name} has {len(error.faults)} faults") from error
    except UnknownScheme as error:
        raise Refused(str(error.args[0])) from error


def scheme_text(path: Path) -> str:
    """The text of a scheme file. Ends with exit code 3 when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8 text") from error


def show_faults(faults: Iterable[Fault]) -> None:
    """Every fault with its line, in both languages, on standard error."""
    for fault in faults:
        click.echo(f"line {fault.line}: {fault.en} | 第 {fault.line} 行：{fault.zh}", err=True)


def show_result(result: Assessment) -> None:
    """A result as a table; scores with two decimals, `—` for what is missing."""
    from evaluation.cautions import sentence

    rows = [
        {
            **vars(unit),
            "interval": None if unit.low is None else f"{unit.low:.2f}-{unit.high:.2f}",
            "grade": unit.grade or "/".join(unit.grade_candidates) or None,
            "ranks": None if unit.rank_low is None else f"{unit.rank_low}-{unit.rank_high}",
        }
        for unit in result.units
    ]
    print_table(rows, UNIT_COLUMNS, show=shown)
    for warning in result.warnings:
        click.echo(sentence(warning, "en"), err=True)


def shown(value: Any) -> str:
    """A cell of a table on the terminal."""
    if value is None:
        return "—"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
