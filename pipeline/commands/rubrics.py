"""`wenxiao rubrics`: rating by a form from the command line, with the same blindness as in the browser."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from pipeline.commands.common import Refused, instance_from, json_option, print_json, print_table

if TYPE_CHECKING:
    from records.access import Viewer
    from records.instance import Instance

REFUSALS = {
    "unknown_form": "there is no such form; see `wenxiao rubrics forms`",
    "two_raters": "at least two assessors are needed, so that two rate each item",
    "unknown_rater": "raters are active assessors; see `wenxiao users list`",
    "nothing_to_draw": "there is nothing to draw from in this period",
    "not_yours": "this item does not wait for this rater, or was rated by them; see `wenxiao rubrics waiting`",
    "own_unit": "nobody rates their own unit",
}


@click.group("rubrics")
def rubrics_command() -> None:
    """Rating by a form: draw a blind round, enter marks, read agreement and points.

    Example: wenxiao rubrics draw --form reply_quality --period 2024 --per-unit 10 --seed 1
    """


@rubrics_command.command("forms")
@json_option
def forms_command(as_json: bool) -> None:
    """The forms with their criteria and weights. Example: wenxiao rubrics forms"""
    from evaluation.rules.rubric import forms

    rows = [
        {"form": form.id, "subject": form.subject, "criterion": row.code, "weight": row.weight, "top": form.top,
         "disagreement": form.disagreement, "title": row.title}
        for form in forms().values() for row in form.criteria
    ]  # fmt: skip
    if as_json:
        print_json({"forms": rows})
    else:
        print_table(rows, ["form", "subject", "criterion", "weight", "top", "disagreement"])


@rubrics_command.command("list")
@json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    """Every round and how far it is. Example: wenxiao rubrics list --json"""
    from pipeline.judgement import rubrics
    from records.access import OPERATOR

    rows = [_round(found) for found in rubrics.list_rounds(instance_from(ctx), viewer=OPERATOR)]
    if as_json:
        print_json({"rounds": rows})
    else:
        print_table(rows, ["round", "form", "period", "seed", "items", "settled", "made_by"])


@rubrics_command.command("draw")
@click.option("--form", "form_id", required=True, help="A form, as in `rubrics forms`.")
@click.option("--period", required=True, help="2024, 2024H1, 2024Q3, 2024-03 or A..B.")
@click.option("--per-unit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Items of each unit.")
@click.option("--seed", type=click.IntRange(min=0), required=True, help="Settles the draw, its order and who rates.")
@click.option("--rater", "raters", multiple=True, help="Sign-in of an assessor; repeat it. Default: all assessors.")
@json_option
@click.pass_context
def draw_command(ctx: click.Context, as_json: bool, **wanted: Any) -> None:
    """Draw items at random and give each to two raters.

    Example: wenxiao rubrics draw --form reply_quality --period 2024 --seed 1
    """
    from pipeline.judgement import rubrics
    from records.access import OPERATOR

    instance = instance_from(ctx)
    try:
        number = rubrics.draw(instance, OPERATOR, **wanted)
    except rubrics.RubricRefused as refused:
        raise Refused(REFUSALS[refused.code]) from refused
    found = next(row for row in rubrics.list_rounds(instance, viewer=OPERATOR) if row.id == number)
    if as_json:
        print_json(_round(found))
    else:
        click.echo(f"round {number}: {found.items} items, seed {found.seed}")


@rubrics_command.command("waiting")
@click.argument("number", type=int)
@click.option("--rater", required=True, help="Sign-in of the rater.")
@json_option
@click.pass_context
def waiting_command(ctx: click.Context, number: int, rater: str, as_json: bool) -> None:
    """What waits for a rater, without unit or case number. Example: wenxiao rubrics waiting 3 --rater li.wei"""
    from pipeline.judgement import rubrics

    instance = instance_from(ctx)
    viewer = _rater(instance, rater)
    try:
        places = rubrics.work_list(instance, number, viewer=viewer)
        rows = [asdict(rubrics.task(instance, number, place, viewer=viewer)) for place in places]
    except LookupError as error:
        raise Refused(str(error)) from error
    if as_json:
        print_json({"round": number, "rater": rater, "items": rows})
    else:
        print_table(rows, ["place", "unit", "message", "reply", "is_third"])


@rubrics_command.command("enter")
@click.argument("number", type=int)
@click.argument("place", type=int)
@click.option("--rater", required=True, help="Sign-in of the rater.")
@click.option(
    "--mark", "marks", multiple=True, required=True, metavar="CRITERION=MARK", help="Repeat for each criterion."
)
@click.option("--note", default="", help="Reason of the marks.")
@json_option
@click.pass_context
def enter_command(
    ctx: click.Context, number: int, place: int, rater: str, marks: tuple[str, ...], note: str, as_json: bool
) -> None:
    """Keep one rater's marks, once.

    Example: wenxiao rubrics enter 3 1 --rater li.wei --mark relevance=3 --mark attitude=4 …
    """
    from pipeline.judgement import rubrics

    instance = instance_from(ctx)
    try:
        settled = rubrics.enter(instance, number, place, _marks(marks), viewer=_rater(instance, rater), note=note)
    except rubrics.RubricRefused as refused:
        raise Refused(REFUSALS[refused.code]) from refused
    except (LookupError, ValueError) as error:
        raise Refused(str(error)) from error
    if as_json:
        print_json({"round": number, "place": place, **asdict(settled)})
    else:
        click.echo(
            f"item {place}: {settled.state}" + ("" if settled.points is None else f", {settled.points:.1f} points")
        )


@rubrics_command.command("show")
@click.argument("number", type=int)
@json_option
@click.pass_context
def show_command(ctx: click.Context, number: int, as_json: bool) -> None:
    """Agreement of the raters and points by unit. Example: wenxiao rubrics show 3 --json"""
    from pipeline.judgement import rubric_results, rubrics
    from records.access import OPERATOR
    from reports.numbers import fixed

    instance = instance_from(ctx)
    found = next((row for row in rubrics.list_rounds(instance, viewer=OPERATOR) if row.id == number), None)
    if found is None:
        raise Refused(f"there is no round {number}; see `wenxiao rubrics list`")
    alike = rubric_results.agreement(instance, number, viewer=OPERATOR)
    kappas = [{"criterion": code, **asdict(row)} for code, row in alike.by_criterion.items()]
    found_points = rubric_results.points_of_round(instance, number, viewer=OPERATOR)
    means = [row.sum_points / row.n_scored for row in found_points]
    units = [{"unit": row.unit, "n": row.n_scored, "points": mean}
             for row, mean in zip(found_points, means, strict=True)]  # fmt: skip
    if as_json:
        return print_json({**_round(found), "kappa": kappas, "icc": asdict(alike.points), "units": units})
    print_table([{**row, "kappa": fixed(row["kappa"], 3)} for row in kappas], ["criterion", "pairs", "kappa"])
    if alike.points.icc is not None:
        click.echo(f"ICC(1,1) {alike.points.icc:.3f} ({alike.points.low:.3f} to {alike.points.high:.3f})")
    return print_table([{**row, "points": fixed(points, 2)} for row, points in zip(units, means, strict=True)],
                       ["unit", "n", "points"])  # fmt: skip


def _round(found: Any) -> dict[str, Any]:
    return {
        "round": found.id, "form": found.form.id, "period": found.period, "seed": found.seed, "items": found.items,
        "settled": found.settled, "raters": list(found.raters), "made_by": found.made_by, "made_at": found.made_at,
    }  # fmt: skip


def _marks(given: tuple[str, ...]) -> dict[str, int]:
    """Marks by criterion from CRITERION=MARK. Raises ValueError."""
    found = {}
    for text in given:
        code, _, mark = text.partition("=")
        if not mark.strip().isdigit():
            raise ValueError(f"“{text}” is not a mark; write it as relevance=3")
        found[code.strip()] = int(mark)
    return found


def _rater(instance: Instance, sign_in: str) -> Viewer:
    """The assessor whose marks these are."""
    from records.access import OPERATOR
    from records.queries.people import list_people, viewer_for

    with instance.session() as session:
        ids = {row.sign_in: row.id for row in list_people(session, viewer=OPERATOR)}
        viewer = viewer_for(session, person_id=ids[sign_in]) if sign_in in ids else None
    if viewer is None:
        raise Refused(f"there is no active person {sign_in}; see `wenxiao users list`")
    return viewer


commands = [rubrics_command]
