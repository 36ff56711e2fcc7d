"""`wenxiao posts appraisals`: terms of leading posts, and tables of other appraisals filled from published results."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from pipeline.commands.common import Refused, instance_from, json_option, print_json, print_table
from pipeline.commands.judging import scheme_text, show_faults, shown

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("posts")
def posts_command() -> None:
    """Terms of leading posts (no names of persons), and results over the whole months in office.

    Example: wenxiao posts add HCB001 主要负责人 --from 2024-03-01
    """


@posts_command.command("list")
@json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    """Every term. Example: wenxiao posts list --json"""
    from pipeline.judgement import tenures
    from records.access import OPERATOR

    rows = [asdict(term) for term in tenures.terms(instance_from(ctx), OPERATOR)]
    print_json({"terms": rows}) if as_json else print_table(rows, ["id", "unit_name", "post", "from_day", "to_day"])


@posts_command.command("add")
@click.argument("unit")
@click.argument("post")
@click.option("--from", "from_day", type=DAY, required=True, help="First day in office, as 2024-03-01.")
@click.option("--to", "to_day", type=DAY, help="Last day in office; leave it out while the term lasts.")
@json_option
@click.pass_context
def add_command(
    ctx: click.Context, unit: str, post: str, from_day: datetime, to_day: datetime | None, as_json: bool
) -> None:
    """Keep a term. Example: wenxiao posts add HCB001 主要负责人 --from 2024-03-01 --to 2025-06-30"""
    from pipeline.judgement import tenures
    from records.access import OPERATOR

    days: dict[str, Any] = {"from_day": from_day.date(), "to_day": to_day.date() if to_day else None}
    made = tenures.add(instance_from(ctx), OPERATOR, unit=unit, post=post, **days)
    print_json({"term": made}) if as_json else click.echo(f"term {made}")


@posts_command.command("results")
@click.argument("number", type=int)
@json_option
@click.pass_context
def results_command(ctx: click.Context, number: int, as_json: bool) -> None:
    """Indicators of an assessment over the months in office. Example: wenxiao posts results 3 --json"""
    from pipeline.judgement import tenures
    from records.access import OPERATOR

    _, found = tenures.results(instance_from(ctx), OPERATOR, number)
    if as_json:
        return print_json({"assessment": number, "posts": [asdict(row) for row in found]})
    rows = [
        {"unit_name": row.term.unit_name, "post": row.term.post, "months": len(row.months), **asdict(figure)}
        for row in found
        for figure in row.figures
    ]
    columns = ["unit_name", "post", "months", "code", "value", "low", "high", "denominator", "reason"]
    return print_table(rows, columns, show=shown)


@click.group("appraisals")
def appraisals_command() -> None:
    """Tables of other appraisals, filled from published results by a file.

    Example: wenxiao appraisals make four_tables --period 2024 --out tables.xlsx
    """


@appraisals_command.command("list")
@json_option
@click.pass_context
def books_command(ctx: click.Context, as_json: bool) -> None:
    """The files there are. Example: wenxiao appraisals list"""
    from pipeline.judgement import appraisals

    rows = [
        {"id": book.id, "title": book.title.get("zh", ""), "tables": [table.id for table in book.tables],
         "schemes": book.schemes}
        for book in appraisals.books(instance_from(ctx))
    ]  # fmt: skip
    print_json({"appraisals": rows}) if as_json else print_table(rows, ["id", "title", "tables", "schemes"])


@appraisals_command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def check_command(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Say everything that is wrong with a file, by line. Example: wenxiao appraisals check own.toml"""
    from pipeline.judgement import appraisals

    faults = appraisals.check(instance_from(ctx), scheme_text(file))
    if as_json:
        print_json({"ok": not faults, "faults": [asdict(fault) for fault in faults]})
    else:
        show_faults(faults)
    if faults:
        raise Refused(f"{file.name} has {len(faults)} faults")
    if not as_json:
        click.echo(f"{file.name} has no faults")


@appraisals_command.command("keep")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def keep_command(ctx: click.Context, file: Path) -> None:
    """Keep a file under its id. Example: wenxiao appraisals keep own.toml"""
    from evaluation.appraisal import BookFaulty
    from pipeline.judgement import appraisals
    from records.access import OPERATOR

    try:
        book = appraisals.keep(instance_from(ctx), OPERATOR, scheme_text(file).encode())
    except BookFaulty as faulty:
        show_faults(faulty.faults)
        raise Refused(f"{file.name} has {len(faulty.faults)} faults") from faulty
    click.echo(f"{book.id}: {len(book.tables)} tables")


@appraisals_command.command("make")
@click.argument("name", metavar="ID")
@click.option("--period", required=True, help="The period of the published results.")
@click.option("--out", type=click.Path(path_type=Path), help="An .xlsx or .csv file; default: JSON on the screen.")
@click.option("--lang", "language", type=click.Choice(["zh", "en"]), default="zh", help="Language of the headings.")
@click.pass_context
def make_command(ctx: click.Context, name: str, period: str, out: Path | None, language: str) -> None:
    """Fill the tables for a period. Example: wenxiao appraisals make four_tables --period 2024 --out tables.xlsx"""
    from pipeline.judgement import appraisals
    from records.access import OPERATOR
    from reports import appraisal_sheets

    instance = instance_from(ctx)
    found = appraisals.filled(instance, OPERATOR, appraisals.find_book(instance, name), period)
    if out is None:
        return print_json({"id": name, "period": period, "sources": [asdict(source) for source in found.sources],
                           "tables": [asdict(table) for table in found.tables]})  # fmt: skip
    writers = {".xlsx": appraisal_sheets.write_xlsx, ".csv": appraisal_sheets.write_csv}
    if out.suffix not in writers:
        raise click.UsageError("write --out FILE.xlsx or FILE.csv")
    sources = "; ".join(f"{s.scheme}@{s.version} {(s.result_sha256 or '')[:16]}" for s in found.sources if s.number)
    writers[out.suffix](appraisal_sheets.Sheets(found.tables, found.names, period, sources, language), out)
    return click.echo(str(out))


commands = [posts_command, appraisals_command]
