"""Counts one day for the daily brief: from the records as they stand now, by the rules of an assessment's scheme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from evaluation.rules.scheme import Scheme
from metrics.clocks.daytable import day_date, day_number
from metrics.clocks.period import Period, month_of, parse
from metrics.disclosure.small_cells import protected
from metrics.value import MetricValue
from pipeline.judgement.measuring import options_of
from pipeline.numbers import counting
from pipeline.numbers.small_cells import smallest_shown
from records.access import Action, Viewer, require
from records.canonical import document_sha256
from records.engine import Engine
from records.instance import Instance
from records.tables import tables_for_metrics
from reports import brief
from reports.annual.facts import Facts
from reports.brief import Day, DayCounts
from reports.source import ReportSource

ENTERPRISE = "enterprise"


class NoDay(ValueError):
    """The records do not hold that day whole; the message says which days there are."""


def last_day_with_cases(instance: Instance, facts: counting.Facts, last: date) -> date:
    """The last whole day on which a case was received: an export may be made days after its newest case."""
    text = f"SELECT max(received_day) FROM facts WHERE received_day <= {day_number(last)}"
    found = Engine(instance).run(text, facts.views)[0][0] if facts.as_of is not None else None
    return last if found is None else day_date(found)


def last_whole_day(instance: Instance) -> date | None:
    """The day before that of the cut-off: the day of an export is not over. None without records."""
    known = counting.as_of(instance)
    return None if known is None else known.date() - timedelta(days=1)


def counted(
    instance: Instance, viewer: Viewer, source: ReportSource, scheme: Scheme, wanted: str = ""
) -> tuple[ReportSource, Day]:  # fmt: skip
    """The day (the last whole one with cases by default), and the source whose code now stands for this day.

    Raises Forbidden, and NoDay for a day that is not over or that nothing is known of.
    """
    require(viewer, Action.SEE_METRICS)
    last = last_whole_day(instance)
    facts = counting.build_facts(instance, scheme.limits.get("standard"))
    day = _day(wanted, last)
    day = day if wanted else last_day_with_cases(instance, facts, day)
    month = parse(month_of(day, scheme.period_start_day), scheme.period_start_day)
    spans = _spans(month, day, scheme.period_start_day)
    codes = ["n_received", *brief.rates(Facts(source))]
    now, yesterday, earlier = (_rates(instance, scheme, codes, span) for span in spans)
    counts = _counts(instance, scheme, day)
    made = Day(day.isoformat(), month.start.isoformat(), counts[0], counts[1], now, yesterday, earlier)
    least = smallest_shown(viewer)
    if least > 1:
        made = replace(made, to_day=protected(list(made.to_day), least))
    code = document_sha256([source.content_sha256, made.day, facts.key])
    return replace(source, content_sha256=code), made


def _day(wanted: str, last: date | None) -> date:
    if last is None:
        raise NoDay("there are no records yet")
    try:
        day = date.fromisoformat(wanted) if wanted else last
    except ValueError as error:
        raise NoDay(f"{wanted!r} is not a day; write one like {last.isoformat()}") from error
    if day > last:
        raise NoDay(f"the records reach to {last.isoformat()}; {day.isoformat()} is not whole")
    return day


def _spans(month: Period, day: date, start_day: int) -> list[tuple[date, date] | None]:
    """First and last day of: this month to the day, to the day before, and as many days of the month before."""
    before = parse(month_of(month.start - timedelta(days=1), start_day), start_day)
    length = min((day - month.start).days, (before.end - before.start).days - 1)
    yesterday = None if day == month.start else (month.start, day - timedelta(days=1))
    return [(month.start, day), yesterday, (before.start, before.start + timedelta(days=length))]


def _rates(
    instance: Instance, scheme: Scheme, codes: Iterable[str], span: tuple[date, date] | None
) -> Sequence[MetricValue]:  # fmt: skip
    if span is None:
        return ()
    answer = counting.metric_values(
        instance, codes=codes, period=f"{span[0].isoformat()}..{span[1].isoformat()}", scope=scheme.scope,
        standard=scheme.limits.get("standard"), start_day=scheme.period_start_day, options=options_of(scheme),
    )  # fmt: skip
    return answer.rows


def _counts(instance: Instance, scheme: Scheme, day: date) -> list[DayCounts]:
    """The counts of the day and of the one before."""
    facts = counting.build_facts(instance, scheme.limits.get("standard"))
    if facts.as_of is None:
        return [DayCounts(0, 0, None)] * 2
    kept = "coalesce(is_duplicate, 0) = 0" + (" AND coalesce(is_excluded, 0) = 0" if scheme.scope == "kept" else "")
    numbers = [day_number(day), day_number(day) - 1]
    days = f"({', '.join(str(n) for n in numbers)})"
    came = (
        "SELECT received_day, coalesce(category, ''), coalesce(channel, ''), count(*) FROM facts "
        f"WHERE received_day IN {days} AND {kept} GROUP BY ALL"
    )
    went = f"SELECT closed_day, count(*) FROM facts WHERE closed_day IN {days} AND {kept} GROUP BY ALL"
    with instance.session() as session:
        views = {**tables_for_metrics(instance, session), **facts.views}
    with Engine(instance).open(views) as statements:
        received = [row for piece in statements.pieces(came) for row in piece]
        closed = dict(row for piece in statements.pieces(went) for row in piece)
        has_companies = bool(statements.run(f"SELECT 1 FROM facts WHERE channel = '{ENTERPRISE}' LIMIT 1"))
    return [_of_day(number, received, closed, has_companies=has_companies) for number in numbers]


def _of_day(
    number: int, received: Sequence[tuple[int, str, str, int]], closed: dict[int, int], *, has_companies: bool
) -> DayCounts:  # fmt: skip
    own = [row for row in received if row[0] == number]
    topics: dict[str, int] = {}
    for _, category, _, n in own:
        topics[category] = topics.get(category, 0) + n
    ordered = tuple(sorted(topics.items(), key=lambda pair: (-pair[1], pair[0])))
    companies = sum(n for _, _, channel, n in own if channel == ENTERPRISE) if has_companies else None
    return DayCounts(sum(topics.values()), closed.get(number, 0), companies, ordered)
