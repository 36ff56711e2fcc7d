"""The evidence of findings as different people see it: counts against a plain count, small cells, whose cases."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from integrity.rules.catalogue import detectors
from integrity.texts.reply import reply_facts, signed_on
from pipeline.integrity import claims, evidence, evidence_views, findings
from pipeline.integrity.evidence_parts import Evidence
from pipeline.integrity.findings import ground_of
from pipeline.integrity.shown import RATING_TOTALS, SENTENCE, for_reader
from pipeline.numbers import reply_features
from records.access import Viewer
from records.clock import now
from records.engine import Engine
from records.instance import Instance
from records.models import AuditEntry, Finding, Unit
from records.queries import findings as reading
from records.queries.findings import FindingRow
from records.tables import tables_for_metrics
from records.vocabulary import Role

PERIOD = "2025"
DESK = Viewer(1, "x", Role.ASSESSOR, sign_in="desk")
CALLER = Viewer(2, "y", Role.ASSESSOR, sign_in="caller", has_survey_role=True)
FAMILIES = {"D07": "ratings", "D13": "ratings", "D15": "citizen_voice", "D18": "citizen_voice", "D19": "text",
            "D20": "citizen_voice", "D22": "text", "D12": "records"}  # fmt: skip


@pytest.fixture(scope="module")
def rows(demo_instance: Instance) -> list[dict]:
    """The newest observation of every case, read without the statements under test."""
    names = ("register", "case_no", "unit", "received_at", "closed_at", "person_token", "category", "first_rating",
             "rating", "reply_text", "case_type", "exported_at", "batch", "row_no")  # fmt: skip
    with demo_instance.session() as session:
        views = tables_for_metrics(demo_instance, session)
    newest: dict[tuple, dict] = {}
    for values in Engine(demo_instance).run(f"SELECT {', '.join(names)} FROM cases", views):
        row = dict(zip(names, values, strict=True))
        key = row["register"] or "", row["case_no"]
        age = row["exported_at"], row["batch"], row["row_no"]
        if key not in newest or age > tuple(newest[key][n] for n in ("exported_at", "batch", "row_no")):
            newest[key] = row
    return list(newest.values())


def _busiest(rows: list[dict]) -> str:
    return Counter(row["unit"] for row in rows).most_common(1)[0][0]


def _finding(instance: Instance, detector: str, unit: str, cases: list[dict], viewer: Viewer) -> FindingRow:
    keys = [[row["register"] or "", row["case_no"]] for row in cases]
    document = {"family": FAMILIES[detector], "evidence": {}, "cases": keys, "count": 1, "n": 2, "value": 0.5}
    with instance.session() as session:
        row = Finding(detector=detector, period=PERIOD, unit_code=unit, document=document, state="open", made_at=now())
        session.add(row)
        session.flush()
        found = reading.one(session, viewer=viewer, number=row.id)
    assert found is not None
    return found


def _seen(instance: Instance, detector: str, unit: str, cases: list[dict], viewer: Viewer) -> Evidence:
    return evidence.evidence_for(instance, _finding(instance, detector, unit, cases, viewer), viewer)


def _of_year(rows: list[dict], unit: str) -> list[dict]:
    return [r for r in rows if r["unit"] == unit and r["received_at"] and r["received_at"].year == 2025]


def test_both_ratings_are_counts_and_small_cells_stay_closed(demo_copy: Instance, rows: list[dict]) -> None:
    changed = [r for r in rows if (r["first_rating"] or 9) <= 2 and (r["rating"] or 0) >= 1 and r["received_at"]]
    unit = _busiest([r for r in changed if r["received_at"].year == 2025])
    plain = Counter((r["first_rating"], r["rating"]) for r in _of_year(changed, unit))
    (table,) = _seen(demo_copy, "D07", unit, [], CALLER).tables
    assert {(f, level): table.rows[f - 1][level] for f in (1, 2) for level in range(1, 6)} == {
        (f, level): plain[f, level] for f in (1, 2) for level in range(1, 6)
    }
    (small,) = _seen(demo_copy, "D07", unit, [], DESK).tables
    assert all(n == "withheld" or n == 0 or n >= 5 for row in small.rows for n in row[1:])


def test_stack_of_levels_holds_every_eligible_case(demo_copy: Instance, rows: list[dict]) -> None:
    unit = _busiest(rows)
    stack = _seen(demo_copy, "D13", unit, [], CALLER).stack
    assert stack is not None
    values = findings.build_facts(demo_copy)
    eligible = Engine(demo_copy).run(
        f"SELECT count(*) FROM facts WHERE unit = '{unit}' AND month BETWEEN 202501 AND 202512 "
        "AND is_excluded = 0 AND is_duplicate = 0 AND is_withdrawn = 0 AND is_not_responsible = 0",
        values.views,
    )
    assert sum(n or 0 for n in stack.unit) == eligible[0][0]
    shown = _seen(demo_copy, "D13", unit, [], DESK).stack
    assert shown is None or all(n is None or n == 0 or n >= 5 for n in shown.unit)


def test_chains_follow_one_person_for_ninety_days(demo_copy: Instance, rows: list[dict]) -> None:
    closed = [r for r in rows if r["person_token"] and r["closed_at"]]
    later = {}
    for row in closed:
        same = [o for o in rows if o["person_token"] == row["person_token"] and o["category"] == row["category"]
                and row["received_at"] <= o["received_at"] <= row["closed_at"] + timedelta(days=90)]  # fmt: skip
        if len(same) > 1:
            later[row["register"] or "", row["case_no"]] = sorted(o["case_no"] for o in same)
    first = [r for r in closed if (r["register"] or "", r["case_no"]) in later][:5]
    (table,) = _seen(demo_copy, "D15", first[0]["unit"], first, DESK).tables
    assert "resolved" not in table.columns  # what the citizen said is for the survey role
    for number, case in enumerate(first, start=1):
        chain = sorted(row[1] for row in table.rows if row[2] == number)
        assert chain == later[case["register"] or "", case["case_no"]]
    (told,) = _seen(demo_copy, "D15", first[0]["unit"], first, CALLER).tables
    assert told.columns[-1] == "resolved"


@pytest.mark.parametrize(
    ("detector", "names"),
    [("D18", {"by_type", "timeline"}), ("D19", {"checklist", "timeline"}), ("D20", {"promises", "timeline"}),
     ("D12", {"ledger"})],
)  # fmt: skip
def test_each_detector_has_its_view(demo_copy: Instance, rows: list[dict], detector: str, names: set[str]) -> None:
    written = [r for r in rows if r["reply_text"] and r["register"]]
    unit = _busiest(written)
    seen = _seen(demo_copy, detector, unit, _of_year(written, unit)[:3], DESK)
    assert {table.name for table in seen.tables} >= names - {"by_type"}
    assert all(len(row) == len(table.columns) for table in seen.tables for row in table.rows)
    if detector == "D19":
        assert {pair.kind for pair in seen.texts} == {"checklist"}


@pytest.mark.parametrize(("key", "column"), [("D10.signed", "days_later"), ("D10.sent_late", "days_to_sending")])
def test_days_between_signing_and_sending_are_counted_the_way_the_finding_says(
    demo_copy: Instance, rows: list[dict], key: str, column: str
) -> None:
    with demo_copy.session() as session:
        views = tables_for_metrics(demo_copy, session)
    text = "SELECT register, case_no, first_response_at FROM cases WHERE first_response_at IS NOT NULL"
    sent = {(register or "", number): at.date() for register, number, at in Engine(demo_copy).run(text, views)}
    signed = {(row["register"] or "", row["case_no"]): signed_on(row["reply_text"] or "") for row in rows}
    dated = {case: day for case, day in signed.items() if day and case in sent}
    ground = ground_of(demo_copy, PERIOD, has_features=False)
    assert ground is not None
    finding = replace(_finding(demo_copy, "D20", _busiest(rows), [], DESK), detector="D10", variant=key[4:])
    (table,) = evidence_views.dated_texts(ground, finding, list(dated)[:20])
    assert table.rows
    assert table.columns[-1] == column
    for register, number, day, _, days in table.rows:
        between = (day - sent[register, number]).days
        assert (day, days) == (dated[register, number], between if column == "days_later" else -between)


def test_evidence_reads_no_reply_but_those_of_its_unit(
    demo_copy: Instance, rows: list[dict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any search has kept the facts of replies, a page must not read those of the whole city."""
    shutil.rmtree(demo_copy.facts_folder / "features")
    passes: list[int] = []
    monkeypatch.setattr(reply_features, "text_features", lambda found: passes.append(len(found)))
    read: list[str] = []
    monkeypatch.setattr(evidence_views, "reply_facts", lambda text: read.append(text) or reply_facts(text))
    unit = _busiest([r for r in rows if r["reply_text"] and reply_facts(r["reply_text"]).is_refusal])
    own = _of_year(rows, unit)
    for detector in FAMILIES:
        seen = _seen(demo_copy, detector, unit, own[:5], CALLER)
        if detector == "D22":
            (table,) = [table for table in seen.tables if table.name == "by_topic"]
    claims.claim_tables(demo_copy, PERIOD, viewer=CALLER)
    replies = [(row["category"] or "", row["reply_text"]) for row in own if row["reply_text"]]
    assert (passes, sorted(read)) == ([], sorted(text for _, text in set(replies)))
    facts = {text: reply_facts(text) for _, text in replies}
    refused = Counter(topic for topic, text in replies if facts[text].is_refusal or facts[text].points_elsewhere)
    told = {topic: (n, hits) for topic, n, hits, _ in table.rows}
    assert told == {topic: (sum(t == topic for t, _ in replies), hits) for topic, hits in refused.items()}


