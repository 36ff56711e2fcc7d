"""An import killed at any moment is wholly there or not at all; no clear number lies anywhere in the instance."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import select

from imports.options import ImportOptions
from pipeline import importing
from pipeline.house import jobs
from pipeline.importing import check, confirm, upload_jobs, uploads
from records.engine import Engine
from records.instance import Instance
from records.models import Batch
from records.parts import orphans
from records.tables import tables_for_metrics
from records.vocabulary import Kind

ROWS = 2_000
KILLS = int(os.environ.get("WENXIAO_KILLS", "2"))
WORKER_KILLS = int(os.environ.get("WENXIAO_KILLS", "1"))
SEED = int(os.environ.get("WENXIAO_SEED", "20250303"))
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def instance(tmp_path: Path, database: str) -> Iterator[Instance]:
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def orders(path: Path, rows: int, first: str = "G") -> Path:
    lines = (f"{first}{i:06d},市水务局,2024-03-05 09:00:00,2024-03-06 10:00:00,路灯不亮{i}" for i in range(rows))
    path.write_text("\n".join(("工单编号,承办单位,来电时间,办结时间,主要内容", *lines)), encoding="utf-8")
    return path


def stored(instance: Instance) -> tuple[int, int]:
    with instance.session() as session:
        views = tables_for_metrics(instance, session)
    rows, numbers = Engine(instance).run("SELECT count(*), count(DISTINCT case_no) FROM cases", views)[0]
    return rows, numbers


def start(instance: Instance, path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.pipeline.import_once", str(instance.folder), str(path)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_case_107_import_killed_at_random_moments_is_whole_or_absent(instance: Instance, tmp_path: Path) -> None:
    path, rng = orders(tmp_path / "a.csv", ROWS), random.Random(SEED)
    print(f"moments from seed {SEED}")
    for _ in range(KILLS):
        process = start(instance, path)
        time.sleep(rng.uniform(0.2, 3.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert stored(instance) in ((0, 0), (ROWS, ROWS)), f"seed {SEED}"
    assert start(instance, path).wait() == 0
    assert stored(instance) == (ROWS, ROWS)


@pytest.mark.reader_process
def test_case_107_reading_process_killed_after_row_1000_stores_nothing(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = orders(tmp_path / "a.csv", ROWS)
    monkeypatch.setattr("imports.check._WORKER", "tests.pipeline.dying_reader")
    answer = check(instance, path, kind=Kind.RESPONSES, options=ImportOptions(create_units=True), by="wang")
    assert (answer.state, [problem.code for problem in answer.problems]) == ("refused", ["reader_stopped"])
    with pytest.raises(importing.BatchConflict):
        confirm(instance, answer.batch or 0, "wang")
    assert stored(instance) == (0, 0)
    assert not list(instance.staging_folder.iterdir())


BEFORE_THE_COMMIT = (
    "after:pipeline.importing.checking._allocate",
    "before:pipeline.importing.checking.check_file",
    "after:pipeline.importing.checking.check_file",  # the part lies in the staging folder
    "before:pipeline.importing.checking._note",
    "after:pipeline.importing.checking._note",  # checked, waiting for confirm
    "after:pipeline.importing.confirming.add_created_units",
    "after:records.parts._take_over",  # the part has its name, the catalogue does not know it
    "after:records.parts.adopt",
)
AFTER_THE_COMMIT = ("before:pipeline.importing.confirming.prepare", "after:pipeline.importing.confirming.prepare")


def test_case_107_import_killed_at_the_end_of_each_stage_is_whole_or_absent(instance: Instance, tmp_path: Path) -> None:
    """Whole from the commit on, absent before, and whole on the next try; what a crash leaves behind is no evidence."""
    moments = (*BEFORE_THE_COMMIT, *AFTER_THE_COMMIT)
    files = [orders(tmp_path / f"{place}.csv", ROWS, f"G{place}-") for place in range(len(moments))]
    pairs = [str(word) for pair in zip(files, moments, strict=True) for word in pair]
    command = [sys.executable, "-m", "tests.pipeline.import_once", str(instance.folder), *pairs]
    ends = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split()
    assert ends == [str(-signal.SIGKILL)] * len(moments)
    with instance.session() as session:
        views = tables_for_metrics(instance, session)
        assert len(orphans(instance, session)) == 2, "of the two killed between the name of a part and its commit"
    counts = "SELECT split_part(case_no, '-', 1), count(*) FROM cases GROUP BY 1 ORDER BY 1"
    there = [f"G{place}" for place in range(len(BEFORE_THE_COMMIT), len(moments))]
    assert Engine(instance).run(counts, views) == [(name, ROWS) for name in there]
    answer = check(instance, files[-3], kind=Kind.RESPONSES, options=ImportOptions(register="12345"), by="wang")
    confirm(instance, answer.batch or 0, "wang")
    assert stored(instance) == (ROWS * 3, ROWS * 3)


def start_worker(instance: Instance) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipeline.commands", "--instance", str(instance.folder), "worker", "--name", "w"]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def readers_of(process: int) -> set[int]:
    """The reading processes that a process has started."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    return {int(own) for own, parent, words in rows if int(parent) == process and "imports.worker" in words}


