"""`wenxiao drafts`: the same drafts of schemes as in the browser, written as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipeline.commands.common import Refused, instance_from, json_option, print_json, print_table, who_runs
from pipeline.commands.judging import scheme_text, show_faults, shown

if TYPE_CHECKING:
    from pipeline.judgement.scheme_drafts import Draft
    from records.access import Viewer

T = TypeVar("T")
STEPS = ("propose", "give-back", "drop", "publish")


@click.group("drafts", invoke_without_command=True)
@json_option
@click.pass_context
def drafts(ctx: click.Context, as_json: bool) -> None:
    """Drafts of schemes: list, start, show, save, try on the last period, propose, publish by another person.

    Example: wenxiao drafts start integrated_third_party@2025.1 2026.1
    """
    if ctx.invoked_subcommand is not None:
        return
    from pipeline.judgement import scheme_drafts

    rows = [_row(draft) for draft in scheme_drafts.list_drafts(instance_from(ctx))]
    if as_json:
        print_json({"drafts": rows})
    else:
        print_table(rows, ["draft", "name", "based_on", "state", "faults", "edited_by"])


@drafts.command("start")
@click.argument("based_on")
@click.argument("version")
@json_option
@click.pass_context
def start(ctx: click.Context, based_on: str, version: str, as_json: bool) -> None:
    """Begin a new version as a copy of a scheme.

    Example: wenxiao drafts start integrated_third_party@2025.1 2026.1
    """
    from evaluation.rules.catalogue import UnknownScheme
    from pipeline.judgement import scheme_drafts

    try:
        made = _done(lambda: scheme_drafts.start(instance_from(ctx), _viewer(), based_on, version))
    except UnknownScheme as error:
        raise Refused(str(error.args[0])) from error
    _tell(made, as_json)


@drafts.command("show")
@click.argument("number", type=int)
@json_option
@click.pass_context
def show(ctx: click.Context, number: int, as_json: bool) -> None:
    """The text of a draft; its faults, with their lines, go to standard error.

    Example: wenxiao drafts show 3 > draft.toml
    """
    from pipeline.judgement import scheme_drafts

    draft = _done(lambda: scheme_drafts.get(instance_from(ctx), number))
    if as_json:
        return print_json({**_row(draft), "text": draft.text, "faults": [vars(fault) for fault in draft.faults]})
    click.echo(draft.text, nl=False)
    return show_faults(draft.faults)


@drafts.command("save")
@click.argument("number", type=int)
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def save(ctx: click.Context, number: int, file: Path, as_json: bool) -> None:
    """Put the text of a file in the place of a draft's text, with faults or without.

    Example: wenxiao drafts save 3 draft.toml
    """
    from pipeline.judgement import scheme_drafts

    instance, text = instance_from(ctx), scheme_text(file)
    revision = _done(lambda: scheme_drafts.get(instance, number)).revision
    _tell(_done(lambda: scheme_drafts.rewrite(instance, _viewer(), number, text, revision=revision)), as_json)


@drafts.command("simulate")
@click.argument("number", type=int)
@json_option
@click.pass_context
def simulate(ctx: click.Context, number: int, as_json: bool) -> None:
    """Score the newest assessment's period by a draft; nothing is stored.

    Example: wenxiao drafts simulate 3
    """
    from pipeline.judgement import scheme_drafts
    from pipeline.judgement.scheme_trials import side_by_side

    past, before, after = _done(lambda: scheme_drafts.simulate(instance_from(ctx), number))
    rows = side_by_side(before, after)
    if as_json:
        return print_json({"draft": number, "assessment": past, "period": after.period, "units": rows})
    return print_table(rows, ["unit", "score_before", "score", "change", "grades_before", "grades"], show=shown)


@drafts.command("step")
@click.argument("number", type=int)
@click.option("--to", type=click.Choice(STEPS), required=True)
@json_option
@click.pass_context
def step(ctx: click.Context, number: int, to: str, as_json: bool) -> None:
    """Propose a draft, give it back, give it up, or publish it as another person.

    Example: wenxiao drafts step 3 --to propose
    """
    from pipeline.judgement import scheme_drafts

    instance, viewer = instance_from(ctx), _viewer()
    if to == "publish":
        scheme = _done(lambda: scheme_drafts.publish(instance, viewer, number))
        if as_json:
            return print_json({"published": True, **scheme.identity()})
        return click.echo(f"published {scheme.id}@{scheme.version} {scheme.sha256}")
    move = {"propose": scheme_drafts.propose, "give-back": scheme_drafts.give_back, "drop": scheme_drafts.drop}[to]
    return _tell(_done(lambda: move(instance, viewer, number)), as_json)


def _viewer() -> Viewer:
    from records.access import OPERATOR

    return replace(OPERATOR, sign_in=who_runs())


def _done(work: Callable[[], T]) -> T:
    """The answer of a use case; what it refuses becomes a sentence and exit code 1."""
    from pipeline.judgement.scheme_drafts import DraftRefused

    try:
        return work()
    except DraftRefused as error:
        raise Refused(str(error)) from error
    except LookupError as error:
        raise Refused(str(error.args[0])) from error


def _row(draft: Draft) -> dict[str, Any]:
    return {
        "draft": draft.id, "name": draft.name, "based_on": draft.based_on, "state": draft.state,
        "revision": draft.revision, "faults": len(draft.faults), "edited_by": draft.edited_by,
        "proposed_by": draft.proposed_by,
    }  # fmt: skip


def _tell(draft: Draft, as_json: bool) -> None:
    if as_json:
        return print_json(_row(draft))
    show_faults(draft.faults)
    return click.echo(f"draft {draft.id} {draft.name}: {draft.state}, revision {draft.revision}")


commands = [drafts]
