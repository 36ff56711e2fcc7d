"""Cover lines, running line and the one-page summary."""

from __future__ import annotations

from evaluation.rules.parameters import uncertainty_of
from reports import numbers
from reports.annual.facts import Facts
from reports.annual.shortfalls import shortfalls
from reports.blocks import Block, Heading, Paragraph, Table
from reports.codes import document_code

MOST_ROWS = 9  # more would not fit the page


def imprint(facts: Facts, kind: str = "annual", unit: str | None = None) -> tuple[str, ...]:
    """The lines at the foot of the cover: office, date, state and code."""
    source, words = facts.source, cover(facts, kind, unit)
    state = facts.say("annual.state_line", state=words["state"], number=source.number)
    code = facts.say("annual.code_line", code=words["code"]) if words["code"] else ""
    lines = (source.office or source.city, words["date"], state, code)
    return tuple(line for line in lines if line and line != numbers.MISSING)


def cover(facts: Facts, kind: str = "annual", unit: str | None = None) -> dict[str, str]:
    """What the cover of an own template may name: date, state and the code of this document."""
    source = facts.source
    code = document_code(source.content_sha256, kind, unit) or source.verification_code
    date, state = numbers.day(source.made_at, facts.language), facts.say(f"state.{source.state}")
    return {"date": date, "state": state, "code": code}


def running_line(facts: Facts, title: str, kind: str = "annual", unit: str | None = None) -> str:
    """What stands on top of every page: title, scheme with version, cut-off, scope, units, code of the document."""
    scheme = facts.source.assessment.scheme
    as_of = numbers.day(facts.source.assessment.as_of, facts.language)
    name = f"{scheme.get('id', '')} {scheme.get('version', '')}".strip()
    scope = facts.say(f"scheme.scope_{facts.source.scheme.get('scope', 'kept')}")
    chosen = facts.say("annual.filter_one", unit=facts.names.get(unit, unit)) if unit else ""
    chosen = chosen or facts.say("annual.filter_all", n=numbers.count(len(facts.units)))
    code = document_code(facts.source.content_sha256, kind, unit) or facts.source.verification_code or numbers.MISSING
    texts = {"title": title, "scheme": name, "as_of": as_of, "scope": scope, "filter": chosen, "code": code}
    return facts.say("annual.running", **texts)


def blocks(facts: Facts) -> tuple[Block, ...]:
    """One page: what was assessed, how it came out, where it is weakest, the main numbers."""
    return (
        Heading(1, facts.say("summary.title"), is_numbered=False, is_listed=False),
        Paragraph(_lead(facts), "summary.scores"),
        Paragraph(_grades(facts), "summary.grades"),
        Paragraph(_weakest(facts), "summary.shortfalls"),
        *([Paragraph(facts.ranges)] if facts.ranges else []),
        _table(facts),
    )


def _lead(facts: Facts) -> str:
    scores = [u.score for u in facts.scored if u.score is not None]
    received = facts.pooled("n_received")
    withheld = len(facts.unscored)
    rest = facts.say("summary.withheld", n=numbers.count(withheld)) if withheld else facts.say("summary.all_scored")
    return facts.say(
        "summary.lead", period=facts.period, city=facts.source.city, units=numbers.count(len(facts.units)),
        cases=numbers.count(received.value if received else None),
        scored=numbers.count(len(facts.units) - withheld),
        median=numbers.score(facts.median_score), lowest=numbers.score(min(scores, default=None)),
        highest=numbers.score(max(scores, default=None)), rest=rest,
    )  # fmt: skip


def _grades(facts: Facts) -> str:
    counts = facts.grade_counts(facts.scored)
    parts = [
        facts.say("summary.grade_part", grade=facts.grade_title(g) if g else facts.say("results.none"), n=counts[g])
        for g in [*facts.grades, ""]
        if counts.get(g)
    ]
    certain = numbers.level(uncertainty_of(facts.source.scheme).certain)
    return facts.say(
        "summary.grades", parts=facts.say("units.separator").join(parts) or numbers.MISSING, certain=certain
    )  # fmt: skip


def _weakest(facts: Facts) -> str:
    # An indicator that most units hold back, because few people answered, cannot be called the weakest.
    found = shortfalls(facts)
    told = [short for short in found if 2 * short.known >= len(facts.scored)]
    worst = max(told or found, key=lambda s: s.share, default=None)
    if worst is None:
        return facts.say("summary.none_weak" if facts.has_targets else "summary.none_weak_points")
    name = facts.label(worst.code).name
    key = "summary.weakest" if facts.has_targets else "summary.weakest_points"
    return facts.say(key, name=name, n=len(worst.units), share=numbers.percent(worst.share))


def _table(facts: Facts) -> Table:
    rows = []
    measured = [i for i in facts.indicators if i["code"] not in facts.unmeasured]
    heaviest = sorted(measured, key=lambda i: -float(i["weight"]))[:MOST_ROWS]
    for indicator in (i for i in measured if i in heaviest):
        code = indicator["code"]
        label = facts.label(code)
        target = numbers.of_metric(indicator.get("target"), label.unit)
        unit = facts.say(f"unit_head.{label.unit}")
        rows.append((label.name, facts.printed(facts.pooled(code)), facts.printed(facts.mean(code)), target, unit))
    head = ("head.indicator", "head.pooled", "head.mean", "head.target")
    table = Table(
        facts.say("summary.table"), (*(facts.say(h) for h in head), facts.say("head.measure")), tuple(rows),
        (60, 26, 26, 22, 22), (False, True, True, True, False), fact="summary.indicators", is_numbered=False,
    )  # fmt: skip
    return facts.fitting(table)
