"""Reads documents back: the cells of Word tables, and those of PDF tables over their tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
import pypdf
from docx.oxml.ns import qn
from pypdf.generic import ContentStream

Rows = list[list[str]]


def flat(text: str) -> str:
    """The text without white space and invisible joiners, which a line break may add or take."""
    return re.sub(r"[\s\u2060\u00ad]+", "", text)


def docx_tables(path: Path) -> list[Rows]:
    """Every table of a Word file, cell by cell."""
    found = docx.Document(str(path)).element.body.iter(qn("w:tbl"))
    return [[[_words(cell) for cell in row.iter(qn("w:tc"))] for row in table.iter(qn("w:tr"))] for table in found]


def docx_text(path: Path) -> str:
    """All words of a Word file in their order, flat; its heads and feet are not among them."""
    return flat(_words(docx.Document(str(path)).element.body))


def _words(element: Any) -> str:
    parts = (node for node in element.iter(qn("w:t"), qn("w:br")))
    return "".join("\n" if node.tag == qn("w:br") else node.text or "" for node in parts)


@dataclass
class Tagged:
    """One element of the structure of a PDF: its kind, the text below it, its children."""

    kind: str
    text: str = ""
    alt: str = ""
    below: list[Tagged] = field(default_factory=list)

    def all(self, *kinds: str) -> Iterator[Tagged]:
        """This element and those below, in reading order, of the kinds asked for."""
        if self.kind in kinds:
            yield self
        for element in self.below:
            yield from element.all(*kinds)

    @property
    def words(self) -> str:
        return flat(self.text + "".join(element.words for element in self.below))


@dataclass
class Printed:
    """A PDF as its tags tell it; `untagged` is text that is neither tagged nor marked as no part of the content."""

    root: Tagged
    untagged: str

    def tables(self) -> list[Rows]:
        return [
            [[cell.words for cell in row.all("TH", "TD")] for row in table.all("TR")]
            for table in self.root.all("Table")
        ]

    def texts(self) -> str:
        """All texts in reading order, flat."""
        return self.root.words


def printed(path: Path) -> Printed:
    """The PDF read over its structure tree."""
    reader = pypdf.PdfReader(path)
    texts, untagged = {}, ""
    for page in reader.pages:
        assert page.indirect_reference is not None
        found = _marked_texts(page, reader)
        untagged += found.pop(None, "")
        texts[page.indirect_reference.idnum] = found
    root = _tagged(reader.trailer["/Root"]["/StructTreeRoot"], None, texts)
    return Printed(root, untagged)


def _tagged(element: Any, page: int | None, texts: dict[int, dict[int | None, str]]) -> Tagged:
    found = element.get_object()
    page = found.raw_get("/Pg").idnum if "/Pg" in found else page
    if "/MCID" in found and page is not None:
        return Tagged("", texts[page][found["/MCID"]])
    answer = Tagged(str(found.get("/S", "")).removeprefix("/"), alt=str(found.get("/Alt", "")))
    below = found.get("/K", [])
    for child in below if isinstance(below, list) else [below]:
        if isinstance(child, int):
            assert page is not None
            answer.below.append(Tagged("", texts[page].get(int(child), "")))
        elif "/OBJR" not in child.get_object().values():
            answer.below.append(_tagged(child, page, texts))
    return answer


def _marked_texts(page: Any, reader: pypdf.PdfReader) -> dict[int | None, str]:
    """The text of each marked content of a page; under None what is marked neither so nor as an artifact."""
    letters = {name: _letters(font.get_object()) for name, font in page["/Resources"].get("/Font", {}).items()}
    answer: dict[int | None, str] = {}
    open_marks: list[int | str] = []
    known: dict[int, str] = {}
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator in (b"BDC", b"BMC"):
            open_marks.append(_mark(operands))
        elif operator == b"EMC":
            open_marks.pop()
        elif operator == b"Tf":
            known = letters[operands[0]]
        elif operator in (b"TJ", b"Tj") and "artifact" not in open_marks:
            place = next((mark for mark in reversed(open_marks) if isinstance(mark, int)), None)
            answer[place] = answer.get(place, "") + _shown(operands[0], known)
    return answer


def _mark(operands: list[Any]) -> int | str:
    if operands[0] == "/Artifact":
        return "artifact"
    settings = operands[1] if len(operands) > 1 else {}
    return int(settings["/MCID"]) if isinstance(settings, dict) and "/MCID" in settings else ""


def _shown(operand: Any, letters: dict[int, str]) -> str:
    parts = operand if isinstance(operand, list) else [operand]
    codes = b"".join(part.original_bytes for part in parts if hasattr(part, "original_bytes"))
    return "".join(letters[int.from_bytes(codes[i : i + 2])] for i in range(0, len(codes), 2))


def _letters(font: Any) -> dict[int, str]:
    """Which text a two-byte code of the font stands for, by its ToUnicode map."""
    assert font["/Encoding"] == "/Identity-H"
    text = font["/ToUnicode"].get_object().get_data().decode()
    pairs = re.findall(
        r"<([0-9A-F]{4})> <([0-9A-F]+)>\n", "".join(re.findall(r"beginbfchar\n(.*?)endbfchar", text, re.S))
    )
    assert "beginbfrange" not in text
    return {int(code, 16): bytes.fromhex(letter).decode("utf-16-be") for code, letter in pairs}
