"""Chapter 1: background and basis."""

from __future__ import annotations

from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Heading, Paragraph


def blocks(facts: Facts) -> list[Block]:
    """The documents the assessment rests on and the principles it keeps."""
    scheme, used = facts.source.scheme, facts.source.assessment.scheme
    basis = scheme.get("basis", [])
    title = scheme.get("title", {})
    named = facts.say("units.separator").join(basis) or facts.say("background.no_basis")
    status = "official" if used.get("status") == "official" else "proposal"
    sentence = facts.say(
        "background.basis", list=named, scheme=title.get(facts.language) or used.get("title_zh", ""),
        id=used.get("id", ""), version=used.get("version", ""), status=facts.say(f"background.status_{status}"),
    )  # fmt: skip
    units = numbers.count(len(facts.units))
    return [
        Heading(1, facts.say("background.title", n=len(basis), units=units), fact="background"),
        Heading(2, facts.say("background.basis_heading")),
        Paragraph(sentence, "background.basis"),
        Heading(2, facts.say("background.principle_heading")),
        Paragraph(facts.say("background.principle")),
    ]
