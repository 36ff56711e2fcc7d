"""What a reviewer looks at for one finding: texts with differences marked, tables, bars beside those of the peers.

Single ratings, follow-up answers and persons are never part of it: what citizens said stands here as counts only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from integrity.catalogue import detectors
from integrity.differences import Piece, shared_words, side_by_side
from metrics.answer_signals import bursts_text
from metrics.daytable import day_date
from pipeline.detecting import Ground, fast_below
from pipeline.findings import ground_of
from records import audit
from records.access import Action, Viewer, can
from records.engine import Columns
from records.instance import Instance
from records.queries.findings import FindingRow
from records.vocabulary import ColumnType

LISTED, COMPARED = 50, 5
NEWEST = """
SELECT {columns} FROM (
  SELECT c.*, row_number() OVER (
    PARTITION BY coalesce(c.register, ''), c.case_no ORDER BY c.exported_at DESC NULLS LAST, c.batch DESC, c.row_no DESC
  ) AS age, w.place AS place
  FROM cases c JOIN wanted w ON coalesce(c.register, '') = w.register AND c.case_no = w.case_no
) newest WHERE age = 1 ORDER BY place
"""
OBSERVED = """
SELECT c.case_no, c.batch, c.exported_at, c.received_at, c.due_at, c.category, c.state, c.closed_at, c.sheet, c.row_no
FROM cases c JOIN wanted w ON coalesce(c.register, '') = w.register AND c.case_no = w.case_no
ORDER BY w.place, c.exported_at, c.batch
"""
USED = """
SELECT unit, least(12, CAST(floor(10.0 * close_used / close_limit) AS INTEGER)) AS tenth, count(*) AS n
FROM facts WHERE received_day >= {first} AND received_day < {end} AND close_ended = 1 AND close_limit > 0
  AND close_used >= 0
GROUP BY 1, 2
"""
CASE_COLUMNS = {
    "path": ("case_no", "category", "dispatched_at", "signed_at", "returned_at", "n_returns", "transferred_at",
             "n_transfers", "closed_at"),
    "ledger": ("case_no", "category", "excluded_at", "exclusion_reason", "due_at", "extension_applied_at",
               "extended_due_at", "suspended_from", "suspended_until"),
    "timeline": ("case_no", "category", "received_at", "dispatched_at", "signed_at", "first_response_at", "closed_at",
                 "reopened_at", "final_closed_at"),
}  # fmt: skip
TABLE_OF = {"D11": "path", "D12": "ledger"}
TEXT_DETECTORS = frozenset({"D02", "D03", "D04", "D19", "D20", "D22"})


@dataclass(frozen=True)
class Table:
    """Rows to show; `name` and the columns are codes the page has words for."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class TextPair:
    """Two texts beside each other, in pieces; `kind` says what they are: two replies, or message and reply."""

    kind: str
    left_case: str
    right_case: str
    left: list[Piece]
    right: list[Piece]


@dataclass(frozen=True)
class Bars:
    """Shares of the unit and of its peers by class, in fractions."""

    name: str
    labels: list[str]
    unit: list[float]
    peers: list[float]


@dataclass(frozen=True)
class Evidence:
    """Everything there is to look at for one finding."""

    tables: list[Table] = field(default_factory=list)
    texts: list[TextPair] = field(default_factory=list)
    bars: Bars | None = None


def evidence_for(instance: Instance, finding: FindingRow, viewer: Viewer) -> Evidence:
    """The evidence as the viewer may see it; texts need the permission for texts, and each read of them is logged."""
    ground = ground_of(instance, finding.period)
    if ground is None:
        return Evidence()
    tables = _document_tables(finding)
    if finding.detector == "D14" and not finding.variant.startswith("burst"):
        tables += _bursts(ground, finding)
    cases = [(register, case_no) for register, case_no in finding.document.get("cases", [])]
    tables += _case_tables(ground, finding, cases[:LISTED])
    texts: list[TextPair] = []
    if cases and can(viewer, Action.SEE_CASE_TEXT):
        texts = _texts(ground, finding, cases)
        if texts:
            with instance.session() as session:
                audit.write(session, viewer.sign_in, "read_case_texts", f"finding {finding.id}", {"cases": len(texts)})
    return Evidence(tables, texts, _bars(ground, finding))


def _document_tables(finding: FindingRow) -> list[Table]:
    """The small tables that were kept with the finding."""
    kept = finding.document.get("evidence", {})
    match finding.key:
        case "D06":
            rows = [(name, n, good, good / n) for name, (n, good) in (("own", kept["own"]), ("third", kept["third"]))]
            return [Table("two_sources", ("source", "rated", "satisfied", "share"), rows)]
        case "D09":
            return [Table("batches", ("minute", "cases"), [tuple(row) for row in kept["batches"]])]
        case "D14.burst":
            return [Table("hours", ("hour", "ratings"), [tuple(row) for row in kept["hours"]])]
        case "D16":
            stretches = ("channel", "since", "until", "days", "waiting")
            return [Table("silences", stretches, [tuple(row) for row in kept["silences"]])]
        case "D16.check":
            found_at = ("name", "channel", "what", "since", "checked", "limit", "item")
            return [Table("checks", found_at, [tuple(row) for row in kept["checks"]])]
        case "D17.gaps":
            around = ("beginning", "before", "after", "missing", "day_before", "day_after")
            gaps = [(b, low, high, int(high) - int(low) - 1, day_date(d1).isoformat(), day_date(d2).isoformat())
                    for b, low, high, d1, d2 in kept["gaps"]]  # fmt: skip
            return [Table("gaps", around, gaps)]
        case "D21" | "D21.equal":
            return [_months(kept["months"])]
        case "D24":
            columns = ("first", "second", "in_first", "in_second", "in_both", "estimate")
            names = ("first", "second", "m", "c", "r", "total")
            return [Table("registers", columns, [tuple(kept[name] for name in names)])]
    return _keys(finding, kept)


