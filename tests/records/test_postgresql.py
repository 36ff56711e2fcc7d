"""The same catalogue on a real PostgreSQL server: migrations with data, sessions, the audit chain, backup, jobs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pipeline.house import jobs, people
from pipeline.house.backups import make_backup, restore_backup
from pipeline.house.verification import verify
from records import audit
from records.instance import Instance
from records.migrations import HEAD, stored_revision
from records.migrations.runner import downgrade, upgrade
from records.models import Base, Batch, Unit
from records.parts import adopt
from records.vocabulary import Kind, Role
from tests.postgresql import make_database, server
from tests.records.conftest import add_batch, case, write_part

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with server() as address:
        yield address


@pytest.fixture
def instance(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Instance]:
    monkeypatch.setenv("WENXIAO_DATABASE_URL", make_database(url, request.node.name[:60]))
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def accept(instance: Instance, number: str) -> None:
    batch = add_batch(instance)
    staged = write_part(instance.staging_folder / f"{number}.parquet", [case(number)])
    with instance.session() as session:
        adopt(instance, session, staged, Kind.RESPONSES, batch)


def test_migrations_down_and_up_with_data(instance: Instance) -> None:
    assert not instance.is_embedded
    with instance.session() as session:
        session.add(Unit(code="u", name="甲"))
    with instance.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    downgrade(instance.database_url, "0001")
    assert stored_revision(instance.engine) == "0001"
    upgrade(instance.database_url)
    assert stored_revision(instance.engine) == HEAD
    with instance.session() as session:
        assert session.get_one(Unit, "u").name == "甲"


def test_times_come_back_in_utc(instance: Instance) -> None:
    number = add_batch(instance, made_at=datetime(2024, 3, 1, 1, 30, tzinfo=UTC), exported_at=datetime(2024, 3, 1, 9))
    with instance.session() as session:
        found = session.get_one(Batch, number)
        assert (found.made_at, found.made_at.tzinfo) == (datetime(2024, 3, 1, 1, 30, tzinfo=UTC), UTC)
        assert found.exported_at == datetime(2024, 3, 1, 9)


def test_audit_chain_holds_with_several_writers(instance: Instance) -> None:
    def add(number: int) -> None:
        with instance.session() as session:
            audit.write(session, "ann", "test", str(number))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(40)))
    with instance.session() as session:
        assert audit.check_chain(session) == audit.ChainCheck(40, None)


def test_opened_by_several_at_once(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENXIAO_DATABASE_URL", make_database(url, "several"))
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(Instance.open, [tmp_path / "new"] * 4))
    assert {stored_revision(instance.engine) for instance in opened} == {HEAD}
    for instance in opened:
        instance.close()


def test_backup_goes_to_another_database_and_to_sqlite(
    instance: Instance, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with instance.session() as session:
        session.add_all([Unit(code="z", name="区"), Unit(code="b", name="街")])
        session.flush()
        session.get_one(Unit, "b").parent_code = "z"
    people.add_person(
        instance, sign_in="li", name="李", role=Role.UNIT_HEAD, unit_code="b", password="x y z long", by="t"
    )
    accept(instance, "1")
    make_backup(instance, tmp_path / "backup.zip")
    monkeypatch.setenv("WENXIAO_DATABASE_URL", make_database(url, "restored"))
    there = restore_backup(tmp_path / "there", tmp_path / "backup.zip")
    assert verify(there) == verify(instance)
    accept(there, "2")  # the numbers of new rows go on where the old ones ended
    assert verify(there).parts_checked == 2
    there.close()
    monkeypatch.delenv("WENXIAO_DATABASE_URL")
    here = restore_backup(tmp_path / "here", tmp_path / "backup.zip")
    assert verify(here) == verify(instance)
    assert people.authenticate(here, "li", "x y z long") is not None
    here.close()


def test_job_is_queued_on_the_server(instance: Instance) -> None:
    job = jobs.enqueue(instance, "self_check")
    assert jobs.progress(instance, job).state == "queued"
    assert not (instance.folder / "jobs.db").exists()
