"""The monthly notice (通报): how the month went, which units are clearly below the city, what follows."""

from __future__ import annotations

from metrics.value import MetricValue
from metrics.values.settling import has_settled
from reports import fact_marks, numbers
from reports.annual import summary
from reports.annual.facts import Facts
from reports.blocks import Block, Document, Figure, Heading, Note, PageTurn, Paragraph, Table, numbered
from reports.charts import figures
from reports.source import ReportSource

KIND = "notice"
LEAST_CASES = 30
LEAST_SHOWN = 10  # cases below which a rate of a unit is not printed: it would tell of single answers
MOST_RATES, MOST_UNITS = 5, 5
POINTS = "unit.percentage_points"


class NoMonth(ValueError):
    """The assessment covers no month."""


def document(source: ReportSource, month: str | None = None) -> Document:
    """The notice of one month of an assessment, of its last one by default. Raises NoMonth."""
    facts, chosen = Facts(source), month_of(source, month)
    spoken = numbers.month(chosen, source.language)
    place = source.city or source.office
    title = facts.say("notice.title", city=place, month=spoken)
    annex: list[Block] = [PageTurn(), Paragraph(facts.say("notice.annex_note", month=spoken)), _annex(facts, chosen)]
    blocks = [*_overall(facts, chosen, spoken), *_problems(facts, chosen), *_next(facts), *annex]
    blocks += fact_marks.index(facts, blocks)
    made = Document(
        title=title, title_lines=(facts.say("notice.title_line", city=place, month=spoken),
                                  facts.say("notice.title_name")),
        issuer=source.office or place, imprint=summary.imprint(facts, KIND), body=numbered(blocks, source.language),
        language=source.language, made_at=source.made_at, footer=summary.running_line(facts, title, KIND),
        keywords=(source.verification_code,), cover=summary.cover(facts, KIND),
    )  # fmt: skip
    return fact_marks.marked(facts, made)


def month_of(source: ReportSource, month: str | None = None) -> str:
    """The month a notice is about: the one asked for, else the last with cases. Raises NoMonth."""
    facts = Facts(source)
    with_cases = [m for m in facts.months if (facts.month_value(None, "n_received", m) or 0) > 0]
    if not with_cases or (month is not None and month not in facts.months):
        raise NoMonth(f"assessment {source.number} holds no cases of {month or 'any month'}")
    return month or with_cases[-1]


def rates(facts: Facts) -> list[str]:
    """The rates of the notice: those of the scheme with most weight that the months hold."""
    held = {row.metric for row in facts.source.monthly}
    found = [i for i in facts.indicators if i["code"] in held and facts.label(i["code"]).unit == "rate"]
    return [i["code"] for i in sorted(found, key=lambda i: -float(i["weight"]))[:MOST_RATES]]


def _before(facts: Facts, month: str) -> str | None:
    place = facts.months.index(month)
    return facts.months[place - 1] if place else None


def _overall(facts: Facts, month: str, spoken: str) -> list[Block]:
    before = _before(facts, month)
    now = facts.month_value(None, "n_received", month)
    then = facts.month_value(None, "n_received", before) if before else None
    sentence = facts.say(
        "notice.overall_text", month=spoken, units=numbers.count(len(facts.units)), received=numbers.count(now),
        change=change_of_count(facts, now, then),
    )  # fmt: skip
    answer: list[Block] = [Heading(1, facts.say("notice.overall")), Paragraph(sentence, "monthly.n_received")]
    for code in rates(facts):
        value, earlier = (facts.month_value(None, code, m) if m else None for m in (month, before))
        texts = {"name": facts.label(code).name, "value": facts.spoken(code, value)}
        change = change_of_rate(facts, value, earlier)
        answer.append(Paragraph(facts.say("notice.rate_text", **texts, change=change), f"monthly.{code}"))
    return [*answer, *_still_open(facts, month, before, spoken), *_trend(facts)]


def change_of_rate(facts: Facts, now: float | None, then: float | None) -> str:
    """The difference in percentage points, in words where it prints as nothing or cannot be told."""
    if now is None or then is None:
        return facts.say("notice.no_month")
    points = numbers.percent_points(now - then)
    return facts.say("notice.same") if points == numbers.percent_points(0) else points + facts.say(POINTS)


def _still_open(facts: Facts, month: str, before: str | None, spoken: str) -> list[Block]:
    """That a rate over all cases still changes, where one of the rates is and cases of the month are open."""
    rising = [facts.label(code).name for code in rates(facts) if not has_settled(code, 0)]
    still = facts.month_value(None, "n_open", month)
    if not rising or not still:
        return []
    earlier = facts.month_value(None, "n_open", before) if before else None
    texts = {"month": spoken, "open": numbers.count(still), "before": numbers.count(earlier),
             "day": numbers.day(facts.source.assessment.as_of, facts.language),
             "names": facts.say("units.separator").join(rising)}  # fmt: skip
    key = "notice.still_open" if earlier is None else "notice.still_open_both"
    return [Note(facts.say(key, **texts))]


