"""Results by post: only the whole months somebody held it. A post is named, never a person, and it gets no score.

The months are those frozen with the assessment, so that a post and its unit are told from the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.rules.parameters import SmallNumbers
from imports.values.privacy import mask_text
from metrics.clocks.period import parse
from metrics.disclosure.small_cells import REASON as WITHHELD
from metrics.statistics.interval import wilson
from pipeline.views import shown
from pipeline.views.prepared import Prepared
from records import audit
from records.access import Action, Viewer, require
from records.clock import now
from records.instance import Instance
from records.models import PostTenure, Unit

LONGEST_POST = 100


class TenureRefused(ValueError):
    """The term cannot be kept like this; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code


SENTENCES = {
    "unknown_unit": "there is no such unit in the directory; see `wenxiao units`",
    "no_post": "name the post, such as 主要负责人",
    "names_a_person": "write the post only: a phone or identity number does not belong here",
    "ends_before_it_begins": "the last day lies before the first",
    "overlaps": "the post was held by somebody else in part of this term; end that term first",
    "unknown_term": "there is no such term",
}


@dataclass(frozen=True)
class Term:
    """A term of a post."""

    id: int
    unit: str
    unit_name: str
    post: str
    from_day: date
    to_day: date | None


@dataclass(frozen=True)
class Figure:
    """One indicator over the months in office; `value` None has a reason. `peers` is the median of the peer group over
    the same months, `whole` the value of the unit over the whole period."""

    code: str
    numerator: float | None
    denominator: float | None
    value: float | None
    low: float | None
    high: float | None
    reason: str | None
    is_grey: bool  # fewer cases than may be ranked
    peers: float | None
    whole: float | None


@dataclass(frozen=True)
class PostResult:
    """What a unit's indicators were over the whole months of one term; months of a hand-over count for nobody."""

    term: Term
    months: tuple[str, ...]
    cut: tuple[str, ...]  # months in office in part only
    n: int | None  # demands received in those months
    figures: tuple[Figure, ...]


def add(instance: Instance, viewer: Viewer, *, unit: str, post: str, from_day: date, to_day: date | None = None) -> int:
    """Keep the term of a post. Raises Forbidden, and TenureRefused for a term that overlaps another of the post."""
    require(viewer, Action.EDIT_UNITS)
    post = post.strip()[:LONGEST_POST]
    if not post:
        raise TenureRefused("no_post")
    if mask_text(post)[0] != post:
        raise TenureRefused("names_a_person")
    if to_day is not None and to_day < from_day:
        raise TenureRefused("ends_before_it_begins")
    with instance.session() as session:
        if session.get(Unit, unit) is None:
            raise TenureRefused("unknown_unit")
        others = session.scalars(select(PostTenure).filter_by(unit_code=unit, post=post))
        if any(_overlap(row, from_day, to_day) for row in others):
            raise TenureRefused("overlaps")
        made = PostTenure(
            unit_code=unit, post=post, from_day=from_day, to_day=to_day, made_by=viewer.sign_in, made_at=now()
        )
        session.add(made)
        session.flush()
        audit.write(session, viewer.sign_in, "post.add", f"unit {unit}", {"post": post, "from": from_day.isoformat()})
        return made.id


def end(instance: Instance, viewer: Viewer, term: int, *, to_day: date) -> None:
    """Set the last day of a term. Raises Forbidden and TenureRefused."""
    require(viewer, Action.EDIT_UNITS)
    with instance.session() as session:
        row = _row(session, term)
        if to_day < row.from_day:
            raise TenureRefused("ends_before_it_begins")
        others = session.scalars(select(PostTenure).filter_by(unit_code=row.unit_code, post=row.post))
        if any(other.id != row.id and _overlap(other, row.from_day, to_day) for other in others):
            raise TenureRefused("overlaps")
        row.to_day = to_day
        detail = {"post": row.post, "to": to_day.isoformat()}
        audit.write(session, viewer.sign_in, "post.end", f"unit {row.unit_code}", detail)


def remove(instance: Instance, viewer: Viewer, term: int) -> None:
    """Take a term out that was entered by mistake. Raises Forbidden and TenureRefused."""
    require(viewer, Action.EDIT_UNITS)
    with instance.session() as session:
        row = _row(session, term)
        detail = {"post": row.post, "from": row.from_day.isoformat()}
        audit.write(session, viewer.sign_in, "post.remove", f"unit {row.unit_code}", detail)
        session.delete(row)


