"""The open page: switched off by default, only published results, nothing about a handful of people."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from dataclasses import replace
from urllib.parse import quote

import pytest

from metrics.value import MetricValue
from pipeline.views import leadership, open_page, overview, scorecards, shown
from reports.open_tables import PROTECTED, hidden_months, tables
from tests.web import city


@pytest.fixture
def switched_on(instance, monkeypatch):
    monkeypatch.setattr(open_page, "is_shown", lambda instance: True)


def month(number: int, n: int) -> MetricValue:
    return MetricValue("A", f"2024-{number:02d}", "R5", n, n, 1.0, 1.0, 1.0, n)


def test_page_is_not_there_until_the_office_switches_it_on(client_of, shown_city):
    for address in ("/open", "/open/units/B00", "/open/data.zip"):
        assert client_of(None).get(address).status_code == 404


def test_without_published_results_it_says_so_and_gives_no_data(client_of, shown_city, switched_on):
    client = client_of(None)  # the only assessment is final, not published
    assert "还没有公布的评价结果" in client.get("/open").text
    assert client.get("/open/data.zip").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everybody_reads_the_published_results(client_of, shown_city, switched_on, monkeypatch, language):
    choice = shown.Choice(3, "2024", "published", "integrated_third_party@2025.1")
    monkeypatch.setattr(shown, "choices", lambda *_, **__: [choice])
    client = client_of(None)
    page = client.get(f"/open?lang={language}")
    assert page.status_code == 200
    assert "/open/units/B03" in page.text
    assert client.get("/open/units/B03").status_code == 200
    monkeypatch.setattr(open_page, "data", lambda *_: b"PK")
    name = {"zh": quote("2024年度开放数据包，"), "en": "Open data 2024, "}[language]
    assert name in client.get(f"/open/data.zip?lang={language}").headers["Content-Disposition"]
    assert client.get("/open/units/ZZ").status_code == 404


def test_unit_and_figure_on_nine_cases_are_left_empty_on_ten_they_are_not():
    prepared = city.prepared()
    result = next(r for r in prepared.results.values() if r.score is not None)
    few, enough = replace(result, n=9), replace(result, n=10)
    assert open_page.unit(prepared, few).reason == PROTECTED
    assert open_page.unit(prepared, few).score is None
    assert open_page.unit(prepared, enough).score == result.score
    measured = next(i for i in result.indicators if i.value is not None)
    shown_figure, hidden = (
        open_page.figures(prepared, replace(result, indicators=[replace(measured, n=n)]))[0] for n in (10, 9)
    )
    assert (shown_figure.value, hidden.value, hidden.n) == (measured.value, None, None)


def test_unit_that_received_nine_cases_is_left_empty_however_large_a_sample_of_answers_is():
    prepared = city.prepared()
    code, result = next((c, r) for c, r in prepared.results.items() if r.score is not None)
    key, source = (code, "n_received"), prepared.source
    for cases, reason in ((9, PROTECTED), (10, result.reason)):
        row = prepared.values[key]._replace(value=cases, n=cases)
        prepared.values[key] = row
        told = open_page.unit(prepared, replace(result, n=4_000))
        assert (told.reason, told.n) == (reason, None if cases == 9 else 10)
        changed = [row if (v.unit, v.metric, v.group) == (code, "n_received", None) else v for v in source.values]
        rows = tables(replace(source, values=changed))[0].rows
        assert next(r for r in rows if r[0] == code)[3:5] == ((None, None) if cases == 9 else (10, result.score))


def test_hidden_month_cannot_be_had_by_subtraction():
    values = [month(1, 40), month(2, 3), month(3, 25), month(4, 0)]
    assert hidden_months(values) == {1, 2}  # the smallest other month goes with it
    assert hidden_months([month(1, 40), month(2, 25)]) == set()


def test_data_package_of_a_real_published_assessment(demo_instance):
    prepared = open_page.shown.published(demo_instance)
    assert prepared is not None
    with zipfile.ZipFile(io.BytesIO(open_page.data(demo_instance, prepared, "zh"))) as pack:
        assert {"results.csv", "dictionary.csv", "datapackage.json"} <= set(pack.namelist())


def test_a_unit_tells_its_cases_and_not_the_sum_of_what_its_indicators_rest_on():
    prepared = city.prepared()
    code, result = next(iter(prepared.results.items()))
    prepared.values.pop((code, "n_received"), None)
    assert open_page.unit(prepared, replace(result, n=4_000)).n is None
    prepared.values[code, "n_received"] = month(1, 321)._replace(value=321.0)
    assert open_page.unit(prepared, replace(result, n=4_000)).n == 321


def test_no_page_shows_the_sample_of_an_indicator_as_the_cases_of_a_unit():
    prepared = city.prepared()
    code, result = next((c, r) for c, r in prepared.results.items() if r.score is not None)
    cases = int(prepared.values[code, "n_received"].value)
    prepared.results[code] = replace(result, n=987_654)
    grades = scorecards.grades_of(prepared.source.scheme)

    def told() -> set[int | None]:
        banded = overview.overview(prepared).groups
        rows = [u.received for group in banded for band in group.bands for u in band.units if u.code == code]
        team = leadership._team(prepared, prepared.results[code], grades, None, Counter())
        return {*rows, team.received, scorecards.scorecard(prepared, code).n}

    assert told() == {cases}
    del prepared.values[code, "n_received"]
    assert told() == {None}
