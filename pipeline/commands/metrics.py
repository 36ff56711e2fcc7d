"""`wenxiao metrics`, `wenxiao clock`, `wenxiao record`: numbers out, one clock by itself, one case."""

from __future__ import annotations

import csv
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from pipeline.commands.common import Refused, instance_from, json_option, print_json, print_table

if TYPE_CHECKING:
    from pipeline.numbers.counting import MetricsAnswer

TOTALS = {"pooled": "合并计算", "mean_of_units": "各单位均值"}


@click.command()
@click.option(
    "--period",
    "period",
    required=True,
    help="2024, 2024H1, 2024Q3, 2024-03, 2024-02-19..2024-03-18 or all; 2024-03@19: months begin on the 19th.",
)
@click.option(
    "--by",
    default="unit",
    show_default=True,
    help="unit, peer_group or total; then month or quarter; then category, channel, case_type, urgency or mix.",
)
@click.option("--metric", "codes", multiple=True, help="Code of a metric; repeatable. Default: all.")
@click.option("--unit", "units", multiple=True, help="Code of a unit; repeatable. Default: all.")
@click.option("--with-subunits", is_flag=True, help="Count each unit together with everything below it.")
@click.option("--scope", type=click.Choice(["kept", "all"]), default="kept", show_default=True)
@click.option("--standard", help="Limits to use instead of the source's own: an id or a .toml file.")
@click.option("--start-day", type=int, default=1, show_default=True, help="Day on which a month begins, 1 to 28.")
@click.option("--engine", default="duckdb", show_default=True, help="duckdb, spark-local or spark://host:port.")
@click.option("--format", "form", type=click.Choice(["json", "csv", "table"]), default="table", show_default=True)
@json_option
@click.pass_context
def metrics(
    ctx: click.Context, period: str, by: str, codes: tuple[str, ...], units: tuple[str, ...], with_subunits: bool,
    scope: str, standard: str | None, start_day: int, engine: str, form: str, as_json: bool,
) -> None:  # fmt: skip
    """Metrics of every unit in a period.

    Example: wenxiao metrics --period 2024 --by unit,month --metric R5 --json
    """
    from pipeline.numbers.counting import metric_values
    from pipeline.numbers.rollup import with_subunits as rolled_up

    asked: dict[str, Any] = {
        "period": period, "by": tuple(part.strip() for part in by.split(",")), "codes": codes or None, "scope": scope,
        "standard": standard, "engine": engine, "start_day": start_day,
    }  # fmt: skip
    if with_subunits and units:
        raise click.UsageError("--with-subunits counts every unit of the directory; leave --unit out")
    instance = instance_from(ctx)
    try:
        answer = (
            rolled_up(instance, **asked) if with_subunits else metric_values(instance, units=units or None, **asked)
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    _print_metrics(answer, "json" if as_json else form)


def _print_metrics(answer: MetricsAnswer, form: str) -> None:
    document = answer.to_json()
    rows = document["rows"]
    if form == "json":
        print_json(document)
    elif form == "csv":
        from pipeline.numbers.counting import ROW_KEYS
        from reports.csv_cells import safe_cell

        writer = csv.DictWriter(sys.stdout, ROW_KEYS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: safe_cell(cell) for name, cell in row.items()} for row in rows)
    else:
        print_table([_named(row) for row in rows], _columns(rows), show=_cell)


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    """The columns of the table; what no row has is left out."""
    has_split = any(row["group"] not in (None, row["peer_group"]) for row in rows)
    split = ["group"] if has_split else []
    return ["whose", "period", *split, "metric", "value", "low", "high", "numerator", "denominator", "n", "coverage",
            "reason"]  # fmt: skip


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the words that say whose it is; of a total also which of the two it is."""
    from metrics.registry import REGISTRY, reason_text

    name = row["unit_name"] or row["unit"] or row["peer_group"] or ("全部" if row["peer_group"] is None else "未分组")
    kind = TOTALS.get(row["total"] or "", "") if row["metric"] in REGISTRY and row["unit"] is None else ""
    metric = REGISTRY.get(row["metric"])
    told = row["reason"] and reason_text(row["reason"])
    if told and metric and row["reason"].startswith(("no_", "not_recorded")) and row["total"] != "mean_of_units":
        told += f"；需要{metric.input_zh}"
    return {**row, "whose": name + (f"（{kind}）" if kind else ""), "reason": told}


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


@click.command()
@click.option("--from", "start", required=True, help="Start, 2025-03-07 16:30 (local) or with an offset.")
@click.option("--to", "end", help="End; without it only the due time is answered.")
@click.option("--calendar", "source", default="office", show_default=True, help="A .toml file or an id.")
@click.option("--limit", help='"5 working_day", "8 business_hour", "15 calendar_day" or "24 hour".')
@click.option("--timezone", help="Zone of the times, where it is not the calendar's.")
@click.option("--pause", "pauses", multiple=True, help="FROM/TO, TO may be left out; repeatable.")
@json_option
def clock(start: str, end: str | None, source: str, limit: str | None, timezone: str | None, pauses: tuple[str, ...],
          as_json: bool) -> None:  # fmt: skip
    """One clock by itself: working time, calendar time, due time, and every counted interval.

    Example: wenxiao clock --from "2025-03-07 16:30" --to "2025-03-10 10:00" --limit "1 business_hour" --json
    """
    from metrics.clocks import calendar as calendars
    from metrics.clocks.reckoning import reckon

    try:
        chosen = calendars.load(source)
        if timezone and timezone != chosen.zone:
            chosen = calendars.moved(chosen, timezone)
        spans = [_pause(text) for text in pauses]
        answer = reckon(chosen, _time(start), _time(end) if end else None, limit, spans)
    except (ValueError, KeyError) as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        print_json(answer)
    else:
        for name, value in answer.items():
            click.echo(f"{name}: {value}")
    if answer["reason"]:
        raise click.exceptions.Exit(1)


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"time {text!r}: write it like 2025-03-07 16:30") from None


def _pause(text: str) -> tuple[datetime, datetime | None]:
    start, _, end = text.partition("/")
    return _time(start), _time(end) if end.strip() else None


@click.command()
@click.argument("case_no")
@click.option("--register", help="Register of the number, where several have it.")
@json_option
@click.pass_context
def record(ctx: click.Context, case_no: str, register: str | None, as_json: bool) -> None:
    """One case like a parcel: events, clocks with their counted intervals, every observation.

    Example: wenxiao record 热线-240305-000123 --json
    """
    from pipeline.views.timeline import timeline

    answer = timeline(instance_from(ctx), case_no, register)
    if answer is None:
        raise Refused(f"no case {case_no} in the accepted batches")
    if as_json:
        print_json(answer)
        return
    click.echo(f"{answer['case_no']}  {answer['unit']}  {answer['state'] or ''}")
    for event in answer["events"]:
        click.echo(f"  {event['at']}  {event['event']}")
    for line in answer["clocks"]:
        times = f"{line['business_seconds']} s working, {line['calendar_seconds']} s"
        click.echo(f"  {line['clock']}: {times} {line['reason'] or ''}".rstrip())


commands: list[click.Command] = [metrics, clock, record]
