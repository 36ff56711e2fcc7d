"""Run the benches: `python -m bench [NAME ...]` prints a table of ratios and ends with 1 when a target is missed."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from bench.measure import Ratio, machine


def names() -> list[str]:
    """The benches of this folder."""
    return sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))


def line(ratio: Ratio) -> str:
    """One row of the table of docs/benchmarks.md."""
    verdict = "met" if ratio.is_met else "missed"
    both = f"{ratio.product:.2f} / {ratio.yardstick:.2f} {ratio.unit}"
    return f"| {ratio.name} | {both} | {ratio.value:.2f} | ≤ {ratio.target:g} | {verdict} | {ratio.note} |"


def main() -> int:
    """Run the named benches, or all."""
    print(f"{machine()}\n\n| what | product / yardstick | ratio | target | | note |")
    print("| --- | --- | --- | --- | --- | --- |")
    missed = False
    for name in sys.argv[1:] or names():
        for ratio in import_module(f"bench.bench_{name}").ratios():
            print(line(ratio), flush=True)
            missed |= not ratio.is_met
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
