"""The page of metrics: any period and split by the address, each number with the list of its cases."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from records.vocabulary import Role
from tests.web.office import office_of_two_exports, sign_in

NUMBERS = re.compile(r'<a href="([^"]*metric=[^"]*)">([\d,]+)</a>')


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = office_of_two_exports(tmp_path_factory.mktemp("office"), tmp_path_factory.mktemp("template"))
    yield app
    app.extensions["wenxiao"].close()


@pytest.fixture(scope="module")
def client(office: Flask) -> FlaskClient:
    return sign_in(office, Role.ASSESSOR)


def shown(client: FlaskClient, query: str) -> str:
    answer = client.get(f"/numbers?{query}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def rows_of(page: str) -> list[list[str]]:
    body = page.split("<tbody", 1)[1].split("</tbody>", 1)[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in body.split("<tr")[1:]]
    return [[re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in row] for row in cells]


@pytest.mark.parametrize(
    "query",
    [
        "metric=H9&period=all",
        "metric=H9&period=2024&base=total&span=month&split=channel",
        "metric=H1.strict&period=2024-12-05..2024-12-12&base=peer_group&split=category",
        "metric=H9&period=2024-12@19&span=quarter",
        "metric=n_received&period=2024-12&split=case_type",
        "metric=H1.median_km&period=2024Q4&base=unit",
        "metric=H9&period=all&unit=u1&scope=all",
    ],
)
def test_every_number_links_to_as_many_cases(client: FlaskClient, query: str) -> None:
    found = NUMBERS.findall(shown(client, query))
    assert found
    for href, n in found:
        listed = client.get(html.unescape(href)).get_data(as_text=True)
        assert re.search(r"共 ([\d,]+) 件", listed).group(1) == n, href


def test_both_totals_come_first_with_their_names_and_the_units_after_them(client: FlaskClient) -> None:
    rows = rows_of(shown(client, "metric=H9&period=2024-12"))
    names = ["全部单位 合并计算", "全部单位 各单位均值", "市教育局", "市水务局"]
    assert [" ".join(row[0].split()) for row in rows[:4]] == names
    assert [row[4].replace(" ", "") for row in rows[:4]] == ["20／60", "—", "10／30", "10／30"]


def test_a_month_cut_by_days_chosen_freely_says_its_days(client: FlaskClient) -> None:
    page = html.unescape(shown(client, "metric=n_received&period=2024-12-05..2025-01-31&base=total&span=month"))
    assert [row[2] for row in rows_of(page)] == ["48件", "0件"]  # three cases a day up to the twentieth
    assert "period=2024-12-05..2024-12-31" in page
    assert "period=2025-01" in page


def test_what_is_missing_says_why_and_never_zero(client: FlaskClient) -> None:
    cells = rows_of(shown(client, "metric=H2&period=2024-12&unit=u3"))
    assert [row[0] for row in cells] == ["东城街道办"]
    assert cells[0][2].startswith("— ")
    assert len(cells[0][2]) > 3


@pytest.mark.parametrize("query", ["metric=R5&period=2024-13", "metric=nonsense&period=2024", "base=city"])
def test_a_question_that_cannot_be_read_is_told_and_counts_nothing(client: FlaskClient, query: str) -> None:
    page = shown(client, query)
    assert 'class="errors"' in page
    assert "<tbody" not in page


def test_the_same_question_stands_there_as_a_command(client: FlaskClient) -> None:
    page = shown(client, "metric=R5&period=2024Q4&base=total&span=month&split=channel&scope=all")
    assert "wenxiao metrics --period 2024Q4 --by total,month,channel --metric R5 --scope all" in page


def test_a_unit_may_not_ask(office: Flask) -> None:
    assert sign_in(office, Role.UNIT_HEAD).get("/numbers").status_code == 403
