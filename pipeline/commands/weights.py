"""`wenxiao weights`: weights from pairwise judgements, and entropy as a diagnostic."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import click

from pipeline.commands.common import Refused, json_option, print_json, print_table
from pipeline.commands.judging import text_of


@click.group("weights")
def weights_command() -> None:
    """Where weights come from: judgements in pairs (AHP), and what entropy would say of a table.

    Example: wenxiao weights ahp judgements.csv
    """


@weights_command.command("ahp")
@click.argument("matrices", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def ahp_command(matrices: tuple[Path, ...], as_json: bool) -> None:
    """Weights of a matrix of judgements in pairs; several matrices are those of a group. Refused from a ratio of .10.

    The first row and the first column hold the codes; a cell says how many times its row matters more than its column
    (1/3 and 0.333333 are both read); cells below the diagonal may stay empty.

    Example: wenxiao weights ahp expert1.csv expert2.csv --json
    """
    from evaluation.rules.weighting import LARGEST_RATIO, ahp, group_judgement

    read = [_judgements(path) for path in matrices]
    codes = read[0][0]
    if any(own != codes for own, _ in read):
        raise Refused("the matrices must hold the same codes in the same order")
    try:
        for path, (_, matrix) in zip(matrices, read, strict=True):
            _refuse_contradiction(ahp(matrix), str(path))
        found = ahp(group_judgement([matrix for _, matrix in read]))
    except ValueError as error:
        raise Refused(str(error)) from error
    _refuse_contradiction(found, "the group")
    rows = [{"code": code, "weight": 100 * weight} for code, weight in zip(codes, found.weights.tolist(), strict=True)]
    if as_json:
        ratio = {"consistency_ratio": found.consistency_ratio, "accepted_below": LARGEST_RATIO}
        return print_json({"weights": rows, "eigenvalue": found.eigenvalue, **ratio})
    print_table(rows, ["code", "weight"], show=_four)
    return click.echo(f"consistency ratio {found.consistency_ratio:.4f} (accepted below {LARGEST_RATIO:.2f})")


@weights_command.command("entropy")
@click.argument("table", type=click.Path(path_type=Path))
@json_option
def entropy_command(table: Path, as_json: bool) -> None:
    """Entropy weights of a table of units and values: a diagnostic, never weights for a scheme.

    Units with an empty cell are left out. Example: wenxiao weights entropy units.csv
    """
    from evaluation.rules.weighting import entropy_weights

    header, *lines = _lines(table)
    codes = [code for code in header[1:] if code not in ("peer_group", "name") and "." not in code[-3:]]
    places = [header.index(code) for code in codes]
    whole = [[line[place] for place in places] for line in lines if all(line[place] for place in places)]
    try:
        found = entropy_weights([[_fraction(cell) for cell in line] for line in whole])
    except ValueError as error:
        raise Refused(str(error)) from error
    note = "diagnostic only: entropy rewards indicators for being spread out or noisy, and changes every year"
    rows = [{"code": code, "weight": 100 * weight} for code, weight in zip(codes, found.tolist(), strict=True)]
    if as_json:
        return print_json({"weights": rows, "units": len(whole), "left_out": len(lines) - len(whole), "warning": note})
    print_table(rows, ["code", "weight"], show=_four)
    return click.echo(f"{note}; {len(whole)} units, {len(lines) - len(whole)} left out", err=True)


def _refuse_contradiction(found: Any, name: str) -> None:
    if not found.is_consistent:
        raise Refused(
            f"{name}: the judgements contradict each other (consistency ratio {found.consistency_ratio:.3f}, "
            "below 0.10 is accepted): discuss them again"
        )


def _judgements(path: Path) -> tuple[list[str], list[list[float]]]:
    """Codes and the full matrix; empty cells below the diagonal are the mirror of those above."""
    header, *lines = _lines(path)
    codes = header[1:]
    if [line[0] for line in lines] != codes:
        raise Refused(f"{path}: the first column must repeat the codes of the first row in their order")
    size = len(codes)
    matrix = [[1.0] * size for _ in range(size)]
    try:
        for i in range(size):
            for j in range(size):
                cell = lines[i][j + 1]
                if cell:
                    matrix[i][j] = _fraction(cell)
                elif i > j:
                    matrix[i][j] = 1 / _fraction(lines[j][i + 1])
                elif i < j:
                    raise Refused(
                        f"{path}: {codes[i]} against {codes[j]} is empty: write how many times it matters more"
                    )
    except (ValueError, ZeroDivisionError) as error:
        raise Refused(f"{path}: a judgement is a number above 0, such as 3 or 1/3 ({error})") from error
    return codes, matrix


def _lines(path: Path) -> list[list[str]]:
    """Rows with every cell stripped, as long as the header."""
    lines = [[cell.strip() for cell in line] for line in csv.reader(io.StringIO(text_of(path))) if any(line)]
    if len(lines) < 2 or len(lines[0]) < 2:
        raise Refused(f"{path} needs a header row and a first column")
    return [line + [""] * (len(lines[0]) - len(line)) for line in lines]


def _fraction(cell: str) -> float:
    """A number, or a fraction such as 1/3. Raises ValueError, ZeroDivisionError."""
    above, _, below = cell.partition("/")
    return float(above) / float(below) if below else float(above)


def _four(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


commands = [weights_command]
