"""The daily brief (日报): how many demands came, how they go since the month began, what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.value import MetricValue
from reports import fact_marks, notice, numbers
from reports.annual import summary
from reports.annual.facts import Facts, PeerGroup
from reports.blocks import Block, Document, Figure, Heading, Note, Paragraph, Table, numbered
from reports.charts import figures
from reports.source import ReportSource

KIND = "daily"
MOST_RATES, ENDS, MOST_TOPICS = 3, 3, 5
LONGEST_IN_HEADING = 40


@dataclass(frozen=True)
class DayCounts:
    """What one day counts: cases received and closed, those from companies, and the received ones by category.

    `from_companies` is None where the records know no channel for companies.
    """

    received: int
    closed: int
    from_companies: int | None
    topics: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Day:
    """A day, the one before it, and the rates of the cases received since the month began.

    `to_day` counts from the first day of the month to this day, `to_day_before` to the day before (empty on the first
    day), `month_before` the same number of days of the month before. All are counted from the records of today.
    """

    day: str
    first: str
    counts: DayCounts
    before: DayCounts
    to_day: Sequence[MetricValue]
    to_day_before: Sequence[MetricValue]
    month_before: Sequence[MetricValue]


def rates(facts: Facts) -> list[str]:
    """The three rates of the scheme with most weight that the months hold."""
    return notice.rates(facts)[:MOST_RATES]


def document(source: ReportSource, day: Day) -> Document:
    """The brief of one day."""
    facts = Facts(source)
    place, spoken = source.city or source.office, numbers.day(day.day, source.language)
    title = facts.say("brief.title", city=place, day=spoken)
    blocks = [*_overall(facts, day, spoken), *_ends(facts, day), *_topics(facts, day), *_companies(facts, day),
              *_annex(facts, day)]  # fmt: skip
    blocks += fact_marks.index(facts, blocks)
    made = Document(
        title=title, title_lines=(facts.say("brief.title_line", city=place), facts.say("brief.title_name", day=spoken)),
        issuer=source.office or place, imprint=summary.imprint(facts, KIND), body=numbered(blocks, source.language),
        language=source.language, made_at=source.made_at, footer=summary.running_line(facts, title, KIND),
        keywords=(source.verification_code,), cover=summary.cover(facts, KIND),
    )  # fmt: skip
    return fact_marks.marked(facts, made)


def _overall(facts: Facts, day: Day, spoken: str) -> list[Block]:
    counts, before = day.counts, day.before
    sentence = facts.say(
        "brief.overall_text", day=spoken, received=numbers.count(counts.received), closed=numbers.count(counts.closed),
        change=notice.change_of_count(facts, counts.received, before.received),
        closed_change=notice.change_of_count(facts, counts.closed, before.closed),
    )  # fmt: skip
    title = facts.say("brief.overall", received=numbers.count(counts.received))
    answer: list[Block] = [Heading(1, title, fact="brief.day"), Paragraph(sentence, "brief.day")]
    for code in rates(facts):
        answer.append(Paragraph(_rate_sentence(facts, day, code), f"brief.{code}"))
    return [*answer, Note(facts.say("brief.rate_note", first=numbers.day(day.first, facts.language)))]


def _rate_sentence(facts: Facts, day: Day, code: str) -> str:
    now = _total(day.to_day, code)
    if now is None or now.value is None:
        return facts.say("brief.rate_none", name=facts.label(code).name)
    changes = [
        facts.say(f"brief.{word}", change=notice.change_of_rate(facts, now.value, _value(rows, code)))
        for word, rows in (("than_yesterday", day.to_day_before), ("than_month", day.month_before))
    ]
    value, n = facts.spoken(code, now.value), numbers.count(now.n)
    return facts.say("brief.rate_text", name=facts.label(code).name, value=value, n=n, changes="".join(changes))


def _total(rows: Sequence[MetricValue], code: str) -> MetricValue | None:
    return next((r for r in rows if r.metric == code and r.unit is None and r.total == "pooled"), None)


def _value(rows: Sequence[MetricValue], code: str) -> float | None:
    found = _total(rows, code)
    return found.value if found else None


def _ends(facts: Facts, day: Day) -> list[Block]:
    """The first and last three units by the weightiest rate that at least six units have 30 countable cases for."""
    codes = rates(facts)
    if not codes:
        return []
    found = {code: _ordered(facts, day, code) for code in codes}
    code = next((code for code in codes if len(found[code]) >= 2 * ENDS), codes[0])
    name, ordered = facts.label(code).name, found[code]
    if len(ordered) < 2 * ENDS:
        few = facts.say("brief.ends_few", least=notice.LEAST_CASES)
        return [Heading(1, facts.say("brief.ends_plain", name=name)), Paragraph(few)]
    sides = (("brief.first", ordered[:ENDS]), ("brief.last", ordered[-ENDS:]))
    sentences = [Paragraph(facts.say(key, units=_listed(facts, code, side)), f"brief.{code}") for key, side in sides]
    note = Note(facts.say("brief.ends_note", least=notice.LEAST_CASES))
    title = facts.say("brief.ends", name=name, n=len(ordered))
    return [Heading(1, title, fact=f"brief.{code}"), *sentences, note, *_trends(facts, code, ordered[-ENDS:])]


def _ordered(facts: Facts, day: Day, code: str) -> list[MetricValue]:
    """The units with at least 30 cases the rate can be counted for, the best first."""
    is_higher_better = facts.label(code).is_higher_better
    rows = [r for r in day.to_day if r.metric == code and r.unit and r.value is not None and r.n >= notice.LEAST_CASES]
    return sorted(rows, key=lambda r: (-(r.value or 0) if is_higher_better else (r.value or 0), r.unit or ""))


def _listed(facts: Facts, code: str, rows: Sequence[MetricValue]) -> str:
    return facts.say("units.separator").join(
        facts.say("brief.unit", unit=facts.names.get(str(r.unit), str(r.unit)), value=facts.spoken(code, r.value),
                  interval=numbers.span(numbers.percent(r.low), numbers.percent(r.high)), n=numbers.count(r.n))
        for r in rows
    )  # fmt: skip


def _trends(facts: Facts, code: str, rows: Sequence[MetricValue]) -> list[Block]:
    """The months of the last three, as the assessment froze them."""
    answer: list[Block] = []
    for row in rows:
        series = facts.series(str(row.unit), code)
        if sum(v is not None for v in series) < 2:
            continue
        name = facts.short_names.get(str(row.unit), str(row.unit))
        figure = figures.trend(facts.month_names(), series, name=name, language=facts.language,
                               is_higher_better=facts.label(code).is_higher_better,
                               unsettled=facts.unsettled(code))  # fmt: skip
        title = facts.say("brief.trend", unit=name, name=facts.label(code).name)
        answer.append(Figure(figure, title, title, 700, 200, f"monthly.{code}"))
    return answer


def _topics(facts: Facts, day: Day) -> list[Block]:
    topics = [(name or facts.say("brief.no_topic"), n) for name, n in day.counts.topics]
    if not topics:
        return [Heading(1, facts.say("brief.topics_none"))]
    total = sum(n for _, n in topics)
    shown = topics[:MOST_TOPICS]
    rows = tuple((str(i), name, numbers.count(n), numbers.percent(n / total)) for i, (name, n) in enumerate(shown, 1))
    head = tuple(facts.say(key) for key in ("brief.place", "brief.topic", "brief.cases", "brief.share"))
    share, largest = (numbers.percent(n / total) for n in (sum(n for _, n in shown), shown[0][1]))
    tied = sum(n == shown[0][1] for _, n in topics)
    key = "brief.topics" if tied == 1 else "brief.topics_tied"
    return [
        Heading(1, facts.say(key, name=_in_heading(shown[0][0]), share=largest, n=numbers.count(tied))),
        Table(facts.say("brief.topics_table", n=len(shown), share=share), head, rows, (16, 80, 30, 30),
              (True, False, True, True), fact="brief.topics"),
    ]  # fmt: skip


def _in_heading(name: str) -> str:
    """The name as a heading holds it; the table below has it in full."""
    return name if len(name) <= LONGEST_IN_HEADING else f"{name[:LONGEST_IN_HEADING]}…"


def _companies(facts: Facts, day: Day) -> list[Block]:
    n, before = day.counts.from_companies, day.before.from_companies
    if n is None:
        return [Heading(1, facts.say("brief.companies_unknown")), Paragraph(facts.say("brief.companies_unknown_text"))]
    sentence = facts.say("brief.companies_text", n=numbers.count(n), change=notice.change_of_count(facts, n, before))
    return [Heading(1, facts.say("brief.companies", n=numbers.count(n))), Paragraph(sentence, "brief.companies")]


def _annex(facts: Facts, day: Day) -> list[Block]:
    """The rates of every unit since the month began, one table per peer group."""
    found = {(r.unit, r.metric): r for r in day.to_day}
    return [_table(facts, group, found) for group in facts.groups]


def _table(facts: Facts, group: PeerGroup, found: dict[tuple[str | None, str], MetricValue]) -> Table:
    codes = rates(facts)
    rows = []
    for unit in group.units:
        received = found.get((unit.unit, "n_received"))
        cells = (notice.shown(found.get((unit.unit, code))) for code in codes)
        rows.append((facts.names[unit.unit], numbers.count(received.value if received else None), *cells))
    head = (facts.say("head.unit"), facts.say("annex.received"), *(f"{facts.label(c).name}(%)" for c in codes))
    title = facts.say("brief.annex", group=group.title)
    return Table(title, head, tuple(rows), (56, 22, *[26] * len(codes)), (False, *[True] * (len(codes) + 1)), size=9,
                 unit_note=facts.say("brief.annex_note", least=notice.LEAST_SHOWN), fact="brief.units")  # fmt: skip
