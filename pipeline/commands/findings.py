"""`wenxiao findings`, `sample`, `demands`: what needs a second look, who is called back, what people share."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from pipeline.commands.common import instance_from, json_option, print_json, print_table

period_option = click.option("--period", required=True, help="2024, 2024Q3, 2024-03, 2024-02-19..2024-03-18 or all.")


@click.command("findings")
@period_option
@click.option("--detector", help="Only one detector, as D08, or one pattern of it, as D08.heaping.")
@click.option(
    "--scheme",
    help="Scheme whose [[detector]] tables set the thresholds; by default that of the newest assessment of the period.",
)
@json_option
@click.pass_context
def findings_command(ctx: click.Context, period: str, detector: str | None, scheme: str | None, as_json: bool) -> None:
    """Findings of a period, strongest first. Not verified; no effect on any score.

    Example: wenxiao findings --period 2024 --detector D02 --json
    """
    from pipeline.integrity.findings import find, store
    from pipeline.numbers.counting import unit_names

    instance = instance_from(ctx)
    names = unit_names(instance)
    rows: list[dict[str, Any]] = [
        {
            "id": number, "detector": f.detector, "variant": f.variant, "unit": f.unit,
            "unit_name": names.get(f.unit, f.unit), "named": f.named, "is_ticket": f.is_ticket,
            "count": f.count, "n": f.n, "value": f.value, "expected": f.expected, "p_adjusted": f.p_adjusted,
            "sentence": f.sentence, "case_nos": [case_no for _, case_no in f.case_keys], "state": state,
        }
        for number, f, state in store(instance, period, find(instance, period, scheme=scheme), scheme=scheme)
        if detector in (None, f.detector, f.key)
    ]  # fmt: skip
    if as_json:
        print_json({"period": period, "findings": rows})
    else:
        shown = [{**row, "sentence": row["sentence"]["zh"]} for row in rows]
        print_table(shown, ["id", "detector", "unit_name", "named", "sentence", "state"])


@click.command("sample")
@period_option
@click.option("--size", type=click.IntRange(1), help="Cases to draw; by default as many as a margin of 5 points needs.")
@click.option("--seed", type=int, default=0, show_default=True)
@json_option
@click.pass_context
def sample_command(ctx: click.Context, period: str, size: int | None, seed: int, as_json: bool) -> None:
    """Closed cases to be called back: 70 % named by findings, 30 % at random, in random order.

    Example: wenxiao sample --period 2024 --size 400 --seed 7 --json
    """
    from pipeline.integrity.sampling import verification_sample

    drawn = verification_sample(instance_from(ctx), period, size=size, seed=seed)
    if as_json:
        print_json({"seed": seed, "size": len(drawn), "cases": [asdict(d) for d in drawn]})
    else:
        print_table([asdict(d) for d in drawn], ["case_no", "unit"])


@click.command("precision")
@click.option("--population", type=click.IntRange(1), required=True, help="How many cases or people there are.")
@click.option("--margin", type=click.FloatRange(0, 0.5, min_open=True), default=0.05, show_default=True,
              help="Wanted margin as a fraction: 0.04 is four points.")  # fmt: skip
@click.option("--answers", type=click.IntRange(1), help="How many answered, for the margin that has been reached.")
@json_option
def precision_command(population: int, margin: float, answers: int | None, as_json: bool) -> None:
    """How many answers a survey needs, and how sure the answers it has are (95 %, worst case of one half).

    Example: wenxiao precision --population 7271 --margin 0.04
    """
    from metrics.statistics.interval import required_n, survey_margin

    if answers is not None and answers > population:
        raise click.UsageError(f"{answers} answers are more than the population of {population}")
    found = {
        "population": population, "margin": margin, "required": required_n(population, margin), "answers": answers,
        "reached": None if answers is None else survey_margin(answers, population),
        "reached_without_correction": None if answers is None else survey_margin(answers),
    }  # fmt: skip
    if as_json:
        print_json(found)
    else:
        print_table([found], list(found))


@click.command("demands")
@period_option
@click.option("--unit", help="Only the cases of one unit.")
@json_option
@click.pass_context
def demands_command(ctx: click.Context, period: str, unit: str | None, as_json: bool) -> None:
    """Demands that several cases share: people, cases, likes, time span, place and an example.

    Example: wenxiao demands --period 2024Q3 --json
    """
    from pipeline.numbers.demands import shared_demands

    found = shared_demands(instance_from(ctx), period, unit=unit)
    if as_json:
        print_json({"period": period, "demands": [asdict(d) for d in found]})
    else:
        print_table([asdict(d) for d in found[:50]], ["people", "cases", "likes", "category", "place", "example"])


@click.command("surges")
@click.option("--period", help="Complete weeks of a period; by default the last four weeks before the cut-off.")
@json_option
@click.pass_context
def surges_command(ctx: click.Context, period: str | None, as_json: bool) -> None:
    """Topics that grew beyond the same weeks of other years and the weeks before. Counts only, nothing of persons.

    Example: wenxiao surges --period 2024Q3 --json
    """
    from pipeline.numbers.surges import early_notices
    from records.access import OPERATOR

    found = early_notices(instance_from(ctx), viewer=OPERATOR, period=period)
    if as_json:
        print_json(asdict(found))
    else:
        print_table([asdict(n) for n in found.notices], ["first", "category", "place", "count", "usual", "ratio"])


commands = [findings_command, sample_command, demands_command, surges_command, precision_command]
