"""Parts of a scorecard beside its indicators: adjusted rates, shared demands, notable months, what people decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.rules.parameters import comparison_of
from integrity.rules.catalogue import detectors
from metrics.statistics.change import NaturalLimits, notable_points, p_chart, xmr
from metrics.value import MetricValue
from metrics.values.settling import SETTLING_DAYS
from pipeline.numbers.backlog import age_titles
from pipeline.views import sentences
from pipeline.views.prepared import Prepared
from pipeline.views.words import Words, joined, words_of
from reports import numbers

MOST_DEMANDS = 6
SET_ASIDE = ("explained", "data_error")
ENOUGH_MONTHS = 8  # fewer months say nothing about ordinary variation


@dataclass(frozen=True)
class AdjustedRate:
    """A rate as it stands and as it would be with its peers' mix of cases; fractions with a 95 % interval."""

    code: str
    name: Words
    raw: float
    value: float
    low: float
    high: float
    is_comparable: bool = True  # enough of the mix in common with the others


@dataclass(frozen=True)
class Demand:
    """What several people asked of the unit; `others` is how many further units got it too."""

    topic: str
    place: str | None
    people: int
    cases: int
    first: str
    last: str
    others: int


@dataclass(frozen=True)
class NamedFinding:
    """A finding about the unit's data that passed both keys or that a person confirmed."""

    number: int | None
    title: Words
    sentence: Words
    is_confirmed: bool


@dataclass(frozen=True)
class NotableMonth:
    """A month that ordinary variation rarely gives. `side` is 1 above the usual, -1 below."""

    month: str
    rule: str
    side: int


@dataclass(frozen=True)
class Notability:
    """The months of an indicator against its own ordinary variation; `reading` is empty with too few months."""

    months: tuple[NotableMonth, ...]
    reading: Words


def adjusted_rates(prepared: Prepared, unit: str) -> tuple[AdjustedRate, ...]:
    """The rates of a unit standardised for its mix of cases, in the order of the source."""
    least = comparison_of(prepared.source.scheme).least_overlap
    return tuple(
        AdjustedRate(row["metric"], prepared.definition(row["metric"]).name, row["raw"], row["value"], row["low"],
                     row["high"], row.get("overlap", 1.0) >= least)
        for row in prepared.source.adjusted if row["unit"] == unit
    )  # fmt: skip


def demands(prepared: Prepared, unit: str | None) -> tuple[Demand, ...]:
    """The demands shared by the most people, of one unit or of the whole city."""
    rows = [row for row in prepared.source.demands if unit is None or unit in row.get("units", ())]
    return tuple(_demand(row) for row in rows[:MOST_DEMANDS])


def _demand(row: dict[str, Any]) -> Demand:
    others = max(len(row.get("units", ())) - 1, 0)
    return Demand(row["topic"], row.get("place"), row["people"], row["cases"], row["first"], row["last"], others)


def backlog(prepared: Prepared, unit: str) -> tuple[tuple[Words, int], ...]:
    """Open cases by age, youngest first; empty when the source has no such counts at all."""
    if not prepared.source.backlog:
        return ()
    counts = prepared.source.backlog.get(unit) or [0] * len(age_titles())
    return tuple(zip(age_titles(), counts, strict=True))


def findings(prepared: Prepared, unit: str) -> tuple[NamedFinding, ...]:
    """Named or confirmed findings about the unit's data; what a reviewer set aside is not shown."""
    own = [row for row in prepared.source.findings if row.get("unit") == unit and row.get("state") not in SET_ASIDE]
    kept = [row for row in own if row.get("named") or _is_confirmed(row)]
    return tuple(
        NamedFinding(row.get("id"), _title(str(row.get("detector", ""))), words_of(row.get("sentence")),
                     _is_confirmed(row))
        for row in kept
    )  # fmt: skip


def _is_confirmed(row: dict[str, Any]) -> bool:
    return row.get("state") == "confirmed"


