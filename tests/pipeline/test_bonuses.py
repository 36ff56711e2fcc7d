"""Bonuses: proposed with a document, decided by a second person, counted while they are valid and not a day longer."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from evaluation.rules.scheme import load
from pipeline.judgement import assessing, bonuses
from pipeline.judgement.bonus_evidence import valid_bonuses
from pipeline.judgement.evidence_files import Given
from records.access import Forbidden, Viewer
from records.instance import Instance
from records.queries.bonuses import bonus, list_bonuses
from records.queries.review import file
from records.vocabulary import Role
from tests.pipeline.test_assessing import prepared

__all__ = ["prepared"]

ANN = Viewer(1, "Ann", Role.ASSESSOR, sign_in="ann")
BOB = Viewer(2, "Bob", Role.ASSESSOR, sign_in="bob")
HEAD = Viewer(3, "Head", Role.UNIT_HEAD, frozenset({"u2"}), sign_in="head")
OTHER_HEAD = Viewer(4, "Other", Role.UNIT_HEAD, frozenset({"u1"}), sign_in="other")
WANTED = bonuses.Wanted("u2", "adding:B1", "夜间噪声主动治理", "联合整治，投诉减少", date(2024, 3, 10))
SCHEME = """id = "adding"
version = "1"
title = { zh = "加分试验", en = "Adding" }
[small_n]
suppress = 2
rank = 5
[aggregate]
bonus_cap = 3
[[indicator]]
code = "H9"
weight = 100
method = "goalposts"
zero = 0.5
full = 1.0
[[bonus]]
code = "B1"
title = { zh = "未诉先办", en = "Acting before complaints" }
per_item = 2
cap = 5
valid_months = 12
document = "考核办法第八条"
[grades]
cuts = [["A", 90], ["B", 80], ["C", 60], ["D", 0]]
"""


@pytest.fixture
def instance(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    opened = Instance.open(tmp_path / "instance")
    folder = opened.folder / "schemes"
    folder.mkdir(exist_ok=True)
    (folder / "adding@1.toml").write_text(SCHEME, "utf-8")
    yield opened
    opened.close()


def documents() -> list[Given]:
    return [Given("方案.pdf", io.BytesIO(b"%PDF-1.7 plan"))]


def draft(instance: Instance) -> assessing.Stored:
    return assessing.make_draft(instance, scheme_id="adding", period="2024", by="ann", draws=100)


def test_approved_bonus_counts_and_tells_the_score_without_it(instance: Instance) -> None:
    before = next(unit for unit in draft(instance).result.units if unit.unit == "u2")
    number = bonuses.propose(instance, HEAD, WANTED, documents())
    waiting = next(unit for unit in draft(instance).result.units if unit.unit == "u2")
    assert waiting.score == before.score  # nothing counts before a second person approved it
    bonuses.decide(instance, ANN, number, is_approved=True, answer="属实")
    made = draft(instance)
    after = next(unit for unit in made.result.units if unit.unit == "u2")
    assert after.score == pytest.approx(min(100, before.score + 2))
    [item] = after.evidence
    assert item["documents"] == [f"bonus {number}"]
    assert item["rule"]["document"] == "考核办法第八条"
    assert item["score_without"] == before.score
    assert made.result.provenance["bonuses"] == [f"bonus {number}"]

    assert assessing.recompute(instance, made.number) == []


def test_two_items_are_held_by_the_cap_of_all_bonuses(instance: Instance) -> None:
    number = bonuses.propose(instance, HEAD, replace(WANTED, items=2), documents())
    bonuses.decide(instance, ANN, number, is_approved=True, answer="属实")
    unit = next(unit for unit in draft(instance).result.units if unit.unit == "u2")
    assert (unit.bonus, unit.evidence[0]["points"]) == (3.0, 4.0)


@pytest.mark.parametrize(
    ("period", "counts"),
    [("2024-02", False), ("2024-03", True), ("2024", True), ("2025-02", True), ("2025-03", False), ("2025", False)],
)
def test_validity_is_the_year_from_the_day_of_the_work(instance: Instance, period: str, counts: bool) -> None:
    number = bonuses.propose(instance, HEAD, WANTED, documents())
    bonuses.decide(instance, ANN, number, is_approved=True, answer="属实")
    with instance.session() as session:
        row = bonus(session, viewer=ANN, number=number)
    assert row.valid_until == date(2025, 3, 9)
    assert (row.state_on(date(2025, 3, 9)), row.state_on(date(2025, 3, 10))) == ("approved", "expired")
    assert bool(valid_bonuses(instance, load(SCHEME), period)) is counts


def test_shorter_validity_ends_earlier_and_other_schemes_do_not_count_it(instance: Instance) -> None:
    number = bonuses.propose(instance, HEAD, replace(WANTED, valid_until=date(2024, 6, 30)), documents())
    bonuses.decide(instance, ANN, number, is_approved=True, answer="属实")
    assert valid_bonuses(instance, load(SCHEME), "2024-06")
    assert not valid_bonuses(instance, load(SCHEME), "2024-07")
    assert not valid_bonuses(instance, load(SCHEME.replace('"adding"', '"another"')), "2024-06")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rule": "adding:B9"}, "unknown_rule"),
        ({"title": " "}, "no_title"),
        ({"ground": ""}, "no_reason_given"),
        ({"items": 0}, "no_items"),
        ({"done_on": date(2999, 1, 1)}, "not_done_yet"),
        ({"valid_until": date(2024, 3, 9)}, "ends_before_it_begins"),
        ({"valid_until": date(2025, 3, 10)}, "valid_too_long"),
    ],
)
def test_proposals_that_cannot_stand_are_refused(instance: Instance, change: dict, code: str) -> None:
    with pytest.raises(bonuses.BonusRefused) as refused:
        bonuses.propose(instance, HEAD, replace(WANTED, **change), documents())
    assert refused.value.code == code


def test_document_second_person_and_own_units(instance: Instance) -> None:
    with pytest.raises(bonuses.BonusRefused, match="document"):
        bonuses.propose(instance, HEAD, WANTED, [])
    with pytest.raises(Forbidden):
        bonuses.propose(instance, OTHER_HEAD, WANTED, documents())
    number = bonuses.propose(instance, ANN, WANTED, documents())
    with pytest.raises(bonuses.BonusRefused, match="another person"):
        bonuses.decide(instance, ANN, number, is_approved=True, answer="属实")
    with pytest.raises(Forbidden):
        bonuses.decide(instance, HEAD, number, is_approved=True, answer="属实")
    with pytest.raises(bonuses.BonusRefused, match="say why"):
        bonuses.decide(instance, BOB, number, is_approved=True, answer=" ")
    bonuses.decide(instance, BOB, number, is_approved=False, answer="不属于未诉先办")
    with pytest.raises(bonuses.BonusRefused, match="decided already"):
        bonuses.decide(instance, BOB, number, is_approved=True, answer="属实")
    with instance.session() as session:
        [row] = list_bonuses(session, viewer=HEAD)
        assert list_bonuses(session, viewer=OTHER_HEAD) == []
        assert file(session, viewer=HEAD, number=row.files[0].id) is not None
        assert file(session, viewer=OTHER_HEAD, number=row.files[0].id) is None


def test_result_does_not_become_final_before_a_decided_bonus_is_counted(instance: Instance) -> None:
    made = draft(instance)
    for step in ("review", "appeal"):
        assessing.advance(instance, made.number, step, by="ann")
    number = bonuses.propose(instance, HEAD, WANTED, documents())
    bonuses.decide(instance, ANN, number, is_approved=True, answer="属实")
    with pytest.raises(assessing.StepRefused, match="bonuses were decided"):
        assessing.advance(instance, made.number, "final", by="ann")
    again = assessing.recount(instance, made.number, by="ann")
    assert assessing.advance(instance, again.number, "final", by="ann").state == "final"
    bonuses.take_back(instance, BOB, number, why="依据不实")
    assert valid_bonuses(instance, load(SCHEME), "2024") == []
    assert assessing.recompute(instance, again.number) == []  # a frozen result stays as it was
