"""`wenxiao units`, `layouts`, `problems`, `template`: the lists an import rests on, and the workbook to fill in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from pipeline.commands.common import Refused, instance_from, json_option, print_json, print_table, who_runs
from records.vocabulary import Kind


@click.group("units", invoke_without_command=True)
@json_option
@click.pass_context
def units_command(ctx: click.Context, as_json: bool) -> None:
    """The unit directory: list it, see its tree, give a unit another name.

    Example: wenxiao units alias 市人社局=HCB004
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command, as_json=as_json)


def _units(ctx: click.Context) -> list[dict[str, Any]]:
    from records.access import OPERATOR
    from records.queries.units import list_units

    with instance_from(ctx).session() as session:
        return [{"unit": row.code, **asdict(row)} for row in list_units(session, viewer=OPERATOR)]


@units_command.command("list")
@json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    """Every unit with its names. Example: wenxiao units list --json"""
    rows = _units(ctx)
    if as_json:
        print_json({"units": rows})
    else:
        print_table([{**row, "aliases": "、".join(row["aliases"])} for row in rows],
                    ["code", "name", "short_name", "peer_group", "aliases"])  # fmt: skip


@units_command.command("tree")
@json_option
@click.pass_context
def tree_command(ctx: click.Context, as_json: bool) -> None:
    """The units below their parents. Example: wenxiao units tree"""
    tree = tree_of(_units(ctx))
    if as_json:
        print_json({"units": tree})
    else:
        _echo_tree(tree, 0)


def tree_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as nested nodes `{code, name, units}`; a row whose parent is not in the list stands at the top.

    >>> tree_of([{"code": "b", "name": "B", "parent_code": "a"}, {"code": "a", "name": "A", "parent_code": None}])
    [{'code': 'a', 'name': 'A', 'units': [{'code': 'b', 'name': 'B', 'units': []}]}]
    """
    nodes: dict[str, dict[str, Any]] = {r["code"]: {"code": r["code"], "name": r["name"], "units": []} for r in rows}
    top: list[dict[str, Any]] = []
    for row in rows:
        parent = nodes.get(row["parent_code"] or "")
        (parent["units"] if parent else top).append(nodes[row["code"]])
    return top


def _echo_tree(nodes: list[dict[str, Any]], depth: int) -> None:
    for node in nodes:
        click.echo("  " * depth + f"{node['code']}  {node['name']}")
        _echo_tree(node["units"], depth + 1)


@units_command.command("alias")
@click.argument("alias", metavar="NAME=CODE")
@json_option
@click.pass_context
def alias_command(ctx: click.Context, alias: str, as_json: bool) -> None:
    """Let another name mean a unit. Example: wenxiao units alias 市人社局=HCB004"""
    from pipeline.importing.directory import UnitRowsError, add_alias
    from records import audit

    name, found, code = alias.rpartition("=")
    if not found or not name.strip() or not code.strip():
        raise click.BadParameter(f"write it as NAME=CODE, not {alias!r}")
    with instance_from(ctx).session() as session:
        audit.write(session, who_runs(), "unit.alias", code.strip(), {"alias": name.strip()})
        try:
            add_alias(session, name, code.strip(), by=who_runs())
        except UnitRowsError as error:
            raise Refused(str(error)) from error
    document = {"alias": name.strip(), "unit": code.strip()}
    print_json(document) if as_json else click.echo(f"{document['alias']} = {document['unit']}")


@click.command("layouts")
@json_option
@click.pass_context
def layouts_command(ctx: click.Context, as_json: bool) -> None:
    """The layouts that files may have: those of the program and those this office saved.

    Example: wenxiao layouts --json
    """
    from pipeline.importing.layouts import all_layouts

    rows = all_layouts(instance_from(ctx))
    if as_json:
        print_json({"layouts": rows})
    else:
        print_table(rows, ["id", "kind", "zh", "en", "saved"])


@click.command("problems")
@json_option
def problems_command(as_json: bool) -> None:
    """The closed list of problem codes with what each asks for.

    Example: wenxiao problems --json
    """
    from imports.problems import problem_codes

    rows = [asdict(code) for code in problem_codes().values()]
    if as_json:
        print_json({"problems": rows})
    else:
        print_table(rows, ["code", "stage", "severity", "zh"])


@click.command("template")
@click.argument("kind", type=click.Choice(tuple(kind.value for kind in Kind)))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--language", type=click.Choice(("zh", "en")), default="zh", help="Of headings, words and notes.")
@click.pass_context
def template_command(ctx: click.Context, kind: str, file: Path, language: str) -> None:
    """Write the workbook of a kind to be filled in: drop-downs, date formats, a note for every column.

    Example: wenxiao template responses 填报.xlsx
    """
    from imports.template import write_template
    from pipeline.importing import current_units

    if file.suffix.lower() != ".xlsx" or not file.parent.is_dir():
        raise Refused(f"the template is a workbook: name a file ending in .xlsx in a folder that exists, not {file}")
    write_template(file, Kind(kind), language, current_units(instance_from(ctx)))
    click.echo(str(file))