def _title(detector: str) -> Words:
    known = detectors().get(detector)
    return words_of(known.name if known else None, detector)


def objections(prepared: Prepared, unit: str) -> tuple[int, int]:
    """How many objections of the unit there are, and how many of them are still open."""
    own = [row for row in prepared.source.objections if row.get("unit") == unit]
    return len(own), sum(1 for row in own if row.get("decided_at") is None)


def rectifications(prepared: Prepared, unit: str) -> tuple[int, int]:
    """How many improvement tasks the unit has from this assessment, and how many of them are not accepted yet."""
    own = [row for row in prepared.source.rectifications if row.get("unit") == unit]
    return len(own), sum(1 for row in own if row.get("state") != "accepted")


def exclusions(prepared: Prepared, unit: str) -> int:
    """Approved exclusions of the unit's cases."""
    return sum(1 for row in prepared.source.exclusions if row.get("unit") == unit)


def judged_months(prepared: Prepared, unit: str | None, code: str) -> list[tuple[str, MetricValue]]:
    """The months of an indicator that can be set against each other: with a value, and settled."""
    found = prepared.monthly.get((unit, code), {})
    known = [(month, found[month]) for month in prepared.months if month in found and found[month].value is not None]
    if prepared.definition(code).measure == "rate":
        known = [(month, value) for month, value in known if value.denominator]
    return [(month, value) for month, value in known if prepared.has_settled(code, month)]


def notability(prepared: Prepared, unit: str | None, code: str) -> Notability:
    """Which months of an indicator stand out, each by its first rule; rates against p-chart limits, others XmR."""
    points = judged_months(prepared, unit, code)
    young = unsettled_words(prepared, unit, code)
    if len(points) < ENOUGH_MONTHS:
        return Notability((), young)
    is_rate = prepared.definition(code).measure == "rate"
    values = [value.value or 0.0 for _, value in points]
    told: dict[str, NotableMonth] = {}
    for point in notable_points(values, natural_limits([value for _, value in points], is_rate)):
        month = points[point.index][0]
        told.setdefault(month, NotableMonth(month, point.rule, point.side))
    months = tuple(told[month] for month in sorted(told))
    return Notability(months, joined(young, _reading(months, is_cut=bool(young.zh))))


def unsettled_words(prepared: Prepared, unit: str | None, code: str) -> Words:
    """That the last months of an indicator still change and were not judged; empty where all have settled."""
    found = prepared.monthly.get((unit, code), {})
    months = [prepared.months[place] for place in prepared.unsettled(code) if prepared.months[place] in found]
    if not months:
        return Words("", "")
    return sentences.phrase("notable.unsettled", month=_month(months[0]), days=SETTLING_DAYS)


def natural_limits(values: Sequence[MetricValue], is_rate: bool) -> NaturalLimits:
    """The limits of ordinary variation of a series: of a rate those of a p-chart, else XmR."""
    if is_rate:
        return p_chart([v.numerator or 0.0 for v in values], [v.denominator or 1.0 for v in values])
    return xmr([v.value or 0.0 for v in values])


def _reading(months: tuple[NotableMonth, ...], *, is_cut: bool) -> Words:
    if not months:
        return sentences.phrase("notable.none_before" if is_cut else "notable.none")
    # Of a run only its last month is told: the months before it belong to the same run.
    last = [m for m, then in zip(months, [*months[1:], None], strict=True) if not _goes_on(m, then)]
    named = [
        sentences.phrase(f"notable.{m.rule}_{'above' if m.side > 0 else 'below'}", month=_month(m.month)) for m in last
    ]
    return Words("；".join(words.zh for words in named) + "。", "; ".join(words.en for words in named) + ".")


def _goes_on(month: NotableMonth, then: NotableMonth | None) -> bool:
    return then is not None and month.rule != "outside" and (month.rule, month.side) == (then.rule, then.side)


def _month(label: str) -> Words:
    return Words(numbers.month(label, "zh"), numbers.month(label, "en"))
