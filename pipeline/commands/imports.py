"""`wenxiao import`, `batches`, `layouts`, `units`, `problems`, `template`: files in, and what is known about them."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from pipeline.commands.common import (
    REFUSED,
    UNREADABLE,
    Refused,
    instance_from,
    json_option,
    print_json,
    print_table,
    who_runs,
)

KINDS = ("responses", "surveys", "counts", "units", "channels", "exclusions", "followups")
SHOWN_PROBLEMS = 20


def pairs(option: str, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """`FIELD=HEADER` texts as pairs.

    >>> pairs("--map", ("unit=Agency", "case_no=a=b"))
    (('unit', 'Agency'), ('case_no', 'a=b'))
    """
    answer = []
    for value in values:
        left, found, right = value.partition("=")
        if not found or not left.strip() or not right.strip():
            raise click.BadParameter(f"write it as {option} LEFT=RIGHT, not {value!r}")
        answer.append((left.strip(), right))
    return tuple(answer)


def triples(values: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """`FIELD:RAW=CODE` texts as triples.

    >>> triples(("state:Closed (Duplicate)=closed",))
    (('state', 'Closed (Duplicate)', 'closed'),)
    """
    answer = []
    for left, code in pairs("--value", values):
        field, found, raw = left.partition(":")
        if not found:
            raise click.BadParameter(f"write it as --value FIELD:RAW=CODE, not {left}={code}")
        answer.append((field, raw, code))
    return tuple(answer)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the file holds.")
@click.option("--sheet", help="Name or number of the sheet.")
@click.option("--header-row", type=int, help="Row of the headings, 1 is the first.")
@click.option("--layout", help="A named layout, see `wenxiao layouts`.")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=HEADER", help="Which column a field is read from.")
@click.option("--value", "values", multiple=True, metavar="FIELD:RAW=CODE", help="What a word of the file means.")
@click.option("--date-order", type=click.Choice(["ymd", "mdy", "dmy"]), help="Order of day and month in text dates.")
@click.option("--timezone", help="Zone to which stamps with an offset are brought.")
@click.option("--scale", "scales", multiple=True, metavar="FIELD:5=best|1=best", help="Direction of a numeric scale.")
@click.option("--channel", help="Channel of all rows.")
@click.option("--register", help="Name of the register the numbers belong to.")
@click.option("--source", type=click.Choice(["self", "follow_up", "third_party", "platform"]), help="Who asked.")
@click.option("--exported-at", metavar="TIME", help="Cut-off of the export.")
@click.option("--unit", help="Unit of all rows.")
@click.option("--period", help="Counts: the period of the whole table, such as 2025-03.")
@click.option("--declared-rows", type=click.IntRange(min=0), help="How many rows the sender says the file has.")
@click.option("--declared-totals", metavar="TOTALS", help="What columns add up to, as the sender says: 受理量=400.")
@click.option("--create-units", is_flag=True, help="Create unknown units instead of refusing them.")
@click.option("--partial", is_flag=True, help="Take the good rows and refuse the bad ones.")
@click.option("--save-layout", metavar="ID", help="Keep this mapping as a named layout.")
@click.option("--dry-run", is_flag=True, help="Check only; nothing is stored.")
@click.option("--errors", type=click.Path(path_type=Path), help="Workbook for the bad rows and what to do.")
@click.option("--repaired", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True,
              help="Corrected workbook of --errors; its rows take the place of the refused ones.")  # fmt: skip
@click.option("--completes", type=int, metavar="BATCH",
              help="FILE is the corrected workbook of --errors of this batch, which took the good rows.")  # fmt: skip
@json_option
@click.pass_context
def import_command(ctx: click.Context, file: Path, kind: str, as_json: bool, **given: Any) -> None:
    """Check a file and take its rows in.

    Example: wenxiao import orders.xlsx --kind responses --channel hotline
    """
    from pipeline import importing
    from records.vocabulary import Kind

    instance, options, by = instance_from(ctx), _options(given), who_runs()
    if given["completes"]:
        kind, rest = importing.options_completing(instance, given["completes"])
        options = replace(rest, errors=options.errors, partial=options.partial)
    answer = importing.check(instance, file, kind=Kind(kind), options=options, by=by, language="zh")
    if answer.batch is not None and answer.state == "checked":
        if given["dry_run"]:
            importing.discard(instance, answer.batch, by)
        else:
            answer = importing.confirm(instance, answer.batch, by)
    if given["save_layout"] and answer.state != "refused":
        importing.save_layout(instance, given["save_layout"], answer, options, by=by)
    print_json(answer.to_json()) if as_json else _tell(answer, options)
    if answer.batch is not None and answer.state == "accepted":
        importing.prepare(instance, answer.batch)
    if answer.state == "refused":
        ctx.exit(UNREADABLE if answer.is_unreadable else REFUSED)


def _options(given: dict[str, Any]) -> Any:
    from imports.options import ImportOptions
    from imports.values.vocabularies import is_scale

    scales = []
    for text in given["scales"]:
        field, found, direction = text.partition(":")
        if not found or not is_scale(direction):
            raise click.BadParameter(
                f"write it as --scale rating:5=best, rating:1=best or 'rating:1=best of 10', not {text!r}"
            )
        scales.append((field, direction))
    plain = ("sheet", "header_row", "layout", "date_order", "timezone", "channel", "register", "source", "exported_at",
             "unit", "period", "declared_rows", "declared_totals", "create_units", "partial")  # fmt: skip
    return ImportOptions(
        **{name: given[name] for name in plain}, map=pairs("--map", given["mapping"]), scale=tuple(scales),
        repaired=tuple(str(path.absolute()) for path in given["repaired"]), value_map=triples(given["values"]),
        errors=str(given["errors"].absolute()) if given["errors"] else None,
    )  # fmt: skip


def _tell(answer: Any, options: Any) -> None:
    """The answer for a person."""
    rows = answer.rows
    words = {"accepted": "已入库", "checked": "检查通过，未入库", "refused": "未导入"}
    click.echo(f"{answer.file.name}：{words[answer.state]}" + (f"（批次 {answer.batch}）" if answer.batch else ""))
    click.echo(f"读取 {rows.read} 行，接受 {rows.accepted}，拒绝 {rows.rejected}，文件内重复 {rows.duplicate_in_file}")
    click.echo(f"新增 {rows.new}，变化 {rows.changed}，未变 {rows.unchanged}")
    if answer.state == "accepted" and answer.rows.rejected and options.errors:
        click.echo(
            f"拒绝的 {answer.rows.rejected} 行在 {options.errors}，改好后导入："
            f"wenxiao import {options.errors} --kind {answer.kind} --completes {options.completes or answer.batch}"
        )
    if answer.vanished:
        click.echo(f"较早导出中有、本文件中没有的记录：{answer.vanished}")
    for problem in answer.problems[:SHOWN_PROBLEMS]:
        where = " ".join(filter(None, (problem.sheet, problem.cell)))
        click.echo(f"[{problem.severity.value}] {where} {problem.message}（{problem.count} 处）".replace("  ", " "))
    if len(answer.problems) > SHOWN_PROBLEMS:
        click.echo(f"……另有 {len(answer.problems) - SHOWN_PROBLEMS} 类问题，见 --json 或 --errors")


@click.group("batches", invoke_without_command=True)
@json_option
@click.pass_context
def batches_command(ctx: click.Context, as_json: bool) -> None:
    """Batches: list them, show one, withdraw and restore.

    Example: wenxiao batches withdraw 12 --why "wrong month"
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_batches_command, as_json=as_json)


