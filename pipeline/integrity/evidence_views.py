"""Evidence of single detectors: both ratings, the stack of levels, chains of cases, answers by type, what a text holds.

Counts of what citizens said go through the same protection as everywhere (`metrics.disclosure.small_cells`,
`metrics.disclosure.protection`); ratings of single cases only to who may read ratings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from integrity.texts.differences import Piece, marked, shared_words
from integrity.texts.features import TOO_COMMON
from integrity.texts.reply import ELEMENTS, core, element_marks, promise_in, reply_facts, signed_on
from metrics.counting.facts import REPEAT_DAYS
from metrics.counting.signals import TEXT_CHANNELS, WAITING_DAYS
from metrics.disclosure.protection import hidden_cells
from metrics.disclosure.small_cells import LEVEL_CODES, RATING_CODES, protected
from metrics.shared_demands.text_vectors import normalised, unit_vectors
from metrics.statistics.interval import wilson
from pipeline.integrity.detecting import Ground
from pipeline.integrity.evidence_parts import NEWEST, Stack, Table, TextPair, wanted
from pipeline.numbers import counting
from records.instance import Instance
from records.models import Batch, Exclusion
from records.queries.findings import FindingRow

Cases = Sequence[tuple[str, str]]
STACKED = (*(f"n_rating_{level}" for level in (5, 4, 3, 2, 1)), "n_default_rated", "unrated")
CHAINS = 20
LISTED = 50
MOST_MESSAGES = 5000  # of one unit and period; more would take longer than a page may
MESSAGES = """
SELECT c.case_no, c.content
FROM facts f JOIN cases c ON coalesce(c.register, '') = f.register AND c.case_no = f.case_no AND c.batch = f.batch
WHERE f.unit = '{unit}' AND f.received_day >= {first} AND f.received_day < {end} AND length(c.content) > 0
ORDER BY f.received_day DESC, c.case_no LIMIT {most}
"""
BOTH_RATINGS = """
SELECT c.first_rating, f.rating, count(*) AS n
FROM facts f JOIN cases c ON coalesce(c.register, '') = f.register AND c.case_no = f.case_no AND c.batch = f.batch
WHERE f.unit = '{unit}' AND f.received_day >= {first} AND f.received_day < {end}
  AND c.first_rating BETWEEN 1 AND 2 AND f.rating >= 1
GROUP BY 1, 2
"""
BY_TYPE = """
SELECT unit, coalesce(case_type, '') AS kind, count(*) AS n, sum(is_replied) AS replied,
  median(CASE WHEN reply_ended = 1 THEN reply_seconds END) AS seconds
FROM facts
WHERE channel IN ({channels}) AND received_day >= {first} AND received_day < {end} AND received_day < {old}
GROUP BY 1, 2
"""
BY_TOPIC = """
SELECT category, reply_text, count(*) AS n
FROM (SELECT coalesce(f.category, '') AS category, c.reply_text
      FROM facts f JOIN cases c
        ON coalesce(c.register, '') = f.register AND c.case_no = f.case_no AND c.batch = f.batch
      WHERE f.unit = '{unit}' AND f.received_day >= {first} AND f.received_day < {end}
      QUALIFY row_number() OVER (PARTITION BY f.register, f.case_no ORDER BY c.row_no DESC) = 1)
WHERE length(reply_text) > 0 GROUP BY 1, 2
"""
MOST_TOPICS = 30
SAME_PERSON = """
WITH mine AS (SELECT {columns} FROM ({newest}) AS one WHERE person_token IS NOT NULL),
theirs AS (
  SELECT c.*, row_number() OVER (
    PARTITION BY coalesce(c.register, ''), c.case_no ORDER BY c.exported_at DESC NULLS LAST, c.batch DESC, c.row_no DESC
  ) AS age
  FROM cases c JOIN (SELECT DISTINCT person_token, category FROM mine) AS people
    ON c.person_token = people.person_token AND coalesce(c.category, '') = people.category
)
SELECT mine.position, coalesce(t.register, '') AS register, t.case_no, t.unit, t.received_at, t.closed_at, t.state,
  t.outcome, t.resolved, mine.closed_at AS closed_before, mine.case_no AS first_case
