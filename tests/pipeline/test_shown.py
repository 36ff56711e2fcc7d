"""What is kept of prepared numbers: read once, never older than the newest change, and no more than a bound."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from metrics.disclosure.protection import K_INTERNAL
from pipeline.views import shown
from pipeline.views.prepared import Prepared
from records import audit
from records.access import Viewer
from records.instance import Instance
from records.queries.audit import last_change
from records.vocabulary import Role

CITY = cast(Instance, SimpleNamespace(folder="a", database_url="b"))


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[shown._Key]:
    """The keys that were loaded, in order."""
    keys: list[shown._Key] = []
    monkeypatch.setattr(shown, "_shown", {})
    monkeypatch.setattr(shown, "_load", lambda key: (keys.append(key), cast(Prepared, object()))[1])
    return keys


def key(number: int = 1, revision: int = 1, smallest: int = 1) -> shown._Key:
    return shown._Key(CITY, number, "final", revision, smallest)


def test_many_who_want_the_same_load_it_once(loaded: list[shown._Key]) -> None:
    start = threading.Barrier(8)

    def ask(_: int) -> Prepared:
        start.wait()
        return shown._kept(key())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(map(id, pool.map(ask, range(8))))) == 1
    assert loaded == [key()]


def test_a_change_is_loaded_and_the_older_revision_goes(loaded: list[shown._Key]) -> None:
    for wanted in (key(), key(smallest=10), key(revision=2), key(revision=2), key(smallest=10)):
        shown._kept(wanted)
    assert loaded == [key(), key(smallest=10), key(revision=2)]
    assert list(shown._shown) == [key(smallest=10), key(revision=2)]


def test_no_more_than_the_bound_is_kept(loaded: list[shown._Key]) -> None:
    for number in range(shown.KEPT + 5):
        shown._kept(key(number))
    assert [kept.number for kept in shown._shown] == list(range(5, shown.KEPT + 5))


def test_imports_leave_what_is_kept_and_lists_of_units_and_withdrawals_do_not(tmp_path: Path) -> None:
    instance = Instance.open(tmp_path / "instance")

    def after(action: str) -> int:
        with instance.session() as session:
            audit.write(session, "ann", action, "1")
        with instance.session() as session:
            return last_change(session)

    before = after("objection.decide")
    assert [after(action) for action in ("batch.confirm", "batch.discard", "sign_in")] == [before] * 3
    assert before < after("unit.list") < after("batch.withdraw") < after("batch.restore")
    instance.close()


def test_reading_ahead_leaves_nothing_to_read_for_any_kind_of_reader(demo_instance: Instance, loaded: list[shown._Key]):
    shown.read_ahead(demo_instance)
    assert loaded[0].smallest == K_INTERNAL
    known = len(loaded)
    for role, has_survey_role in ((Role.ASSESSOR, False), (Role.ASSESSOR, True), (Role.AUDITOR, False)):
        shown.prepared(demo_instance, Viewer(9, "x", role, has_survey_role=has_survey_role, sign_in="x"))
    assert len(loaded) == known


def test_reading_ahead_of_an_empty_instance_reads_nothing(tmp_path: Path, loaded: list[shown._Key]):
    instance = Instance.open(tmp_path / "instance")
    shown.read_ahead(instance)
    assert loaded == []
    instance.close()
