"""Fixtures every package may use: a small demonstration city, built once for all tests of a run."""

from __future__ import annotations

import gc
import os
import shutil
import threading
import uuid
from collections.abc import Generator, Iterator
from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine

from tests import everything_on_server
from tests.compiled_once import compiled_once
from tests.everything_on_server import Databases

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")  # how long an example takes says how busy the machine is

DEMO_CASES, DEMO_UNITS, DEMO_SEED = 2_000, 12, 7


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: a quarter of the time a worker waits for a server, a browser or a child."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays until the end: it is not searched for garbage meanwhile, nor by the tests after it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    """What is looked for at the end of a process may be found again: an engine tells what it thinks is lost."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in an order that keeps all workers busy: long ones first, one that builds the city before all others.

    A second file that needs the city would only wait for it, so those that need none come next.
    """
    if everything_on_server.is_asked():  # tests that take `database` run on both anyway
        items[:] = [item for item in items if "database" not in getattr(item, "fixturenames", ())]
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)

    def needs_city(path: Path) -> bool:
        return any("demo_folder" in getattr(item, "fixturenames", ()) for item in files[path])

    def weight(path: Path) -> int:
        marks = [mark for item in files[path] for mark in ("browser", "postgresql", "slow") if mark in item.keywords]
        return len(files[path]) + 30 * len(marks)

    order = sorted(files, key=lambda path: (needs_city(path), -weight(path), str(path)))
    first = next((path for path in order if needs_city(path)), None)
    items[:] = [item for path in sorted(order, key=lambda path: path != first) for item in files[path]]


@pytest.fixture(scope="session", autouse=True)
def passwords_cost_little() -> Iterator[None]:
    """Hashing is slow on purpose, and tests sign in a thousand times; its real cost has a test of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("records.credentials.PasswordHasher", partial(PasswordHasher, 1, 64, 1))
        yield


