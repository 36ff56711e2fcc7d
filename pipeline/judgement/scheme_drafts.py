"""Drafts of schemes: a new version begins as a copy, is changed, tried on a past period, proposed, and published.

editing -> proposed (locked) -> published by another person, or back to editing; dropped drafts stay on record.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from evaluation.rules.catalogue import find_file, scheme_files
from evaluation.rules.faults import Fault, find_faults
from evaluation.rules.lines import Place
from evaluation.rules.scheme import Scheme, load
from evaluation.rules.scheme_rules import LONGEST_NAMES, NAME
from evaluation.rules.scheme_text import with_entry, with_values, without_entry
from evaluation.scores.result import Assessment as Result
from pipeline.judgement import assessing, scheme_store
from records import audit
from records.access import Action, Viewer, require
from records.clock import now
from records.instance import Instance
from records.models import Assessment, SchemeDraft

LONGEST_TEXT = 200_000
SENTENCES = {
    "version_exists": "this version is published already; choose another version",
    "odd_version": "a version has letters, digits, dots and hyphens, at most 20 characters, such as 2026.1",
    "too_long": "the text is too long for a scheme",
    "locked": "the draft is proposed, published or given up and cannot be changed now",
    "changed_meanwhile": "somebody changed the draft meanwhile; look at it again",
    "has_faults": "the draft has faults; see `wenxiao drafts show`",
    "not_proposed": "the draft is not proposed for publication",
    "same_person": "a draft is published by another person than the one who wrote or proposed it",
    "no_assessment": "there is no assessment to try the draft on",
}
"""What each refusal says to somebody at the command line; pages have their own words."""


class DraftRefused(Exception):
    """Something that cannot be done with a draft now; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code


@dataclass(frozen=True)
class Draft:
    """A draft as it stands, with everything that is wrong with it."""

    id: int
    based_on: str
    text: str
    state: str
    revision: int
    edited_by: str
    edited_at: datetime
    proposed_by: str | None
    published_by: str | None

    @property
    def faults(self) -> list[Fault]:
        """Every fault with its line; a draft with faults cannot be proposed."""
        return find_faults(self.text)

    @property
    def document(self) -> dict[str, Any] | None:
        """The parsed text; None while it is no TOML."""
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError:
            return None

    @property
    def name(self) -> str:
        """id@version of the draft, or what it began as while it cannot be read."""
        found = self.document or {}
        return f"{found['id']}@{found['version']}" if {"id", "version"} <= found.keys() else self.based_on


