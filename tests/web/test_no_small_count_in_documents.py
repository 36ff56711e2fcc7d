"""What each role reads in documents, through the API, and in the tables of a card: with a solver no count below k.

Documents are read as the blocks and figures that Word and PDF are written from, made by the request a person sends.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from evaluation.rules.scheme import Scheme, load
from metrics.disclosure.small_cells import VOICE_CODES
from pipeline.demo.people import sign_ins
from pipeline.house import people
from pipeline.judgement import assessing
from pipeline.paper import report_source, reporting
from pipeline.views import shown
from pipeline.views.statistics_view import statistics_view
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import assessments
from records.queries.people import list_people, viewer_for
from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Document, Figure, Table
from reports.source import ReportSource
from tests.web.small_count_reader import (
    HINT,
    Parts,
    Reader,
    attack,
    cells_of,
    learn_points,
    learn_rate,
    parts,
    read_group,
    read_number,
    read_trace,
    truths,
)  # fmt: skip
from web.app import create_app

LEVELS = ("5", "4", "3", "2", "1", "default", "unrated")
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
        module = getattr(reporting, name)

        def kept(source: ReportSource, *rest: Any, document: Any = module.document) -> Document:
            found = document(source, *rest)
            made.written.append((source, found))
            return found

        patch.setattr(module, "document", kept)
    card = reporting.scorecard

    def kept_card(facts: Facts, unit: str, path: Path, *, format: str, template: Path | None = None) -> Path:
        made.cards.append((facts, unit, card.document(facts, unit) if format == "docx" else None))
        made.cards.append((facts, unit, card.template_data(facts, unit)))
        path.touch()
        return path

    patch.setattr(card, "write_one", kept_card)
    for writer in (reporting.pdf_writer, reporting.docx_writer):
        patch.setattr(writer, "write", lambda document, path, **rest: path.touch() or path)


# --- what is read ----------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    """Everything one role reads of one assessment; `read` counts the cells that told something, by view."""

    readers: Mapping[str, Reader]
    scheme: Scheme
    known: Parts
    read: Counter[str] = field(default_factory=Counter)

    def rate(self, view: str, unit: str, code: str, value: str, counts: str = "") -> None:
        if code in self.known and unit in self.readers:
            self.read[view] += bool(learn_rate(self.readers[unit], code, value, counts, self.known))

    def points(self, view: str, unit: str, code: str, text: str, slack: float) -> None:
        number = read_number(text)
        if number is not None and unit in self.readers:
            self.read[view] += learn_points(self.readers[unit], self.scheme, code, number, slack, self.known)

    def total(self, view: str, code: str, units: Iterable[str], rate: str, base: str | None) -> None:
        """A total must be the sum over units whose number is shown; one over all would tell the others together."""
        sides = [sum(form @ self.readers[unit].true for unit in units) for form in self.known[code]]
        if (shown_rate := read_number(rate)) is not None and sides[1]:
            assert shown_rate == pytest.approx(100 * sides[0] / sides[1], abs=0.0501), (view, code)
            self.read[view] += 1
        if base is not None and (shown_base := read_number(base)) is not None:
            assert shown_base == sides[1], (view, code)


def read_document(reading: Reading, facts: Facts, document: Document, view: str) -> None:
    """Every table and figure that speaks of ratings or follow-ups."""
    for block in (*document.front, *document.body):
        if isinstance(block, Table):
            _read_table(reading, facts, block, view)
        elif isinstance(block, Figure):
            _read_figure(reading, facts, block, view)


def _read_table(reading: Reading, facts: Facts, table: Table, view: str) -> None:
    kind, _, rest = table.fact.partition(".")
    if kind == "unit" and facts.say("head.indicator") in table.head:
        _read_unit_table(reading, facts, rest, table.head, table.rows, view)
    elif table.fact == "annex.scores":
        codes = {f"{facts.label(i['code']).name}({facts.say('unit_head.' + facts.label(i['code']).unit)})": i["code"]
                 for i in facts.indicators}  # fmt: skip
        units = {name: unit for unit, name in facts.names.items()}
        for row in table.rows:
            for head, cell in zip(table.head, row, strict=True):
                if head in codes:
                    reading.rate(f"{view}: annex of values", units[row[0]], codes[head], cell)
    elif table.fact == "satisfaction.variants":
        for code, _, base, pooled, _ in (row for row in table.rows if row[0] in reading.known):
            reading.total(f"{view}: five definitions", code, _with(facts, code), pooled, base)
    elif table.fact == "satisfaction.levels":
        _read_levels(reading, facts, table, view)
    elif kind == "parts":
        names = {facts.label(i["code"]).name: i["code"] for i in facts.indicators}
        place = table.head.index(facts.say("head.pooled"))
        for row in table.rows:
            if (code := names[row[0]]) in reading.known:
                reading.total(f"{view}: totals", code, _with(facts, code), row[place], None)


def _with(facts: Facts, code: str) -> list[str]:
    """The units whose number this reader has."""
    return [v.unit for v in facts.source.values if v.metric == code and v.unit and v.value is not None]


def _read_unit_table(reading: Reading, facts: Facts, unit: str, head: Iterable[str], rows: Any, view: str) -> None:
    names = {facts.label(i["code"]).name: i["code"] for i in facts.indicators}
    keys = ("indicator", "value", "points", "weight", "contribution")
    place = {key: list(head).index(facts.say(f"head.{key}")) for key in keys}
    for row in rows:
        code = names[row[place["indicator"]]]
        reading.rate(f"{view}: table of a unit", unit, code, row[place["value"]])
        reading.points(f"{view}: table of a unit", unit, code, row[place["points"]], 0.0051)


def _read_levels(reading: Reading, facts: Facts, table: Table, view: str) -> None:
    """Counts of the levels by peer group: those of the units whose levels this reader has."""
    for group, row in zip(facts.groups, table.rows, strict=True):
        members = [u.unit for u in group.units if u.unit in facts.source.satisfaction]
        for level, cell in zip(LEVELS, row[1:], strict=True):
            name = "rating_0" if level == "default" else level if level == "unrated" else f"rating_{level}"
            true = sum(max(reading.readers[unit].truth[name], 0) for unit in members)
            assert read_number(cell) == true, (group.title, level)
            reading.read[f"{view}: levels"] += 1
    for unit, counts in facts.source.satisfaction.items():
        for level in LEVELS[:-1]:
            name = "rating_0" if level == "default" else f"rating_{level}"
            reading.readers[unit].learn(_count(name), counts[level], counts[level])


def _count(name: str) -> np.ndarray:
    from tests.web.small_count_reader import NAMES, PLACE

    return np.eye(len(NAMES))[PLACE[name]]


def _read_figure(reading: Reading, facts: Facts, block: Figure, view: str) -> None:
    kind, _, rest = block.fact.partition(".")
    units = {name: unit for unit, name in facts.names.items()}
    short = {name: unit for unit, name in facts.short_names.items()}
    for trace in block.figure["data"]:
        if kind == "metric" and "hovertext" in trace:  # the funnel: size and rate of every unit
            for name, n, rate in zip(trace["hovertext"], trace["x"], trace["y"], strict=True):
                reading.rate(f"{view}: funnel", units[name], rest, f"{rate}", f"n=／{n:g}")
    if kind == "results" and block.figure["layout"].get("yaxis", {}).get("ticktext"):
        _read_heat(reading, facts, block, short, view)


def _read_heat(reading: Reading, facts: Facts, block: Figure, short: Mapping[str, str], view: str) -> None:
    """The points of every unit in every indicator, to whole points."""
    layout = block.figure["layout"]
    names = dict(zip(layout["yaxis"]["tickvals"], layout["yaxis"]["ticktext"], strict=True))
    codes = [i["code"] for i in facts.indicators if i["code"] not in facts.unmeasured]
    cells = [a for a in layout["annotations"] if "yref" not in a and "xref" not in a]
    if not cells or len(cells) != len(names) * len(codes):
        return  # another figure of the group, or a heat map of more columns than fit one
    for cell in cells:
        reading.points(f"{view}: heat map", short[names[cell["y"]]], codes[int(cell["x"])], cell["text"], 0.5001)


def read_card_file(reading: Reading, facts: Facts, unit: str, data: Mapping[str, Any]) -> None:
    """The one page of a scorecard as PDF: tiles, table, sentences are those of the report."""
    names = {facts.label(i["code"]).name: i["code"] for i in facts.indicators}
    for tile in data["tiles"]:
        reading.rate("scorecard: tiles", unit, names[tile["name"]], tile["value"])
    _read_unit_table(reading, facts, unit, data["head"], data["rows"], "scorecard")


def read_card_page(reading: Reading, html: str, unit: str) -> None:
    """The table of indicators on the page of a unit."""
    codes = {i.code for i in reading.scheme.indicators}
    for row in cells_of(re.sub(r'<span class="hint">.*?</span>', "", html, flags=re.S)):
        code = row[0].split(" ")[-1] if row else ""
        if len(row) == 8 and code in codes:
            reading.rate("card", unit, code, row[2], row[1])
            reading.points("card", unit, code, row[4], 0.0051)


def read_result(reading: Reading, result: Mapping[str, Any]) -> None:
    """The frozen result as the API hands it out: values, counts, points, groups, and what stands beside the score."""
    for unit in result["units"]:
        reader = reading.readers[unit["unit"]]
        for row in unit["indicators"]:
            _read_values(reading, "API: result", unit["unit"], row)
            if row["points"] is not None:
                reading.points("API: result", unit["unit"], row["code"], repr(row["points"]), 1e-6)
        for row in unit["information"]:
            _read_values(reading, "API: result", unit["unit"], row)
        for group in unit["groups"]:
            if group["points"] is not None:
                reading.read["API: groups"] += read_group(reader, reading.scheme, group, unit, reading.known)


def _read_values(reading: Reading, view: str, unit: str, row: Mapping[str, Any]) -> None:
    code, reader = row["code"], reading.readers[unit]
    for value, names in (("value", ("numerator", "denominator")),
                         ("other_value", ("other_numerator", "other_denominator"))):  # fmt: skip
        if code not in reading.known or row.get(value) is None:
            continue
        assert value == "value" or code not in VOICE_CODES, (unit, code)
        yes, whole = reading.known[code]
        for form, side in zip((yes, whole), (row.get(name) for name in names), strict=True):
            if side is not None:
                reader.learn(form, side, side)
        reader.learn(yes - row[value] * whole, -1e-6, 1e-6)
        reading.read[view] += 1


def read_scorecard(reading: Reading, card: Mapping[str, Any]) -> None:
    """The scorecard of the API: tiles, levels, claimed and confirmed."""
    unit, reader = card["unit"], reading.readers[card["unit"]]
    for tile in card["tiles"]:
        _read_values(reading, "API: scorecard", unit, tile)
        if tile["points"] is not None:
            reading.points("API: scorecard", unit, tile["code"], repr(tile["points"]), 1e-6)
    for level, n in card["satisfaction"].items():
        if level != "unrated":
            reader.learn(_count("rating_0" if level == "default" else f"rating_{level}"), n, n)
            reading.read["API: levels"] += 1
    if card["confirmed"] is not None:
        _read_values(reading, "API: scorecard", unit, {"code": "H2", "value": card["confirmed"]})


def read_statistics(reading: Reading, instance: Instance, viewer: Viewer, number: int, unit: str) -> None:
    """The page of statistics: rates, who rated, the raw side of weighted and adjusted rates, both sides of a change."""
    view = statistics_view(shown.prepared(instance, viewer, number=number, unit=unit), unit)
    reader = reading.readers[unit]
    for what, row in view.answers:
        _read_values(reading, "statistics", unit, {**row, "code": what.code})
    if view.weighted is not None:
        _read_values(reading, "statistics", unit, {"code": "S1c", "value": view.weighted["raw"]})
    if view.reach is not None:
        rated = sum(_count(f"rating_{level}") for level in range(1, 6))
        reader.learn(rated, view.reach.rated, view.reach.rated)
    for mix in view.mix:
        _read_values(reading, "statistics", unit, {"code": mix.what.code, "value": mix.raw})
    for change in view.changes:
        if change.what.code in reading.known:
            for form, n in zip(reading.known[change.what.code], (change.y2, change.n2), strict=True):
                reader.learn(form, n, n)
            reading.read["statistics"] += 1


def read_notice(full: ReportSource, told: ReportSource, document: Document) -> int:
    """A notice prints months: each cell is the withheld value or the dash. Which months are withheld is the matter of
    `tests/pipeline/test_no_small_cell.py`, which gives them to a solver."""
    facts, read = Facts(told), 0
    month = next(b for b in document.body if isinstance(b, Table) and b.fact == "monthly")
    rows = {(v.unit, v.metric, v.period): v for v in told.monthly if v.group is None and v.unit}
    before = {(v.unit, v.metric, v.period): v for v in full.monthly if v.group is None and v.unit}
    period = facts.months[-1]
    codes = {f"{facts.label(code).name}(%)": code for code in {v.metric for v in told.monthly}}
    units = {name: unit for unit, name in facts.names.items()}
    for row in month.rows:
        for head, cell in zip(month.head[2:], row[2:], strict=True):
            key = units[row[0]], codes[head], period
            value = rows[key].value if key in rows else None
            assert cell in (numbers.MISSING, numbers.rate(value)), key
            read += key in before and before[key].value is not None and value is None
    return read


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
VIEWS = {"head1": OWN_VIEWS, "orgdept": VIEWS_OF_ALL, "assessor": VIEWS_OF_ALL | WITH_MORE_SHOWN}


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