def living(processes: set[int]) -> set[int]:
    """Those of the processes that still run; one whose end nobody has asked for yet has ended."""
    listed = subprocess.run(["ps", "-eo", "pid,stat"], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()[1:]]
    return processes & {int(own) for own, state in rows if not state.startswith("Z")}


def import_with_a_kill(instance: Instance, path: Path, kill_after: float) -> str:
    """Check and confirm an upload by jobs of the worker, which is killed once; the state of the last job."""
    options = ImportOptions(create_units=True, register=path.stem, exported_at="2024-04-05 08:00")
    with path.open("rb") as stream:
        kept = uploads.store(instance, stream=stream, name=path.name, kind=Kind.RESPONSES, options=options, by="wang")
    upload_jobs.queue_check(instance, kept.id)
    job, is_confirming = uploads.load(instance, kept.id).job or "", False
    worker, kill_at = start_worker(instance), time.monotonic() + kill_after
    is_killed, before, end = False, stored(instance), time.monotonic() + 300
    try:
        while time.monotonic() < end:
            progress = jobs.progress(instance, job)
            if not is_killed and time.monotonic() >= kill_at:
                worker.send_signal(signal.SIGKILL)
                worker.wait()
                assert stored(instance) in (before, (before[0] + ROWS, before[1] + ROWS))
                worker, is_killed = start_worker(instance), True
            if progress.is_over and is_confirming:
                return progress.state
            if progress.is_over:
                assert progress.state == "done", progress.error
                job, is_confirming = jobs.enqueue(instance, "confirm_upload", upload=kept.id, person="wang"), True
            time.sleep(0.05)
    finally:
        worker.kill()
        worker.wait()
    raise AssertionError("the job did not end")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_worker_killed_at_random_moments_of_an_import_takes_it_in_once(instance: Instance, tmp_path: Path) -> None:
    rng = random.Random(SEED)
    for number in range(WORKER_KILLS):
        path = orders(tmp_path / f"file{number}.csv", ROWS, f"G{number}-")
        assert import_with_a_kill(instance, path, rng.uniform(0.5, 6.0)) == "done", f"seed {SEED}, file {number}"
        assert stored(instance)[0] == ROWS * (number + 1), f"seed {SEED}, file {number}"
        with instance.session() as session:
            accepted = session.scalars(select(Batch).where(Batch.state == "accepted")).all()
        assert Counter(batch.file_name for batch in accepted) == {f"file{n}.csv": 1 for n in range(number + 1)}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_reading_process_ends_with_the_process_that_asked(instance: Instance, tmp_path: Path) -> None:
    process = start(instance, orders(tmp_path / "long.csv", 60_000))
    deadline = time.monotonic() + 60
    while not any(instance.staging_folder.glob("batch-*/check-*/progress")) and time.monotonic() < deadline:
        time.sleep(0.02)
    folder = next(instance.staging_folder.glob("batch-*"))
    readers = readers_of(process.pid)
    assert readers
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 20
    while living(readers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not living(readers)
    assert importing.remove_leftovers(instance) == 0, "a folder as young as a running check stays"
    os.utime(folder, (0, 0))
    assert (importing.remove_leftovers(instance), folder.exists()) == (1, False)


PLANTED = ("13812345678", "13987654321", "110101199003071234", "6222021234567890123", "zhangsan@example.cn")
FULL_WIDTH = "１３８１２３４５６７８"
HEAD = "工单编号,承办单位,来电时间,主要内容,来电人,来电人电话,身份证号,点位,标题"


def test_planted_numbers_are_nowhere_in_the_instance(instance: Instance, tmp_path: Path) -> None:
    phone, other, identity, card, mail = PLANTED
    texts = [
        f"联系人张三{phone}，身份证{identity}",
        f"卡号{card}邮箱{mail}",
        f"电话{phone[:3]} {phone[3:7]} {phone[7:]}",
        f"请回电{other}",
        f"电话{FULL_WIDTH}",
    ]
    row = "G{},市水务局,2024-03-05 09:00:00,{},李四,{},{},{},{}"
    lines = [row.format(place, text, phone, identity, text, text) for place, text in enumerate(texts)]
    lines.append(f"G9,市水务局,不是日期{phone},路灯,李四,{other},{identity},,")
    path = tmp_path / "planted.csv"
    path.write_text("\n".join((HEAD, *lines)), encoding="utf-8")
    options = ImportOptions(create_units=True, partial=True, exported_at="2024-04-05 08:00")
    answer = check(instance, path, kind=Kind.RESPONSES, options=options, by="wang")
    assert (answer.rows.accepted, answer.rows.rejected) == (5, 1), [p.message for p in answer.problems]
    confirm(instance, answer.batch or 0, "wang")
    for file in (entry for entry in instance.folder.rglob("*") if entry.is_file()):
        content = file.read_bytes()
        if file.suffix == ".parquet":  # its pages are compressed: the values are looked at, not the bytes
            with duckdb.connect() as connection:
                content = str(connection.execute("SELECT * FROM read_parquet(?)", [str(file)]).fetchall()).encode()
        found = [number for number in (*PLANTED, "138 1234 5678", FULL_WIDTH) if number.encode() in content]
        assert not found, f"{file.name} holds {found}"
