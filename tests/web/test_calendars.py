"""A year of the calendar from a file: refused with the row, shown before it holds, kept with who and when."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from openpyxl import Workbook
from sqlalchemy import delete

from metrics.clocks.calendar import load
from pipeline.house import calendar_years
from pipeline.house.calendar_years import YearRefused
from pipeline.numbers.counting import calendar_of
from records.instance import Instance
from records.models import CalendarDay
from records.vocabulary import Role

YEAR = "日期,安排\n2027-01-01,放假\n2027/1/2,上班\n2027年3月5日,09:00-12:00\n"


@pytest.fixture
def clean(instance: Instance):
    yield
    with instance.session() as session:
        session.execute(delete(CalendarDay))


def post(client, text: str, name: str = "2027.csv"):
    data = {"file": (io.BytesIO(text.encode("gb18030")), name)}
    return client.post("/calendars/check?lang=zh", data=data, content_type="multipart/form-data")


def test_year_is_shown_first_and_holds_when_it_is_kept(client_of, instance, clean):
    client = client_of(Role.ADMIN)
    page = post(client, YEAR)
    assert page.status_code == 200
    # 2027 begins on a Friday and ends on a Friday: 261 days from Monday to Friday, one off, one Saturday worked.
    weekdays = sum((date(2027, 1, 1) + timedelta(days=n)).weekday() < 5 for n in range(365))
    assert f"<dd>{weekdays - 1 + 1}</dd>" in page.text
    assert not calendar_of(instance).is_known(date(2027, 1, 1))  # looking keeps nothing
    kept = {"days": calendar_years.as_csv(calendar_years.read("x.csv", YEAR.encode())), "name": "2027.csv"}
    assert client.post("/calendars", data=kept).status_code == 303
    office = calendar_of(instance)
    assert not office.is_working_day(date(2027, 1, 1))
    assert office.is_working_day(date(2027, 1, 2))
    assert office.hours_of(date(2027, 3, 5)) == ((9 * 3600, 12 * 3600),)
    assert office.hours_of(date(2025, 1, 26)) == load("office").hours_of(date(2025, 1, 26))
    shown = client.get("/calendars?year=2027&lang=zh").text
    assert "启用年度日历 2027" in shown
    assert "admin" in shown
    assert "启用年度日历 2027" not in client_of(Role.UNIT_HEAD).get("/calendars?year=2027&lang=zh").text


def test_second_upload_replaces_the_whole_year(client_of, instance, clean):
    client = client_of(Role.ADMIN)
    client.post("/calendars", data={"days": "2027-01-01,off\n", "name": "a.csv"})
    client.post("/calendars", data={"days": "2027-01-04,off\n", "name": "b.csv"})
    office = calendar_of(instance)
    assert office.is_working_day(date(2027, 1, 1))
    assert not office.is_working_day(date(2027, 1, 4))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("日期,安排\n", "没有日期"), ("2027-01-01,放假\n2026-12-31,放假\n", "几个年份"),
        ("日期,安排\n2027-02-30,放假\n", "第 2 行"), ("2027-01-01,也许\n", "也许"),
        ("2027-01-01,放假\n2027-01-01,上班\n", "两种安排"), ("2027-01-01,放假\n" * 401, "行数太多"),
    ],
)  # fmt: skip
def test_file_that_is_no_year_is_refused_with_words(client_of, text, sentence):
    answer = post(client_of(Role.ADMIN), text)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_workbook_is_read_and_a_broken_one_refused():
    book = Workbook()
    book.active.append(["日期", "安排"])
    book.active.append([date(2027, 1, 1), "放假"])
    file = io.BytesIO()
    book.save(file)
    assert calendar_years.read("2027.xlsx", file.getvalue()).days == {date(2027, 1, 1): "off"}
    with pytest.raises(YearRefused, match="unreadable"):
        calendar_years.read("2027.xlsx", b"PK\x03\x04 no workbook")


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.AUDITOR, Role.ORG_DEPT])
def test_others_may_not_upload(client_of, role):
    assert post(client_of(role), YEAR).status_code == 403


def test_layouts_show_their_columns_and_unknown_ones_are_404(client_of):
    client = client_of(Role.ASSESSOR)
    assert "/layouts/baltimore_311" in client.get("/layouts").text
    page = client.get("/layouts/baltimore_311?lang=zh").text
    assert "SRRecordID" in page
    assert client.get("/layouts/nothing").status_code == 404
    assert client_of(Role.UNIT_HEAD).get("/layouts").status_code == 403
