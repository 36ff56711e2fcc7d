"""These fail first when another version of Plotly behaves differently."""

import gzip

from web import plotly_asset


def test_guard_against_the_map_style_sheet_is_found():
    assert len(plotly_asset.map_style_id() or "") == 64


def test_plotly_still_fills_an_empty_style_element():
    assert b'appendChild(document.createTextNode(""))' in plotly_asset.source()


def test_page_names_script_and_guard(client_of):
    page = client_of(None).get("/sign-in").text
    assert plotly_asset.version() in page
    assert f'id="{plotly_asset.map_style_id()}"' in page


def test_script_is_packed_and_cached_for_ever(client_of):
    address = f"/assets/plotly-{plotly_asset.version()}.min.js"
    answer = client_of(None).get(address, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.data) == plotly_asset.source()
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert client_of(None).get(address).data == plotly_asset.source()


def test_another_version_is_not_served(client_of):
    assert client_of(None).get("/assets/plotly-0.0.0.min.js").status_code == 404