FROM mine JOIN theirs t ON t.person_token = mine.person_token AND coalesce(t.category, '') = mine.category
WHERE t.age = 1 AND t.received_at >= mine.received_at ORDER BY mine.position, t.received_at, t.case_no
"""


def both_ratings(ground: Ground, finding: FindingRow, smallest: int) -> list[Table]:
    """D07: first rating by final rating, as counts.

    Who may not read single answers gets the final ratings in two parts, good and not, whose totals are those of the
    sentence; cells below `smallest` and those that betray them are withheld.
    """
    counts = np.zeros((2, 5), np.int64)
    text = BOTH_RATINGS.format(unit=_quoted(finding), first=ground.span.first, end=ground.span.end)
    for before, after, n in ground.engine.run(text, ground.views):
        counts[int(before) - 1, int(after) - 1] += n
    names = tuple(f"rating_{level}" for level in range(1, 6))
    if smallest > 1:
        counts, names = in_two_parts(counts), ("not_good", "good")
    rows = [(f"rating_{first + 1}", *cells) for first, cells in enumerate(told_cells(counts, smallest))]
    return [Table("both_ratings", ("first_rating", *names), rows)]


def in_two_parts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Columns of levels 1 to 5 as two: not good (up to 3) and good.

    >>> in_two_parts(np.array([[1, 2, 3, 4, 5]])).tolist()
    [[6, 9]]
    """
    return np.column_stack([counts[:, :3].sum(axis=1), counts[:, 3:].sum(axis=1)])


def told_cells(counts: NDArray[np.int64], smallest: int) -> list[list[Any]]:
    """The cells of a table whose totals are known, the small ones and those that betray them withheld."""
    hidden = hidden_cells(counts.tolist(), smallest) if smallest > 1 else np.zeros_like(counts, bool)
    return [
        ["withheld" if is_hidden else int(n) for n, is_hidden in zip(row, closed, strict=True)]
        for row, closed in zip(counts, hidden, strict=True)
    ]


def rating_stack(instance: Instance, ground: Ground, finding: FindingRow, smallest: int) -> Stack | None:
    """D13: levels, defaults and silence of the unit and of those peers whose levels are all shown."""
    answer = counting.metric_values(instance, period=finding.period, codes=["n_eligible", *RATING_CODES],
                                    start_day=ground.span.start_day)  # fmt: skip
    levels: dict[str, dict[str, int]] = {}
    for value in protected([row for row in answer.rows if row.unit is not None], smallest):
        if value.value is not None:
            levels.setdefault(value.unit or "", {})[value.metric] = int(value.value)
    own = finding.unit_code or ""
    group = ground.groups.get(own)
    stacks = {unit: _stacked(found) for unit, found in levels.items()}
    peers = [s for unit, s in stacks.items() if unit != own and ground.groups.get(unit) == group and None not in s]
    if own not in stacks:
        return None
    together = [sum(stack[i] or 0 for stack in peers) for i in range(len(STACKED))]
    return Stack("levels", list(STACKED), stacks[own], list(together) if peers else [None] * len(STACKED))


def _stacked(found: dict[str, int]) -> list[int | None]:
    known = [found.get(code) for code in LEVEL_CODES]
    whole = found.get("n_eligible")
    silent = whole - sum(n or 0 for n in known) if whole is not None and None not in known else None
    return [silent if name == "unrated" else found.get(name) for name in STACKED]


