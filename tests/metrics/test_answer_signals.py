"""The statements of the answer detectors over a few rows: who counts, who is flagged, and what is left without them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from metrics.counting.answer_signals import SIGNALS, durations_text, signals_text
from records.engine import Engine
from records.engine_views import Columns
from records.vocabulary import ANSWER_COLUMNS

TYPES = {column.name: column.type for column in ANSWER_COLUMNS}
NOON = datetime(2025, 3, 5, 12)


def _row(i: int, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(TYPES)
    plain = {
        "register": "r",
        "answer_no": str(i),
        "unit": "u",
        "source": "platform",
        "answered_at": NOON + timedelta(minutes=i),
    }
    return row | plain | {"rating": 3, "seconds_used": 90, "batch": 1, "row_no": i, "exported_at": NOON} | more


def _signals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    view = Columns({name: [row[name] for row in rows] for name in TYPES}, TYPES)
    unit, n, satisfied, *rest = Engine(None).run(signals_text("2025-01-01", "2026-01-01", 30), {"answers": view})[0]
    found = {name: (rest[2 * i], rest[2 * i + 1]) for i, name in enumerate(SIGNALS)}
    return {"unit": unit, "n": n, "satisfied": satisfied, **found, "left_out": tuple(rest[-2:])}


@pytest.mark.parametrize(("together", "flagged"), [(5, 5), (4, 0)])
def test_answers_of_one_device_on_one_day(together: int, flagged: int) -> None:
    rows = [_row(i, device_token="d", rating=5) for i in range(together)] + [_row(9, device_token="e")]
    assert _signals(rows)["same_source"] == (together + 1, flagged)


def test_flagged_answers_can_be_set_aside() -> None:
    rows = [_row(i, seconds_used=7, rating=5) for i in range(6)] + [_row(10 + i) for i in range(4)]
    found = _signals(rows)
    assert (found["n"], found["satisfied"], found["left_out"]) == (10, 6, (6, 6))


def test_newest_observation_of_an_answer_counts_once() -> None:
    newer = _row(1, rating=1, batch=2, exported_at=NOON + timedelta(days=1))
    assert (_signals([_row(1, rating=5), newer])["n"], _signals([_row(1, rating=5), newer])["satisfied"]) == (1, 0)


def test_durations_are_counted() -> None:
    view = Columns({n: [r[n] for r in (_row(1), _row(2), _row(3, seconds_used=10))] for n in TYPES}, TYPES)
    assert Engine(None).run(durations_text("2025-01-01", "2026-01-01"), {"answers": view}) == [(10, 1), (90, 2)]
