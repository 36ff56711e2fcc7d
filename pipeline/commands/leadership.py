"""`wenxiao posts appraisals`: terms of leading posts, and tables of other appraisals filled from published results."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from pipeline.commands.common import Refused, instance_from, json_option, print_json, print_table
from pipeline.commands.judging import scheme_text, show_faults, shown, text_of

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


@posts_command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def import_command(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Keep the terms of a CSV file with the columns unit, post, from, to; `to` stays empty while a term lasts.

    A date that cannot be read refuses the whole file; a row that cannot stand is named and left out, the others are
    kept. Ends with 1 when any row was left out. Example: wenxiao posts import terms.csv
    """
    from pipeline.judgement import tenures
    from records.access import OPERATOR

    rows = list(csv.DictReader(io.StringIO(text_of(file))))
    if not rows or not {"unit", "post", "from", "to"} <= rows[0].keys():
        raise Refused(f"{file} needs rows under the header unit,post,from,to")
    terms = [(row, _day(row, "from", line), _day(row, "to", line)) for line, row in enumerate(rows, start=2)]
    kept, left_out = [], []
    for line, (row, first, last) in enumerate(terms, start=2):
        try:
            if first is None:
                raise Refused("the first day is empty")
            unit, post = (row["unit"] or "").strip(), row["post"] or ""
            kept.append(tenures.add(instance_from(ctx), OPERATOR, unit=unit, post=post, from_day=first, to_day=last))
        except (tenures.TenureRefused, Refused) as refused:
            left_out.append({"line": line, "why": str(refused)})
    if as_json:
        print_json({"terms": kept, "left_out": left_out})
    else:
        click.echo(f"kept {len(kept)} terms, left out {len(left_out)}")
        for row in left_out:
            click.echo(f"line {row['line']}: {row['why']}", err=True)
    if left_out:
        ctx.exit(1)


def _day(row: dict[str, str], column: str, line: int) -> date | None:
    text = (row[column] or "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused(f"line {line}, {column}: {text!r} is no day; write it as 2024-03-01") from error


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
