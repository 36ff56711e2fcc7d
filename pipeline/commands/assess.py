"""`wenxiao schemes assess assessments simulate robustness score`: judgement from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline.commands.common import Refused, instance_from, json_option, print_json, print_table, who_runs
from pipeline.commands.judging import scheme_named, show_result, show_trace, shown, text_of, way_up
from pipeline.commands.schemes import schemes_command

STEPS = ("review", "appeal", "final", "published", "reopen")


@click.command("assess")
@click.option("--scheme", "scheme_id", required=True, metavar="ID", help="Scheme, as ID or ID@VERSION.")
@click.option("--period", required=True, help="2024, 2024H1, 2024Q3, 2024-03, A..B or all.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the draws; default: the scheme's.")
@click.option("--draws", type=click.IntRange(100, 100_000), help="Number of draws; default: the scheme's.")
@json_option
@click.pass_context
def assess_command(ctx: click.Context, as_json: bool, **wanted: Any) -> None:
    """Score a period by a scheme and keep the result as a draft.

    Example: wenxiao assess --scheme bj_three_rates --period 2024H1 --json
    """
    from pipeline.judgement import assessing

    made = assessing.make_draft(instance_from(ctx), by=who_runs(), **wanted)
    if as_json:
        print_json(made.to_json())
        return
    click.echo(f"assessment {made.number}, {made.state}, result {made.result_sha256}")
    show_result(made.result)


@click.command("assessments")
@click.argument("action", type=click.Choice(["list", "show", "advance"]), default="list")
@click.argument("number", type=int, required=False)
@click.option("--to", type=click.Choice(STEPS), help="The step to take with `advance`.")
@click.option("--why", help="Reason, kept with the step.")
@json_option
@click.pass_context
def assessments_command(
    ctx: click.Context, action: str, number: int | None, to: str | None, why: str | None, as_json: bool
) -> None:
    """List, show or advance assessments.

    Example: wenxiao assessments advance 3 --to review
    """
    from pipeline.judgement import assessing

    instance = instance_from(ctx)
    if action == "list":
        found = assessing.list_assessments(instance)
        columns = ["assessment", "scheme_id", "scheme_version", "period", "state", "result_sha256"]
        return print_json({"assessments": found}) if as_json else print_table(found, columns)
    if number is None or (action == "advance") != (to is not None):
        raise click.UsageError("write `assessments show N` or `assessments advance N --to STEP`")
    if action == "show":
        stored = assessing.get(instance, number)
    else:
        stored = assessing.advance(instance, number, to or "", by=who_runs(), why=why)
    if as_json:
        return print_json(stored.to_json())
    click.echo(f"assessment {stored.number}, {stored.state}, result {stored.result_sha256}")
    return show_result(stored.result) if action == "show" else None


@click.command("simulate")
@click.argument("number", type=int)
@click.option("--scheme", "scheme_name", required=True, metavar="FILE", help="The other scheme: a file or an ID.")
@json_option
@click.pass_context
def simulate_command(ctx: click.Context, number: int, scheme_name: str, as_json: bool) -> None:
    """Score the period of an assessment by another scheme; nothing is stored.

    Example: wenxiao simulate 3 --scheme draft.toml --json
    """
    from pipeline.judgement import assessing
    from reports.cautions import caution_text

    instance = instance_from(ctx)
    before, after = assessing.simulate(instance, number, scheme_named(ctx, scheme_name))
    old = {unit.unit: unit for unit in before.result.units}
    rows = [_simulated(old.get(unit.unit), unit) for unit in after.units]
    if as_json:
        return print_json({"assessment": number, "period": after.period, "before": before.result.scheme,
                           "scheme": after.scheme, "warnings": after.warnings, "units": rows})  # fmt: skip
    columns = ["group", "unit", "score_before", "score", "change", "grade_before", "grade", "rank_before", "rank"]
    print_table(rows, columns, show=shown)
    for warning in after.warnings:
        click.echo(caution_text(warning, "en"), err=True)


def _simulated(before: Any, after: Any) -> dict[str, Any]:
    """One unit under both schemes."""
    scores = (before.score if before else None, after.score)
    return {
        "unit": after.unit,
        "group": after.group,
        "score_before": scores[0],
        "score": scores[1],
        "change": None if scores[0] is None or scores[1] is None else scores[1] - scores[0],
        "grade_before": before.grade if before else None,
        "grade": after.grade,
        "rank_before": before.rank if before else None,
        "rank": after.rank,
        "reason": after.reason,
    }


@click.command("robustness")
@click.argument("number", type=int)
@click.option("--draws", type=click.IntRange(100, 10_000), default=500, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the draws; default: the assessment's.")
@json_option
@click.pass_context
def robustness_command(ctx: click.Context, number: int, draws: int, seed: int | None, as_json: bool) -> None:
    """Show how much the ranks owe to weights, goalposts, aggregation and each indicator.

    Example: wenxiao robustness 3 --json
    """
    from dataclasses import asdict

    from pipeline.judgement import assessing

    found = assessing.robustness_of(instance_from(ctx), number, draws=draws, seed=seed)
    if as_json:
        return print_json({"assessment": number, **asdict(found)})
    print_table([asdict(row) for row in found.variants], ["kind", "name", "mean_shift", "kendall"], show=shown)
    print_table([asdict(row) for row in found.units], ["group", "unit", "rank", "rank_low", "rank_median", "rank_high"])


@click.command("score")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--scheme", "scheme_name", required=True, metavar="FILE", help="The scheme: a file or an ID.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the draws; default: the scheme's.")
@click.option("--draws", type=click.IntRange(100, 100_000), help="Number of draws; default: the scheme's.")
@click.option("--explain", metavar="UNIT", help="From value to points to contribution for one unit, and its way up.")
@json_option
@click.pass_context
def score_command(
    ctx: click.Context,
    table: Path,
    scheme_name: str,
    seed: int | None,
    draws: int | None,
    explain: str | None,
    as_json: bool,
) -> None:
    """Score a plain table: units in rows, indicator codes in columns. Nothing is imported or stored.

    Example: wenxiao score units.csv --scheme my_scheme.toml --json
    """
    from evaluation.assess import assess
    from evaluation.scores.table import TableFaulty, read_table
    from reports.cautions import caution_text

    scheme = scheme_named(ctx, scheme_name)
    try:
        found = read_table(text_of(table), scheme)
    except TableFaulty as error:
        raise Refused(str(error)) from error
    result = assess(
        scheme, found.values, found.units, period=table.stem, seed=seed, draws=draws, evidence=found.evidence
    )
    notes = [*(f"unused_column:{name}" for name in found.unused), *(f"absent_column:{code}" for code in found.absent)]
    chosen = next((unit for unit in result.units if unit.unit == explain), None)
    if explain is not None and chosen is None:
        raise Refused(f"the table has no unit {explain}")
    if as_json:
        answer = result.to_json()
        for row, unit in zip(answer["units"], result.units, strict=True):
            row["next_grade"] = way_up(unit, scheme)
        return print_json(
            {"assessment": None, "state": "not_stored", **answer, "warnings": [*answer["warnings"], *notes]}
        )
    if chosen is None:
        show_result(result)
    else:
        show_trace(chosen, scheme)
    return click.echo("\n".join(caution_text(note, "en") for note in notes), err=True) if notes else None


commands = [assess_command, assessments_command, simulate_command, robustness_command, score_command, schemes_command]
