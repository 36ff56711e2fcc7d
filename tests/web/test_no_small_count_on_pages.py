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
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from scipy.optimize import linprog

from evaluation.rules.scheme import Scheme, load
from evaluation.scores.result import Assessment
from metrics.counting.rates import COUNTS, Terms, rates
from metrics.disclosure.small_cells import CELLS, LEVEL_CODES
from pipeline.demo.people import sign_ins
from pipeline.judgement import assessing
from pipeline.numbers.counting import metric_values
from pipeline.paper import reporting
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import assessments, units
from records.queries.people import list_people, viewer_for
from web.app import create_app

NAMES = (*CELLS, "H2.yes", "H2.no")
HINT = re.compile(r"<span[^>]*>.*?</span>", re.S)
PLACE = {name: i for i, name in enumerate(NAMES)}
Form = np.ndarray
Parts = dict[str, tuple[Form, Form]]


def form_of(terms: Terms) -> Form:
    """A sum of counts as weights of NAMES."""
    out = np.zeros(len(NAMES))
    for weight, name in terms:
        out += weight * (np.array([1.0] * 7 + [0.0] * 2) if name == "n_eligible" else np.eye(len(NAMES))[PLACE[name]])
    return out


def parts() -> Parts:
    """Numerator and denominator of every rate of ratings, and of H2, as weights of NAMES."""
    found: Parts = {}
    for code, rate in rates().items():
        names = {name for _, name in (*rate.numerator, *rate.denominator)}
        if names <= {*CELLS, "n_eligible"}:
            found[code] = form_of(rate.numerator), form_of(rate.denominator)
    yes, no = np.eye(len(NAMES))[[PLACE["H2.yes"], PLACE["H2.no"]]]
    return found | {"H2": (yes, yes + no)}


@dataclass
class Reader:
    """Everything read about one unit, as rows of `low <= weights . counts <= high`; further variables for the score."""

    truth: dict[str, float]
    rows: list[tuple[Form, float, float]] = field(default_factory=list)
    free: list[tuple[float, float]] = field(default_factory=list)  # what else the score holds
    score: tuple[Form, float, float] | None = None

    @property
    def true(self) -> Form:
        return np.array([self.truth[name] for name in NAMES])

    def learn(self, weights: Form, low: float, high: float) -> None:
        assert low - 1e-6 <= weights @ self.true <= high + 1e-6, (weights, low, high)
        self.rows.append((weights, low, high))

    def width(self, name: str) -> float:
        """How far a count stays open."""
        size = len(NAMES) + len(self.free)
        rows = [(np.r_[w, np.zeros(len(self.free))], low, high) for w, low, high in self.rows]
        if self.score is not None:
            rows.append((np.r_[self.score[0], np.ones(len(self.free))], self.score[1], self.score[2]))
        if not rows:
            return float("inf")
        sides = [(w, high) for w, _, high in rows if np.isfinite(high)]
        sides += [(-w, -low) for w, low, _ in rows if np.isfinite(low)]
        matrix, limits = np.array([w for w, _ in sides]), np.array([end for _, end in sides]) + 1e-6
        goal, bounds = np.eye(size)[PLACE[name]], [(0.0, None)] * len(NAMES) + self.free
        bounds[PLACE["unrated"]] = (min(0.0, self.truth["unrated"]), None)  # a rating may stand on a case left out
        ends = [linprog(s * goal, A_ub=matrix, b_ub=limits, bounds=bounds) for s in (1, -1)]
        assert (ends[0].status, ends[1].status) in ((0, 0), (0, 3))
        return float("inf") if ends[1].status == 3 else float(-ends[1].fun - ends[0].fun)


def read_number(text: str) -> float | None:
    """The number a cell shows, None for a dash; a percentage as it stands."""
    found = re.search(r"[−-]?[\d,]+(\.\d+)?", text)
    return float(found.group().replace(",", "").replace("−", "-")) if found else None


