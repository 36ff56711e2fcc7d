"""`wenxiao audit`: the trail as a file, and the check of such a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from pipeline.commands.common import REFUSED, instance_from, json_option, print_json

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("audit")
def audit_group() -> None:
    """The audit trail: export it, follow the chain of an exported file.

    Example: wenxiao audit export --from 2025-01-01 --out trail.jsonl
    """


@audit_group.command("export")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--from", "first", type=DAY, help="The first day.")
@click.option("--to", "last", type=DAY, help="The last day.")
@json_option
@click.pass_context
def export(
    ctx: click.Context, out: Path, form: str, first: datetime | None, last: datetime | None, as_json: bool
) -> None:
    """Write the entries of some days; jsonl keeps the hashes, so that anybody can follow the chain.

    Example: wenxiao audit export --from 2025-01-01 --to 2025-12-31 --out trail.jsonl
    """
    from pipeline.house import trail
    from records.access import OPERATOR

    days = {"first": first.date() if first else None, "last": last.date() if last else None}
    count = 0
    with out.open("wb") as file:
        for piece in trail.export(instance_from(ctx), OPERATOR, form=form, **days):
            count += file.write(piece) and 1
    entries = count - (form == "csv")
    if as_json:
        print_json({"file": str(out), "entries": entries, "format": form})
    else:
        click.echo(f"{out}: {entries} entries")


@audit_group.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_context
def check(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Follow the chain through an exported jsonl file; exit 1 at the first entry that does not fit.

    Example: wenxiao audit check trail.jsonl
    """
    from pipeline.house import trail

    found = trail.check_file(file)
    if as_json:
        print_json({"file": str(file), "checked": found.checked, "first_bad": found.first_bad})
    elif found.first_bad is None:
        click.echo(f"{found.checked} entries, the chain holds")
    else:
        click.echo(f"{found.checked} entries fit; entry {found.first_bad} does not")
    ctx.exit(0 if found.first_bad is None else REFUSED)


commands = [audit_group]