def change_of_count(facts: Facts, now: float | None, then: float | None) -> str:
    """More, fewer or as many in words, with the share; "nothing to compare" where one of the two is missing."""
    if now is None or then is None:
        return facts.say("notice.no_month")
    if now == then:
        return facts.say("notice.same")
    if not then:
        return facts.say("notice.from_none", n=numbers.count(now))
    key = "more" if now > then else "fewer"
    share = numbers.percent(abs(now - then) / then)
    return facts.say(f"notice.{key}", n=numbers.count(abs(now - then)), share=share)


def _trend(facts: Facts) -> list[Block]:
    codes = rates(facts)
    series = facts.series(None, codes[0]) if codes else []
    if sum(v is not None for v in series) < 2:
        return []
    label = facts.label(codes[0])
    figure = figures.trend(facts.month_names(), series, name=facts.say("parts.city"), language=facts.language,
                           is_higher_better=label.is_higher_better, unsettled=facts.unsettled(codes[0]))  # fmt: skip
    title = facts.say("parts.trend_figure", name=label.name)
    return [Figure(figure, title, title, 700, 240, f"monthly.{codes[0]}")]


def _problems(facts: Facts, month: str) -> list[Block]:
    found = [(code, units) for code in rates(facts) if (units := clearly_worse(facts, code, month))]
    answer: list[Block] = [Heading(1, facts.say("notice.problems", n=len(found)), fact="problems")]
    if not found:
        return [*answer, Paragraph(facts.say("notice.none"))]
    for code, rows in found:
        label = facts.label(code)
        named = [
            facts.say("notice.unit_value", unit=facts.names.get(str(row.unit), str(row.unit)),
                      value=facts.spoken(code, row.value), n=numbers.count(row.n))
            for row in rows[:MOST_UNITS]
        ]  # fmt: skip
        more = facts.say("notice.and_more", n=len(rows)) if len(rows) > MOST_UNITS else ""
        listed = facts.say("units.separator").join(named) + more
        key = "notice.problem" if label.is_higher_better else "notice.problem_low"
        pooled = facts.spoken(code, facts.month_value(None, code, month))
        sentence = facts.say(key, name=label.name, units=listed, pooled=pooled)
        answer.append(Paragraph(sentence, f"monthly.{code}"))
    return [*answer, Note(facts.say("notice.by_chance"))]


def clearly_worse(facts: Facts, code: str, month: str) -> list[MetricValue]:
    """Units with at least 30 cases whose 95 % interval lies wholly on the bad side of the city, furthest first."""
    pooled = facts.month_value(None, code, month)
    if pooled is None:
        return []
    is_higher_better = facts.label(code).is_higher_better
    answer = []
    for row in facts.source.monthly:
        is_asked = (row.metric, row.period, row.group) == (code, month, None) and row.unit is not None
        if not is_asked or row.n < LEAST_CASES:
            continue
        edge = row.high if is_higher_better else row.low
        if edge is not None and (edge < pooled if is_higher_better else edge > pooled):
            answer.append(row)
    return sorted(answer, key=lambda r: ((r.value or 0) * (1 if is_higher_better else -1), r.unit or ""))


def _next(facts: Facts) -> list[Block]:
    return [Heading(1, facts.say("notice.next")), Paragraph(facts.say("notice.next_text", n=LEAST_CASES))]


def _annex(facts: Facts, month: str) -> Table:
    codes = rates(facts)
    found = {(r.unit, r.metric): r for r in facts.source.monthly if r.period == month and r.group is None}
    rows = []
    for unit in facts.units:
        cells = (shown(found.get((unit.unit, code))) for code in codes)
        received = numbers.count(facts.month_value(unit.unit, "n_received", month))
        rows.append((facts.names[unit.unit], received, *cells))
    head = (facts.say("head.unit"), facts.say("annex.received"), *(f"{facts.label(c).name}(%)" for c in codes))
    title = facts.say("notice.annex", month=numbers.month(month, facts.language))
    return Table(title, head, tuple(rows), (52, 20, *[22] * len(codes)), (False, *[True] * (len(codes) + 1)), size=9,
                 unit_note=facts.say("brief.annex_note", least=LEAST_SHOWN), fact="monthly")  # fmt: skip


def shown(row: MetricValue | None) -> str:
    """A rate of one unit as a column prints it; the dash where it is missing or rests on too few cases."""
    return numbers.rate(row.value if row is not None and row.n >= LEAST_SHOWN else None)
