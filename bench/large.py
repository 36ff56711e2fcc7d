"""Ten million cases: `make bench-large` or `python -m bench.large [CASES]`; the ratios of one run, nothing is left.

Each line runs in a process of its own over the same generated parts. `WENXIAO_BENCH_FOLDER` names where they are put.
The yardstick of pandas computes the same set of values, and how many of them differ from the product's is printed.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.measure import PROJECT, Ratio, machine, peak_mb, report, run_apart

CASES = 10_000_000
PERIOD = "2024"
CLOCKS = {"received": "received_at", "signed": "signed_at", "dispatched": "dispatched_at",
          "responded": "first_response_at", "closed": "closed_at"}  # fmt: skip
KEYS, NUMBERS = ["month", "unit", "metric"], ["value", "low", "high"]
ALIASES = {"received": "d", "signed": "s", "dispatched": "x", "responded": "r", "closed": "z"}


def ratios(cases: int, folder: Path) -> list[Ratio]:
    """Facts, metrics from facts, one corrected month, memory and pages."""
    from bench.bench_months import _correct
    from bench.make_cases import make_instance

    started = time.perf_counter()
    make_instance(folder, cases).close()
    print(f"{cases:,} cases generated in {time.perf_counter() - started:.0f} s\n", flush=True)
    built = run_apart("bench.bench_months", "build", str(folder))
    run_apart("bench.large", "prepare", str(folder))
    by_hand = run_apart("bench.large", "by_hand", str(folder))
    differing = run_apart("bench.large", "compare", str(folder)).answer["differing"]
    warm = run_apart("bench.large", "metrics", str(folder))
    pandas = run_apart("bench.large", "pandas", str(folder))
    from_parts = run_apart("bench.large", "pandas_from_parts", str(folder))
    agreed, agreed_from_parts = (
        run_apart("bench.large", "agree", str(folder), name).answer for name in ("pandas", "pandas_from_parts")
    )
    _correct(folder)
    again = run_apart("bench.bench_months", "build", str(folder))
    pages = run_apart("bench.bench_months", "pages", str(folder))
    note = f"columns that differ: {', '.join(differing) or 'none'}"
    pages_note = f"first page of a changed month {pages.answer['first']:.1f} s"
    cold = built.seconds + warm.seconds
    return [
        Ratio("facts / the best hand-written DuckDB statement", built.seconds, by_hand.seconds, 1.25, note=note),
        Ratio("every metric from facts / from raw parts", warm.seconds, cold, 0.5),
        Ratio("every metric from facts / the same by pandas from the same facts", warm.seconds, pandas.seconds, 1 / 8,
              note=_told(agreed)),
        Ratio("every metric from facts / the same by pandas from raw parts", warm.seconds, from_parts.seconds, 1 / 8,
              note=_told(agreed_from_parts)),
        Ratio("every metric from raw parts / the same by pandas from raw parts", cold, from_parts.seconds, 1 / 8,
              note=f"pandas held {from_parts.peak_mb:,.0f} MB"),
        Ratio("one month after a correction / all", again.seconds, built.seconds, 1 / 8,
              note=f"months written: {again.answer['written']}"),
        Ratio("peak memory from raw parts / 4 GB", built.peak_mb, 4096, 1.0, "MB"),
        Ratio("peak memory from facts / 1.5 GB", warm.peak_mb, 1536, 1.0, "MB"),
        Ratio("page of 50, p95 / 100 ms", pages.answer["p95"], 0.1, 1.0, note=pages_note),
    ]  # fmt: skip


def _told(agreed: dict) -> str:
    return f"{agreed['values']:,} values, {agreed['differing']} differ {' '.join(agreed['metrics'])}".strip()


def by_hand(folder: str) -> dict:
    """The hand-written facts, one file for each month as the product writes them; returns where they lie."""
    import duckdb

    target = Path(folder) / "scratch" / "by_hand"
    connection = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(Path(folder) / "scratch")})
    connection.execute("SET partitioned_write_flush_threshold = 131072")
    options = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480, PARTITION_BY (month), WRITE_PARTITION_COLUMNS"
    statement = (Path(folder) / "scratch" / "by_hand.sql").read_text("utf-8")
    connection.execute(f"COPY ({statement}) TO '{target}' ({options})")
    return {}


def prepare(folder: str) -> dict:
    """The statement written by hand, with the day table and the numbers of the batches beside it; not timed."""
    (Path(folder) / "scratch" / "by_hand.sql").write_text(_statement(Path(folder)), "utf-8")
    return {}


def _statement(folder: Path) -> str:
    import duckdb
    import pandas

    from metrics.clocks.daytable import day_number
    from pipeline.numbers.counting import build_facts
    from records.instance import Instance

    instance = Instance.open(folder)
    facts = build_facts(instance)
    if facts.as_of is None:
        raise RuntimeError("no cases")
    days, batches = folder / "scratch" / "days.parquet", folder / "scratch" / "batches.parquet"
    connection = duckdb.connect()
    frame = pandas.DataFrame(facts.days).convert_dtypes()
    files = sorted((folder / "parts" / "responses").glob("*.parquet"))
    paths = pandas.DataFrame({"path": [str(path) for path in files], "batch": [int(path.name[:6]) for path in files]})
    connection.register("frame", frame)
    connection.register("paths", paths)
    connection.execute(f"COPY frame TO '{days}' (FORMAT parquet)")
    connection.execute(f"COPY paths TO '{batches}' (FORMAT parquet)")
    intervals = sum(name.startswith("start_") for name in facts.days)
    row = day_number(facts.as_of.date()) - facts.days["day"][0]
    second = facts.as_of.hour * 3600 + facts.as_of.minute * 60 + facts.as_of.second
    spans = [(facts.days[f"start_{i}"][row], facts.days[f"end_{i}"][row]) for i in range(1, intervals + 1)]
    work = {f"work_{name}": _work(ALIASES[name], f"c.{time}", intervals) for name, time in CLOCKS.items()}
    return (PROJECT / "bench" / "facts.sql").read_text("utf-8").format(
        parts=f"{folder}/parts/responses/*.parquet", batches=batches, days=days,
        as_of_day=day_number(facts.as_of.date()), as_of_second=day_number(facts.as_of.date()) * 86_400 + second,
        as_of_work=facts.days["before_day"][row] + sum(min(max(second, a), b) - a for a, b in spans), **work,
    )  # fmt: skip


def _work(alias: str, moment: str, intervals: int) -> str:
    second = f"CAST(epoch({moment}) AS BIGINT) % 86400"
    parts = [f"greatest(least({second}, {alias}.end_{i}) - {alias}.start_{i}, 0)" for i in range(1, intervals + 1)]
    return " + ".join(parts)


def compare(folder: str) -> dict:
    """Columns whose rows differ between the product's facts and the hand-written ones."""
    import duckdb

    from records.columns import FACT_COLUMNS

    mine, other = f"{folder}/facts/2*.parquet", f"{folder}/scratch/by_hand/*/*.parquet"
    names = [column.name for column in FACT_COLUMNS]
    sums = ", ".join(f"bit_xor(hash(case_no, CAST({name} AS VARCHAR)))" for name in names)
    text = f"SELECT count(*), {sums} FROM read_parquet("
    found = [duckdb.execute(f"{text}'{path}')").fetchall()[0] for path in (mine, other)]
    pairs = zip(["rows", *names], *found, strict=True)
    return {"differing": [name for name, a, b in pairs if a != b]}


