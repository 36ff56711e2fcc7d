"""Metrics by unit and month over two million cases against the same counts as one hand-written DuckDB query.

Both start from the stored parts: the product builds its facts and counts, the query counts straight from the files.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

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

GENERATED = """
WITH base AS (
  SELECT i, TIMESTAMP '2024-01-01' + to_seconds(CAST(hash(i) % 31622400 AS BIGINT)) AS received,
         CAST(hash(i + 1) % 1209600 AS BIGINT) AS wait, CAST(hash(i + 2) % 100 AS INTEGER) AS luck
  FROM range({first}, {last}) AS numbers(i)
)
SELECT {columns} FROM base ORDER BY unit, received_at
"""

VALUES = {
    "register": "'main'", "case_no": "'c' || lpad(CAST(i AS VARCHAR), 9, '0')",
    "unit": "'u' || lpad(CAST(i % 500 AS VARCHAR), 3, '0')", "channel": "'hotline'", "case_type": "'complaint'",
    "category": "'k' || CAST(i % 15 AS VARCHAR)", "state": "CASE WHEN luck < 95 THEN 'closed' ELSE 'open' END",
    "received_at": "received", "received_at_is_date": "0",
    "first_response_at": "CASE WHEN luck < 97 THEN received + to_seconds(wait // 2) END",
    "closed_at": "CASE WHEN luck < 95 THEN received + to_seconds(wait) END", "closed_at_is_date": "0",
    "due_at": "received + INTERVAL 10 DAY", "due_at_is_date": "0", "dispatched_at": "received",
    "is_excluded": "CASE WHEN luck = 3 THEN 1 ELSE 0 END", "n_returns": "CASE WHEN luck = 7 THEN 1 ELSE 0 END",
    "n_reworks": "CASE WHEN luck = 9 THEN 1 ELSE 0 END", "n_closings": "1",
    "rating": "CASE WHEN luck < 40 THEN 4 WHEN luck < 45 THEN 2 END", "reply_length": "luck + 40",
    "exported_at": "TIMESTAMP '2025-01-10'", "batch": "0", "row_no": "CAST(i % 200000 AS INTEGER)",
}  # fmt: skip


def ratios() -> list[Ratio]:
    """Facts and counts of the product against the hand-written query over the same files."""
    with tempfile.TemporaryDirectory() as folder:
        make_instance(Path(folder), CASES, CASES // 10)
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


def make_instance(folder: Path, cases: int, rows_a_part: int) -> None:
    """An instance with generated cases of 500 units over twelve months, in parts, adopted as any import."""
    from records.clock import now
    from records.engine import Engine
    from records.instance import Instance
    from records.models import Batch, PeerGroup, Unit
    from records.parts import adopt
    from records.vocabulary import CASE_COLUMNS, Kind

    instance = Instance.open(folder)
    columns = ", ".join(f"CAST({VALUES.get(c.name, 'NULL')} AS {c.type.value}) AS {c.name}" for c in CASE_COLUMNS)
    with instance.session() as session:
        session.add_all(PeerGroup(code=f"g{i}", title=f"第{i}组") for i in range(5))
        session.flush()
        session.add_all(Unit(code=f"u{i:03d}", name=f"单位{i:03d}", peer_group=f"g{i % 5}") for i in range(500))
    for number, first in enumerate(range(0, cases, rows_a_part), 1):
        staged = instance.staging_folder / "part.parquet"
        text = GENERATED.format(first=first, last=min(first + rows_a_part, cases), columns=columns)
        Engine(instance).write(text, {}, staged)
        with instance.session() as session:
            session.add(Batch(id=number, kind="responses", state="checked", file_name=f"part{number}", made_by="bench",
                              made_at=now()))  # fmt: skip
            session.flush()
            adopt(instance, session, staged, Kind.RESPONSES, number)
        staged.unlink()


def _bare(folder: str) -> dict:
    import duckdb

    rows = duckdb.sql(HAND_WRITTEN.format(parts=f"{folder}/parts/responses")).fetchall()
    return {"received": sum(row[2] for row in rows)}


def _product(folder: str) -> dict:
    from pipeline.counting import metric_values
    from records.instance import Instance

    answer = metric_values(Instance.open(Path(folder)), period="2024", by=("unit", "month"), codes=CODES, scope="all")
    return {"received": int(sum(r.numerator or 0 for r in answer.rows if r.metric == "n_received" and r.unit))}


if __name__ == "__main__":
    work = {"bare": _bare, "product": _product}[sys.argv[1]]
    report(lambda: work(sys.argv[2]))
