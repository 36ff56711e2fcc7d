"""`wenxiao bonuses`: documented work that adds points, proposed by one person and decided by another."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from pipeline.commands.common import instance_from, json_option, print_json, print_table

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("bonuses")
def bonuses_command() -> None:
    """Bonuses: the rules, the list, proposing one, deciding on it.

    Example: wenxiao bonuses list
    """


@bonuses_command.command("rules")
@json_option
@click.pass_context
def rules_command(ctx: click.Context, as_json: bool) -> None:
    """Every bonus rule of the newest schemes. Example: wenxiao bonuses rules"""
    from pipeline.judgement import bonuses

    rows = [{"key": rule.key, **asdict(rule.item)} for rule in bonuses.rules(instance_from(ctx))]
    columns = ["key", "per_item", "cap", "only_above", "valid_months"]
    print_json({"rules": rows}) if as_json else print_table(rows, columns)


@bonuses_command.command("list")
@json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    """Every bonus with its state today. Example: wenxiao bonuses list --json"""
    from pipeline.judgement import bonuses
    from records.access import OPERATOR
    from records.queries.bonuses import list_bonuses

    instance = instance_from(ctx)
    with instance.session() as session:
        found = list_bonuses(session, viewer=OPERATOR)
    rows = [asdict(row) for row in bonuses.told(instance, found)]
    columns = ["id", "unit_name", "scheme_id", "rule", "title", "items", "done_on", "valid_until", "state"]
    print_json({"bonuses": rows}) if as_json else print_table(rows, columns)


@bonuses_command.command("propose")
@click.option("--unit", required=True, help="Code of the unit.")
@click.option("--rule", required=True, help="A key of `wenxiao bonuses rules`, as integrated_third_party:B1.")
@click.option("--title", required=True, help="What was done, in a few words.")
@click.option("--ground", required=True, help="Why it deserves the bonus.")
@click.option("--done", type=DAY, required=True, help="The day of the work, as 2025-03-10.")
@click.option("--until", type=DAY, help="An earlier last valid day than the rule grants.")
@click.option("--items", type=int, default=1, show_default=True, help="How many items.")
@click.option("--file", "files", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True,
              required=True, help="A document behind it; repeat it.")  # fmt: skip
@json_option
@click.pass_context
def propose_command(
    ctx: click.Context, unit: str, rule: str, title: str, ground: str, done: datetime, until: datetime | None,
    items: int, files: tuple[Path, ...], as_json: bool,
) -> None:  # fmt: skip
    """Propose a bonus with its documents; another person decides.

    Example: wenxiao bonuses propose --unit B03 --rule integrated_third_party:B1 --title 夜间噪声主动治理
    --ground 联合整治 --done 2025-03-10 --file 方案.pdf
    """
    from pipeline.judgement import bonuses
    from pipeline.judgement.evidence_files import Given
    from records.access import OPERATOR

    last = until.date() if until else None
    wanted = bonuses.Wanted(unit, rule, title, ground, done.date(), last, items)
    with ExitStack() as opened:
        given = [Given(path.name, opened.enter_context(path.open("rb"))) for path in files]
        number = bonuses.propose(instance_from(ctx), OPERATOR, wanted, given)
    print_json({"bonus": number}) if as_json else click.echo(f"proposed bonus {number}; another person decides")


commands = [bonuses_command]
