"""`wenxiao report`: paper out."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.commands.common import instance_from, json_option, print_json

LANGUAGES = ("zh", "en")
KINDS = ("annual", "scorecard", "workbook", "evidence", "notice", "daily", "cases", "opendata")
FIXED = {"evidence": "zip", "opendata": "zip", "workbook": "xlsx", "cases": "xlsx"}


@click.command("report")
@click.argument("number", type=int)
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option(
    "--format", "format", type=click.Choice(["docx", "xlsx", "pdf", "zip"]), help="Default: by the file name."
)
@click.option("--of", default="", help="Month of a notice (2024-03) or day of a daily brief; default: the last one.")
@click.option("--unit", help="Code of the unit, for a scorecard or its cases.")
@click.option("--all-units", is_flag=True, help="A zip with the scorecard of every unit.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), help="Default: the language of the instance.")
@json_option
@click.pass_context
def report(
    ctx: click.Context, number: int, kind: str, format: str | None, of: str, unit: str | None, all_units: bool,
    out: Path, language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Write a document about assessment NUMBER: report, notice, brief, scorecard, sheets, evidence or open data.

    Example: wenxiao report 3 --kind annual --format docx --out annual.docx
    """
    from pipeline.paper import reporting

    instance = instance_from(ctx)
    wanted = _format(kind, format, out)
    try:
        reporting.check_request(kind, wanted, unit=unit, is_for_all=all_units, of=of)
    except reporting.ReportRequestError as error:
        raise click.UsageError(str(error)) from error
    path = reporting.make(
        instance, number, kind=kind, format=wanted, unit=unit, all_units=all_units, out=out, of=of,
        language=language or instance.settings.language, progress=None if as_json else _told,
    )  # fmt: skip
    answer = {"number": number, "kind": kind, "format": wanted, "path": str(path), "bytes": path.stat().st_size}
    if as_json:
        print_json(answer)
    else:
        click.echo(str(path))


def _format(kind: str, asked: str | None, out: Path) -> str:
    """The format asked for, else the only one of the kind, else the one the file name means."""
    if asked and kind not in ("evidence", "opendata"):
        return asked
    by_name = out.suffix.lstrip(".").lower()
    return FIXED.get(kind) or (by_name if by_name in ("docx", "pdf", "xlsx") else "docx")


def _told(done: int, total: int) -> None:
    """How far a zip of scorecards is, on standard error: the answer on standard output stays the path alone."""
    if done == total or done % 10 == 0:
        click.echo(f"{done}/{total}", err=True)


commands: list[click.Command] = [report]
