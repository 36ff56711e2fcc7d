"""Marks of facts in printed files: a small number behind each sentence, and the list that says what it opens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from reports.blocks import Block, Document, Heading, Note, Table

if TYPE_CHECKING:
    from reports.annual.facts import Facts

PAIRS = 2  # facts beside each other in a row of the list


def facts_of(blocks: Iterable[Block]) -> tuple[str, ...]:
    """The facts sentences, tables and figures rest on, each once, in the order they are printed in.

    A heading says what its chapter says; the chapter's own sentences carry the marks.
    """
    found = (one for block in blocks if not isinstance(block, Heading) for one in names_of(block))
    return tuple(dict.fromkeys(found))


def names_of(block: Block) -> list[str]:
    """The facts of one block; several are parted by a bar."""
    return [one for one in getattr(block, "fact", "").split("|") if one]


def address_of(source_address: str, number: int) -> str:
    """What stands before the name of a fact in its address: `https://city.example/facts/3/`; a path without a site.

    >>> address_of("https://city.example/", 3), address_of("", 3)
    ('https://city.example/facts/3/', '/facts/3/')
    """
    return f"{source_address.rstrip('/')}/facts/{number}/"


def marked(facts: Facts, document: Document) -> Document:
    """The document with its marks. Where the office has named its address they are links."""
    source = facts.source
    place = address_of(source.address, source.number) if source.address else ""
    return replace(document, facts=facts_of((*document.front, *document.body)), facts_at=place)


def index(facts: Facts, blocks: Iterable[Block]) -> list[Block]:
    """What each mark stands for, as a note and a table; nothing for a document without facts."""
    names = facts_of(blocks)
    if not names:
        return []
    place = address_of(facts.source.address, facts.source.number)
    cells = [cell for number, name in enumerate(names, 1) for cell in (str(number), name)]
    cells += [""] * (-len(cells) % (2 * PAIRS))
    rows = tuple(tuple(cells[start : start + 2 * PAIRS]) for start in range(0, len(cells), 2 * PAIRS))
    head = (facts.say("marks.number"), facts.say("marks.fact")) * PAIRS
    table = Table(facts.say("marks.table", n=len(names)), head, rows, (9, 69) * PAIRS, (True, False) * PAIRS, size=8.5,
                  is_numbered=False)  # fmt: skip
    return [Note(facts.say("marks.note", address=place)), table]


def marks(document: Document) -> dict[str, tuple[int, str]]:
    """Fact → its number in this document and its address, empty where no address is named."""
    where = document.facts_at
    return {
        name: (number, where + quote(name, safe="/") if where else "") for number, name in enumerate(document.facts, 1)
    }