@pytest.fixture(scope="session", autouse=True)
def nobody_waits_for_the_disk() -> Iterator[None]:
    """No test cuts the power, and one that kills a process loses nothing without it; `test_durability.py` asks for it.

    Servers, workers and command lines that tests start wait as in production.
    """
    from records import session

    in_earnest = session._prepare_sqlite

    @wraps(in_earnest)
    def prepare(connection: Any, record: Any) -> None:
        in_earnest(connection, record)
        connection.execute("PRAGMA synchronous = OFF").close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "_prepare_sqlite", prepare)
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def applications_share_what_they_compile() -> Iterator[None]:
    """Two hundred addresses and the templates are compiled once, not by each application."""
    with compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def new_catalogues_are_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new SQLite catalogue starts as a copy of one migrated once; `test_migrations.py` runs them on empty files."""
    from records import instance, migrations
    from records.migrations.runner import upgrade

    template, lock = tmp_path_factory.mktemp("catalogue") / "catalogue.db", threading.Lock()

    def ensure_current(engine: Engine, url: str) -> None:
        file = Path(engine.url.database or "")
        with lock:
            if engine.dialect.name == "sqlite" and not file.exists():
                if not template.exists():
                    upgrade(f"sqlite:///{template}")
                shutil.copyfile(template, file)
        migrations.ensure_current(engine, url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instance, "ensure_current", ensure_current)
        yield


@pytest.fixture(autouse=True)
def files_read_here_unless_marked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Files are checked in the process of the test unless it is marked `reader_process`."""
    from tests.in_process import files_read_here

    if request.node.get_closest_marker("reader_process"):
        yield
        return
    with files_read_here():
        yield


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small demonstration city (2,000 cases, 12 units); workers of one run share it. Do not write."""
    from pipeline.demo.build import DemoPlan, build
    from pipeline.numbers.reply_features import features_view
    from records.instance import Instance
    from records.locking import FolderLock
    from tests.in_process import files_read_here

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    folder, done = shared / "demo-city", shared / "demo-city.built"
    with pytest.MonkeyPatch.context() as patch, FolderLock(shared / "demo-city.lock", wait_seconds=300):
        if done.exists():  # whoever opened it again would take files away that another worker is copying
            return folder
        patch.setenv("WENXIAO_DATABASE_URL", f"sqlite:///{folder / 'catalogue.db'}")  # workers share it as a folder
        instance = Instance.open(folder)
        with files_read_here():
            build(instance, DemoPlan(cases=DEMO_CASES, units=DEMO_UNITS, seed=DEMO_SEED))
        with instance.session() as session:
            features_view(instance, session)  # every reply is read once here, not by each test that looks at a finding
        instance.close()
        done.touch()
    return folder


@pytest.fixture(scope="session")
def demo_instance(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """The small demonstration city, open. For reading only: tests that write take `demo_copy`.

    It is a copy of its own: whoever copies files that a process holds open drops that process's locks on them, and
    another worker may then take the write-ahead log away from under it ("disk I/O error").
    """
    from records.instance import Instance

    folder = tmp_path_factory.mktemp("demo-read") / "demo"
    shutil.copytree(demo_folder, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        instance = Instance.open(folder)
    yield instance
    instance.close()


@pytest.fixture
def demo_copy(demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """A copy of the small demonstration city that a test may change."""
    from records.instance import Instance

    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    shutil.copytree(demo_folder, tmp_path / "demo-copy")
    instance = Instance.open(tmp_path / "demo-copy")
    yield instance
    instance.close()


@pytest.fixture(scope="session")
def migrated_server() -> Iterator[str]:
    """The URL of a PostgreSQL server whose database `migrated` holds the empty tables of today."""
    from records.migrations.runner import upgrade
    from records.session import normal_url
    from tests.postgresql import make_database, server

    with server() as url:
        upgrade(normal_url(make_database(url, "migrated")))
        yield url


@pytest.fixture(scope="session", autouse=True)
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases | None]:
    """With the switch of `everything_on_server.py` every catalogue is a database of a PostgreSQL server."""
    from pipeline.house.backups import restore_backup
    from records.instance import Instance

    if not everything_on_server.is_asked():
        yield None
        return

    def restore_demo(url: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(everything_on_server.URL, url)
            backup = request.getfixturevalue("demo_backup")
            restore_backup(tmp_path_factory.mktemp("restored") / "instance", backup).close()

    with pytest.MonkeyPatch.context() as patch:
        found = Databases(request.getfixturevalue("migrated_server"), restore_demo)
        patch.setattr(Instance, "open", classmethod(found.opener()))
        yield found


@pytest.fixture(autouse=True)
def connections_given_back(request: pytest.FixtureRequest, databases: Databases | None) -> Iterator[None]:
    """On a server no test leaves connections or databases behind; whoever still asks connects anew."""
    yield
    if databases:
        databases.give_back(request.node.funcargs.get("tmp_path"))


@pytest.fixture(scope="session")
def demo_backup(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the small demonstration city, to restore it on another database."""
    from pipeline.house.backups import make_backup
    from records.instance import Instance

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WENXIAO_DATABASE_URL", f"sqlite:///{demo_folder / 'catalogue.db'}")
        instance = Instance.open(demo_folder)
    target = tmp_path_factory.mktemp("backup") / "demo.zip"
    make_backup(instance, target)
    instance.close()
    return target


@pytest.fixture(scope="session")
def demo_on_server(demo_backup: Path, migrated_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """The small demonstration city on a PostgreSQL server, open; tests share it and may add to it."""
    from pipeline.house.backups import restore_backup
    from tests.postgresql import make_database

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WENXIAO_DATABASE_URL", make_database(migrated_server, "demo", template="migrated"))
        instance = restore_backup(tmp_path_factory.mktemp("server") / "instance", demo_backup)
    yield instance
    instance.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The test runs on both databases: instances opened in it use the one this names.

    A test about the files of SQLite says `@pytest.mark.parametrize("database", ["sqlite"], indirect=True)`.
    """
    from tests.postgresql import drop_database, make_database

    if request.param == "sqlite":
        monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
        yield request.param
        return
    server_url, name = request.getfixturevalue("migrated_server"), uuid.uuid4().hex
    monkeypatch.setenv("WENXIAO_DATABASE_URL", make_database(server_url, name, template="migrated"))
    yield request.param
    drop_database(server_url, name)