def cells_of(html: str) -> list[list[str]]:
    """The rows of the tables of a page, as plain texts."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.S)
    return [
        [re.sub(r"<[^>]+>", "", c).strip() for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", r, re.S)] for r in rows
    ]


def learn_rate(reader: Reader, code: str, value: str, counts: str, known: Parts) -> list[float]:
    """A rate as a cell shows it, one number or a range, and its two counts where they stand beside it."""
    shown = [number for text in value.split("—") if (number := read_number(text)) is not None]
    if code in known and shown:
        yes, whole = known[code]
        for form, side in zip((yes, whole), counts.split("／"), strict=False):
            if (exact := read_number(side)) is not None and "n=" not in side:
                reader.learn(form, exact, exact)
        reader.learn(yes - (shown[0] - 0.0501) / 100 * whole, 0.0, np.inf)
        reader.learn(yes - (shown[-1] + 0.0501) / 100 * whole, -np.inf, 0.0)
    return shown


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


def read_trace(reader: Reader, html: str, scheme: Scheme, score: str, known: Parts) -> None:
    """The table from value to score: values, counts and points of each indicator, and what the score adds."""
    codes = {i.code: i for i in scheme.indicators}
    weights, rest, is_usable = np.zeros(len(NAMES)), 0.0, True
    for row in cells_of(html):
        code = row[0].split(" ")[0] if row else ""
        if code not in codes or len(row) < 10:
            continue
        value, counts, points, share, part = row[1], row[2], row[5], row[7], row[8]
        shown = learn_rate(reader, code, value, counts, known)
        if (added := read_number(part)) is not None:
            rest += added
        elif (effective := read_number(share)) and points == "—" and len(shown) != 1:
            added = _points(reader, codes[code], effective / 100, known)
            if added is None:
                reader.free.append((0.0, effective))
            else:
                weights += added[0]
                rest += added[1]
        is_usable = is_usable and not (points == "—" and read_number(part))
    ends = [read_number(text) for text in score.split("—")]
    if not is_usable or ends[0] is None or not weights.any():
        return
    low, high = (ends[0] - 0.06, ends[0] + 0.06) if len(ends) < 2 or ends[1] is None else (ends[0], ends[1])
    slack = 0.01 * len(codes)  # contributions are printed with two decimals
    told = low - rest - slack, high - rest + slack
    most = sum(end for _, end in reader.free)
    if told[0] - most <= weights @ reader.true <= told[1]:  # points are cut off at 0 and 100: no line, no use here
        reader.score = weights, *told


def _points(reader: Reader, indicator, effective: float, known: Parts) -> tuple[Form, float] | None:
    """What a hidden rate adds to the score, linear in its count: the reader is granted the number it is of."""
    if indicator.code not in known or indicator.method != "goalposts":
        return None
    yes, whole = known[indicator.code]
    n = float(whole @ reader.true)
    if not n:
        return None
    slope = 100 * effective / (indicator.full - indicator.zero)
    return slope / n * yes, -slope * indicator.zero


def read_sheet(readers: dict[str, Reader], rows: list[dict[str, str]], names: tuple[str, ...], known: Parts) -> None:
    """Numerators and denominators of a file of all numbers; `names` are the columns of unit, code, counts, value."""
    for row in rows:
        unit, code = row.get(names[0]), row.get(names[1]) or ""
        reader = readers.get(unit or "")
        if reader is None:
            continue
        yes, whole, value = (None if row.get(name) in (None, "", "—") else row[name] for name in names[2:])
        if code in known and yes is not None and whole is not None:
            reader.learn(known[code][0], float(yes), float(yes))
            reader.learn(known[code][1], float(whole), float(whole))
        elif code in COUNTS and {n for _, n in COUNTS[code]} <= {*CELLS, "n_eligible"} and value is not None:
            reader.learn(form_of(COUNTS[code]), float(value), float(value))


def attack(readers: dict[str, Reader], k: int) -> int:
    """Every small count of every unit stays open by k; how many there were."""
    tried = 0
    for unit, reader in sorted(readers.items()):
        for name in NAMES:
            if 0 < reader.truth[name] < k and name not in ("unrated", "H2.yes"):
                assert reader.width(name) >= k - 1e-3, (unit, name, reader.truth)
                tried += 1
    return tried


def workbook(instance: Instance, viewer: Viewer, number: int, path: Path) -> list[dict[str, str]]:
    """The rows of all values in the workbook of a reader, by unit code."""
    reporting.make(instance, number, kind="workbook", format="xlsx", out=path, viewer=viewer)
    with instance.session() as session:
        codes = {row.name: row.code for row in units.list_units(session, viewer=OPERATOR)}
    names = ("unit", "code", "indicator", "numerator", "denominator", "stored")
    found = []
    for sheet in load_workbook(path, read_only=True).worksheets:
        for row in sheet.iter_rows(values_only=True):
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


def truths(instance: Instance, found: Assessment, scheme: Scheme) -> dict[str, Reader]:
    """The counts of every unit as they are."""
    codes, start_day = ["n_eligible", *LEVEL_CODES], scheme.period_start_day
    rows = metric_values(instance, period=found.period, codes=codes, scope=scheme.scope, start_day=start_day).rows
    values = {(v.unit, v.metric): v for v in rows if v.unit is not None and v.group is None}
    out = {}
    for unit in {u for u, _ in values if u}:
        levels = [float(values[unit, code].value or 0) for code in LEVEL_CODES]
        h2 = next((i for u in found.units if u.unit == unit for i in u.indicators if i.code == "H2"), None)
        yes, n = (h2.numerator or 0.0, h2.denominator or 0.0) if h2 else (0.0, 0.0)
        unrated = float(values[unit, "n_eligible"].value or 0) - sum(levels)
        out[unit] = Reader(dict(zip(NAMES, [*levels, unrated, yes, n - yes], strict=True)))
    return out


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
