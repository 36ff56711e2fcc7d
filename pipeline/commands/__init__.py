"""The `wenxiao` command: one group, its subcommands loaded only when they are named, so that starting is fast."""

from __future__ import annotations

import gc
from importlib import import_module
from pathlib import Path

import click

from pipeline.commands.common import OneSentenceGroup, Start

COMMAND_MODULES: dict[str, str] = {
    "import": "imports",
    "batches": "imports",
    "layouts": "imports",
    "units": "imports",
    "problems": "imports",
    "template": "imports",
    "metrics": "metrics",
    "clock": "metrics",
    "record": "metrics",
    "schemes": "assess",
    "drafts": "drafts",
    "assess": "assess",
    "assessments": "assess",
    "simulate": "assess",
    "robustness": "assess",
    "score": "assess",
    "weights": "weights",
    "findings": "findings",
    "sample": "findings",
    "demands": "findings",
    "precision": "findings",
    "surges": "findings",
    "rectification": "rectification",
    "bonuses": "bonuses",
    "rubrics": "rubrics",
    "posts": "leadership",
    "appraisals": "leadership",
    "report": "report",
    "demo": "demo",
    "serve": "serve",
    "worker": "serve",
    "users": "people",
    "token": "people",
    "audit": "audit",
    "verify": "house",
    "backup": "house",
    "restore": "house",
    "migrate": "house",
    "doctor": "house",
    "rotate-key": "house",
    "retention": "house",
}
"""Command name -> module of this package. A module holds `commands`, a list of click commands."""
# New objects until the garbage collector looks again: what is loaded stays, and looking takes a tenth of its time.
OBJECTS_BETWEEN_LOOKS = 50_000


class LazyGroup(OneSentenceGroup):
    """A group that imports the module of a subcommand when the subcommand is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMAND_MODULES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMAND_MODULES:
            return None
        gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
        module = import_module(f"{__name__}.{COMMAND_MODULES[name]}")
        return next((command for command in module.commands if command.name == name), None)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--instance",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="WENXIAO_INSTANCE",
    default=Path("instance"),
    show_default=True,
    help="Folder of the instance: key file, catalogue, parts. Created when missing.",
)
@click.version_option(package_name="wenxiao", prog_name="wenxiao")
@click.pass_context
def main(ctx: click.Context, folder: Path) -> None:
    """问效 Wenxiao: how government units answered their citizens, judged fairly and verifiably.

    Example: wenxiao --instance demo metrics --period 2024 --by unit
    """
    ctx.obj = Start(folder=folder)
