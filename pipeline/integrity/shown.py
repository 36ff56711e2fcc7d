"""Findings as a reader may see them: what a few citizens answered is withheld, as on every other page.

Counts of single opinions go through the same rule as the small cells (`metrics.disclosure.protection`): a count from 1
to k - 1 is closed, and whatever would give it away with it: share, peers, chance and strength are worked out from it.
Who may read single answers sees everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from integrity.rules.catalogue import percent
from metrics.disclosure.protection import hidden_cells, hides_share
from pipeline.numbers.small_cells import smallest_shown
from records.access import Viewer
from records.queries.findings import FindingRow

WITHHELD = "withheld"
OPINIONS = frozenset({"D05", "D06", "D07", "D14", "D14.fast", "D14.straight", "D14.text", "D14.burst", "D15"})
"""Detectors whose two counts say how many citizens did or said a thing and how many did not."""
RATING_TOTALS = frozenset({"D12.unhappy_excluded", "D13", "D13.default"})
"""Detectors whose counts are sums of the table of ratings, over excluded cases too: beside the rates on other pages
they tell the ratings of few, however large they are."""
CLOSED = "is_closed"
SENTENCE = {
    "zh": "这条线索涉及少数群众的回答，为保护他们，件数和占比不显示。",
    "en": "This rests on the answers of a few citizens; to protect them its counts and shares are not shown.",
}
PASSED = {
    "zh": ("该单位超过了阈值：{}。", "、", "比同类单位至少高出 {} 个百分点", "至少为同类单位的 {} 倍", "不少于 {} 件"),
    "en": ("The unit passed the thresholds: {}.", ", ", "at least {} points above its peers",
           "at least {} times its peers", "{} cases or more"),
}  # fmt: skip


def for_reader(row: FindingRow, viewer: Viewer) -> FindingRow:
    """The finding without numbers that give a few citizens away, and without the raw evidence of answers.

    `evidence_for` makes the evidence that may be seen; the stored one goes to who may read single answers only.
    """
    document = closed_document(row, smallest_shown(viewer))
    if document is row.document:
        return row
    return replace(row, document=document, strength=0.0 if document.get(CLOSED) else row.strength)


def closed_document(row: FindingRow, smallest: int) -> Mapping[str, Any]:
    """What is kept with a finding for a reader of counts from `smallest`; the thresholds it passed always stay."""
    kept = row.document.get("evidence", {})
    is_closed = counts_are_closed(row, smallest)
    if smallest <= 1 or not (is_closed or row.cases_show_answers or "second_key" in kept):
        return row.document
    document = {**row.document, "evidence": {"thresholds": kept["thresholds"]} if "thresholds" in kept else {}}
    if is_closed or row.cases_show_answers:
        document["cases"] = []
    if is_closed:
        told_by = ("count", "n", "value", "expected", "p_adjusted", "strength")
        document |= {**dict.fromkeys(told_by), "sentence": closed_sentence(kept), CLOSED: True}
    return document


def counts_are_closed(row: FindingRow, smallest: int) -> bool:
    """Whether a reader of counts from `smallest` gets neither the counts nor what is worked out of them."""
    if smallest <= 1:
        return False
    return row.key in RATING_TOTALS or (
        row.key in OPINIONS and any(is_closed(n, hits, smallest) for n, hits in _pairs(row))
    )


def closed_sentence(kept: Mapping[str, Any]) -> dict[str, str]:
    """The sentence of a finding whose counts are not told: that there is one, and which public thresholds it passed.

    >>> closed_sentence({"thresholds": {"gates": {"min_difference": 0.15, "min_ratio": 1.0}}})["en"][-58:]
    'passed the thresholds: at least 15 points above its peers.'
    """
    gates = kept.get("thresholds", {}).get("gates", {})
    values = (
        percent(gates.get("min_difference", 0)).removesuffix("%").removesuffix(".0"),
        f"{gates.get('min_ratio', 1):g}",
        str(int(gates.get("min_count", 0))),
    )
    idle = ("0", "1", "0")
    found = {}
    for language, (whole, joint, *parts) in PASSED.items():
        said = [part.format(value) for part, value, no in zip(parts, values, idle, strict=True) if value != no]
        space = " " if language == "en" else ""
        found[language] = SENTENCE[language] + (space + whole.format(joint.join(said)) if said else "")
    return found


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


def months_rows(months: Mapping[str, Sequence[Sequence[int]]], smallest: int) -> dict[str, list[tuple[Any, Any]]]:
    """Counts of each rate by month; where one month may not be told, no month of that rate is: the whole period, which
    stands on other pages, less the others would tell it."""
    found: dict[str, list[tuple[Any, Any]]] = {}
    for rate, series in months.items():
        closed = any(is_closed(n, hits, smallest) for n, hits in series)
        found[rate] = [(WITHHELD, WITHHELD) if closed else (n, hits) for n, hits in series]
    return found


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
