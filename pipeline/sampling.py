"""The verification sample of a period: candidates from the facts, flags from the findings, a seeded draw."""

from __future__ import annotations

from integrity.sampling import Candidate, Drawn, draw
from metrics import period as periods
from metrics.daytable import day_number
from pipeline.counting import build_facts
from pipeline.findings import find
from records.engine import Engine
from records.instance import Instance

CLOSED_TEXT = """
SELECT register, case_no, unit, coalesce(category, '') AS category, is_claimed_resolved
FROM facts
WHERE received_day >= {first} AND received_day < {end} AND is_closed = 1 AND is_excluded = 0 AND is_duplicate = 0
"""


def verification_sample(
    instance: Instance, period: str, *, size: int | None = None, seed: int = 0, start_day: int = 1
) -> list[Drawn]:
    """Closed cases to be called back. The stratum is unit and claimed status; findings mark what is flagged."""
    facts = build_facts(instance)
    if facts.as_of is None:
        return []
    asked = periods.parse(period, start_day)
    text = CLOSED_TEXT.format(first=day_number(asked.start), end=day_number(asked.end))
    flagged = {key for finding in find(instance, period, start_day) for key in finding.case_keys}
    candidates = [
        Candidate(
            register, case_no, unit, f"{unit}/{'resolved' if claimed else 'other'}", (register, case_no) in flagged
        )
        for register, case_no, unit, _, claimed in Engine(instance).run(text, facts.views)
    ]
    return draw(candidates, size, seed)
