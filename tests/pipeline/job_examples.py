"""Jobs for the tests: they write down what they did, so that a test can count it."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

from pipeline.house.jobs import Steps
from pipeline.importing import BatchConflict
from records.instance import Instance


def count(instance: Instance, steps: Steps, *, n: int, pause: float = 0.0) -> dict[str, int]:
    """Append one line for each of n steps to `steps.txt` of the instance."""
    steps.expect(n)
    for number in range(n):
        steps.step(f"step {number}", append, str(instance.folder / "steps.txt"), number, pause)
    return {"counted": n}


def append(path: str, number: int, pause: float) -> int:
    """Write the number, then wait: whoever kills the process in between finds the line twice afterwards."""
    with Path(path).open("a") as file:
        file.write(f"{number}\n")
    time.sleep(pause)
    return number


def collide(instance: Instance, steps: Steps, **_: Any) -> None:
    """A job that finds somebody else was faster."""
    steps.step("confirming", _be_slower)


def _be_slower() -> None:
    raise BatchConflict("li was faster", "others_were_faster", batch=3, by="li", at=dt.datetime(2025, 3, 1, 8, 30))


def fail(instance: Instance, steps: Steps, **_: Any) -> None:
    """A job that cannot be done."""
    raise ValueError("the file is gone;\n upload it again")
