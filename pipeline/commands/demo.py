"""`wenxiao demo`: build the demonstration city and serve it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from pipeline.commands.common import Start, instance_from, json_option, print_json, who_runs

if TYPE_CHECKING:
    from records.instance import Instance

DEFAULT_FOLDER = Path("demo")
NEWEST_YEAR = "2025"


@click.command("demo")
@click.option("--cases", default=120_000, show_default=True, type=click.IntRange(500), help="Demands over two years.")
@click.option("--units", default=60, show_default=True, type=click.IntRange(6, 60), help="Units in three peer groups.")
@click.option("--seed", default=20_250_107, show_default=True, type=int, help="Same seed, same city.")
@click.option(
    "--files", type=click.Path(file_okay=False, path_type=Path), help="Leave the spreadsheets in this folder."
)
@click.option("--no-serve", is_flag=True, help="Build only.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@json_option
@click.pass_context
def demo_command(
    ctx: click.Context, cases: int, units: int, seed: int, files: Path | None, no_serve: bool, host: str, port: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Build the demonstration city 海川市 once and serve it.

    Without --instance it lives in ./demo. Sign-ins are printed as role, user, password, separated by tabs.

    Example: wenxiao demo --cases 20000 --port 8080
    """
    from pipeline.demo.build import DemoPlan, build

    _choose_folder(ctx)
    instance = instance_from(ctx)
    plan = DemoPlan(cases=cases, units=units, seed=seed)
    found = build(instance, plan, files=files, tell=lambda line: click.echo(line, err=True))
    address = None if no_serve else f"http://{host}:{port}/"
    if as_json:
        print_json({"instance": str(instance.folder), "address": address, "sign_ins": found})
    else:
        for entry in found:
            click.echo(f"{entry.role}\t{entry.user}\t{entry.password}")
    if not no_serve:
        from pipeline.house import limit_rules, serving

        def welcome(at: str) -> None:
            click.echo(f"问效 Wenxiao: {at}", err=as_json)
            look_for_findings(instance)

        limit_rules.note_versions(instance, by=who_runs())
        serving.serve(instance, host=host, port=port, on_ready=welcome)


def look_for_findings(instance: Instance) -> bool:
    """Let the worker look for findings of the newest year once, so that the review desk has something to show.

    Answers whether a job was put in the queue.
    """
    from sqlalchemy import func, select

    from pipeline.house import jobs
    from records.models import Finding

    with instance.session() as session:
        if session.scalar(select(func.count()).select_from(Finding)):
            return False
    jobs.enqueue(instance, "find_findings", by="assessor", period=NEWEST_YEAR, asked_by="assessor")
    return True


def _choose_folder(ctx: click.Context) -> None:
    """Use ./demo where no instance was named, so that a demonstration never ends up among real records."""
    root = ctx.find_root()
    if root.get_parameter_source("folder") is ParameterSource.DEFAULT:
        root.obj = Start(folder=DEFAULT_FOLDER)


commands = [demo_command]
