"""Marks of facts behind sentences and captions: raised numbers, links where the address of the pages is known."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from reports.blocks import Block, Document
from reports.fact_marks import marks, names_of

LOOK = (
    '<w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman"/><w:color w:val="6E6E6E"/>'
    '<w:sz w:val="21"/><w:vertAlign w:val="superscript"/></w:rPr>'
)


class Marks:
    """The marks of one document. A relationship is made once per fact, under a name of our own: the library would
    look through all of them for a free one."""

    def __init__(self, doc: Any, document: Document) -> None:
        self._relations = doc.part.rels
        self._known = marks(document)

    def add(self, paragraph: Any, block: Block) -> None:
        """Put the marks of a block at the end of its paragraph or caption."""
        for name in names_of(block):
            if name in self._known:
                paragraph._p.append(parse_xml(self._mark(*self._known[name])))

    def _mark(self, number: int, address: str) -> str:
        run = f"<w:r>{LOOK}<w:t>[{number}]</w:t></w:r>"
        if not address:
            return run.replace("<w:r>", f"<w:r {nsdecls('w')}>", 1)
        relation = f"rFact{number}"
        if relation not in self._relations:
            self._relations.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, address, relation, is_external=True)
        return f"<w:hyperlink {nsdecls('w', 'r')} r:id={quoteattr(relation)}>{run}</w:hyperlink>"
