"""What a reader does not see is said to be not seen, and what nobody looked for to be not looked for: never "none"."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import pytest

from reports import annual, evidence, workbook
from reports.annual.facts import Facts
from reports.annual.integrity import blocks
from reports.blocks import Paragraph
from tests.reports.factory import make_source
from tests.reports.sheet_rows import read_book

NOTHING = {"findings": [], "exclusions": [], "batches": []}
HIDDEN = frozenset({"findings", "exclusions", "batches"})


def texts(source):
    return [getattr(block, "text", "") for block in annual.document(source).body]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_leads_hidden_or_not_looked_for_are_not_told_as_none(language):
    source = make_source(count=3, language=language, **NOTHING)
    told = {}
    for name, changes in {
        "none": {}, "hidden": {"hidden": HIDDEN}, "not_searched": {"is_searched": False},
        "both": {"is_searched": False, "hidden": HIDDEN},
    }.items():  # fmt: skip
        found = blocks(Facts(replace(source, **changes)))
        told[name] = [
            found[0].text,
            *(b.text for b in found if isinstance(b, Paragraph) and b.fact == "integrity.leads"),
        ]
    assert told["both"] == told["hidden"]
    assert len({tuple(lines) for lines in told.values()}) == 3
    none = {"zh": "没有达到", "en": "no lead meets"}[language]
    assert {name: any(none in line.lower() for line in lines) for name, lines in told.items()} == {
        "none": True, "hidden": False, "not_searched": False, "both": False
    }  # fmt: skip


def test_a_ledger_of_exclusions_the_reader_does_not_see_is_not_told_as_empty():
    source = make_source(count=3, **NOTHING)
    assert any("剔除清单（台账批准0件）" in text for text in texts(source))
    shown = texts(replace(source, hidden=HIDDEN))
    assert not [text for text in shown if "台账批准" in text or "没有剔除" in text or "没有另行批准" in text]
    assert any("剔除台账不在本文件读者的查看范围内" in text for text in shown)


def test_workbook_and_pack_leave_out_what_the_reader_does_not_see_and_say_why(tmp_path):
    source = make_source(count=3, hidden=HIDDEN, **NOTHING)
    assert "剔除清单" not in read_book(workbook.write(source, tmp_path / "b.xlsx")).sheetnames
    with zipfile.ZipFile(evidence.write(source, tmp_path / "e.zip")) as pack:
        names, manifest = set(pack.namelist()), json.loads(pack.read("manifest.json"))
    assert {name for name in names if name.endswith(".csv")} == {"units.csv", "objections.csv"}
    assert set(manifest["left_out"]) == HIDDEN
    open_source = make_source(count=3, is_searched=False, **NOTHING)
    assert evidence.left_out(open_source) == {"findings": "nobody has looked for findings of this period yet"}
    assert evidence.left_out(make_source(count=3)) == {}
