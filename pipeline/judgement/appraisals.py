"""Tables of other appraisals filled from published results: the files an office keeps, and what a period gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Select, select

from evaluation import appraisal
from evaluation.appraisal import SHIPPED, Book, Filled
from evaluation.rules.faults import Fault
from evaluation.rules.scheme import Scheme
from evaluation.scores.result import Assessment
from pipeline.judgement.scheme_store import list_schemes
from pipeline.paper.report_source import shown_result
from records import audit
from records.access import Action, Viewer, require
from records.instance import Instance
from records.models import Assessment as Stored
from records.models import Unit

LARGEST_BYTES = 200_000


class UnknownBook(LookupError):
    """There is no file of tables of this id."""


class BookRefused(ValueError):
    """The file cannot be kept; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(code.replace("_", " "))
        self.code = code


@dataclass(frozen=True)
class Source:
    """The published assessment a scheme's rows were read from; `number` None where there is none."""

    scheme: str
    number: int | None
    version: str | None
    result_sha256: str | None


@dataclass(frozen=True)
class Filling:
    """A file of tables filled for a period."""

    book: Book
    period: str
    sources: tuple[Source, ...]
    tables: tuple[Filled, ...]
    names: Mapping[str, str]  # of the units


def folder_of(instance: Instance) -> Path:
    """Where an office keeps its own files."""
    return instance.folder / "appraisals"


def schemes_by_id(instance: Instance) -> dict[str, Scheme]:
    """The newest version of every scheme a file may name."""
    found: dict[str, Scheme] = {}
    for scheme in list_schemes(instance):
        found.setdefault(scheme.id, scheme)
    return found


def books(instance: Instance) -> list[Book]:
    """The office's own files and the shipped example; an own file takes the place of a shipped one of its id."""
    paths = {path.stem: path for folder in (SHIPPED, folder_of(instance)) for path in sorted(folder.glob("*.toml"))}
    return [appraisal.read(paths[name].read_text(encoding="utf-8")) for name in sorted(paths)]


def find_book(instance: Instance, name: str) -> Book:
    """The file of an id. Raises UnknownBook."""
    found = next((book for book in books(instance) if book.id == name), None)
    if found is None:
        known = ", ".join(book.id for book in books(instance))
        raise UnknownBook(f"there is no file of appraisal tables {name}; known are {known}")
    return found


def check(instance: Instance, text: str) -> list[Fault]:
    """Everything that is wrong with a file, by line."""
    return appraisal.find_faults(text, schemes_by_id(instance))


def keep(instance: Instance, viewer: Viewer, content: bytes) -> Book:
    """Keep a file under its id; a file of that id that the office kept before is replaced.

    Raises Forbidden, BookRefused for a file that is too large or no UTF-8 text, and BookFaulty with every fault.
    """
    require(viewer, Action.EDIT_SCHEMES)
    if len(content) > LARGEST_BYTES:
        raise BookRefused("too_large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BookRefused("no_utf8") from error
    book = appraisal.load(text, schemes_by_id(instance))
    folder = folder_of(instance)
    folder.mkdir(mode=0o700, exist_ok=True)
    temporary = folder / f".{book.id}.{os.getpid()}.new"
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(folder / f"{book.id}.toml")
    with instance.session() as session:
        audit.write(session, viewer.sign_in, "appraisal.keep", book.id, {"tables": [table.id for table in book.tables]})
    return book


def periods(instance: Instance, viewer: Viewer) -> list[str]:
    """The periods that have a published result, the newest first."""
    require(viewer, Action.SEE_RANKING)
    with instance.session() as session:
        rows = session.scalars(_published().order_by(Stored.number.desc()))
        return list(dict.fromkeys(sorted((row.period for row in rows), reverse=True)))


def filled(instance: Instance, viewer: Viewer, book: Book, period: str) -> Filling:
    """Fill the tables from what is published for a period. Raises Forbidden."""
    require(viewer, Action.SEE_RANKING, state="published")
    results: dict[str, Assessment] = {}
    sources = []
    with instance.session() as session:
        names = {code: name for code, name in session.execute(select(Unit.code, Unit.name))}
        for scheme in book.schemes:
            wanted = _published().where(Stored.scheme_id == scheme, Stored.period == period)
            row = session.scalars(wanted.order_by(Stored.number.desc())).first()
            told = shown_result(instance, viewer, row.number) if row is not None else None
            if told is not None:
                results[scheme] = told
            sources.append(
                Source(scheme, row.number, row.scheme_version, row.result_sha256)
                if row
                else Source(scheme, None, None, None)
            )
    return Filling(book, period, tuple(sources), tuple(appraisal.fill(book, results)), names)


def _published() -> Select[Stored]:
    return select(Stored).where(Stored.state == "published", Stored.replaced_by.is_(None))
