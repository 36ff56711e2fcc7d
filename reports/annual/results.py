"""Chapter 4: scores, grades and intervals, by peer group."""

from __future__ import annotations

from evaluation.rules.parameters import uncertainty_of
from evaluation.scores.result import UnitResult
from reports import numbers
from reports.annual import adjusted, change
from reports.annual.facts import Facts, PeerGroup
from reports.blocks import Block, Figure, Heading, Note, Paragraph, Table
from reports.charts import figures


def blocks(facts: Facts) -> list[Block]:
    """The distribution of the city, then each peer group with its chart and full table."""
    certain = sum(bool(u.grade) for u in facts.scored)
    median = numbers.score(facts.median_score)
    scores = [u.score for u in facts.scored if u.score is not None]
    sentence = facts.say(
        "results.distribution", scored=numbers.count(len(facts.scored)), median=median, certain=numbers.count(certain),
        highest=numbers.score(max(scores, default=None)), lowest=numbers.score(min(scores, default=None)),
        level=numbers.level(uncertainty_of(facts.source.scheme).certain),
        rest=facts.say("results.not_graded" if certain < len(facts.scored) else "results.all_graded"),
    )  # fmt: skip
    answer: list[Block] = [
        Heading(1, facts.say("results.title", median=median, certain=numbers.count(certain)), fact="results"),
        Heading(2, facts.say("results.distribution_heading")),
        Paragraph(sentence, "results.distribution"),
        _grade_figure(facts),
        _grade_table(facts),
    ]
    for group in facts.groups:
        answer += _group(facts, group)
    return [*answer, *_adjusted(facts), *change.blocks(facts)]


def _adjusted(facts: Facts) -> list[Block]:
    """What was added, taken or capped; nothing where no unit has any."""
    table = adjusted.table(facts, [unit for group in facts.groups for unit in group.units])
    if table is None:
        return []
    return [Heading(2, facts.say("adjusted.table")), Paragraph(facts.say("adjusted.intro")), table]


def _grade_figure(facts: Facts) -> Figure:
    title = facts.say("results.grade_figure")
    titles = {g: facts.grade_title(g) for g in facts.grades}
    counts = [facts.grade_counts(g.scored) for g in facts.groups]
    figure = figures.grade_distribution(
        [g.title for g in facts.groups], counts, facts.grades, titles=titles, language=facts.language
    )
    return Figure(figure, title, title, 700, figure["layout"]["height"], "results.grades")


def _grade_table(facts: Facts) -> Table:
    rows = []
    for group in facts.groups:
        counts = facts.grade_counts(group.scored)
        numbers_of = [numbers.count(counts.get(grade, 0)) for grade in [*facts.grades, ""]]
        numbers_of += [numbers.count(len(group.units) - len(group.scored))] if facts.unscored else []
        rows.append((group.title, numbers.score(facts.group_median(_code(group))), *numbers_of))
    head = (facts.say("head.group"), facts.say("head.median"), *(facts.grade_title(g) for g in facts.grades))
    head += (facts.say("results.none"), *([facts.say("results.unscored")] if facts.unscored else []))
    columns = len(head) - 2
    return Table(
        facts.say("results.grade_table"), head, tuple(rows),
        (44, 26, *[20] * columns), (False, True, *[True] * columns), fact="results.grades",
        unit_note=facts.say("head.note", units=facts.say("results.grade_units")),
    )  # fmt: skip


def _group(facts: Facts, group: PeerGroup) -> list[Block]:
    scores = [u.score for u in group.scored if u.score is not None]
    sizes = {"group": group.title, "units": numbers.count(len(group.units)), "scored": numbers.count(len(group.scored))}
    median = numbers.score(facts.group_median(_code(group)))
    fact = f"results.group.{group.code}"
    if not group.scored:
        title = facts.say("units.group_heading", group=group.title, n=sizes["units"])
        return [Heading(2, title), Paragraph(facts.say("results.group_none", **sizes), fact), score_table(facts, group)]
    ends = {"lowest": numbers.score(min(scores, default=None)), "highest": numbers.score(max(scores, default=None))}
    return [
        Heading(2, facts.say("results.group_heading", median=median, **sizes), fact=fact),
        Paragraph(facts.say("results.group", median=median, **sizes, **ends), fact),
        *_rankings(facts, group),
        score_table(facts, group),
        Note(_reading(facts)),
        *_at_an_end(facts, group),
    ]


