"""What each role reads in documents, through the API, and in the tables of a card: with a solver no count below k.

Documents are read as the blocks and figures that Word and PDF are written from, made by the request a person sends.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from evaluation.rules.scheme import load
from pipeline.demo.people import sign_ins
from pipeline.house import people
from pipeline.judgement import assessing
from pipeline.paper import report_source, reporting, writing
from pipeline.views import shown
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import assessments
from records.queries.people import list_people, viewer_for
from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Document
from reports.source import ReportSource
from tests.web.document_reader import (
    Reading,
    read_card_file,
    read_card_page,
    read_document,
    read_notice,
    read_result,
    read_scorecard,
    read_statistics,
)
from tests.web.small_count_reader import (
    HINT,
    attack,
    cells_of,
    parts,
    read_trace,
    truths,
)  # fmt: skip
from web.app import create_app

pytestmark = pytest.mark.slow

Written = list[tuple[ReportSource, Document]]


@dataclass
class Office:
    """The city, its pages, and the documents as they are handed to the writers of Word and PDF."""

    instance: Instance
    app: Flask
    written: Written = field(default_factory=list)
    cards: list[tuple[Facts, str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def office(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("documents") / "city"
    shutil.copytree(demo_folder, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        instance = Instance.open(folder)
        made = Office(instance, create_app(instance, {"TESTING": True, "WTF_CSRF_ENABLED": False}))
        _keep_what_is_written(patch, made)
        yield made
    instance.close()


def _keep_what_is_written(patch: pytest.MonkeyPatch, made: Office) -> None:
    """The documents themselves instead of files; everything before the writing is as in production."""
    for name in ("annual", "notice"):
        module = getattr(writing, name)

        def kept(source: ReportSource, *rest: Any, document: Any = module.document) -> Document:
            found = document(source, *rest)
            made.written.append((source, found))
            return found

        patch.setattr(module, "document", kept)
    card = writing.scorecard

    def kept_card(facts: Facts, unit: str, path: Path, *, format: str, template: Path | None = None) -> Path:
        made.cards.append((facts, unit, card.document(facts, unit) if format == "docx" else None))
        made.cards.append((facts, unit, card.template_data(facts, unit)))
        path.touch()
        return path

    patch.setattr(card, "write_one", kept_card)
    for writer in (writing.pdf_writer, writing.docx_writer):
        patch.setattr(writer, "write", lambda document, path, **rest: path.touch() or path)


# --- the roles -------------------------------------------------------------------------------------------------------


def _signed_in(office: Office, user: str) -> tuple[FlaskClient, Viewer, dict[str, str]]:
    client = office.app.test_client()
    password = next(entry.password for entry in sign_ins(office.instance) if entry.user == user)
    assert client.post("/sign-in", data={"sign_in": user, "password": password}).status_code == 302
    with office.instance.session() as session:
        person = next(p for p in list_people(session, viewer=OPERATOR) if p.sign_in == user)
        viewer = viewer_for(session, person_id=person.id)
        rows = [row.number for row in assessments.list_assessments(session, viewer=viewer)]
    assert rows
    token = people.make_token(office.instance, sign_in=user, title="test", by="test")
    return client, viewer, {"Authorization": f"Bearer {token}"}


def _numbers(office: Office, viewer: Viewer) -> list[int]:
    """The assessments of the newest period this person may see, one for each scheme."""
    with office.instance.session() as session:
        rows = assessments.list_assessments(session, viewer=viewer)
    return [row.number for row in rows if row.period == max(row.period for row in rows)]


def _leadership_scores(client: FlaskClient, number: int) -> dict[str, str]:
    """The score of each unit as the table of leadership teams prints it."""
    page = client.get(f"/leadership?assessment={number}")
    if page.status_code != 200:
        return {}
    found = {}
    for row in page.text.split('<tr role="row"')[1:]:
        unit = row.partition("/units/")[2].partition("?")[0]
        cells = cells_of(f"<tr{HINT.sub('', row)}")[0]
        found[unit] = cells[2].strip()
    return found


def _read_all(office: Office, user: str, number: int, folder: Path) -> Reading:
    client, viewer, token = _signed_in(office, user)
    instance = office.instance
    stored = assessing.get(instance, number)
    scheme = load(stored.scheme_text)
    readers = truths(instance, stored.result, scheme)
    if viewer.units:
        readers = {unit: reader for unit, reader in readers.items() if unit in viewer.units}
    reading = Reading(readers, scheme, parts())
    scores = _leadership_scores(client, number)
    assert bool(scores) != bool(viewer.units)
    for unit, reader in readers.items():
        trace = client.get(f"/assessments/{number}/{unit}")
        card = client.get(f"/units/{unit}?assessment={number}")
        assert (trace.status_code, card.status_code) == (200, 200)
        answer = client.get(f"/api/v1/assessments/{number}/units/{unit}", headers=token).get_json()
        told = shown.prepared(instance, viewer, number=number).results[unit]
        score = scores.get(unit, numbers.score_of(told))
        assert score == numbers.score_of(told)  # no page tells more of a score than the others
        read_trace(reader, trace.text, scheme, score, reading.known)
        reading.read["leadership"] += unit in scores and reader.score is not None
        read_card_page(reading, card.text, unit)
        read_scorecard(reading, answer)
        read_statistics(reading, instance, viewer, number, unit)
        reporting.make(instance, number, kind="scorecard", format="docx", unit=unit, out=folder / "c", viewer=viewer)
    read_result(reading, client.get(f"/api/v1/assessments/{number}", headers=token).get_json()["result"])
    if not viewer.units:
        reporting.make(instance, number, kind="annual", format="pdf", out=folder / "a", viewer=viewer)
    while office.cards:
        facts, unit, made = office.cards.pop()
        if isinstance(made, Document):
            read_document(reading, facts, made, "scorecard in Word")
        else:
            read_card_file(reading, facts, unit, made)
    while office.written:
        source, document = office.written.pop()
        read_document(reading, Facts(source), document, "annual report")
    return reading


OWN_VIEWS = {
    "scorecard in Word: table of a unit", "scorecard: tiles", "scorecard: table of a unit", "card", "statistics",
}  # fmt: skip
VIEWS_OF_ALL = OWN_VIEWS | {
    "annual report: table of a unit", "annual report: annex of values", "annual report: totals", "leadership",
    "API: scorecard", "API: groups",
}  # fmt: skip
WITH_MORE_SHOWN = {"annual report: five definitions", "annual report: heat map", "API: result"}
# The page of statistics of this unit holds no answer: a rate of a peer is withheld, so nothing adjusted is told.
VIEWS = {"head1": OWN_VIEWS - {"statistics"}, "orgdept": VIEWS_OF_ALL, "assessor": VIEWS_OF_ALL | WITH_MORE_SHOWN}


@pytest.mark.parametrize(("user", "k"), [("head1", 10), ("orgdept", 10), ("assessor", 5)])
def test_no_document_and_no_answer_of_the_api_gives_a_small_count_away(
    office: Office, tmp_path: Path, user: str, k: int
) -> None:
    tried, read = 0, Counter[str]()
    _, viewer, _ = _signed_in(office, user)
    for number in _numbers(office, viewer):
        reading = _read_all(office, user, number, tmp_path)
        tried += attack(dict(reading.readers), k)
        read += reading.read
    assert tried > (0 if viewer.units else 3)
    assert {view for view in VIEWS[user] if not read[view]} == set(), read


@pytest.mark.parametrize(("user", "k"), [("orgdept", 10), ("assessor", 5)])
def test_notice_prints_only_months_that_are_told(office: Office, tmp_path: Path, user: str, k: int) -> None:
    _, viewer, _ = _signed_in(office, user)
    hidden = 0
    for number in _numbers(office, viewer):
        full = report_source.source_for(office.instance, number)
        reporting.make(office.instance, number, kind="notice", format="pdf", out=tmp_path / "n", viewer=viewer)
        ((_, document),) = office.written
        office.written.clear()
        hidden += read_notice(full, report_source.protected_for(office.instance, full, k), document)
    assert hidden > 0