def _keys(finding: FindingRow, kept: dict[str, Any]) -> list[Table]:
    """The second key, or the unit's own rate elsewhere, as counts."""
    detector = detectors().get(finding.key)
    if "second_key" in kept:
        rows = [(name, n, hits, hits / n) for name, (n, hits) in kept["second_key"].items()]
        return [Table("second_key", ("part", "known", "unsolved", "share"), rows)]
    if "contrast" in kept and detector is not None and kept["contrast"][0]:
        n, hits = kept["contrast"]
        rows = [("here", finding.document["n"], finding.document["count"], finding.document["value"]),
                ("elsewhere", n, hits, hits / n)]  # fmt: skip
        return [Table(f"contrast_{detector.contrast}", ("part", "known", "shows", "share"), rows)]
    return []


def _months(months: dict[str, list[list[int]]]) -> Table:
    count = max((len(series) for series in months.values()), default=0)
    rows = [
        (place + 1, *(value for rate in months for value in months[rate][place]))
        for place in range(count)
        if any(months[rate][place][0] for rate in months)
    ]
    return Table("months", ("month", *(f"{rate}_{part}" for rate in months for part in ("n", "hits"))), rows)


def _bursts(ground: Ground, finding: FindingRow) -> list[Table]:
    text = bursts_text(finding.unit_code or "", *ground.span.isos, fast_below(ground))
    rows = ground.engine.run(text, ground.views)
    return [Table("bursts", ("hour", "answers", "satisfied", "same_source", "too_fast"), rows)] if rows else []


def _wanted(cases: Sequence[tuple[str, str]]) -> Columns:
    values: dict[str, list[Any]] = {
        "register": [r for r, _ in cases],
        "case_no": [n for _, n in cases],
        "place": list(range(len(cases))),
    }
    types = {"register": ColumnType.TEXT, "case_no": ColumnType.TEXT, "place": ColumnType.INTEGER}
    return Columns(values, types)


def _case_tables(ground: Ground, finding: FindingRow, cases: Sequence[tuple[str, str]]) -> list[Table]:
    if not cases:
        return []
    views = {"cases": ground.views["cases"], "wanted": _wanted(cases)}
    if finding.detector in ("D17", "D23"):
        columns = ("case_no", "batch", "exported_at", "received_at", "due_at", "category", "state", "closed_at",
                   "sheet", "row_no")  # fmt: skip
        return [Table("observations", columns, ground.engine.run(OBSERVED, views))]
    name = TABLE_OF.get(finding.detector, "timeline")
    shown = CASE_COLUMNS[name]
    rows = ground.engine.run(NEWEST.format(columns=", ".join(("register", *shown))), views)
    return [Table(name, ("register", *shown), rows)]


def _texts(ground: Ground, finding: FindingRow, cases: Sequence[tuple[str, str]]) -> list[TextPair]:
    views = {"cases": ground.views["cases"], "wanted": _wanted(cases[: 2 * COMPARED])}
    if finding.detector == "D01":
        rows = ground.engine.run(NEWEST.format(columns="case_no, reply_text"), views)
        replies = [(number, text) for number, text in rows if text]
        return [
            TextPair("replies", first[0], second[0], *side_by_side(first[1], second[1]))
            for first, second in pairwise(replies)
        ][:COMPARED]
    if finding.detector not in TEXT_DETECTORS:
        return []
    rows = ground.engine.run(NEWEST.format(columns="case_no, content, reply_text"), views)
    return [
        TextPair("message_reply", number, number, *shared_words(message or "", reply or ""))
        for number, message, reply in rows[:COMPARED]
    ]


def _bars(ground: Ground, finding: FindingRow) -> Bars | None:
    kept = finding.document.get("evidence", {})
    if finding.key == "D21.minutes":
        total = sum(kept["minutes"]) or 1
        labels = [f":{minute:02d}" for minute in range(60)]
        return Bars("minutes", labels, [n / total for n in kept["minutes"]], list(kept["peers"]))
    return _limit_bars(ground, finding) if finding.key == "D08.heaping" else None


def _limit_bars(ground: Ground, finding: FindingRow) -> Bars:
    """Closings by tenths of the limit used; the last class holds everything beyond 120 %."""
    own, peers = [0] * 13, [0] * 13
    group = ground.groups.get(finding.unit_code or "")
    text = USED.format(first=ground.span.first, end=ground.span.end)
    for unit, tenth, n in ground.run(text):
        if unit == finding.unit_code:
            own[tenth] += n
        elif ground.groups[unit] == group:
            peers[tenth] += n
    labels = [f"{10 * t}–{10 * t + 10}%" for t in range(12)] + [">120%"]
    return Bars("limit", labels, [n / (sum(own) or 1) for n in own], [n / (sum(peers) or 1) for n in peers])