def metrics(folder: str) -> dict:
    """Every metric by unit and month; what it gave is kept for the comparison once the clock has stopped."""
    started = time.perf_counter()
    from pipeline.numbers.counting import metric_values
    from records.instance import Instance

    answer = metric_values(Instance.open(Path(folder)), period=PERIOD, by=("unit", "month"))
    measured = {"seconds": time.perf_counter() - started, "peak_mb": peak_mb(), "values": len(answer.rows)}
    import pandas

    from bench.by_pandas import MEAN, WHOLE

    names = {"pooled": WHOLE, "mean_of_units": MEAN}
    rows = [(v.period, names[v.total] if v.total else v.unit, v.metric, v.value, v.low, v.high) for v in answer.rows
            if v.value is not None]  # fmt: skip
    pandas.DataFrame(rows, columns=[*KEYS, *NUMBERS]).to_pickle(_kept(folder, "product"))
    return measured


def pandas_metrics(folder: str) -> dict:
    """The same by pandas, from the product's facts."""
    started = time.perf_counter()
    from bench.by_pandas import every_metric

    return _by_pandas(folder, "pandas", every_metric, started)


def pandas_from_parts(folder: str) -> dict:
    """The same by pandas, from the raw parts and the calendar."""
    started = time.perf_counter()
    from bench.by_pandas import every_metric_from_parts

    return _by_pandas(folder, "pandas_from_parts", every_metric_from_parts, started)


def _by_pandas(folder: str, name: str, work: Callable[..., Any], started: float) -> dict:
    found = work(folder, int(PERIOD), in_minutes=_is_in_minutes(folder))
    measured = {"seconds": time.perf_counter() - started, "peak_mb": peak_mb(), "values": len(found)}
    found.to_pickle(_kept(folder, name))
    return measured


def _is_in_minutes(folder: str) -> bool:
    import duckdb

    from pipeline.numbers.case_times import SECONDS_UP_TO

    found = duckdb.execute(f"SELECT count(*) FROM read_parquet('{folder}/facts/2*.parquet')").fetchall()
    return found[0][0] > SECONDS_UP_TO


def _kept(folder: str, name: str) -> Path:
    return Path(folder) / "scratch" / f"{name}.pickle"


def agree(folder: str, name: str) -> dict:
    """How many values the product and pandas gave, and how many of them differ by more than rounding."""
    import numpy
    import pandas

    tables = [pandas.read_pickle(_kept(folder, kept)).astype({"metric": str}) for kept in ("product", name)]
    both = tables[0].merge(tables[1], how="outer", on=KEYS, suffixes=("", "_other"), indicator=True)
    differs = both["_merge"] != "both"
    for name in NUMBERS:
        one, other = (both[n].astype(float).replace(numpy.inf, numpy.nan) for n in (name, f"{name}_other"))
        differs |= ~numpy.isclose(one, other, rtol=1e-9, atol=1e-9, equal_nan=True)
    return {"values": len(both), "differing": int(differs.sum()), "metrics": sorted(set(both[differs]["metric"]))}


def main() -> int:
    """Generate, measure, print; 1 when a target is missed."""
    from bench.__main__ import line

    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory(dir=os.environ.get("WENXIAO_BENCH_FOLDER")) as folder:
        print(f"{machine()}", flush=True)
        found = ratios(cases, Path(folder))
        print("| what | product / yardstick | ratio | target | | note |\n| --- | --- | --- | --- | --- | --- |")
        for ratio in found:
            print(line(ratio), flush=True)
    return int(not all(ratio.is_met for ratio in found))


WORK: dict[str, Callable[..., dict]] = {
        "prepare": prepare, "by_hand": by_hand, "compare": compare, "metrics": metrics, "pandas": pandas_metrics,
        "pandas_from_parts": pandas_from_parts, "agree": agree}  # fmt: skip

if __name__ == "__main__":
    if len(sys.argv) > 2:
        report(lambda: WORK[sys.argv[1]](*sys.argv[2:]))
    else:
        sys.exit(main())
