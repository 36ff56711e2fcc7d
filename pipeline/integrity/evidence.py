"""What a reviewer looks at for one finding: texts with differences marked, tables, bars beside those of the peers.

Single ratings, follow-up answers and persons are never part of it: what citizens said stands here as counts only.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from integrity.rules.catalogue import detectors
from integrity.texts.differences import shared_words, side_by_side
from metrics.clocks.daytable import day_date
from metrics.counting.answer_signals import bursts_text
from pipeline.integrity import evidence_views as views
from pipeline.integrity.detecting import Ground, fast_below
from pipeline.integrity.evidence_parts import NEWEST, Bars, Evidence, Table, TextPair, wanted
from pipeline.integrity.findings import ground_of
from pipeline.integrity.shown import RATING_TOTALS, answers_row, counts_row, months_rows, share_row
from pipeline.numbers.small_cells import smallest_shown
from records import audit
from records.access import Action, Viewer, can
from records.instance import Instance
from records.queries.findings import FindingRow

COMPARED = 5
OBSERVED = """
SELECT c.case_no, c.batch, c.exported_at, c.received_at, c.due_at, c.category, c.state, c.closed_at, c.sheet, c.row_no
FROM cases c JOIN wanted w ON coalesce(c.register, '') = w.register AND c.case_no = w.case_no
ORDER BY w.position, c.exported_at, c.batch
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
    "contacts": ("case_no", "category", "closed_at", "first_rating", "contacted_at", "n_urges", "reopened_at",
                 "n_reworks", "followed_up_at", "rating"),
    "timeline": ("case_no", "category", "received_at", "dispatched_at", "signed_at", "first_response_at", "closed_at",
                 "reopened_at", "final_closed_at"),
}  # fmt: skip
TABLE_OF = {"D07": "contacts", "D11": "path", "D12": "ledger"}
DATED = frozenset({"D10.signed", "D10.sent_late", "D20", "D20.undated"})
TEXT_DETECTORS = frozenset({"D02", "D03", "D04", "D19", "D20", "D22"})


def evidence_for(instance: Instance, finding: FindingRow, viewer: Viewer) -> Evidence:
    """The evidence as the viewer may see it; texts and cases behind ratings need their permission, each read is logged.

    A finding that rests on single citizens' answers comes without its cases for who may not read ratings
    (`records.queries.findings`).
    """
    ground = ground_of(instance, finding.period, has_features=False)
    if ground is None:
        return Evidence()
    smallest = smallest_shown(viewer)
    cases = [(register, case_no) for register, case_no in finding.document.get("cases", [])]
    tables = _document_tables(finding, smallest) + _counted(ground, finding, smallest)
    if finding.detector == "D12":
        tables += views.ledger_entries(instance, finding)
    texts: list[TextPair] = []
    if cases and can(viewer, Action.SEE_CASE_TEXT):
        more, texts = _texts(ground, finding, cases)
        tables += more
    tables += _case_tables(instance, ground, finding, cases[: views.LISTED], viewer)
    with instance.session() as session:
        if texts:
            audit.write(session, viewer.sign_in, "read_case_texts", f"finding {finding.id}", {"cases": len(texts)})
        if cases and finding.cases_show_answers:
            audit.write(session, viewer.sign_in, "rating.read", f"finding {finding.id}", {"cases": len(cases)})
    stack = views.rating_stack(instance, ground, finding, smallest) if finding.detector == "D13" else None
    return Evidence(tables, texts, _bars(ground, finding), stack)


def _counted(ground: Ground, finding: FindingRow, smallest: int) -> list[Table]:
    """Tables counted anew for a finding, whatever cases are listed."""
    match finding.detector:
        case "D07":
            return views.both_ratings(ground, finding, smallest)
        case "D14" if not finding.variant.startswith("burst"):
            return _bursts(ground, finding, smallest)
        case "D18":
            return views.by_type(ground, finding)
        case "D22":
            return views.by_topic(ground, finding)
    return []


