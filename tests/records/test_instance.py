"""Opening an instance: made when missing, private, fast the second time, safe for two at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from records import migrations
from records.clock import now
from records.instance import Instance, InstanceError
from records.keys import KeyFileError, read_keys
from records.models import Batch, PeerGroup, Person, Unit
from records.session import write_ahead
from records.settings import Settings, SettingsError, parse_settings
from tests.records.conftest import add_batch


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_open_makes_a_private_folder(instance: Instance) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in [instance.folder, *instance.folder.iterdir()]}
    assert (modes["instance"], modes["parts"], modes["keys.json"], modes["catalogue.db"]) == (
        0o700,
        0o700,
        0o600,
        0o600,
    )
    assert str(instance.zone) == "Asia/Shanghai"


def test_open_again_keeps_keys_and_rows(instance: Instance) -> None:
    with instance.session() as session:
        session.add(PeerGroup(code="g", title="街道"))
    again = Instance.open(instance.folder)
    with again.session() as session:
        assert session.get_one(PeerGroup, "g").title == "街道"
    assert again.keys == instance.keys
    again.close()


def test_open_again_does_not_load_the_migration_tool(instance: Instance) -> None:
    code = (
        "import sys; from pathlib import Path; from records.instance import Instance;"
        "Instance.open(Path(sys.argv[1])); print([m for m in ('alembic', 'duckdb', 'dbos') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", code, str(instance.folder)], cwd=root, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_open_at_once_from_several_threads_makes_one_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    monkeypatch.setattr("records.instance.ensure_current", migrations.ensure_current)
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(Instance.open, [tmp_path / "new"] * 6))
    assert len({instance.keys.token("person", "x") for instance in opened}) == 1
    for instance in opened:
        with instance.session() as session:
            assert session.scalars(select(Unit)).all() == []
        instance.close()
    assert [path for path in (tmp_path / "new").iterdir() if path.suffix == ".tmp"] == []


def test_open_on_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(InstanceError, match="cannot be made"):
        Instance.open(tmp_path / "taken")


def test_session_rolls_back_as_a_whole(instance: Instance) -> None:
    def two() -> None:
        with instance.session() as session:
            session.add(PeerGroup(code="g", title="街道"))
            session.flush()
            session.add(Unit(code="u", name="甲", peer_group="missing"))

    with pytest.raises(IntegrityError):
        two()
    with instance.session() as session:
        assert session.scalars(select(PeerGroup)).all() == []


def test_writers_wait_for_one_another(instance: Instance) -> None:
    def add(number: int) -> None:
        with instance.session() as session:
            session.add(PeerGroup(code=f"g{number}", title="街道"))
            session.flush()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    with instance.session() as session:
        assert len(session.scalars(select(PeerGroup)).all()) == 40


@pytest.mark.parametrize(
    "row",
    [
        Unit(code="u", name="甲", parent_code="u"),
        Unit(code="u", name="甲", parent_code="missing"),
        Person(sign_in="a", name="a", password_hash="x", role="king", made_at=datetime(2024, 1, 1, tzinfo=UTC)),
        Person(sign_in="a", name="a", password_hash="x", role="unit_head", made_at=datetime(2024, 1, 1, tzinfo=UTC)),
        Batch(kind="responses", state="odd", file_name="x", made_by="a", made_at=datetime(2024, 1, 1, tzinfo=UTC)),
    ],
)
def test_rows_that_make_no_sense_are_refused(instance: Instance, row: object) -> None:
    with pytest.raises(IntegrityError), instance.session() as session:
        session.add(row)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_times_come_back_aware_in_utc(instance: Instance) -> None:
    local = datetime(2024, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    number = add_batch(instance, made_at=local, exported_at=datetime(2024, 3, 1, 9, 30))
    with instance.session() as session:
        found = session.get_one(Batch, number)
        assert found.made_at == local
        assert found.made_at.tzinfo is UTC
        assert found.exported_at == datetime(2024, 3, 1, 9, 30)
        assert session.scalar(text("SELECT made_at FROM batch")).startswith("2024-03-01 01:30")


def test_naive_time_is_refused(instance: Instance) -> None:
    with pytest.raises(StatementError, match="needs a zone"):
        add_batch(instance, made_at=datetime(2024, 3, 1))
    assert now().tzinfo is UTC


@pytest.mark.parametrize("content", ["", "{}", '{"keys": {"person": "00"}}', '{"keys": {"person": 5}}', '["keys"]'])
def test_damaged_key_file_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(KeyFileError, match="backup"):
        read_keys(tmp_path / "keys.json")


def test_tokens_differ_by_purpose_and_instance(instance: Instance, tmp_path: Path) -> None:
    other = Instance.open(tmp_path / "other")
    tokens = {i.keys.token(purpose, "13800001234") for i in (instance, other) for purpose in ("person", "device")}
    assert len(tokens) == 4
    assert set(instance.keys.by_purpose()) == {"person", "device"}
    assert "13800001234" not in repr(instance)
    assert instance.keys.secret("person").hex() not in repr(instance)
    other.close()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("city = ", "not valid TOML"),
        ("colour = 'red'", "unknown setting 'colour'"),
        ("session_minutes = '60'", "must be of type int"),
        ("is_cookie_secure = 1", "must be of type bool"),
        ("timezone = 'Mars/Olympus'", "not a time zone"),
        ("language = 'fr'", "zh or en"),
    ],
)
def test_wrong_settings_are_told(content: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        parse_settings(content)


def test_settings_template_shows_the_defaults(instance: Instance) -> None:
    written = (instance.folder / "settings.toml").read_text("utf-8").splitlines()[1:]
    uncommented = "\n".join(line.removeprefix("# ") for line in written)
    assert parse_settings(uncommented) == Settings()


def test_switch_to_write_ahead_waits_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("CREATE TABLE t (x)")
    holder.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(0.3, holder.execute, ("COMMIT",))
    timer.start()
    other = sqlite3.connect(path)
    write_ahead(other)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    timer.join()
    other.close()
    holder.close()