def terms(instance: Instance, viewer: Viewer) -> list[Term]:
    """All terms, by unit, post and first day."""
    require(viewer, Action.SEE_DIRECTORY)
    wanted = select(PostTenure, Unit.name).join(Unit, Unit.code == PostTenure.unit_code)
    with instance.session() as session:
        rows = session.execute(wanted.order_by(PostTenure.unit_code, PostTenure.post, PostTenure.from_day)).all()
    return [Term(r.id, r.unit_code, name, r.post, r.from_day, r.to_day) for r, name in rows]


def results(instance: Instance, viewer: Viewer, number: int | None = None) -> tuple[Prepared, list[PostResult]]:
    """The results of every term that reaches into the period of an assessment.

    Raises Forbidden and NothingToShow as `shown.prepared` does.
    """
    prepared = shown.prepared(instance, viewer, number=number, action=Action.SEE_RANKING)
    start_day = int(prepared.source.scheme.get("period_start_day", 1))
    found = [(term, *months_of(term, prepared.months, start_day)) for term in terms(instance, viewer)]
    kept = [(t, whole, cut) for t, whole, cut in found if (whole or cut) and t.unit in prepared.results]
    return prepared, [_result(prepared, *one) for one in kept]


def months_of(term: Term, months: Iterable[str], start_day: int = 1) -> tuple[list[str], list[str]]:
    """Of these months those wholly in office, and those only in part.

    >>> term = Term(1, "u", "U", "主要负责人", date(2024, 1, 10), date(2024, 3, 31))
    >>> months_of(term, ["2024-01", "2024-02", "2024-04"])
    (['2024-02'], ['2024-01'])
    """
    whole, cut = [], []
    for month in months:
        period = parse(month, start_day)
        first, last = period.start, period.end - timedelta(days=1)
        end_day = term.to_day or last
        if term.from_day <= first and end_day >= last:
            whole.append(month)
        elif term.from_day <= last and end_day >= first:
            cut.append(month)
    return whole, cut


def _result(prepared: Prepared, term: Term, whole: Sequence[str], cut: Sequence[str]) -> PostResult:
    received = pooled(prepared, term.unit, "n_received", whole)
    figures = tuple(_figure(prepared, term.unit, code, whole) for code in prepared.codes)
    kept = tuple(figure for figure in figures if figure.whole is not None or figure.value is not None)
    return PostResult(term, tuple(whole), tuple(cut), int(received[0]) if received else None, kept)


def pooled(prepared: Prepared, unit: str, code: str, months: Sequence[str]) -> tuple[float, float] | None:
    """Numerator and denominator of a metric summed over months; None where a month cannot be added."""
    by_month = prepared.monthly.get((unit, code), {})
    values = [by_month[month] for month in months if month in by_month]
    if not values or any(value.numerator is None and value.reason != "no_cases" for value in values):
        return None  # a median, or a month that is withheld
    return sum(v.numerator or 0 for v in values), sum(v.denominator or 0 for v in values)


def _figure(prepared: Prepared, unit: str, code: str, months: Sequence[str]) -> Figure:
    result = prepared.results[unit].indicator(code)
    whole = result.value if result else None
    small = SmallNumbers(**prepared.source.scheme.get("small_n", {}))
    sums = pooled(prepared, unit, code, months)
    reason = _reason(prepared, unit, code, months, sums, small)
    if reason is not None or sums is None:
        numerator, denominator = sums or (None, None)
        return Figure(code, numerator, denominator, None, None, None, reason, False, None, whole)
    hits, n = sums
    low, high = (float(bound) for bound in wilson(hits, n))
    peers = [pooled(prepared, peer.unit, code, months) for peer in prepared.peers(prepared.results[unit].group)]
    rates = [y / d for y, d in (pair for pair in peers if pair) if d >= small.suppress]
    middle = median(rates) if rates else None
    return Figure(code, hits, n, hits / n, low, high, None, n < small.rank, middle, whole)


def _reason(
    prepared: Prepared,
    unit: str,
    code: str,
    months: Sequence[str],
    sums: tuple[float, float] | None,
    small: SmallNumbers,
) -> str | None:
    """Why there is no value: no whole month, a month withheld, no rate, or too few cases."""
    if not months:
        return "hand_over"
    by_month = prepared.monthly.get((unit, code), {})
    if any(by_month[month].reason == WITHHELD for month in months if month in by_month):
        return WITHHELD
    if sums is None or prepared.definition(code).measure != "rate" or sums[0] > sums[1]:
        return "not_additive"
    if sums[1] == 0:
        return "no_cases"
    return "small_n" if sums[1] < small.suppress else None


def _overlap(row: PostTenure, from_day: date, to_day: date | None) -> bool:
    return (to_day is None or row.from_day <= to_day) and (row.to_day is None or row.to_day >= from_day)


def _row(session: Session, term: int) -> PostTenure:
    row = session.get(PostTenure, term)
    if row is None:
        raise TenureRefused("unknown_term")
    return row
