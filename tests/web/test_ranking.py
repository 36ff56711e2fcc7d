"""Bands: administrative order inside a band, no ranks unless the scheme asks for them (K15)."""

from __future__ import annotations

import re

import pytest

from pipeline.views.overview import overview
from records.vocabulary import Role


def test_bands_list_every_unit_once_in_directory_order(client_of, shown_city):
    page = client_of(Role.ASSESSOR).get("/ranking").text
    listed = re.findall(r'href="/units/([A-Z]\d\d)\?', page)
    assert sorted(listed) == sorted(shown_city.results)
    for group in overview(shown_city).groups:
        for band in group.bands:
            codes = [unit.code for unit in band.units]
            assert codes == sorted(codes)


def test_default_settings_print_no_rank_column(client_of, shown_city):
    page = client_of(Role.ASSESSOR).get("/ranking").text
    assert ">名次<" not in page
    assert all(unit.rank is None for group in overview(shown_city).groups for unit in group.units)


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ASSESSOR, 200), (Role.AUDITOR, 200), (Role.ORG_DEPT, 200), (Role.UNIT_HEAD, 403), (Role.ADMIN, 403)],
)
def test_ranking_is_open_to_roles_as_the_matrix_says(client_of, shown_city, role, status):
    assert client_of(role).get("/ranking").status_code == status


def test_without_an_assessment_the_page_says_what_will_come(client_of):
    assert "还没有可以查看的评价" in client_of(Role.ASSESSOR).get("/ranking").text
