"""Findings as a reader may see them: what a few citizens answered is withheld, as on every other page.

Counts of single opinions go through the same rule as the small cells (`metrics.protection`): a count from 1 to k - 1 is
closed, and whatever would give it away with it. Who may read single answers sees everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from metrics.protection import hidden_cells, hides_share
from pipeline.numbers.small_cells import smallest_shown
from records.access import Viewer
from records.queries.findings import FindingRow

WITHHELD = "withheld"
OPINIONS = frozenset({"D05", "D06", "D07", "D12.unhappy_excluded"})
"""Detectors whose two counts say how many citizens were content and how many were not."""
SENTENCE = {
    "zh": "这条线索涉及少数群众的回答，为保护他们，件数和占比不显示。",
    "en": "This rests on the answers of a few citizens; to protect them its counts and shares are not shown.",
}


def for_reader(row: FindingRow, viewer: Viewer) -> FindingRow:
    """The finding without numbers that give a few citizens away, and without the raw evidence of answers.

    `evidence_for` makes the evidence that may be seen; the stored one goes to who may read single answers only.
    """
    document = closed_document(row, smallest_shown(viewer))
    return row if document is row.document else replace(row, document=document)


def closed_document(row: FindingRow, smallest: int) -> Mapping[str, Any]:
    """What is kept with a finding for a reader of counts from `smallest`; the thresholds it passed always stay."""
    kept = row.document.get("evidence", {})
    if smallest <= 1 or not (row.cases_show_answers or "second_key" in kept):
        return row.document
    document = {**row.document, "evidence": {"thresholds": kept["thresholds"]} if "thresholds" in kept else {}}
    if row.cases_show_answers:
        document["cases"] = []
    if row.key in OPINIONS and any(is_closed(n, hits, smallest) for n, hits in _pairs(row)):
        document |= {"sentence": SENTENCE, "count": None, "n": None, "value": None, "expected": None}
    return document


def _pairs(row: FindingRow) -> list[tuple[int, int]]:
    kept = row.document.get("evidence", {})
    if row.key == "D06":
        return [(kept[side][0], kept[side][1]) for side in ("own", "third") if side in kept]
    return [(row.document["n"], row.document["count"])]


def is_closed(n: int, hits: int, smallest: int) -> bool:
    """Whether `hits` of `n` answers, or their share, may not be told.

    >>> is_closed(40, 37, 5), is_closed(40, 30, 5), is_closed(8, 8, 5), is_closed(40, 40, 5), is_closed(3, 0, 5)
    (True, False, True, False, True)
    """
    if smallest <= 1:
        return False
    few = any(0 < part < smallest for part in (hits, n - hits))
    return 0 < n < smallest or few or (hits in (0, n) and hides_share(n))


def share_row(name: str, counts: Sequence[int], smallest: int) -> tuple[Any, ...]:
    """A line (name, answers, of these so many, share) from the two counts, with what may not be told closed."""
    n, hits = counts
    if not is_closed(n, hits, smallest):
        return name, n, hits, hits / n if n else None
    return name, n if n >= smallest else WITHHELD, WITHHELD, WITHHELD


def counts_row(counts: Sequence[int], smallest: int) -> list[Any]:
    """Counts of one whole that is known, the small ones closed and whatever betrays them."""
    if smallest <= 1 or not counts:
        return list(counts)
    (closed,) = hidden_cells([list(counts)], smallest)
    return [WITHHELD if is_hidden else n for n, is_hidden in zip(counts, closed, strict=True)]


def answers_row(n: int, parts: Sequence[int], smallest: int) -> list[Any]:
    """How many answers, and how many of them show each of several things."""
    return [n if smallest <= 1 or n >= smallest else WITHHELD,
            *(WITHHELD if is_closed(n, part, smallest) else part for part in parts)]  # fmt: skip
