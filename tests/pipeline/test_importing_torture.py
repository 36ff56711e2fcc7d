"""An import killed at any moment is wholly there or not at all; no clear number lies anywhere in the instance."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from imports.options import ImportOptions
from pipeline.importing import check, confirm
from records.engine import Engine
from records.instance import Instance
from records.tables import tables_for_metrics
from records.vocabulary import Kind

ROWS = 2_000
KILLS = int(os.environ.get("WENXIAO_KILLS", "3"))
SEED = int(os.environ.get("WENXIAO_SEED", "20250303"))
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def instance(tmp_path: Path, database: str) -> Iterator[Instance]:
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def orders(path: Path, rows: int) -> Path:
    lines = (f"G{i:06d},市水务局,2024-03-05 09:00:00,2024-03-06 10:00:00,路灯不亮{i}" for i in range(rows))
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
    for _ in range(KILLS):
        process = start(instance, path)
        time.sleep(rng.uniform(0.2, 3.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert stored(instance) in ((0, 0), (ROWS, ROWS)), f"seed {SEED}"
    assert start(instance, path).wait() == 0
    assert stored(instance) == (ROWS, ROWS)


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