def chains(ground: Ground, cases: Cases, *, shows_answers: bool) -> list[Table]:
    """D15: each case with those of the same person in the same category within 90 days of its closing, in order.

    Persons have no name here, only the number of their chain. What the citizen said of a case stands in it for who may
    read answers; the unit's own claim (`outcome`) for all.
    """
    newest = NEWEST.format(columns="register, case_no, person_token, category, received_at, closed_at, position")
    columns = "case_no, person_token, coalesce(category, '') AS category, received_at, closed_at, position"
    views = {"cases": ground.views["cases"], "wanted": wanted(cases[:CHAINS])}
    rows: list[tuple[Any, ...]] = []
    numbers: dict[int, int] = {}
    for place, register, number, unit, received, closed, state, outcome, resolved, before, _ in ground.engine.run(
        SAME_PERSON.format(newest=newest, columns=columns), views
    ):
        if before is not None and received > before + timedelta(days=REPEAT_DAYS):
            continue
        chain = numbers.setdefault(place, len(numbers) + 1)
        said = (resolved,) if shows_answers else ()
        rows.append((register, number, chain, unit, received, closed, state, outcome, *said))
    names = ("register", "case_no", "chain", "unit", "received_at", "closed_at", "state", "outcome")
    return [Table("chains", (*names, "resolved") if shows_answers else names, rows)] if rows else []


def by_type(ground: Ground, finding: FindingRow) -> list[Table]:
    """D18: for each type of message older than 30 days how many were answered, with interval, and the peers' share."""
    span = ground.span
    own: dict[str, tuple[int, int, float | None]] = {}
    peers: dict[str, tuple[int, int]] = {}
    group = ground.groups.get(finding.unit_code or "")
    channels = ", ".join(f"'{name}'" for name in TEXT_CHANNELS)
    text = BY_TYPE.format(channels=channels, first=span.first, end=span.end, old=span.as_of - WAITING_DAYS)
    for unit, kind, n, replied, seconds in ground.run(text):
        if unit == finding.unit_code:
            own[kind] = (int(n), int(replied), seconds)
        elif ground.groups[unit] == group:
            before = peers.get(kind, (0, 0))
            peers[kind] = before[0] + int(n), before[1] + int(replied)
    rows = []
    for kind, (n, replied, seconds) in sorted(own.items()):
        low, high = wilson(replied, n)
        among, answered = peers.get(kind, (0, 0))
        hours = seconds / 3600 if seconds is not None else None
        rows.append((kind, n, replied, replied / n, low, high, answered / among if among else None, hours))
    columns = ("case_type", "messages", "answered", "share", "share_low", "share_high", "share_peers", "median_hours")
    return [Table("by_type", columns, rows)] if rows else []


def ledger_entries(instance: Instance, finding: FindingRow) -> list[Table]:
    """D12: what stands in the ledger of exclusions for the unit: who applied, why, who decided, its effect.

    The score before and after is the one that was shown to the person who decided; None where none was known.
    """
    wanted_rows = select(Exclusion).where(Exclusion.unit_code == finding.unit_code).order_by(Exclusion.id).limit(50)
    with instance.session() as session:
        rows = [
            (row.register, row.case_no, row.ground, row.applied_by, row.applied_at, row.state, row.decided_by,
             row.decided_at, *((row.effect or {}).get(name) for name in ("score_before", "score_after")))
            for row in session.scalars(wanted_rows)
        ]  # fmt: skip
    columns = ("register", "case_no", "ground", "applied_by", "applied_at", "decision", "decided_by", "decided_at",
               "score_before", "score_after")  # fmt: skip
    return [Table("decisions", columns, rows)] if rows else []


def lacking(instance: Instance, finding: FindingRow) -> list[Table]:
    """D17: for each record the export that held it last and the later complete one that lacks it: number and file."""
    kept = finding.document.get("evidence", {}).get("exports", [])
    numbers = {number for seen, missing, _ in kept for number in (seen, missing)}
    named = select(Batch.id, Batch.file_name, Batch.exported_at).where(Batch.id.in_(numbers))
    with instance.session() as session:
        exports = {number: (f"{number} {name}", at) for number, name, at in session.execute(named)}
    unknown = ("", None)
    rows = [
        (*case, *exports.get(seen, unknown), *exports.get(missing, unknown), "still_open" if was_open else "ended")
        for case, (seen, missing, was_open) in zip(finding.document["cases"], kept, strict=False)
    ]
    columns = ("register", "case_no", "seen_in", "seen_at", "lacking_in", "lacking_at", "state_then")
    return [Table("lacking", columns, rows[:LISTED])] if rows else []


