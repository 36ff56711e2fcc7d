"""What the commands of judgement share: reading a scheme or a table, showing faults and results."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.commands.common import Refused, Start, Unreadable, print_table

if TYPE_CHECKING:
    from evaluation.rules.faults import Fault
    from evaluation.rules.scheme import Scheme
    from evaluation.scores.result import Assessment, UnitResult

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
    from evaluation.rules.catalogue import UnknownScheme, find
    from evaluation.rules.scheme import SchemeFaulty, load

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
    from reports.cautions import caution_text

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
        click.echo(caution_text(warning, "en"), err=True)


def way_up(unit: UnitResult, scheme: Scheme) -> dict[str, Any] | None:
    """The next grade, the points that are missing, and the single indicators that would bring them alone."""
    from evaluation.movement import next_grade

    up = next_grade(unit, scheme)
    if up is None:
        return None
    return {"grade": up.grade, "missing": up.missing, "moves": [vars(move) for move in up.moves]}


def show_trace(unit: UnitResult, scheme: Scheme) -> None:
    """One unit as a waterfall: value, points, weight and contribution, the largest first, up to the score."""
    ordered = sorted(unit.indicators, key=lambda row: (-(row.contribution or 0.0), row.code))
    steps: list[dict[str, Any]] = []
    total = 0.0
    for row in ordered:
        total += row.contribution or 0.0
        steps.append({**vars(row), "sum": None if row.contribution is None else total})
    for name, points in (("bonus", unit.bonus), ("deduction", -unit.deduction)):
        if points:
            total += points
            steps.append({"code": name, "contribution": points, "sum": total})
    columns = ["code", "value", "points", "weight", "effective_weight", "contribution", "sum", "comparison", "reason"]
    print_table([{name: step.get(name) for name in columns} for step in steps], columns, show=shown)
    click.echo(f"score {shown(unit.score)}, grade {unit.grade or '/'.join(unit.grade_candidates) or '—'}")
    for veto in unit.vetoes:
        click.echo(f"{veto['code']}: grade at most {veto['cap_grade']}, without it {'/'.join(veto['grade_without'])}")
    up = way_up(unit, scheme)
    if up is None:
        return
    click.echo(f"to {up['grade']}: {up['missing']:.2f} points; any one of these alone:")
    print_table(up["moves"], ["code", "value", "needed", "points", "cases"], show=shown)


def shown(value: Any) -> str:
    """A cell of a table on the terminal."""
    if value is None:
        return "—"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
