"""`wenxiao verify`, `backup`, `restore`, `migrate`, `doctor`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.common import REFUSED, Start, instance_from, json_option, print_json, print_table, who_runs

if TYPE_CHECKING:
    from records.instance import Instance

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("verify")
@click.argument("document", required=False)
@json_option
@click.pass_context
def verify_command(ctx: click.Context, document: str | None, as_json: bool) -> None:
    """Compare parts, audit trail and frozen results with what was written; exit 1 on any difference.

    With a DOCUMENT (a file, or the code printed on it) say whether it was made here and is unchanged.

    Example: wenxiao verify annual.pdf
    """
    from pipeline.house.verification import verify

    if document is not None:
        ctx.exit(_verify_document(instance_from(ctx), document, as_json))

    found = verify(instance_from(ctx))
    if as_json:
        print_json(found.to_json())
    else:
        click.echo(
            f"parts {found.parts_checked}, audit entries {found.audit.checked}, assessments {found.assessments_checked}"
        )
        for line in found.broken:
            click.echo(line)
    ctx.exit(0 if found.is_ok else REFUSED)


def _verify_document(instance: Instance, asked: str, as_json: bool) -> int:
    """Print the records of a file or code; REFUSED when there is none."""
    from pipeline.paper import issued

    path = Path(asked)
    found = issued.find_file(instance, path) if path.is_file() else issued.find(instance, code=asked)
    if as_json:
        print_json({"document": asked, "is_known": bool(found), "made": [asdict(entry) for entry in found]})
    elif not found:
        click.echo(f"{asked}: no such document was made here, or it was changed")
    for entry in [] if as_json else found:
        state = "current" if entry.is_current else "replaced"
        click.echo(
            f"{entry.code}  {entry.kind} {entry.format} {entry.unit or ''}  assessment {entry.number} ({entry.period}, "
            f"{entry.scheme}, {state})  {entry.made_at.isoformat(timespec='seconds')}  sha256 {entry.file_sha256}"
        )
    return 0 if found else REFUSED


@click.command("backup")
@click.argument("file", type=FILE)
@json_option
@click.pass_context
def backup_command(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Write everything (catalogue, parts, keys, settings) into one file, while running.

    Example: wenxiao backup wenxiao-2026-01-31.zip
    """
    from pipeline.house.backups import make_backup

    counts = make_backup(instance_from(ctx), file)
    if as_json:
        print_json({"file": str(file), **counts})
    else:
        click.echo(f"{file}: {counts['rows']} rows, {counts['parts']} parts, {counts['bytes']} bytes")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_context
def restore_command(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Restore a backup into an instance without data, and verify it.

    Example: wenxiao --instance restored restore wenxiao-2026-01-31.zip
    """
    from pipeline.house.backups import restore_backup
    from pipeline.house.verification import verify

    start = ctx.find_object(Start)
    assert start is not None  # set by the root command
    instance = restore_backup(start.folder.absolute(), file)
    found = verify(instance)
    if as_json:
        print_json({"instance": str(instance.folder), "verify": found.to_json()})
    else:
        click.echo(f"{instance.folder}: {found.parts_checked} parts, {'verified' if found.is_ok else 'NOT as written'}")
    ctx.exit(0 if found.is_ok else REFUSED)


@click.command("migrate")
@json_option
@click.pass_context
def migrate_command(ctx: click.Context, as_json: bool) -> None:
    """Bring the catalogue to this program's revision. Every other command does the same when it starts.

    Example: wenxiao migrate
    """
    from records.migrations import stored_revision

    revision = stored_revision(instance_from(ctx).engine)
    if as_json:
        print_json({"revision": revision})
    else:
        click.echo(f"revision {revision}")


@click.command("doctor")
@json_option
@click.pass_context
def doctor_command(ctx: click.Context, as_json: bool) -> None:
    """Examine versions, permissions, catalogue, calendars, disk and fonts; exit 1 when something is bad.

    Example: wenxiao doctor
    """
    from pipeline.house.doctor import examine

    found = examine(instance_from(ctx))
    is_fit = all(finding.state != "bad" for finding in found)
    if as_json:
        print_json({"ok": is_fit, "findings": found})
    else:
        print_table([vars(finding) for finding in found], ["state", "name", "zh", "en"])
    ctx.exit(0 if is_fit else REFUSED)


@click.command("retention")
@click.option(
    "--months", type=click.IntRange(1), help="Time of keeping; the default is retention_months of the settings."
)
@click.option("--run", "is_run", is_flag=True, help="Take texts and tokens out; otherwise only say what is due.")
@json_option
@click.pass_context
def retention_command(ctx: click.Context, months: int | None, is_run: bool, as_json: bool) -> None:
    """Say which batches are older than the time of keeping, or take their texts and tokens out for good.

    Example: wenxiao retention --months 24 --run
    """
    from pipeline.house.retention import anonymise, due

    instance = instance_from(ctx)
    found = due(instance, today=instance.today(), months=months)
    ready = [kept.batch for kept in found if kept.waits_for is None]
    done = anonymise(instance, ready, by=who_runs()) if is_run else 0
    if as_json:
        print_json({"due": found, "done": done})
        return
    print_table([vars(kept) for kept in found], ["batch", "kind", "last_at", "rows", "waits_for"])
    click.echo(f"{done} batches done" if is_run else f"{len(ready)} batches are due; nothing was changed")


@click.command("rotate-key")
@click.argument("purpose", type=click.Choice(["session", "report", "person", "device"]))
@click.option("--overlap-days", type=click.IntRange(0, 366), help="Days the earlier key still counts.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask; needed where nobody can answer.")
@json_option
@click.pass_context
def rotate_key_command(
    ctx: click.Context, purpose: str, overlap_days: int | None, is_sure: bool, as_json: bool
) -> None:
    """Replace one key of the key file; start web and worker again afterwards, and make a new backup.

    Example: wenxiao rotate-key session --overlap-days 1
    """
    from pipeline.house.rotation import CONSEQUENCES, rotate

    if not is_sure:
        click.confirm(f"{CONSEQUENCES[purpose]}. Go on?", abort=True, err=True)
    days = rotate(instance_from(ctx), purpose, overlap_days=overlap_days, by=who_runs())
    if as_json:
        print_json({"purpose": purpose, "overlap_days": days})
    else:
        click.echo(f"{purpose}: new key; the earlier one counts for {days} days. Start web and worker again.")


commands = [
    verify_command,
    backup_command,
    restore_command,
    migrate_command,
    doctor_command,
    rotate_key_command,
    retention_command,
]