def test_cases_behind_answers_are_for_the_survey_role_and_each_read_is_logged(
    demo_copy: Instance, rows: list[dict]
) -> None:
    cases = _of_year(rows, _busiest(rows))[:3]
    assert _finding(demo_copy, "D07", cases[0]["unit"], cases, DESK).document["cases"] == []
    assert len(_finding(demo_copy, "D15", cases[0]["unit"], cases, DESK).document["cases"]) == 3
    seen = _seen(demo_copy, "D07", cases[0]["unit"], cases, CALLER)
    assert "contacts" in {table.name for table in seen.tables}
    with demo_copy.session() as session:
        about = reading.about_case(session, viewer=DESK, register=cases[0]["register"] or "",
                                   case_no=cases[0]["case_no"])  # fmt: skip
        assert {row.detector for row in about} == {"D15"}
        read = session.scalars(select(AuditEntry).where(AuditEntry.action == "rating.read")).all()
    assert [entry.who for entry in read] == ["caller"]


HOURS = [[f"2025-03-0{day} 10:00", n] for day, n in enumerate((1, 1, 2, 40, 33, 1), 1)]
ANSWERS = {
    "D06": {"own": [60, 58], "third": [40, 20]},
    "D14.burst": {"hours": HOURS},
    "D08.heaping": {"second_key": {"heaped_unsolved": [30, 3], "unheaped_unsolved": [50, 20]}},
    "D12.unhappy_excluded": {"contrast": [30, 2]},
    "D21": {"months": {"S1a": [[12, 12], [8, 8], [30, 27]]}},
}
"""Evidence as detectors keep it, each with counts of a few citizens in it."""


