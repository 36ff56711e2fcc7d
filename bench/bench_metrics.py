"""Metrics by unit and month over two million cases against the same counts as one hand-written DuckDB query.

Both start from the stored parts: the product builds its facts and counts, the query counts straight from the files.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.make_cases import make_instance
from bench.measure import Ratio, report, run_apart

CASES = 2_000_000
CODES = ("n_received", "n_replied", "n_closed", "n_excluded", "R5", "H9", "H1.strict", "H4", "H6")

HAND_WRITTEN = """
WITH newest AS (
  SELECT * FROM read_parquet('{parts}/*.parquet')
  QUALIFY row_number() OVER (PARTITION BY register, case_no ORDER BY exported_at DESC, row_no DESC) = 1
)
SELECT unit, date_trunc('month', received_at) AS month, count(*) AS received,
  count(*) FILTER (first_response_at IS NOT NULL) AS replied, count(*) FILTER (closed_at IS NOT NULL) AS closed,
  count(*) FILTER (is_excluded = 1) AS excluded, count(*) FILTER (closed_at <= due_at) AS met,
  count(*) FILTER (closed_at > due_at) AS missed,
  count(*) FILTER (closed_at IS NULL AND due_at < TIMESTAMP '2025-01-10') AS overdue,
  count(*) FILTER (n_reworks > 0 OR n_closings > 1) AS reworked, count(*) FILTER (n_returns > 0) AS returned,
  quantile_disc(epoch(closed_at - received_at), 0.5) AS median,
  quantile_disc(epoch(closed_at - received_at), 0.9) AS p90
FROM newest GROUP BY unit, month ORDER BY unit, month
"""


def ratios() -> list[Ratio]:
    """Facts and counts of the product against the hand-written query over the same files."""
    with tempfile.TemporaryDirectory() as folder:
        make_instance(Path(folder), CASES).close()
        bare = run_apart("bench.bench_metrics", "bare", folder)
        cold = run_apart("bench.bench_metrics", "product", folder)
        warm = run_apart("bench.bench_metrics", "product", folder)
    if not bare.answer["received"] == cold.answer["received"] == warm.answer["received"]:
        raise RuntimeError(f"the counts differ: {bare.answer} {cold.answer}")
    return [
        Ratio("counts by unit and month of 2 million cases from prepared facts / one hand-written query", warm.seconds,
              bare.seconds, 2.0),
        Ratio("the same with the facts built first", cold.seconds, bare.seconds, 12.0, note="built once per content"),
    ]  # fmt: skip


def _bare(folder: str) -> dict:
    import duckdb

    rows = duckdb.execute(HAND_WRITTEN.format(parts=f"{folder}/parts/responses")).fetchall()
    return {"received": sum(row[2] for row in rows)}


def _product(folder: str) -> dict:
    from pipeline.numbers.counting import metric_values
    from records.instance import Instance

    answer = metric_values(Instance.open(Path(folder)), period="2024", by=("unit", "month"), codes=CODES, scope="all")
    return {"received": int(sum(r.numerator or 0 for r in answer.rows if r.metric == "n_received" and r.unit))}


if __name__ == "__main__":
    work = {"bare": _bare, "product": _product}[sys.argv[1]]
    report(lambda: work(sys.argv[2]))
