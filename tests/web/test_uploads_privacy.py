"""No planted phone or identity number lies in clear anywhere: files, stored texts, catalogue, jobs, logs, pages."""

from __future__ import annotations

import base64
import io
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from imports.parts import bulk
from pipeline.house.jobs import Directly
from pipeline.importing import upload_jobs, uploads
from records.instance import Instance
from records.vocabulary import Role
from tests.web.office import build_office, sign_in
from web.app import create_app

PHONES = ("13812345678", "15987654321", "18600001111")
PEOPLE = ("110101199003071234", "44030619851212343X")
PLANTED = (*PHONES, *PEOPLE)
HEADER = (
    "工单编号", "承办单位", "来电时间", "办结时间", "工单状态", "主要内容", "答复内容", "来电人电话",
    "来电人", "身份证号",
)  # fmt: skip


def _cells(number: int) -> list[str]:
    """A row that holds numbers of people where they belong and where nobody should write them."""
    phone, person = PHONES[number % 3], PEOPLE[number % 2]
    texts = (f"请回电{phone}", f"身份证{person}，电话{phone[:3]} {phone[3:7]} {phone[7:]}", f"电话：+86{phone}")
    unit = "市教育局" if number % 5 else f"市教育局{phone}"
    state = "已办结" if number % 7 else f"已办结{person}"
    when = "2024-12-03 09:00:00" if number % 11 else phone
    return [f"P{number}", unit, "2024-12-01 08:00:00", when, state, texts[number % 3], texts[number % 2], phone, "张三",
            person]  # fmt: skip


def _text() -> bytes:
    return "\n".join(",".join(row) for row in [HEADER, *map(_cells, range(40))]).encode("gb18030")


def _workbook() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in [HEADER, *map(_cells, range(40))]:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Flask]:
    instance = Instance.open(build_office(tmp_path))
    yield create_app(instance, {"TESTING": True, "WTF_CSRF_ENABLED": False})
    instance.close()


def _clear_numbers(content: bytes | str) -> list[str]:
    raw = content if isinstance(content, bytes) else content.encode()
    return [number for number in PLANTED if number.encode() in raw]


def _stored_texts(instance: Instance) -> str:
    """Every value of every stored part and of every table of the catalogue and of the jobs, as one text."""
    found, folder = [], instance.folder
    for part in folder.rglob("*.parquet"):
        with duckdb.connect() as connection:
            found.append(str(connection.execute(f"SELECT * FROM '{part}'").fetchall()))
    for database in (path for path in folder.rglob("*") if path.is_file()):
        if database.read_bytes()[:15] == b"SQLite format 3":
            found += list(_values_of(database))
    found += [] if instance.is_embedded else list(_values_on_server(instance))
    return "".join(found)


def _values_on_server(instance: Instance) -> Iterator[str]:
    """The same where catalogue and jobs lie on a database server."""
    named = text(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    with instance.engine.connect() as connection:
        for schema, name in connection.execute(named).all():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{schema}"."{name}"'):
                yield str(row)
                yield from (_unpacked(value) for value in row if isinstance(value, str))


def _values_of(database: Path) -> Iterator[str]:
    """Every row of every table; what a job was given and answered is unpacked from its base64."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                yield str(row)
                yield from (_unpacked(value) for value in row if isinstance(value, str))


def _unpacked(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:  # no base64
        return ""


@pytest.mark.parametrize("fewest_rows", [0, bulk.FEWEST_ROWS])
@pytest.mark.parametrize(("name", "content"), [("a.csv", _text()), ("a.xlsx", _workbook())])
def test_no_planted_number_is_in_clear_anywhere(
    name: str, content: bytes, fewest_rows: int, office: Flask, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(bulk, "FEWEST_ROWS", fewest_rows)
    monkeypatch.setattr(uploads, "INLINE_BYTES", 0)
    instance, client = office.extensions["wenxiao"], sign_in(office, Role.ASSESSOR)
    with caplog.at_level(logging.DEBUG):
        pages, number = _imported_by_jobs(instance, client, name, content)
    assert _clear_numbers(pages) == []
    assert _clear_numbers(caplog.text) == []
    assert _clear_numbers("".join(capfd.readouterr())) == []
    stored = _stored_texts(instance)
    assert "P39" in stored, "the rows are there"
    assert all(word in stored for word in ("check_upload", number)), "what the jobs were given is there"
    assert _clear_numbers(stored) == []
    files = {path.name: path.read_bytes() for path in instance.folder.rglob("*") if path.is_file()}
    assert {file: found for file, raw in files.items() if (found := _clear_numbers(raw))} == {}
    assert number not in "".join(files), "the file itself is gone"


def _imported_by_jobs(instance: Instance, client: FlaskClient, name: str, content: bytes) -> tuple[str, str]:
    """What the pages said while the file went in, and the number of the upload."""
    data = {"file": (io.BytesIO(content), name), "kind": "responses", "create_units": "y", "partial": "y"}
    place = client.post("/uploads", data=data, content_type="multipart/form-data").headers["Location"]
    number = place.split("/")[2]
    said = str(upload_jobs.check_job(instance, Directly(), upload=number))
    said += client.get(place).text + client.get(place.replace("/check", "/confirm")).text
    said += str(upload_jobs.confirm_job(instance, Directly(), upload=number, person="assessor"))
    return said + client.get("/records").text + client.get("/batches").text, number
