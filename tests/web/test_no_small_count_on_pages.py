"""What each role reads on real pages and in real files, put together with a solver: no count below k comes out.

The reader takes the numbers off the rendered trace of each unit, its scorecard, the workbook and the open data, knows
the scheme, and asks for the least and the greatest value of every small count. The schemes are those that ship.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from evaluation.rules.scheme import Scheme, load
from metrics.counting.rates import COUNTS, rates
from pipeline.demo.people import sign_ins
from pipeline.judgement import assessing
from pipeline.paper import reporting
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import assessments, units
from records.queries.people import list_people, viewer_for
from tests.web.small_count_reader import (
    HINT,
    Parts,
    Reader,
    attack,
    cells_of,
    learn_rate,
    parts,
    read_sheet,
    read_trace,
    truths,
)
from web.app import create_app

pytestmark = pytest.mark.slow


def read_indicators(client: FlaskClient, readers: dict[str, Reader], number: int, scheme: Scheme, known: Parts) -> int:
    """The page of each indicator: value and counts of every unit; how many cells told a rate."""
    read = 0
    for code in {i.code for i in scheme.indicators} & known.keys():
        page = client.get(f"/indicators/{code}?assessment={number}")
        for row in re.findall(r'<tr role="row">(.*?)</tr>', page.text if page.status_code == 200 else "", re.S):
            unit = re.search(r'/units/([^?"/]+)\?', row)
            cells = cells_of(f"<tr>{HINT.sub('', row)}</tr>")[0]
            if unit and unit.group(1) in readers:
                read += bool(learn_rate(readers[unit.group(1)], code, cells[1], cells[3], known))
    return read


def read_comparisons(client: FlaskClient, readers: dict[str, Reader], number: int, known: Parts) -> int:
    """The comparison of all units, five at a time: the rates side by side."""
    read, codes = 0, sorted(readers)
    for start in range(0, len(codes) - 1, 5):
        asked = codes[start : start + 5]
        page = client.get(f"/compare?assessment={number}" + "".join(f"&unit={unit}" for unit in asked))
        text = page.text if page.status_code == 200 else ""
        units = re.findall(r'<th[^>]*scope="col"[^>]*>\s*<a href="/units/([^?"/]+)\?', text)
        for row in re.findall(r'<tr><th scope="row"><a href="/indicators/.*?</tr>', text, re.S):
            code = re.search(r"/indicators/([^?\"/]+)", row)
            cells = cells_of(HINT.sub("", row))[0][1:]
            for unit, cell in zip(units, cells, strict=True) if code else ():
                read += bool(learn_rate(readers[unit], code.group(1), cell, "", known))
    return read


def workbook(instance: Instance, viewer: Viewer, number: int, path: Path) -> list[dict[str, str]]:
    """The rows of all values in the workbook of a reader, by unit code."""
    reporting.make(instance, number, kind="workbook", format="xlsx", out=path, viewer=viewer)
    with instance.session() as session:
        codes = {row.name: row.code for row in units.list_units(session, viewer=OPERATOR)}
    names = ("unit", "code", "indicator", "numerator", "denominator", "stored")
    found = []
    with closing(load_workbook(path, read_only=True)) as book:
        for row in (row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)):
            if len(row) >= 10 and row[0] in codes and row[1] in {*rates(), *COUNTS}:
                found.append(
                    dict(zip(names, [codes[row[0]], *("" if c is None else str(c) for c in row[1:6])], strict=True))
                )
    assert found
    return found


@pytest.fixture(scope="module")
def office(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, Flask]]:
    folder = tmp_path_factory.mktemp("pages") / "city"
    shutil.copytree(demo_folder, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        instance = Instance.open(folder)
    yield instance, create_app(instance, {"TESTING": True, "WTF_CSRF_ENABLED": False})
    instance.close()


def numbers_for(instance: Instance, viewer: Viewer) -> Iterator[int]:
    with instance.session() as session:
        yield from [row.number for row in assessments.list_assessments(session, viewer=viewer)]


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
@pytest.mark.parametrize(("user", "k"), [("head1", 10), ("orgdept", 10), ("assessor", 5)])
def test_no_page_and_no_workbook_gives_a_small_count_away(
    office: tuple[Instance, Flask], tmp_path: Path, user: str, k: int
) -> None:
    instance, app = office
    known, client = parts(), app.test_client()
    password = next(entry.password for entry in sign_ins(instance) if entry.user == user)
    assert client.post("/sign-in", data={"sign_in": user, "password": password}).status_code == 302
    with instance.session() as session:
        person = next(p for p in list_people(session, viewer=OPERATOR) if p.sign_in == user)
        viewer = viewer_for(session, person_id=person.id)
    tried = scored = beside = 0
    for number in numbers_for(instance, viewer):
        stored = assessing.get(instance, number)
        scheme = load(stored.scheme_text)
        readers = truths(instance, stored.result, scheme)
        if viewer.units:
            readers = {unit: reader for unit, reader in readers.items() if unit in viewer.units}
        for unit, reader in readers.items():
            scored += _read_pages(client, reader, number, unit, scheme, known)
        beside += read_indicators(client, readers, number, scheme, known)
        if not viewer.units:
            beside += read_comparisons(client, readers, number, known)
            rows = workbook(instance, viewer, number, tmp_path / f"{number}.xlsx")
            read_sheet(readers, rows, ("unit", "code", "numerator", "denominator", "stored"), known)
        tried += attack(readers, k)
    assert min(tried, scored) > (0 if viewer.units else 3)
    assert viewer.units or beside > 20


def _read_pages(client: FlaskClient, reader: Reader, number: int, unit: str, scheme: Scheme, known: Parts) -> bool:
    page = client.get(f"/assessments/{number}/{unit}")
    card = client.get(f"/units/{unit}?assessment={number}")
    if page.status_code != 200 or card.status_code != 200:
        return False
    found = re.search(r'class="s-score".*?<p class="big">(.*?)</p>', card.text, re.S)
    assert found
    read_trace(reader, page.text, scheme, re.sub(r"<[^>]+>", "", found.group(1)), known)
    return True


def test_open_data_give_no_small_count_away(office: tuple[Instance, Flask], tmp_path: Path) -> None:
    """What everybody may take home: the indicators of every unit of a published assessment."""
    instance, known = office[0], parts()
    with instance.session() as session:
        rows = assessments.list_assessments(session, viewer=OPERATOR)
    tried = 0
    for number in [row.number for row in rows if row.state == "published"]:
        stored = assessing.get(instance, number)
        readers = truths(instance, stored.result, load(stored.scheme_text))
        path = reporting.make(instance, number, kind="opendata", format="zip", out=tmp_path / f"{number}.zip")
        with zipfile.ZipFile(path) as file:
            text = file.read("indicators.csv").decode("utf-8-sig")
        table = list(csv.DictReader(io.StringIO(text)))
        assert {row["unit"] for row in table} >= readers.keys()
        read_sheet(readers, table, ("unit", "indicator", "numerator", "denominator", "value"), known)
        tried += attack(readers, 10)
    assert tried > 3
