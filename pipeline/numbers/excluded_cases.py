"""Which decided exclusions concern a period: those whose case was received in it, as the count of excluded cases is."""

from __future__ import annotations

from metrics.clocks.daytable import day_number
from metrics.clocks.period import parse
from pipeline.numbers.counting import build_facts
from pipeline.numbers.facts_store import of_months
from pipeline.numbers.ledger import decided
from records.engine import Engine
from records.instance import Instance

TEXT = """
SELECT DISTINCT f.register, f.case_no FROM facts f JOIN ledger l ON l.register = f.register AND l.case_no = f.case_no
WHERE f.received_day >= {first} AND f.received_day < {end} ORDER BY ALL
"""


def of_period(instance: Instance, period: str, *, standard: str | None, start_day: int = 1) -> list[tuple[str, str]]:
    """Register and number of each case the ledger leaves out and that was received in the period, sorted.

    A case the ledger names but the records do not hold is in no count and therefore not among them.
    """
    ledger = decided(instance)
    if not ledger.cases:
        return []
    facts = build_facts(instance, standard, ledger=ledger)
    if facts.as_of is None:
        return []
    asked = parse(period, start_day)
    first, end = day_number(asked.start), day_number(asked.end)
    view = of_months(facts.views["facts"], *(day.year * 100 + day.month for day in (asked.start, asked.end)))
    found = Engine(instance).run(TEXT.format(first=first, end=end), {"facts": view, "ledger": ledger.view()})
    return [(register, case_no) for register, case_no in found]
