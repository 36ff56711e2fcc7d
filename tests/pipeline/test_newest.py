"""The index of newest observations, made at once or grown batch by batch, equals the plain statement over all rows."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from records.current import current_cases, current_text
from records.engine import Engine
from records.instance import Instance
from records.newest import rows_view
from records.parts import accepted_parts, withdraw
from records.vocabulary import Kind
from tests.metrics.rows import case_row
from tests.pipeline.test_counting import adopt_rows

NAMES = ("month", "again_at", "register", "case_no", "batch", "row_no")


def observations(seed: int, count: int) -> list[dict[str, Any]]:
    """Records seen up to three times, some at one cut-off or without; persons and receipts may change."""
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        received = datetime(2025, draw.choice([1, 1, 1, 2, 3]), 1) + timedelta(minutes=37 * i)
        rows += [
            case_row(
                f"c{i}", received if draw.random() < 0.9 else datetime(2025, 4, 5, 8, i % 60), row_no=len(rows) + seen,
                register=draw.choice(["r", "r", "s", None]), person_token=draw.choice(["a", "b", "c", None]),
                category=draw.choice(["road", "water", None]), closed_at=draw.choice([None, "2025-03-09 10:00"]),
                exported_at=draw.choice([None, datetime(2025, 3, 1), datetime(2025, 3, 8)]),
            )
            for seen in range(draw.randrange(1, 4))
        ]  # fmt: skip
    draw.shuffle(rows)
    return rows


def newest(instance: Instance) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The current cases by way of the index, and by the plain statement."""
    with instance.session() as session:
        parts = accepted_parts(session, Kind.RESPONSES)
    current = current_cases(instance, parts)
    indexed = Engine(instance).run(f"SELECT {', '.join(NAMES)} FROM current_cases", {"current_cases": current.view()})
    plain = Engine(instance).run(current_text(NAMES), {"cases": rows_view(instance, parts)})
    assert sum(month.rows for month in current.months) == len(plain)
    return sorted(map(str, indexed)), sorted(map(str, plain))


def recorded(instance: Instance) -> Any:
    with instance.session() as session:
        return current_cases(instance, accepted_parts(session, Kind.RESPONSES)).recorded


def test_index_made_at_once_and_grown_batch_by_batch(tmp_path: Path) -> None:
    rows = observations(5, 90)
    grown, whole = Instance.open(tmp_path / "grown"), Instance.open(tmp_path / "whole")
    for first in range(0, len(rows), 40):
        piece = rows[first : first + 40]
        adopt_rows(grown, piece, Kind.RESPONSES, f"piece{first}")
        adopt_rows(whole, piece, Kind.RESPONSES, f"piece{first}")
        indexed, plain = newest(grown)  # the batches before are the base of this one
        assert indexed == plain
    assert len(list((grown.facts_folder / "index").glob("*.json"))) > 1
    assert newest(whole) == newest(grown)
    assert recorded(whole) == recorded(grown)


def test_index_after_a_batch_is_withdrawn(tmp_path: Path) -> None:
    instance = Instance.open(tmp_path / "instance")
    rows = observations(6, 60)
    numbers = [adopt_rows(instance, rows[i::3], Kind.RESPONSES, f"piece{i}") for i in range(3)]
    before = newest(instance)
    with instance.session() as session:
        withdraw(session, numbers[1], by="ann", why="wrong file")
    indexed, plain = newest(instance)
    assert indexed == plain
    assert (indexed, plain) != before


def test_a_batch_of_strangers_leaves_the_files_of_other_months(tmp_path: Path) -> None:
    instance = Instance.open(tmp_path / "instance")
    adopt_rows(instance, [case_row(f"{m}", f"2025-0{m}-03 09:00") for m in (1, 2, 3)], Kind.RESPONSES)
    newest(instance)
    old = {path.name for path in (instance.facts_folder / "index").glob("2*.parquet")}
    adopt_rows(instance, [case_row("9", "2025-02-04 09:00")], Kind.RESPONSES, "more")
    newest(instance)
    new = {path.name for path in (instance.facts_folder / "index").glob("2*.parquet")} - old
    assert {name[:6] for name in new} == {"202502"}
