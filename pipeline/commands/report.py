"""`wenxiao report`: paper out."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.commands.common import instance_from, json_option, print_json

LANGUAGES = ("zh", "en")


@click.command("report")
@click.argument("number", type=int)
@click.option("--kind", type=click.Choice(["annual", "scorecard", "workbook", "evidence"]), required=True)
@click.option(
    "--format", "format", type=click.Choice(["docx", "xlsx", "pdf", "zip"]), help="Default: by the file name."
)
@click.option("--unit", help="Code of the unit, for a scorecard.")
@click.option("--all-units", is_flag=True, help="A zip with the scorecard of every unit.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), help="Default: the language of the instance.")
@json_option
@click.pass_context
def report(
    ctx: click.Context, number: int, kind: str, format: str | None, unit: str | None, all_units: bool, out: Path,
    language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Write a document about assessment NUMBER: annual report, scorecard, workbook or evidence pack.

    Example: wenxiao report 3 --kind annual --format docx --out annual.docx
    """
    from pipeline import reporting

    instance = instance_from(ctx)
    wanted = _format(kind, format, out)
    try:
        reporting.check_request(kind, wanted, unit=unit, is_for_all=all_units)
    except reporting.ReportRequestError as error:
        raise click.UsageError(str(error)) from error
    path = reporting.make(
        instance, number, kind=kind, format=wanted, unit=unit, all_units=all_units, out=out,
        language=language or instance.settings.language,
    )  # fmt: skip
    answer = {"number": number, "kind": kind, "format": wanted, "path": str(path), "bytes": path.stat().st_size}
    if as_json:
        print_json(answer)
    else:
        click.echo(str(path))


def _format(kind: str, asked: str | None, out: Path) -> str:
    """The format asked for, else the one the file name means; an evidence pack is a zip that holds the others."""
    if kind == "evidence":
        return "zip"
    by_name = "xlsx" if kind == "workbook" else out.suffix.lstrip(".").lower()
    return asked or (by_name if by_name in ("docx", "pdf", "xlsx") else "docx")


commands: list[click.Command] = [report]
