"""Migrations: the tables are those of the models, up and down with data, and a newer catalogue is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from records.instance import Instance
from records.migrations import HEAD, MigrationError, stored_revision
from records.migrations.runner import downgrade, newest_revision, upgrade
from records.models import Base, PeerGroup, Unit


def test_head_is_the_newest_script() -> None:
    assert newest_revision() == HEAD


def test_upgraded_catalogue_has_the_tables_of_the_models(instance: Instance) -> None:
    with instance.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    found = inspect(instance.engine)
    for table in Base.metadata.sorted_tables:
        named = {constraint["name"] for constraint in found.get_check_constraints(table.name)}
        wanted = {c.name for c in table.constraints if c.__class__.__name__ == "CheckConstraint"}
        assert named == wanted, table.name


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_empty_file_is_migrated_to_the_tables_of_the_models(instance: Instance, tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'empty.db'}")
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with engine.connect() as empty, instance.engine.connect() as copied:
        tables = "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"
        assert empty.execute(text(tables)).all() == copied.execute(text(tables)).all()
        assert compare_metadata(MigrationContext.configure(empty, opts={"compare_type": True}), Base.metadata) == []
    engine.dispose()


def test_down_and_up_keeps_the_rows_of_older_tables(instance: Instance) -> None:
    with instance.session() as session:
        session.add_all([PeerGroup(code="g", title="街道"), Unit(code="u", name="甲")])
    instance.close()
    downgrade(instance.database_url, "0001")
    assert stored_revision(instance.engine) == "0001"
    assert "assessment" not in inspect(instance.engine).get_table_names()
    instance.close()
    upgrade(instance.database_url)
    with instance.session() as session:
        assert session.get_one(Unit, "u").name == "甲"
    assert stored_revision(instance.engine) == HEAD


def test_down_to_base_leaves_nothing(instance: Instance) -> None:
    instance.close()
    downgrade(instance.database_url, "base")
    assert inspect(instance.engine).get_table_names() == ["alembic_version"]


def test_older_catalogue_is_migrated_when_opened(instance: Instance) -> None:
    instance.close()
    downgrade(instance.database_url, "0001")
    again = Instance.open(instance.folder)
    assert stored_revision(again.engine) == HEAD
    again.close()


def test_newer_catalogue_is_refused(instance: Instance) -> None:
    with instance.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MigrationError, match="another version"):
        Instance.open(instance.folder)


def test_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "catalogue.db").write_bytes(b"this is no database, it only looks like a file" * 30)
    engine = create_engine(f"sqlite:///{tmp_path / 'catalogue.db'}")
    with pytest.raises(MigrationError, match="cannot be opened"):
        stored_revision(engine)
    engine.dispose()


def test_failed_migration_leaves_the_old_state(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    instance.close()
    downgrade(instance.database_url, "0001")
    engine = create_engine(instance.database_url)
    with engine.begin() as connection:  # in the way of the second half of the next migration
        connection.execute(text("CREATE TABLE finding (id INTEGER)"))
    engine.dispose()
    with pytest.raises(MigrationError):
        upgrade(instance.database_url)
    names = inspect(instance.engine).get_table_names()
    assert "assessment" not in names
    assert stored_revision(instance.engine) == "0001"
