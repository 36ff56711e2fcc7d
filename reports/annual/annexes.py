"""The annexes: every unit in full, counts, surveys, exclusions, objections, glossary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reports import fact_marks, numbers
from reports.annual import robustness
from reports.annual.facts import Facts
from reports.annual.indicator_results import level_counts
from reports.blocks import Block, Heading, PageTurn, Paragraph, Table
from reports.charts.figures.shares import LEVELS
from reports.glossary import terms
from reports.texts import say

COUNTS = (("n_received", "received"), ("n_replied", "replied"), ("n_closed", "closed"), ("n_open", "open"),
          ("n_excluded", "excluded"))  # fmt: skip
COLUMNS_A_SHEET = 8


def blocks(facts: Facts) -> list[Block]:
    """All annexes, numbered."""
    answer: list[Block] = []
    for number, make in enumerate(MAKERS, 1):
        made = make(facts, facts.say("annex.label", n=number))
        # An annex of a sentence or two does not fill a page of its own.
        is_short = answer and not any(isinstance(block, Table) for block in made)
        answer += made[1:] if is_short else made
    return answer


def fact_index(facts: Facts, blocks: Iterable[Block]) -> list[Block]:
    """The last annex: what each mark of a fact in `blocks` stands for, and where it is opened."""
    listed = fact_marks.index(facts, blocks)
    label = facts.say("annex.label", n=len(MAKERS) + 1)
    return [*_heading(facts, label, "facts"), *listed] if listed else []


def _heading(facts: Facts, label: str, key: str, **values: Any) -> list[Block]:
    return [PageTurn(), Heading(1, facts.say(f"annex.{key}", **values), label=label, fact=f"annex.{key}")]


def _scores(facts: Facts, label: str) -> list[Block]:
    """Indicator values of all units; wide schemes go on over several tables."""
    size = numbers.count(len(facts.units))
    answer = _heading(facts, label, "scores", n=size)
    codes = [i["code"] for i in facts.indicators]
    for start in range(0, max(len(codes), 1), COLUMNS_A_SHEET):
        part = codes[start : start + COLUMNS_A_SHEET]
        rows = tuple(_score_row(facts, unit, part) for unit in facts.units)
        units = [facts.say(f"unit_head.{facts.label(c).unit}") for c in part]
        names = [f"{facts.label(c).name}({u})" for c, u in zip(part, units, strict=True)]
        head = (
            facts.say("head.unit"),
            facts.say("annex.received"),
            *names,
            facts.say("head.score"),
            facts.say("head.grade"),
        )
        title = facts.say("annex.scores", n=size)
        if len(codes) > COLUMNS_A_SHEET:
            k, parts = start // COLUMNS_A_SHEET + 1, -(-len(codes) // COLUMNS_A_SHEET)
            title = facts.say("annex.part", title=title, k=k, all=parts)
        answer.append(
            Table(title, head, rows, (50, 16, *[19] * len(part), 17, 17),
                  (False, *[True] * (len(part) + 2), False), is_landscape=True, size=9, fact="annex.scores")
        )  # fmt: skip
    return answer


def _score_row(facts: Facts, unit: Any, codes: list[str]) -> tuple[str, ...]:
    values = []
    for code in codes:
        result = unit.indicator(code)
        values.append(numbers.value_of(result, facts.label(code).unit) if result else numbers.MISSING)
    ends = (numbers.score_of(unit), facts.grade_title(unit.grade))
    return (facts.names[unit.unit], numbers.count(facts.received(unit.unit)), *values, *ends)


def _counts(facts: Facts, label: str) -> list[Block]:
    size = numbers.count(len(facts.units))
    rows = []
    for unit in facts.units:
        found = [facts.value(unit.unit, code) for code, _ in COUNTS]
        rows.append((facts.names[unit.unit], *(numbers.count(v.value if v else None) for v in found)))
    totals = [facts.pooled(code) for code, _ in COUNTS]
    rows.append((facts.say("scope.total"), *(numbers.count(v.value if v else None) for v in totals)))
    head = (facts.say("head.unit"), *(facts.say(f"annex.{word}") for _, word in COUNTS))
    note = facts.say("head.note", units=facts.say("unit_head.count"))
    table = Table(facts.say("annex.counts", n=size), head, tuple(rows), (56, *[20] * 5), (False, *[True] * 5), note,
                  size=9, fact="annex.counts")  # fmt: skip
    return [*_heading(facts, label, "counts", n=size), table]


def _survey(facts: Facts, label: str) -> list[Block]:
    answer = [*_heading(facts, label, "survey"), Paragraph(_approach(facts), "survey")]
    if not facts.has_all_levels(facts.units):
        return [*answer, Paragraph(facts.say("annex.survey_withheld"), "survey")]
    counts = level_counts(facts, facts.units)
    total = sum(counts.values())
    if not total:
        return [*answer, Paragraph(facts.say("annex.survey_none"))]
    rated = sum(counts.get(level, 0) for level in LEVELS[:5])
    sentence = facts.say(
        "annex.survey_text", total=numbers.count(total), rated=numbers.count(rated),
        default=numbers.count(counts.get("default", 0)), unrated=numbers.count(counts.get("unrated", 0)),
        share=numbers.percent(rated / total),
    )  # fmt: skip
    rows = []
    for group in facts.groups:
        own = level_counts(facts, group.units)
        rows.append((group.title, *(numbers.count(own.get(level, 0)) for level in LEVELS)))
    head = (facts.say("head.group"), *(facts.say(f"satisfaction.{level}") for level in LEVELS))
    note = facts.say("head.note", units=facts.say("unit_head.count"))
    table = Table(facts.say("annex.survey_table"), head, tuple(rows), (34, *[18] * 7), (False, *[True] * 7), note,
                  size=9, fact="satisfaction.levels")  # fmt: skip
    return [*answer, Paragraph(sentence, "satisfaction.levels"), table]


def _approach(facts: Facts) -> str:
    """Which files satisfaction comes from, how many follow-ups are valid, and what the rates rest on."""
    files = [b for b in facts.source.batches if b.get("kind") in ("surveys", "followups")]
    named = [
        facts.say("survey.source", file=b.get("file") or numbers.MISSING, rows=numbers.count(b.get("rows")),
                  first=str(b.get("first") or numbers.MISSING)[:10], last=str(b.get("last") or numbers.MISSING)[:10])
        for b in files
    ]  # fmt: skip
    followed = facts.pooled("n_follow_up")
    is_counted = followed is not None and followed.value is not None
    counts = facts.say("survey.followed", n=numbers.count(followed.value)) if followed and is_counted else ""
    return facts.say(
        "survey.approach", sources=facts.say("units.separator").join(named) or facts.say("survey.no_source"),
        counts=counts,
    )  # fmt: skip


def ground(facts: Facts, exclusion: Mapping[str, Any]) -> str:
    """Why a case was left out, in words; a ground without words of its own is given as it is."""
    reason = str(exclusion.get("reason") or "")
    return say(facts.language, f"ground.{reason}", otherwise=reason)


def decision(facts: Facts, objection: Mapping[str, Any]) -> str:
    """What became of an objection and the reasons that were given."""
    state = str(objection.get("state") or "")
    words = [say(facts.language, f"objection_state.{state}", otherwise=state), str(objection.get("decision") or "")]
    return facts.say("annex.decision_parts").join(word for word in words if word) or numbers.MISSING


def _exclusions(facts: Facts, label: str) -> list[Block]:
    rows = tuple(
        (str(e.get("case_no", "")), facts.names.get(str(e.get("unit")), str(e.get("unit") or "")),
         ground(facts, e), str(e.get("applicant") or numbers.MISSING),
         str(e.get("approver") or e.get("approved_by") or numbers.MISSING), str(e.get("at") or numbers.MISSING)[:10])
        for e in facts.source.exclusions
    )  # fmt: skip
    found = facts.pooled("n_excluded")
    excluded = numbers.count(found.value if found else None)
    if "exclusions" in facts.source.hidden:
        told = Paragraph(facts.say("annex.exclusions_hidden_text", n=excluded), "annex.exclusions")
        title = facts.say("annex.exclusions_hidden")
        return [PageTurn(), Heading(1, title, label=label, fact="annex.exclusions"), told]
    answer = _heading(facts, label, "exclusions", n=numbers.count(len(rows)))
    if not rows:
        key = "annex.exclusions_flagged" if found and found.value else "annex.exclusions_none"
        return [*answer, Paragraph(facts.say(key, n=excluded), "annex.exclusions")]
    answer.append(Paragraph(facts.say("annex.exclusions_ledger", n=excluded), "annex.exclusions"))
    head = ("head.case_no", "head.unit", "head.reason", "annex.applicant", "annex.approver", "annex.date")
    return [*answer, _listing(facts, "exclusions", len(rows), head, rows, (30, 32, 40, 28, 24, 22))]


def _objections(facts: Facts, label: str) -> list[Block]:
    rows = tuple(
        (str(o.get("number") or o.get("id") or ""), facts.names.get(str(o.get("unit")), str(o.get("unit") or "")),
         str(o.get("text") or ""), decision(facts, o), str(o.get("decided_at") or numbers.MISSING)[:10])
        for o in facts.source.objections
    )  # fmt: skip
    answer = _heading(facts, label, "objections", n=numbers.count(len(rows)))
    if not rows:
        return [*answer, Paragraph(facts.say("annex.objections_none"))]
    head = ("head.number", "head.unit", "head.content", "annex.decision", "annex.date")
    return [*answer, _listing(facts, "objections", len(rows), head, rows, (14, 36, 62, 34, 24))]


def _listing(
    facts: Facts, key: str, size: int, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...],
    widths: tuple[float, ...],
) -> Table:  # fmt: skip
    names = tuple(facts.say(h) for h in head)
    title = facts.say(f"annex.{key}", n=numbers.count(size))
    return Table(title, names, rows, widths, (False,) * len(head), size=9, fact=f"annex.{key}")


def _robustness(facts: Facts, label: str) -> list[Block]:
    known = robustness.others(facts)
    key = "robustness" if known else "robustness_none"
    title = facts.say(f"annex.{key}", n=numbers.count(len(known)))
    return [PageTurn(), Heading(1, title, label=label, fact="annex.robustness"), *robustness.blocks(facts)]


def _glossary(facts: Facts, label: str) -> list[Block]:
    is_zh = facts.language == "zh"
    rows = tuple((t.zh, t.meaning_zh) if is_zh else (t.en, t.meaning_en) for t in terms())
    head = (facts.say("annex.term"), facts.say("annex.meaning"))
    table = Table(facts.say("annex.glossary"), head, rows, (36, 120), (False, False), size=9)
    return [*_heading(facts, label, "glossary"), table]


MAKERS: tuple[Callable[[Facts, str], list[Block]], ...] = (
    _scores, _counts, _survey, _exclusions, _objections, _robustness, _glossary,
)  # fmt: skip
