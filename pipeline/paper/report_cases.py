"""Cases for chapter 8: in the categories with most cases one answered well beside one that was not, texts masked."""

from __future__ import annotations

from typing import Any

from imports.values.privacy import mask_text
from metrics.clocks import period as periods
from pipeline.numbers.counting import build_facts
from records.engine import Engine
from records.engine_views import View
from records.instance import Instance
from records.tables import tables_for_metrics

PAIRS = 3
WELL, POORLY = "well", "poorly"
TEXTS = ("title", "content", "reply_text")
SHOWN = ("side", "register", "case_no", "unit", "category", *TEXTS, "received_at", "first_response_at", "closed_at",
         "reply_strict", "resolved", "rating")  # fmt: skip

# Well: in time, confirmed by follow-up, rated 4 or 5. Poorly: late or not confirmed, and rated 2 or lower where rated.
# The clearest case of a side comes first; the number of the case settles the rest, so the choice is the same each time.
CASES_TEXT = """
WITH told AS (
  SELECT f.register, f.case_no, f.unit, f.category, c.title, c.content, c.reply_text, c.received_at,
         c.first_response_at, c.closed_at, f.reply_strict, f.resolved, f.rating,
         CASE WHEN f.reply_strict = 1 AND f.resolved = 'yes' AND f.rating >= 4 THEN 'well'
              WHEN f.resolved = 'no' AND coalesce(f.rating, 1) BETWEEN 1 AND 2 THEN 'poorly' END AS side
  FROM facts f JOIN cases c
    ON coalesce(c.register, '') = f.register AND c.case_no = f.case_no AND c.batch = f.batch
  WHERE c.received_at >= TIMESTAMP '{start}' AND c.received_at < TIMESTAMP '{end}' AND f.category IS NOT NULL
    AND f.is_excluded = 0 AND f.is_duplicate = 0 AND f.is_withdrawn = 0 AND f.is_not_responsible = 0
    AND coalesce(c.is_confidential, 0) = 0 AND c.content IS NOT NULL AND c.reply_text IS NOT NULL
), chosen AS (
  SELECT * FROM told WHERE side IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY category, side ORDER BY
    CASE WHEN side = 'well' THEN -rating ELSE coalesce(rating, 1) END,
    CASE WHEN side = 'poorly' AND reply_strict = 2 THEN 0 ELSE 1 END,
    CASE WHEN side = 'well' THEN -length(reply_text) ELSE length(reply_text) END, register, case_no) = 1
), sized AS (SELECT category, count(*) AS n FROM told GROUP BY category)
SELECT chosen.* FROM chosen JOIN sized USING (category)
WHERE category IN (SELECT category FROM chosen GROUP BY category HAVING count(*) = 2)
ORDER BY n DESC, category, side DESC LIMIT {limit}
"""


def chosen_cases(instance: Instance, period: str, *, start_day: int = 1) -> list[dict[str, Any]]:
    """Up to PAIRS categories, each with a case answered well and one answered poorly; no unit is singled out twice.

    Texts were masked when they were imported and are masked again with the rules of today. Times are local texts.
    """
    facts = build_facts(instance)
    if facts.as_of is None:
        return []
    asked = periods.parse(period, start_day)
    with instance.session() as session:
        views: dict[str, View] = {**tables_for_metrics(instance, session), **facts.views}
    text = CASES_TEXT.format(start=asked.start.isoformat(), end=asked.end.isoformat(), limit=2 * PAIRS)
    return [_plain(row) for row in Engine(instance).dictionaries(text, views)]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    found = {name: row[name] for name in SHOWN}
    for name in TEXTS:
        found[name] = mask_text(found[name])[0] if found[name] else None
    for name in ("received_at", "first_response_at", "closed_at"):
        found[name] = found[name].isoformat(sep=" ", timespec="minutes") if found[name] else None
    return found
