"""Findings in documents, on scorecards and in questions to units: no count of a few citizens' answers is handed on."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from integrity.rules.catalogue import detectors
from pipeline.demo.people import sign_ins
from pipeline.integrity.shown import SENTENCE, for_reader
from pipeline.paper import reporting
from pipeline.paper.report_source import protected_for, source_for
from records.access import OPERATOR, Viewer
from records.clock import now
from records.instance import Instance
from records.models import Finding
from records.queries import findings as reading
from records.queries.assessments import list_assessments
from records.queries.people import list_people, viewer_for
from records.vocabulary import Role
from web.app import create_app

DESK = Viewer(1, "x", Role.ASSESSOR, sign_in="desk")
AUDITOR = Viewer(2, "y", Role.AUDITOR, sign_in="auditor")
PASSED = {"gates": {"q": 0.05}, "limits": {}, "scheme": "s@1"}
KEPT = {
    "D06": {"own": [60, 58], "third": [40, 20]},
    "D07": {},
    "D08.heaping": {"second_key": {"heaped_unsolved": [30, 3], "unheaped_unsolved": [50, 20]}},
}
FEW = ("D06", "D07")
EXACT = "26 件中 23 件"


def _planted(instance: Instance) -> tuple[int, str, dict[str, int]]:
    """Number of the newest assessment, a unit in it, and the findings made about that unit."""
    with instance.session() as session:
        newest = list_assessments(session, viewer=OPERATOR)[0]
        unit = next(entry.unit for entry in sign_ins(instance) if entry.user == "head1")
        made = {}
        for key, kept in KEPT.items():
            detector, _, variant = key.partition(".")
            document = {
                "family": detectors()[key].family, "evidence": {**kept, "thresholds": PASSED}, "count": 23, "n": 26,
                "value": 23 / 26, "expected": 0.5, "p_adjusted": 0.01, "cases": [["hotline", f"CASE-{detector}"]],
                "sentence": {"zh": f"{detector}：{EXACT}", "en": "23 of 26"}, "ordinary": {"zh": [], "en": []},
            }  # fmt: skip
            row = Finding(
                detector=detector, variant=variant, period=newest.period, unit_code=unit, document=document,
                state="asked", made_at=now(), asked_at=now(), asked_by="desk", question="?", is_named=True, strength=9,
            )  # fmt: skip
            session.add(row)
            session.flush()
            made[key] = row.id
        return newest.number, str(unit), made


def test_the_evidence_pack_holds_no_few_answers_for_who_may_not_read_them(demo_copy: Instance, tmp_path: Path) -> None:
    number, _, made = _planted(demo_copy)
    for viewer, is_whole in ((DESK, False), (AUDITOR, True)):
        pack = reporting.make(demo_copy, number, kind="evidence", format="zip", out=tmp_path / "p.zip", viewer=viewer)
        with zipfile.ZipFile(pack) as files:
            name = next(n for n in files.namelist() if n.endswith("findings.csv"))
            lines = csv.DictReader(io.StringIO(files.read(name).decode("utf-8-sig")))
            rows = {int(line["id"]): line for line in lines}
        for key, made_number in made.items():
            row = rows[made_number]
            is_few = key in FEW and not is_whole
            assert (set(json.loads(row["evidence"])) == {"thresholds"}) == (not is_whole or not KEPT[key])
            assert (EXACT in row["sentence"]) != is_few
            assert (row["count"] == "23") != is_few
            assert ("CASE-" in row["cases"]) != is_few


def test_sources_made_for_units_close_their_findings(demo_copy: Instance) -> None:
    number, unit, made = _planted(demo_copy)
    source = protected_for(demo_copy, source_for(demo_copy, number, has_variants=False), 10)
    told = {f["id"]: f["sentence"] for f in source.findings if f["unit"] == unit}
    assert {key for key, made_number in made.items() if SENTENCE["zh"] in told[made_number]["zh"]} == set(FEW)


@pytest.mark.parametrize(("who", "place"), [("assessor", "card"), ("head1", "asked"), ("head1", "list")])
def test_pages_tell_no_sentence_of_few_answers(demo_copy: Instance, who: str, place: str) -> None:
    number, unit, made = _planted(demo_copy)
    with demo_copy.session() as session:
        person = next(p.id for p in list_people(session, viewer=OPERATOR) if p.sign_in == who)
        viewer = viewer_for(session, person_id=person)
    assert viewer is not None
    client = create_app(demo_copy, {"TESTING": True}).test_client()
    with client.session_transaction() as cookie:
        cookie["person"] = viewer.id
    pages = {"card": [f"/units/{unit}?assessment={number}"], "list": ["/findings/asked"],
             "asked": [f"/findings/asked/{made_number}" for made_number in made.values()]}  # fmt: skip
    answers = [client.get(address) for address in pages[place]]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    text = "".join(answer.text for answer in answers)
    assert f"D06：{EXACT}" not in text
    assert f"D07：{EXACT}" not in text
    if place != "list":
        assert f"D08：{EXACT}" in text  # counts no answers


def test_the_thresholds_stay(demo_copy: Instance) -> None:
    _, _, made = _planted(demo_copy)
    assert made
    for number in made.values():
        with demo_copy.session() as session:
            row = reading.one(session, viewer=DESK, number=number)
        assert row is not None
        assert for_reader(row, DESK).document["evidence"] == {"thresholds": PASSED}