def _at_an_end(facts: Facts, group: PeerGroup) -> list[Block]:
    """Why some scores stand at an end of their own interval; nothing where none does."""
    found = [
        facts.short_names[u.unit]
        for u in group.units
        if u.score is not None and numbers.score(u.score) in (numbers.score(u.low), numbers.score(u.high))
    ]
    return [Note(facts.say("results.end_of_interval", units=facts.say("units.separator").join(found)))] if found else []


def _reading(facts: Facts) -> str:
    if not facts.has_ranks:
        return facts.say("results.order_note")
    level = uncertainty_of(facts.source.scheme).rank_interval
    return facts.say("results.rank_note", level=numbers.level(level))


def _rankings(facts: Facts, group: PeerGroup) -> list[Block]:
    """Charts of at most 30 units each, so that names stay readable."""
    ordered = shown_order(facts, group)
    ordered = [u for u in ordered if u.score is not None]
    answer: list[Block] = []
    for start in range(0, len(ordered), 30):
        part = ordered[start : start + 30]
        figure = figures.ranking(
            [facts.short_names[u.unit] for u in part], [u.score for u in part], [u.low for u in part],
            [u.high for u in part], cuts=facts.cuts, language=facts.language,
        )  # fmt: skip
        title = facts.say("results.ranking_figure", group=group.title)
        answer.append(Figure(figure, title, title, 700, figure["layout"]["height"], f"results.group.{group.code}"))
    return answer


def shown_order(facts: Facts, group: PeerGroup) -> list[UnitResult]:
    """Directory order, or by rank where the scheme publishes ranks."""
    if not facts.has_ranks:
        return list(group.units)
    return sorted(group.units, key=lambda u: (u.rank is None, u.rank or 0))


def score_table(facts: Facts, group: PeerGroup) -> Table:
    """Every unit of a peer group with score, interval and grade, or the reason why not."""
    rows = tuple(_score_row(facts, unit) for unit in shown_order(facts, group))
    head = ["head.unit", "annex.received", "head.score", "head.interval", "head.grade", "head.remark"]
    widths, numeric = [46.0, 20, 20, 33, 22, 37], [False, True, True, True, False, False]
    if facts.has_ranks:
        head[:0], widths[:0], numeric[:0] = ["head.rank", "head.rank_interval"], [12.0, 20], [True, True]
    return Table(
        facts.say("results.ranking_table", group=group.title), tuple(facts.say(h) for h in head), rows, tuple(widths),
        tuple(numeric), fact=f"results.group.{group.code}",
    )  # fmt: skip


def _score_row(facts: Facts, unit: UnitResult) -> tuple[str, ...]:
    interval = numbers.interval_of(unit)
    cells = (
        facts.names[unit.unit], numbers.count(facts.received(unit.unit)), numbers.score_of(unit), interval,
        facts.grade_title(unit.grade), remark(facts, unit),
    )  # fmt: skip
    if not facts.has_ranks:
        return cells
    return (numbers.count(unit.rank), numbers.span(numbers.count(unit.rank_low), numbers.count(unit.rank_high)), *cells)


def remark(facts: Facts, unit: UnitResult) -> str:
    """Why a unit has no score or grade, or which veto caps it; empty when there is nothing to say."""
    if unit.score is None:
        reason = numbers.reason_text(unit.reason or "missing", facts.language)
        return reason if unit.low is None else f"{reason} {numbers.score_of(unit)}"
    if unit.vetoes:
        return facts.say("results.capped")
    if unit.grade:
        return ""
    return numbers.reason_text(unit.reason, facts.language) if unit.reason else facts.say("results.straddles")


def _code(group: PeerGroup) -> str | None:
    return group.units[0].group