@batches_command.command("list")
@json_option
@click.pass_context
def list_batches_command(ctx: click.Context, as_json: bool) -> None:
    """All batches that were accepted or wait for confirm, the newest first. Example: wenxiao batches list --json"""
    from records.access import OPERATOR
    from records.queries import batches

    with instance_from(ctx).session() as session:
        found = batches.list_batches(session, viewer=OPERATOR, states=("checked", "accepted", "withdrawn"))
    rows = [{"batch": row.id, **asdict(row)} for row in found]
    if as_json:
        print_json({"batches": rows})
    else:
        names = ["batch", "kind", "state", "file_name", "row_count", "n_new", "n_changed", "n_unchanged", "exported_at"]
        print_table(rows, names)


@batches_command.command("show")
@click.argument("number", type=int)
@json_option
@click.pass_context
def show_batch_command(ctx: click.Context, number: int, as_json: bool) -> None:
    """One batch with the answer of its check. Example: wenxiao batches show 12 --json"""
    from records.access import OPERATOR
    from records.queries import batches

    with instance_from(ctx).session() as session:
        row = batches.one(session, viewer=OPERATOR, number=number)
        answer = batches.answer_of(session, viewer=OPERATOR, number=number)
    if row is None:
        raise Refused(f"there is no batch {number}; see `wenxiao batches list`")
    document = {"batch": number, **asdict(row), "answer": answer}
    if as_json:
        print_json(document)
    else:
        for name, value in document.items():
            if name != "answer" and value is not None:
                click.echo(f"{name}: {value}")


@batches_command.command("withdraw")
@click.argument("number", type=int)
@click.option("--why", required=True, help="The reason, kept in the audit trail.")
@json_option
@click.pass_context
def withdraw_command(ctx: click.Context, number: int, why: str, as_json: bool) -> None:
    """Take a batch out of the numbers. Example: wenxiao batches withdraw 12 --why "wrong month" """
    from pipeline import importing

    importing.withdraw(instance_from(ctx), number, who_runs(), why)
    print_json({"batch": number, "state": "withdrawn"}) if as_json else click.echo(f"批次 {number} 已撤回")


@batches_command.command("restore")
@click.argument("number", type=int)
@json_option
@click.pass_context
def restore_command(ctx: click.Context, number: int, as_json: bool) -> None:
    """Bring a withdrawn batch back. Example: wenxiao batches restore 12"""
    from pipeline import importing

    importing.restore(instance_from(ctx), number, who_runs())
    print_json({"batch": number, "state": "accepted"}) if as_json else click.echo(f"批次 {number} 已恢复")


from pipeline.commands.directory import layouts_command, problems_command, template_command, units_command  # noqa: E402

commands = [import_command, batches_command, layouts_command, units_command, problems_command, template_command]
