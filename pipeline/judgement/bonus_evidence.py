"""Which approved bonuses count in a period."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from evaluation.rules.scheme import Scheme
from evaluation.scores.observations import Evidence
from metrics.clocks.period import parse
from records.instance import Instance
from records.models import Bonus


def valid_bonuses(instance: Instance, scheme: Scheme, period: str) -> list[Evidence]:
    """The approved bonuses of a scheme that are valid on the last day of a period, as evidence."""
    last = parse(period, scheme.period_start_day).end - timedelta(days=1)
    wanted = (
        select(Bonus)
        .where(Bonus.scheme_id == scheme.id, Bonus.state == "approved")
        .where(Bonus.done_on <= last, Bonus.valid_until >= last)
        .order_by(Bonus.id)
    )
    with instance.session() as session:
        return [
            Evidence(row.unit_code, f"bonus:{row.rule}", float(row.items), f"bonus {row.id}")
            for row in session.scalars(wanted)
        ]