def by_topic(ground: Ground, finding: FindingRow) -> list[Table]:
    """D22: the topics whose replies refuse or point elsewhere, the most frequent first; only this unit's are read."""
    text = BY_TOPIC.format(unit=_quoted(finding), first=ground.span.first, end=ground.span.end)
    replies: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for topic, reply, n in ground.engine.run(text, ground.views):
        facts = reply_facts(reply)
        replies[topic] += n
        refused[topic] += n * (facts.is_refusal or facts.points_elsewhere)
    ordered = sorted((topic for topic in refused if refused[topic]), key=lambda topic: (-refused[topic], topic))
    rows = [(t, replies[t], refused[t], refused[t] / replies[t]) for t in ordered[:MOST_TOPICS]]
    return [Table("by_topic", ("category", "replies", "refused", "share"), rows)] if rows else []


def dated_texts(ground: Ground, finding: FindingRow, cases: Cases) -> list[Table]:
    """D10: the date signed in the text beside the system's, and the days between; D20: the sentence that promises, its
    due date where it names one, and the day of the reply."""
    views = {"cases": ground.views["cases"], "wanted": wanted(cases)}
    columns = "coalesce(register, '') AS register, case_no, reply_text, first_response_at, closed_at"
    rows = [row for row in ground.engine.run(NEWEST.format(columns=columns), views) if row[2]]
    if finding.detector == "D20":
        told = [(r, no, *promise_in(text, at.date() if at else None), at, closed) for r, no, text, at, closed in rows]
        names = ("register", "case_no", "promise", "promised_day", "first_response_at", "closed_at")
        return [Table("promises", names, told)]
    turned, name = (-1, "days_to_sending") if finding.key == "D10.sent_late" else (1, "days_later")
    signed = [(r, no, day, at, turned * (day - at.date()).days) for r, no, text, at, _ in rows
              if at and (day := signed_on(text)) is not None]  # fmt: skip
    return [Table("signed", ("register", "case_no", "signed_on", "first_response_at", name), signed)]


def checklist(rows: Sequence[tuple[str, str | None, str | None]]) -> tuple[list[Table], list[TextPair]]:
    """D19: which of the six elements each reply (number, message, reply) holds, and the core with them marked."""
    lines, pairs = [], []
    for number, message, reply in rows:
        body, found = element_marks(reply or "")
        lines.append((number, *("yes" if name in found else None for name in ELEMENTS), len(found)))
        whole = [Piece(message, is_same=False)] if message else []
        pairs.append(TextPair("checklist", number, number, whole, marked(body, found.values())))
    return [Table("checklist", ("case", *ELEMENTS, "elements"), lines)], pairs


def nearest_messages(
    ground: Ground, finding: FindingRow, rows: Sequence[tuple[str, str | None, str | None]]
) -> list[TextPair]:
    """D03: each message beside its reply (number, message, reply), and below it the other message of the unit that is
    nearest to the reply, where one is nearer than its own: the replies of two cases may have been swapped."""
    text = MESSAGES.format(unit=_quoted(finding), first=ground.span.first, end=ground.span.end, most=MOST_MESSAGES)
    others = [(number, message) for number, message in ground.run(text) if message]
    answers = [(number, message or "", reply or "") for number, message, reply in rows]
    texts = [message for _, message in others] + [m for _, m, _ in answers] + [core(r) for *_, r in answers]
    vectors = unit_vectors([normalised(one) for one in texts], TOO_COMMON).tocsr()
    count, asked = len(others), len(answers)
    near = (vectors[count + asked :] @ vectors[:count].T).toarray()
    own = np.asarray(vectors[count : count + asked].multiply(vectors[count + asked :]).sum(axis=1)).ravel()
    pairs = []
    for place, (number, message, reply) in enumerate(answers):
        pairs.append(TextPair("message_reply", number, number, *shared_words(message, reply)))
        if not count:
            continue
        near[place, [i for i, (other, _) in enumerate(others) if other == number]] = 0
        best = int(near[place].argmax())
        if near[place, best] > own[place]:
            pairs.append(TextPair("nearest_message", others[best][0], number, *shared_words(others[best][1], reply)))
    return pairs


def _quoted(finding: FindingRow) -> str:
    return (finding.unit_code or "").replace("'", "''")
