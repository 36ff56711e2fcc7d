"""`wenxiao rectification`: what a published assessment leaves to put right, and what came of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click

from pipeline.commands.common import instance_from, json_option, print_json, print_table


@click.group("rectification")
def rectification_command() -> None:
    """Improvement tasks: list them, propose, open.

    Example: wenxiao rectification propose 3
    """


@rectification_command.command("list")
@click.option("--assessment", type=int, help="Only tasks of this assessment.")
@json_option
@click.pass_context
def list_command(ctx: click.Context, assessment: int | None, as_json: bool) -> None:
    """Every task with its state today and the next period's value. Example: wenxiao rectification list --json"""
    from pipeline.judgement import rectification
    from records.access import OPERATOR
    from records.queries.improvement import list_tasks

    instance = instance_from(ctx)
    with instance.session() as session:
        rows = list_tasks(session, viewer=OPERATOR, number=assessment)
    tasks = [asdict(task) for task in rectification.told(instance, OPERATOR, rows)]
    if as_json:
        print_json({"tasks": tasks})
    else:
        print_table(
            tasks, ["id", "unit_name", "indicator", "finding_id", "due_on", "state", "before", "after", "effect"]
        )


@rectification_command.command("propose")
@click.argument("number", type=int)
@json_option
@click.pass_context
def propose_command(ctx: click.Context, number: int, as_json: bool) -> None:
    """Weak indicators and confirmed findings of a published assessment. Example: wenxiao rectification propose 3"""
    from pipeline.judgement import rectification
    from records.access import OPERATOR

    found = rectification.proposals(instance_from(ctx), OPERATOR, number)
    rows = [{"key": one.key, **asdict(one), "value": one.result.value if one.result else None} for one in found]
    if as_json:
        print_json({"assessment": number, "proposals": rows})
    else:
        print_table(rows, ["key", "unit_name", "ground", "value", "is_open"])


@rectification_command.command("open")
@click.argument("number", type=int)
@click.option("--key", "keys", multiple=True, help="A key of `propose`; repeat it. Default: all of them.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day, as 2025-06-30.")
@click.option("--proof", required=True, help="What counts as proof.")
@json_option
@click.pass_context
def open_command(
    ctx: click.Context, number: int, keys: tuple[str, ...], due: datetime, proof: str, as_json: bool
) -> None:
    """Open tasks for proposals. Example: wenxiao rectification open 3 --due 2025-06-30 --proof 整改措施和回访记录"""
    from pipeline.judgement import rectification
    from records.access import OPERATOR

    instance = instance_from(ctx)
    chosen = keys or tuple(one.key for one in rectification.proposals(instance, OPERATOR, number))
    made = rectification.open_tasks(instance, OPERATOR, number, chosen, due_on=due.date(), proof=proof)
    print_json({"assessment": number, "tasks": made}) if as_json else click.echo(f"opened {len(made)} tasks")


commands = [rectification_command]