def _kept(instance: Instance, key: str) -> int:
    detector, _, variant = key.partition(".")
    document = {"family": detectors()[key].family, "evidence": ANSWERS[key], "cases": [], "count": 23, "n": 26,
                "value": 23 / 26, "expected": 0.5, "sentence": {"zh": "26 件中 23 件", "en": "23 of 26"}}  # fmt: skip
    with instance.session() as session:
        unit = session.scalars(select(Unit.code).order_by(Unit.code)).first()
        row = Finding(
            detector=detector, variant=variant, period=PERIOD, unit_code=unit, document=document, state="open",
            made_at=now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return int(row.id)


def _read(instance: Instance, number: int, viewer: Viewer) -> FindingRow:
    with instance.session() as session:
        row = reading.one(session, viewer=viewer, number=number)
    assert row is not None
    return row


@pytest.mark.parametrize("key", list(ANSWERS))
def test_tables_kept_with_a_finding_give_no_few_citizens_away(demo_copy: Instance, key: str) -> None:
    number = _kept(demo_copy, key)
    tables = evidence.evidence_for(demo_copy, _read(demo_copy, number, DESK), DESK).tables
    cells = [cell for table in tables for line in table.rows for cell in line[1:]]
    assert ("withheld" in cells) != (key in RATING_TOTALS)
    assert not cells or key not in RATING_TOTALS
    assert [n for n in cells if isinstance(n, int) and 0 < n < 5] == []
    whole = evidence.evidence_for(demo_copy, _read(demo_copy, number, CALLER), CALLER)
    assert whole.tables
    assert "withheld" not in [cell for table in whole.tables for line in table.rows for cell in line]


@pytest.mark.parametrize(
    ("key", "is_told"), [("D06", False), ("D12.unhappy_excluded", False), ("D14.burst", False), ("D08.heaping", True)]
)
def test_a_finding_leaves_its_raw_evidence_and_few_opinions_behind(
    demo_copy: Instance, key: str, is_told: bool
) -> None:
    number = _kept(demo_copy, key)
    seen = for_reader(_read(demo_copy, number, DESK), DESK).document
    assert seen["evidence"] == {}
    assert (SENTENCE["zh"] in seen["sentence"]["zh"]) != is_told
    assert (seen["count"] is None) != is_told
    row = _read(demo_copy, number, CALLER)
    assert for_reader(row, CALLER) is row
