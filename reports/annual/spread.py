"""Chapter 5, how units differ: times of answer as boxes by peer group, timeliness against satisfaction."""

from __future__ import annotations

from statistics import median

from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Figure, Heading, Note, Paragraph
from reports.charts import figures

MEDIAN, SLOW = "R3.median", "R3.p90"
IN_TIME, SATISFIED = "R4.strict", "S1a"
FEWEST = 4  # units with both rates; fewer make no field


def blocks(facts: Facts) -> list[Block]:
    """Both sections; each is left out where too few units have the numbers."""
    return [*_times(facts), *_field(facts)]


def _times(facts: Facts) -> list[Block]:
    known = facts.known(MEDIAN)
    if len(known) < FEWEST:
        return []
    names, values = [], []
    for group in facts.groups:
        for code in (MEDIAN, SLOW):
            found = [v.value for u in group.units if (v := facts.value(u.unit, code)) and v.value is not None]
            if found:
                names.append(facts.say(f"spread.{'median' if code == MEDIAN else 'slow'}", group=group.title))
                values.append(found)
    title = facts.say("spread.times_figure")
    axis = facts.say("spread.axis", unit=facts.say(f"unit_head.{facts.label(MEDIAN).unit}"))
    figure = figures.boxes(names, values, axis=axis, language=facts.language)
    low, middle, high = (facts.spoken(MEDIAN, v) for v in (min(known), median(known), max(known)))
    texts = {"low": low, "median": middle, "high": high, "n": numbers.count(len(known))}
    return [
        Heading(2, facts.say("spread.times_heading", **texts), fact="spread.times"),
        Paragraph(facts.say("spread.times", **texts), f"metric.{MEDIAN}"),
        Figure(figure, title, title, 700, figure["layout"]["height"], f"metric.{MEDIAN}"),
        Note(facts.say("spread.times_note")),
    ]


def _field(facts: Facts) -> list[Block]:
    pairs = [(u, facts.value(u.unit, IN_TIME), facts.value(u.unit, SATISFIED)) for u in facts.units]
    known = [
        (facts.short_names[u.unit], a.value, b.value)
        for u, a, b in pairs
        if a is not None and b is not None and a.value is not None and b.value is not None
    ]
    if len(known) < FEWEST:
        return []
    across, up = median(a for _, a, _ in known), median(b for _, _, b in known)
    weak = sum(a < across and b < up for _, a, b in known)
    axes = facts.label(IN_TIME).name, facts.label(SATISFIED).name
    texts = {
        "n": numbers.count(len(known)), "weak": numbers.count(weak), "x": axes[0], "y": axes[1],
        "x_median": facts.spoken(IN_TIME, across), "y_median": facts.spoken(SATISFIED, up),
    }  # fmt: skip
    figure = figures.quadrant(
        [name for name, _, _ in known], [a for _, a, _ in known], [b for _, _, b in known],
        axes=(f"{axes[0]}（%）", f"{axes[1]}（%）") if facts.language == "zh" else (f"{axes[0]} (%)", f"{axes[1]} (%)"),
        language=facts.language,
    )  # fmt: skip
    title = facts.say("spread.field_figure", x=axes[0], y=axes[1])
    return [
        Heading(2, facts.say("spread.field_heading", **texts), fact="spread.field"),
        Paragraph(facts.say("spread.field", **texts), f"metric.{SATISFIED}"),
        Figure(figure, title, title, 700, 360, f"metric.{SATISFIED}"),
        Note(facts.say("spread.field_note")),
    ]
