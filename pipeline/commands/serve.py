"""`wenxiao serve` and `wenxiao worker`."""

from __future__ import annotations

import click

from pipeline.commands.common import instance_from, who_runs
from pipeline.house.logs import start_logging


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--processes", type=click.IntRange(1, 16), help="Web processes that share the port; one for each core.")
@click.pass_context
def serve_command(ctx: click.Context, host: str, port: int, processes: int | None) -> None:
    """Serve the pages and run the worker, until Ctrl-C.

    Example: wenxiao serve --port 8000
    """
    from pipeline.house import limit_rules, serving

    start_logging()
    instance = instance_from(ctx)
    limit_rules.note_versions(instance, by=who_runs())
    serving.serve(
        instance,
        host=host,
        port=port,
        processes=processes,
        on_ready=lambda address: click.echo(f"问效 Wenxiao: {address}"),
    )


@click.command("worker")
@click.option("--name", default=None, help="Name of this worker; must differ where several share a database.")
@click.option("--follow-input", "follows_input", is_flag=True, help="Leave when standard input closes.")
@click.pass_context
def worker_command(ctx: click.Context, name: str | None, follows_input: bool) -> None:
    """Run a worker alone, beside a web server of your own (gunicorn wsgi:app).

    Example: wenxiao worker --name second
    """
    from pipeline.house import limit_rules, worker

    start_logging()
    instance = instance_from(ctx)
    limit_rules.note_versions(instance, by=who_runs())
    worker.work(instance, name=name, follows_input=follows_input)


commands = [serve_command, worker_command]
