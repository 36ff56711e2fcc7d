"""False flags and power of every detector over fresh cities, as the table of docs/integrity.md.

`python -m bench.false_flags 7001 7040`: seeds nobody has looked at while a threshold was chosen.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tests.integrity.honest_city import Run, run


def table(runs: Sequence[Run]) -> str:
    """By detector: honest units flagged, by the textbook, planted units found."""
    lines = ["| detector | honest units flagged | by the textbook | planted units found |", "| --- | --- | --- | --- |"]
    for key in sorted(runs[0].rates):
        mine = [r.rates[key] for r in runs]
        honest, false = sum(m.honest for m in mine), sum(m.false_flags for m in mine)
        naive = sum(m.naive_flags for m in mine)
        beside = f"{naive / sum(r.honest for r in runs):.1%}" if naive or mine[0].has_textbook else "—"
        found, planted = sum(m.found for m in mine), sum(m.planted for m in mine)
        lines.append(f"| {key} | {false} ({false / honest:.2%}) | {beside} | {found / planted:.0%} |")
    return "\n".join(lines)


def summary(runs: Sequence[Run]) -> str:
    """All detectors together: honest units with any finding, the worst run, the textbook, units named."""
    honest, flagged = sum(r.honest for r in runs), sum(r.flagged for r in runs)
    worst = max(runs, key=lambda r: r.flagged_share)
    textbook = sum(r.flagged_by_textbook for r in runs)
    return (
        f"{len(runs)} runs, {honest:,} honest units: {flagged} with any finding ({flagged / honest:.2%}), the worst "
        f"run {worst.flagged} of {worst.honest} ({worst.flagged_share:.1%}); by the textbook {textbook:,} "
        f"({textbook / honest:.0%}); named {sum(r.named for r in runs)}"
    )


def main(first: int, last: int) -> None:
    """Run the cities of the seeds and print both."""
    runs = [run(seed) for seed in range(first, last + 1)]
    print(summary(runs), table(runs), sep="\n\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
