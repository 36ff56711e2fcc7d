"""Every kind of printed document is read back: equal to the digit, tables whole, texts complete, in Word and in PDF."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.annual.facts import Facts
from reports.blocks import Figure, Heading, Note, Paragraph, Table
from reports.charts.pen import clean
from reports.scorecard import template_data
from reports.source import WrittenText
from tests.reports import kinds
from tests.reports.factory import make_source
from tests.reports.read_back import docx_tables, docx_text, flat, printed
from tests.reports.rounding import half_up, percent

NAUGHTY = '=HYPERLINK("http://x")&<b>#eval("1")$x$*n*\'\x0b\x00\ud800＝1+1'
LONG = 40_000


@pytest.fixture(scope="module")
def city():
    return make_source(count=6)


@pytest.fixture(scope="module", params=kinds.NAMES)
def kind(request, city, tmp_path_factory):
    """The kind, its files, and what was read from them."""
    files = kinds.made(city, request.param, tmp_path_factory.mktemp(request.param))
    return request.param, files, docx_tables(files.docx), printed(files.pdf)


@pytest.fixture(scope="module")
def blocks(kind):
    _, files, _, _ = kind
    return [*files.document.front, *files.document.body]


def interval(low, high, shown):
    return f"{shown(low)}—{shown(high)}"


def test_every_table_of_word_equals_its_block_cell_by_cell(kind, blocks):
    _, _, tables, _ = kind
    wanted = [[list(map(clean, row)) for row in (b.head, *b.rows)] for b in blocks if isinstance(b, Table)]
    assert tables == wanted


def test_every_table_of_pdf_equals_its_block_cell_by_cell(kind, blocks, city):
    name, _, _, found = kind
    if name == "scorecard":
        data = template_data(Facts(city), kinds.UNIT)
        wanted = [[data["head"], *data["rows"]]]
    else:
        wanted = [[b.head, *b.rows] for b in blocks if isinstance(b, Table)]
    assert found.tables() == [[[flat(cell) for cell in row] for row in table] for table in wanted]


def test_no_text_of_a_pdf_is_outside_its_tags(kind):
    _, _, _, found = kind
    assert found.untagged == ""
    assert len(found.texts()) > 500


def test_every_sentence_heading_and_caption_stands_in_both_files_in_its_order(kind, blocks, city):
    name, files, _, found = kind
    wanted = [flat(b.text) for b in blocks if isinstance(b, Heading | Paragraph | Note)]
    captions = [flat(b.title) for b in blocks if isinstance(b, Table | Figure)]
    word = docx_text(files.docx)
    assert in_order(word, wanted)
    assert all(caption in word for caption in captions)
    if name == "scorecard":
        wanted = [flat(text) for text in template_data(Facts(city), kinds.UNIT)["sentences"]]
        captions = []
    assert in_order(found.texts(), wanted)
    assert all(caption in found.texts() for caption in captions)


def in_order(text, wanted):
    place = 0
    for part in wanted:
        place = text.find(part, place)
        if place < 0:
            raise AssertionError(f"not in its place: {part}")
        place += len(part)
    return True


def wanted_rows(city, name):
    """What the tables of a kind have to print, from the numbers themselves; and which columns these are."""
    names = {unit.code: flat(unit.name) for unit in city.units}
    received = {v.unit: v.value for v in city.values if v.metric == "n_received"}
    units = city.assessment.units
    if name == "annual":
        codes = [row["code"] for row in city.scheme["indicator"]][:8]
        return [
            [names[u.unit], half_up(received[u.unit], 0), *(percent(u.indicator(c).value) for c in codes),
             half_up(u.score, 2)]
            for u in units
        ], range(11)  # fmt: skip
    if name == "scorecard":
        unit = next(u for u in units if u.unit == kinds.UNIT)
        return [
            [percent(i.value), interval(i.low, i.high, percent), percent(i.target), half_up(i.points, 2),
             half_up(i.contribution, 2)]
            for i in unit.indicators
        ], (2, 3, 4, 5, 7)  # fmt: skip
    if name == "statement":
        groups = list(dict.fromkeys(unit.peer_group for unit in city.units))
        return [
            [names[u.unit], half_up(u.score, 2), interval(u.low, u.high, lambda v: half_up(v, 2)),
             half_up(received[u.unit], 0)]
            for u in sorted(units, key=lambda u: groups.index(u.group))
        ], (1, 3, 4, 6)  # fmt: skip
    months = {(v.unit, v.metric): v for v in city.monthly if v.period == "2024-12"}
    heaviest = ("S1a", "H2", "R4.strict")
    shown = [u for u in units if name == "notice" or u.group == units[0].group]
    return [
        [names[u.unit], half_up(months[u.unit, "n_received"].value, 0),
         *(percent(v.value if (v := months[u.unit, code]).n >= 10 else None) for code in heaviest)]
        for u in shown
    ], range(5)  # fmt: skip


def test_the_figures_printed_are_those_of_the_assessment_rounded_half_up(kind, city):
    name, _, tables, found = kind
    wanted, columns = wanted_rows(city, name)
    assert wanted
    for read in (tables, found.tables()):
        chosen = [
            [[flat(row[i]) for i in columns] for row in table[1 : 1 + len(wanted)]]
            for table in read
            if len(table[0]) > max(columns)
        ]
        assert wanted in chosen


@pytest.mark.parametrize("name", kinds.NAMES)
def test_control_characters_and_40_000_characters_survive(name, tmp_path):
    city = make_source(count=3)  # with the unit that is named
    own = {f"unit.{kinds.UNIT}": WrittenText("鑫" * LONG)} if name == "scorecard" else {}
    source = replace(kinds.with_texts(city, NAUGHTY, "鑫" * LONG), texts=own)
    files = kinds.made(source, name, tmp_path, topic="鑫" * LONG)
    times = {"annual": 2, "notice": 0}.get(name, 1)  # the annual report lists exclusions and objections
    for text in (docx_text(files.docx), printed(files.pdf).texts()):
        assert flat(clean(NAUGHTY)) in text
        assert text.count("鑫" * LONG) == times


def test_what_no_font_has_is_printed_by_its_code_and_stops_no_report(city, tmp_path):
    text = "谢谢\U0001f600\ufe0f，\U0002a6a5局\u202e答复"
    cases = [{**case, "title": text} for case in city.cases]
    source = replace(city, objections=[{**city.objections[0], "text": text}], cases=cases)
    for name in ("statement", "annual"):
        found = printed(kinds.write_pdf(source, name, tmp_path / f"{name}.pdf")).texts()
        assert "谢谢[U+1F600]，[U+2A6A5]局答复" in found
