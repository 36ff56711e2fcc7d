"""Parts: taken over whole or not at all, withdrawn and restored without touching the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from records.canonical import file_sha256
from records.engine import Engine
from records.instance import Instance
from records.models import Batch
from records.parts import PartError, PartInfo, accepted_parts, adopt, all_parts, orphans, restore, withdraw
from records.tables import tables_for_metrics
from records.vocabulary import Kind
from tests.records.conftest import add_batch, case, write_part

Accept = Callable[..., PartInfo]


def count_cases(instance: Instance) -> list[tuple]:
    with instance.session() as session:
        views = tables_for_metrics(instance, session)
    return Engine(instance).run("SELECT batch, count(*) FROM cases GROUP BY batch ORDER BY batch", views)


def adopt_and_crash(instance: Instance, staged: Path, number: int) -> None:
    with instance.session() as session:
        adopt(instance, session, staged, Kind.RESPONSES, number)
        raise RuntimeError("power gone before the commit")


def test_adopt_records_hash_rows_and_range(instance: Instance, accept: Accept) -> None:
    part = accept([case("1", received="2024-03-01 09:00"), case("2", received="2024-02-29 23:59:59"), case("3")])
    path = instance.parts_folder / part.path
    assert (part.rows, part.first_at, part.last_at) == (3, datetime(2024, 2, 29, 23, 59, 59), datetime(2024, 3, 1, 9))
    assert part.sha256 == file_sha256(path)
    assert path.stat().st_mode & 0o777 == 0o400
    with instance.session() as session:
        batch = session.get_one(Batch, part.batch)
        assert (batch.state, batch.accepted_by, batch.row_count) == ("accepted", "ann", 3)


def test_tables_give_every_observation_with_its_batch(instance: Instance, accept: Accept) -> None:
    first = accept([case("1"), case("2")])
    second = accept([case("1", state="closed")])
    assert count_cases(instance) == [(first.batch, 2), (second.batch, 1)]


def test_tables_without_any_batch_are_empty(instance: Instance) -> None:
    with instance.session() as session:
        views = tables_for_metrics(instance, session)
    assert Engine(instance).run("SELECT count(*), max(received_at) FROM cases", views) == [(0, None)]
    assert Engine(instance).run("SELECT count(*), max(weight) FROM answers", views) == [(0, None)]


def test_withdraw_and_restore_bring_the_numbers_back(instance: Instance, accept: Accept) -> None:
    accept([case("1")])
    part = accept([case("2"), case("3")])
    before, digest = count_cases(instance), file_sha256(instance.parts_folder / part.path)
    with instance.session() as session:
        withdraw(session, part.batch, by="bob", why="wrong month")
    assert count_cases(instance) == before[:1]
    with instance.session() as session:
        assert [p.batch for p in all_parts(session)] == [row[0] for row in before]
        restore(session, part.batch)
    assert count_cases(instance) == before
    assert file_sha256(instance.parts_folder / part.path) == digest


def test_adopt_rolled_back_leaves_an_orphan_that_counts_for_nothing(instance: Instance) -> None:
    number = add_batch(instance)
    staged = write_part(instance.staging_folder / "part.parquet", [case("1")])
    with pytest.raises(RuntimeError, match="power"):
        adopt_and_crash(instance, staged, number)
    assert count_cases(instance) == []
    with instance.session() as session:
        assert len(orphans(instance, session)) == 1
        adopt(instance, session, staged, Kind.RESPONSES, number)  # the same again after the restart
    assert count_cases(instance) == [(number, 1)]
    with instance.session() as session:
        assert orphans(instance, session) == []


@pytest.mark.parametrize(
    ("act", "state", "message"),
    [
        (lambda s, n: withdraw(s, n, by="a", why="x"), "withdrawn", "is withdrawn"),
        (lambda s, n: withdraw(s, n, by="a", why="  "), "accepted", "say why"),
        (lambda s, n: restore(s, n), "accepted", "is accepted"),
        (lambda s, n: withdraw(s, n + 99, by="a", why="x"), "accepted", "no batch"),
    ],
)
def test_change_of_state_is_refused(instance: Instance, act: Callable, state: str, message: str) -> None:
    number = add_batch(instance, state=state)
    with pytest.raises(PartError, match=message), instance.session() as session:
        act(session, number)


def test_adopt_twice_is_refused(instance: Instance, accept: Accept) -> None:
    part = accept([case("1")])
    staged = write_part(instance.staging_folder / "again.parquet", [case("1")])
    with pytest.raises(PartError, match="is accepted"), instance.session() as session:
        adopt(instance, session, staged, Kind.RESPONSES, part.batch)


def test_adopt_refuses_another_kind_of_file(instance: Instance, tmp_path: Path) -> None:
    number = add_batch(instance)
    staged = write_part(tmp_path / "answers.parquet", [{"answer_no": "1"}], Kind.SURVEYS)
    with pytest.raises(PartError, match="column 2 is answer_no"), instance.session() as session:
        adopt(instance, session, staged, Kind.RESPONSES, number)
    with instance.session() as session:
        assert accepted_parts(session, Kind.RESPONSES) == []