def _document_tables(finding: FindingRow, smallest: int) -> list[Table]:
    """The small tables that were kept with the finding; counts of what citizens said are closed below `smallest`."""
    kept = finding.document.get("evidence", {})
    match finding.key:
        case "D06":
            rows = [share_row(name, kept[name], smallest) for name in ("own", "third")]
            return [Table("two_sources", ("source", "rated", "satisfied", "share"), rows)]
        case "D09":
            return [Table("batches", ("minute", "cases"), [tuple(row) for row in kept["batches"]])]
        case "D14.burst":
            hours, ratings = zip(*kept["hours"], strict=True)
            return [Table("hours", ("hour", "ratings"), list(zip(hours, counts_row(ratings, smallest), strict=True)))]
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
        case "D21" | "D21.equal" | "D21.steady":
            return [_months(kept["months"], smallest)]
        case "D24":
            columns = ("first", "second", "in_first", "in_second", "in_both", "estimate")
            names = ("first", "second", "m", "c", "r", "total")
            return [Table("registers", columns, [tuple(kept[name] for name in names)])]
    return _keys(finding, kept, smallest)


def _keys(finding: FindingRow, kept: dict[str, Any], smallest: int) -> list[Table]:
    """The second key, or the unit's own rate elsewhere, as counts."""
    detector = detectors().get(finding.key)
    if "second_key" in kept:
        rows = [share_row(name, counts, smallest) for name, counts in kept["second_key"].items()]
        return [Table("second_key", ("part", "known", "unsolved", "share"), rows)]
    if "contrast" in kept and detector is not None and kept["contrast"][0]:
        if smallest > 1 and finding.key in RATING_TOTALS:
            return []
        least = smallest if finding.cases_show_answers else 1
        here = (finding.document["n"], finding.document["count"])
        rows = [share_row("here", here, least), share_row("elsewhere", kept["contrast"], least)]
        return [Table(f"contrast_{detector.contrast}", ("part", "known", "shows", "share"), rows)]
    return []


def _months(months: dict[str, list[list[int]]], smallest: int) -> Table:
    count = max((len(series) for series in months.values()), default=0)
    told = months_rows(months, smallest)
    rows = [
        (place + 1, *(value for rate in months for value in told[rate][place]))
        for place in range(count)
        if any(months[rate][place][0] for rate in months)
    ]
    return Table("months", ("month", *(f"{rate}_{part}" for rate in months for part in ("n", "hits"))), rows)


def _bursts(ground: Ground, finding: FindingRow, smallest: int) -> list[Table]:
    text = bursts_text(finding.unit_code or "", *ground.span.isos, fast_below(ground))
    found = ground.engine.run(text, ground.views)
    rows = [(hour, *answers_row(n, parts, smallest)) for hour, n, *parts in found]
    return [Table("bursts", ("hour", "answers", "satisfied", "same_source", "too_fast"), rows)] if rows else []


def _case_tables(
    instance: Instance, ground: Ground, finding: FindingRow, cases: Sequence[tuple[str, str]], viewer: Viewer
) -> list[Table]:
    if not cases:
        return []
    read = {"cases": ground.views["cases"], "wanted": wanted(cases)}
    if finding.detector == "D15":
        return views.chains(ground, cases, shows_answers=can(viewer, Action.SEE_RATINGS))
    if finding.detector in ("D17", "D23"):
        columns = ("case_no", "batch", "exported_at", "received_at", "due_at", "category", "state", "closed_at",
                   "sheet", "row_no")  # fmt: skip
        return [*views.lacking(instance, finding), Table("observations", columns, ground.engine.run(OBSERVED, read))]
    name = TABLE_OF.get(finding.detector, "timeline")
    shown = CASE_COLUMNS[name]
    rows = ground.engine.run(NEWEST.format(columns=", ".join(("register", *shown))), read)
    return [Table(name, ("register", *shown), rows)]


def _texts(ground: Ground, finding: FindingRow, cases: Sequence[tuple[str, str]]) -> tuple[list[Table], list[TextPair]]:
    read = {"cases": ground.views["cases"], "wanted": wanted(cases[: 2 * COMPARED])}
    tables = views.dated_texts(ground, finding, cases[: views.LISTED]) if finding.key in DATED else []
    if finding.detector == "D01":
        rows = ground.engine.run(NEWEST.format(columns="case_no, reply_text"), read)
        replies = [(number, text) for number, text in rows if text]
        return tables, [
            TextPair("replies", first[0], second[0], *side_by_side(first[1], second[1]))
            for first, second in pairwise(replies)
        ][:COMPARED]
    if finding.detector not in TEXT_DETECTORS:
        return tables, []
    rows = ground.engine.run(NEWEST.format(columns="case_no, content, reply_text"), read)
    if finding.detector == "D19":
        return views.checklist(rows)
    if finding.detector == "D03":
        return tables, views.nearest_messages(ground, finding, rows[:COMPARED])
    return tables, [
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
