"""Generated cases in parts, as an import writes them: `python -m bench.make_cases FOLDER [CASES]`.

500 units over the twelve months of 2024, one export a week. A tenth of the cases is still open in its first export
and comes again, closed, in the next one. Equal arguments give equal rows.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from records.clock import now
from records.engine import Engine
from records.instance import Instance
from records.models import Batch, PeerGroup, Unit
from records.parts import adopt
from records.vocabulary import CASE_COLUMNS, Kind

UNITS, GROUPS, EXPORTS = 500, 5, 52
START, WEEK = datetime(2024, 1, 1), timedelta(days=7)
SECONDS_A_WEEK = 7 * 86_400

GENERATED = """
WITH numbers AS (SELECT i, false AS is_second FROM range({first}, {last}) AS fresh(i)
                 UNION ALL SELECT i, true FROM range({before}, {first}) AS earlier(i) WHERE hash(i, 4) % 10 = 0),
drawn AS (
  SELECT i, is_second OR hash(i, 4) % 10 <> 0 AS is_settled,
         TIMESTAMP '{start}' + to_seconds(CAST(i // {a_week} * {week} + hash(i) % {week} AS BIGINT)) AS received,
         CAST(hash(i, 1) % 1209600 AS BIGINT) AS wait, CAST(hash(i, 2) % 100 AS INTEGER) AS luck,
         hash(i, 3) % {persons} AS person, CAST(hash(i, 5) % {units} AS INTEGER) AS unit_no
  FROM numbers
)
SELECT {columns} FROM drawn ORDER BY unit, received_at
"""

CLOSED = "is_settled AND luck < 95"
VALUES = {
    "register": "'main'", "case_no": "'2024' || lpad(CAST(i AS VARCHAR), 10, '0')",
    "unit": "'u' || lpad(CAST(unit_no AS VARCHAR), 3, '0')",
    "channel": "CASE WHEN luck % 4 = 0 THEN 'website' ELSE 'hotline' END",
    "case_type": "CASE WHEN luck % 3 = 0 THEN 'inquiry' ELSE 'complaint' END",
    "urgency": "CASE WHEN luck = 50 THEN 'urgent' ELSE 'normal' END",
    "category": "'k' || CAST(hash(i, 6) % 15 AS VARCHAR)",
    "title": "'反映第' || CAST(i % 9973 AS VARCHAR) || '号路灯不亮'",
    "content": "'夜间行走不便，请尽快修复，地点在' || CAST(i % 7919 AS VARCHAR) || '号院门口。'",
    "state": f"CASE WHEN {CLOSED} THEN 'closed' ELSE 'open' END",
    "outcome": f"CASE WHEN {CLOSED} AND luck < 70 THEN 'resolved' WHEN {CLOSED} THEN 'partly' END",
    "received_at": "received", "received_at_is_date": "0", "dispatched_at": "received + to_seconds(wait // 100)",
    "dispatched_at_is_date": "0", "signed_at": "received + to_seconds(wait // 50)", "signed_at_is_date": "0",
    "first_response_at": "CASE WHEN is_settled AND luck < 97 THEN received + to_seconds(wait // 2) END",
    "first_response_at_is_date": "0",
    "closed_at": f"CASE WHEN {CLOSED} THEN received + to_seconds(wait) END", "closed_at_is_date": "0",
    "due_at": "received + INTERVAL 10 DAY", "due_at_is_date": "0",
    "reply_text": "CASE WHEN is_settled THEN '您好，经核实，您反映的问题已由' || CAST(unit_no AS VARCHAR) "
    "|| '号单位处理完毕，编号' || CAST(i % 100003 AS VARCHAR) || '，感谢监督。' END",
    "reply_fingerprint": "CASE WHEN is_settled THEN lpad(to_hex(CASE WHEN luck < 30 THEN hash(unit_no, luck) "
    "ELSE hash(i, 7) END), 16, '0') END",
    "reply_length": "CASE WHEN is_settled THEN 40 + luck END",
    "person_token": "CASE WHEN luck <> 60 THEN lpad(to_hex(hash(person, 8)), 16, '0') || "
    "lpad(to_hex(hash(person, 9)), 16, '0') END",
    "contacted": "CASE WHEN luck < 80 THEN 1 WHEN luck < 90 THEN 0 END", "valid_follow_up": "1",
    "resolved": f"CASE WHEN NOT ({CLOSED}) THEN NULL WHEN luck < 66 THEN 'yes' WHEN luck < 80 THEN 'no' END",
    "rating": f"CASE WHEN {CLOSED} AND luck < 45 THEN 1 + luck % 5 END",
    "is_excluded": "CASE WHEN luck = 3 THEN 1 ELSE 0 END", "is_public_reply": "luck % 2",
    "n_returns": "CASE WHEN luck = 7 THEN 1 ELSE 0 END", "n_reworks": "CASE WHEN luck = 9 THEN 1 ELSE 0 END",
    "n_closings": "1", "row_hash": "lpad(to_hex(hash(i, is_settled)), 16, '0')",
    "exported_at": "TIMESTAMP '{exported}'", "batch": "0", "row_no": "CAST(row_number() OVER () AS INTEGER)",
}  # fmt: skip


def make_instance(folder: Path, cases: int, *, exports: int = EXPORTS, units: int = UNITS) -> Instance:
    """An instance with this many cases in so many exports, adopted as any import is."""
    instance = Instance.open(folder)
    with instance.session() as session:
        session.add_all(PeerGroup(code=f"g{i}", title=f"第{i}组") for i in range(GROUPS))
        session.flush()
        session.add_all(Unit(code=f"u{i:03d}", name=f"单位{i:03d}", peer_group=f"g{i % GROUPS}") for i in range(units))
    a_week = -(-cases // exports)
    for number in range(exports):
        text = _part_text(number, a_week, cases, exports, units)
        add_part(instance, number + 1, text)
    return instance


def _part_text(number: int, a_week: int, cases: int, exports: int, units: int) -> str:
    first, last = number * a_week, min((number + 1) * a_week, cases)
    exported = START + WEEK * (EXPORTS / exports) * (number + 1) + timedelta(days=1)
    columns = ", ".join(f"CAST({VALUES.get(c.name, 'NULL')} AS {c.type.value}) AS {c.name}" for c in CASE_COLUMNS)
    return GENERATED.format(
        first=first, last=last, before=max(0, first - a_week), a_week=a_week, start=START, units=units,
        week=SECONDS_A_WEEK * EXPORTS // exports, persons=max(1, cases // 3),
        columns=columns.replace("{exported}", str(exported)),
    )  # fmt: skip


def add_part(instance: Instance, number: int, text: str, views: dict | None = None) -> None:
    """Write the answer of a statement as the part of a new batch."""
    staged = instance.staging_folder / "part.parquet"
    Engine(instance).write(text, views or {}, staged)
    with instance.session() as session:
        session.add(Batch(id=number, kind="responses", state="checked", file_name=f"part{number}", made_by="bench",
                          made_at=now()))  # fmt: skip
        session.flush()
        adopt(instance, session, staged, Kind.RESPONSES, number)
    staged.unlink()


if __name__ == "__main__":
    make_instance(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000).close()