def start(instance: Instance, viewer: Viewer, based_on: str, version: str) -> Draft:
    """Begin a new version as a copy of a scheme. Raises UnknownScheme and DraftRefused when the version exists."""
    require(viewer, Action.EDIT_SCHEMES)
    folders = (scheme_store.folder_of(instance),)
    base = load(find_file(based_on, folders))
    _refuse_odd_version(version)
    if (base.id, version) in scheme_files(folders):
        raise DraftRefused("version_exists")
    text = with_values(base.text, {("version",): version})
    with instance.session() as session:
        made = SchemeDraft(
            based_on=f"{base.id}@{base.version}", text=text, state="editing", revision=1,
            edited_by=viewer.sign_in, edited_at=now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        audit.write(session, viewer.sign_in, "scheme.draft", f"draft {made.id}", {"based_on": made.based_on})
        return _draft(made)


def list_drafts(instance: Instance) -> list[Draft]:
    """Drafts that are written or wait for publication, the newest first."""
    wanted = select(SchemeDraft).where(SchemeDraft.state.in_(("editing", "proposed")))
    newest_first = wanted.options(undefer(SchemeDraft.text)).order_by(SchemeDraft.id.desc())
    with instance.session() as session:
        return [_draft(row) for row in session.scalars(newest_first)]


def get(instance: Instance, number: int) -> Draft:
    """One draft. Raises LookupError."""
    with instance.session() as session:
        return _draft(_row(session, number))


def change(instance: Instance, viewer: Viewer, number: int, values: Mapping[Place, Any], *, revision: int) -> Draft:
    """Set single values; see `evaluation.rules.scheme_text`. Raises DraftRefused as `rewrite` does."""
    return rewrite(instance, viewer, number, with_values(get(instance, number).text, values), revision=revision)


def put_entry(
    instance: Instance, viewer: Viewer, number: int, table: str, place: int | None, values: Mapping[str, Any],
    *, revision: int,
) -> Draft:  # fmt: skip
    """Write an entry of a table (group, indicator, bonus, deduction, veto), a new one where `place` is None.

    A key whose value is None is taken out. Raises DraftRefused as `rewrite` does, LookupError where there is no entry.
    """
    text = get(instance, number).text
    if place is None:
        return rewrite(instance, viewer, number, with_entry(text, table, values), revision=revision)
    rows = _entries(text, table)
    if not 0 <= place < len(rows):
        raise LookupError(f"draft {number} has no {table} {place}")
    changed: dict[Place, Any] = {
        (table, place, key): value for key, value in values.items() if value != rows[place].get(key)
    }
    return rewrite(instance, viewer, number, with_values(text, changed), revision=revision)


def remove_entry(instance: Instance, viewer: Viewer, number: int, table: str, place: int, *, revision: int) -> Draft:
    """Take an entry out. Raises DraftRefused as `rewrite` does, LookupError where there is no entry."""
    text = get(instance, number).text
    if not 0 <= place < len(_entries(text, table)):
        raise LookupError(f"draft {number} has no {table} {place}")
    return rewrite(instance, viewer, number, without_entry(text, table, place), revision=revision)


def rewrite(instance: Instance, viewer: Viewer, number: int, text: str, *, revision: int) -> Draft:
    """Keep a new text, with faults or without. `revision` is the one that was read.

    Raises DraftRefused: the draft is proposed or published, somebody changed it meanwhile, or the text is too long.
    """
    require(viewer, Action.EDIT_SCHEMES)
    if len(text) > LONGEST_TEXT:
        raise DraftRefused("too_long")
    with instance.session() as session:
        row = _row(session, number)
        if row.state != "editing":
            raise DraftRefused("locked")
        if row.revision != revision:
            raise DraftRefused("changed_meanwhile")
        row.text, row.revision = text.replace("\r\n", "\n"), row.revision + 1
        row.edited_by, row.edited_at = viewer.sign_in, now()
        audit.write(session, viewer.sign_in, "scheme.edit", f"draft {number}", {"revision": row.revision})
        return _draft(row)


def propose(instance: Instance, viewer: Viewer, number: int) -> Draft:
    """Lock a draft without faults for another person to publish. Raises DraftRefused."""
    require(viewer, Action.EDIT_SCHEMES)
    with instance.session() as session:
        row = _row(session, number)
        found = _draft(row)
        if row.state != "editing":
            raise DraftRefused("locked")
        if found.faults:
            raise DraftRefused("has_faults")
        scheme = load(row.text)
        if (scheme.id, scheme.version) in scheme_files((scheme_store.folder_of(instance),)):
            raise DraftRefused("version_exists")
        row.state, row.proposed_by = "proposed", viewer.sign_in
        audit.write(session, viewer.sign_in, "scheme.propose", f"draft {number}", {"sha256": scheme.sha256})
        return _draft(row)


def give_back(instance: Instance, viewer: Viewer, number: int) -> Draft:
    """Open a draft that was proposed or given up for changes again. Raises DraftRefused."""
    return _move(instance, viewer, number, {"proposed", "dropped"}, "editing")


def drop(instance: Instance, viewer: Viewer, number: int) -> Draft:
    """Give a draft up; its text stays and `give_back` opens it again. Raises DraftRefused."""
    return _move(instance, viewer, number, {"editing", "proposed"}, "dropped")


def publish(instance: Instance, viewer: Viewer, number: int) -> Scheme:
    """Publish a proposed draft for ever, by another person than who wrote or proposed it. Raises DraftRefused."""
    require(viewer, Action.EDIT_SCHEMES)
    draft = get(instance, number)
    if draft.state != "proposed":
        raise DraftRefused("not_proposed")
    if viewer.sign_in in {draft.proposed_by, draft.edited_by}:
        raise DraftRefused("same_person")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "draft.toml"
        file.write_text(draft.text, encoding="utf-8", newline="\n")
        os.chmod(file, 0o600)
        try:
            scheme = scheme_store.publish(instance, file, by=viewer.sign_in, proposed_by=draft.proposed_by)
        except scheme_store.PublicationRefused as error:
            raise DraftRefused("version_exists") from error
    with instance.session() as session:
        row = _row(session, number)
        row.state, row.published_by = "published", viewer.sign_in
    return scheme


def compare(instance: Instance, number: int) -> list[scheme_store.Change]:
    """What a readable draft changes against the scheme it began as; empty while its text has faults."""
    draft = get(instance, number)
    if draft.faults:
        return []
    before = load(find_file(draft.based_on, (scheme_store.folder_of(instance),)))
    return scheme_store.differences(before, load(draft.text))


def simulate(instance: Instance, number: int) -> tuple[int, Result, Result]:
    """The newest assessment (of the same scheme if there is one): its number, its result, the result under the draft.

    Nothing is stored. Raises DraftRefused: the draft has faults, or there is no assessment yet.
    """
    draft = get(instance, number)
    if draft.faults:
        raise DraftRefused("has_faults")
    past = assessment_to_try(instance, draft)
    before, after = assessing.simulate(instance, past, load(draft.text))
    return past, before.result, after


def assessment_to_try(instance: Instance, draft: Draft) -> int:
    """The newest assessment, of the same scheme if there is one. Raises DraftRefused when there is none yet."""
    is_same = Assessment.scheme_id == load(draft.text).id
    with instance.session() as session:
        past = session.scalar(select(Assessment.number).order_by(is_same.desc(), Assessment.number.desc()).limit(1))
    if past is None:
        raise DraftRefused("no_assessment")
    return past


def _move(instance: Instance, viewer: Viewer, number: int, allowed: set[str], to: str) -> Draft:
    require(viewer, Action.EDIT_SCHEMES)
    with instance.session() as session:
        row = _row(session, number)
        if row.state not in allowed:
            raise DraftRefused("locked")
        row.state, row.proposed_by = to, None
        audit.write(session, viewer.sign_in, f"scheme.{to}", f"draft {number}", {})
        return _draft(row)


def _entries(text: str, table: str) -> list[dict[str, Any]]:
    """The tables of a kind in a readable text; none while it is no TOML."""
    try:
        return list(tomllib.loads(text).get(table, []))
    except tomllib.TOMLDecodeError:
        return []


def _refuse_odd_version(version: str) -> None:
    """A version is part of a file's name."""
    if len(version) > LONGEST_NAMES["version"] or not NAME.fullmatch(version):
        raise DraftRefused("odd_version")


def _row(session: Session, number: int) -> SchemeDraft:
    row = session.get(SchemeDraft, number, options=[undefer(SchemeDraft.text)])
    if row is None:
        raise LookupError(f"there is no draft {number}")
    return row


def _draft(row: SchemeDraft) -> Draft:
    return Draft(**{name: getattr(row, name) for name in Draft.__dataclass_fields__})
