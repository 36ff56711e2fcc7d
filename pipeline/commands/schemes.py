"""`wenxiao schemes`: the schemes there are, their faults, publication, and what differs between two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline.commands.common import (
    REFUSED,
    Refused,
    instance_from,
    json_option,
    print_json,
    print_table,
    who_runs,
)
from pipeline.commands.judging import scheme_named, scheme_text, show_faults, shown

ARGUMENTS = {"list": 0, "show": 1, "check": 1, "publish": 1, "diff": 2}


@click.command("schemes")
@click.argument("action", type=click.Choice(list(ARGUMENTS)), default="list")
@click.argument("names", nargs=-1)
@json_option
@click.pass_context
def schemes_command(ctx: click.Context, action: str, names: tuple[str, ...], as_json: bool) -> None:
    """List, show, check, publish or compare schemes.

    Example: wenxiao schemes check my_scheme.toml
    """
    if len(names) != ARGUMENTS[action]:
        raise click.UsageError(f"`schemes {action}` takes {ARGUMENTS[action]} name(s), not {len(names)}")
    ACTIONS[action](ctx, names, as_json)


def _list(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    from pipeline.judgement.scheme_store import is_shipped, list_schemes

    rows = [
        {
            **scheme.identity(),
            "indicators": len(scheme.indicators),
            "source": "shipped" if is_shipped(scheme) else "office",
        }
        for scheme in list_schemes(instance_from(ctx))
    ]
    if as_json:
        return print_json({"schemes": rows})
    return print_table(rows, ["id", "version", "status", "indicators", "source", "title_zh", "title_en"])


def _show(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    scheme = scheme_named(ctx, names[0])
    if as_json:
        return print_json({**scheme.identity(), "document": scheme.document})
    click.echo(f"{scheme.id}@{scheme.version} {scheme.sha256}")
    columns = ["group", "code", "weight", "method", "zero", "full"]
    return print_table([vars(indicator) for indicator in scheme.indicators], columns, show=shown)


def _check(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    from evaluation.rules.scheme import check, load

    text = scheme_text(Path(names[0]))
    faults = check(text)
    if as_json:
        sha256 = None if faults else load(text).sha256
        print_json({"ok": not faults, "sha256": sha256, "faults": [vars(fault) for fault in faults]})
    else:
        show_faults(faults)
        click.echo("the scheme can be published" if not faults else f"{len(faults)} faults", err=bool(faults))
    ctx.exit(REFUSED if faults else 0)


def _publish(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    from evaluation.rules.scheme import SchemeFaulty
    from pipeline.judgement.scheme_store import publish

    path = Path(names[0])
    scheme_text(path)
    try:
        scheme = publish(instance_from(ctx), path, by=who_runs())
    except SchemeFaulty as error:
        show_faults(error.faults)
        raise Refused(f"{path} has {len(error.faults)} faults and was not published") from error
    if as_json:
        return print_json({"published": True, **scheme.identity()})
    return click.echo(f"published {scheme.id}@{scheme.version} {scheme.sha256}")


def _diff(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    from pipeline.judgement.scheme_store import differences

    before, after = (scheme_named(ctx, name) for name in names)
    changes: list[dict[str, Any]] = [vars(change) for change in differences(before, after)]
    if as_json:
        return print_json({"before": before.identity(), "after": after.identity(), "changes": changes})
    return print_table(changes, ["path", "before", "after"], show=shown)


ACTIONS = {"list": _list, "show": _show, "check": _check, "publish": _publish, "diff": _diff}
