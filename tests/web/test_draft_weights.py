"""Judgements in pairs in the browser: weights and consistency ratio out, refused from .10, taken into a draft."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from evaluation.rules.judged import children
from pipeline.judgement import scheme_drafts
from tests.web.test_drafts import begin, document_of, office, revision_of, writer

__all__ = ["office", "writer"]

ASKED = {"parent": "channels", "pair.0.1": "2", "pair.0.2": "4", "pair.1.2": "2"}  # C1, C2, R6


def send(client: FlaskClient, office: Flask, address: str, **fields: str) -> tuple[int, str]:
    data = {"revision": revision_of(office, address), "to": "show"} | fields
    answer = client.post(f"{address}/weights", data=data)
    return answer.status_code, answer.text


def test_judgements_become_weights_of_a_draft_that_still_sums_to_100(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2041.1")
    assert "pair.0.1" in writer.get(f"{address}/weights?parent=channels").text
    before = document_of(office, address)
    status, page = send(writer, office, address, **ASKED)
    assert (status, "一致性比率 0.000" in page, "采用为草案的权重" in page) == (200, True, True)
    assert document_of(office, address) == before  # looking changes nothing
    status, _ = send(writer, office, address, **ASKED, to="take")
    assert status == 303
    after = document_of(office, address)
    weights = {row["code"]: row["weight"] for row in after["indicator"]}
    assert [weights[code] for code in ("C1", "C2", "R6")] == pytest.approx([40 / 7, 20 / 7, 10 / 7], abs=1e-3)
    assert sum(weights.values()) == pytest.approx(100, abs=1e-9)


def test_first_level_moves_what_lies_below_it(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2041.2")
    before = document_of(office, address)
    found = children(before, None)
    fields = {f"pair.{i}.{j}": "1" for i in range(len(found)) for j in range(i + 1, len(found))}
    status, _ = send(writer, office, address, parent="", to="take", **fields)
    assert status == 303
    after = document_of(office, address)
    assert [row["weight"] for row in after["group"]] == pytest.approx([100 / 6] * 6, abs=1e-3)
    assert sum(row["weight"] for row in after["indicator"]) == pytest.approx(100, abs=1e-9)
    old, new = ({row["code"]: row["weight"] for row in side["indicator"]} for side in (before, after))
    assert new["H2"] / new["H1.allowed"] == pytest.approx(old["H2"] / old["H1.allowed"], abs=1e-3)
    draft = scheme_drafts.get(office.extensions["wenxiao"], int(address.rsplit("/", 1)[1]))
    assert draft.faults == []


def test_contradiction_and_words_are_refused(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2041.3")
    before = document_of(office, address)
    circle = {"parent": "channels", "pair.0.1": "9", "pair.0.2": "1/9", "pair.1.2": "9"}
    status, page = send(writer, office, address, **circle, to="take")
    assert status == 400
    assert "判断前后矛盾" in page
    assert "采用为草案的权重" not in page
    status, page = send(writer, office, address, **(ASKED | {"pair.0.2": "四倍"}), to="take")
    assert (status, "C1 与 R6：请填大于 0 的数" in page, "四倍" in page) == (400, True, True)
    assert document_of(office, address) == before


def test_detector_thresholds_have_fields(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2041.4")
    data = {"revision": revision_of(office, address), "place": "", "to": "save", "code": "D08", "min_count": "40"}
    assert writer.post(f"{address}/entries/detector", data=data).status_code == 303
    assert document_of(office, address)["detector"] == [{"code": "D08", "min_count": 40}]
    wrong = {**data, "revision": revision_of(office, address), "min_rate": "much"}
    assert writer.post(f"{address}/entries/detector", data=wrong).status_code == 400


def test_parameters_have_fields_with_their_defaults(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2041.5")
    page = writer.get(f"{address}/entries").text
    assert "名次区间的水平（默认 0.9）" in page
    assert "扣分、封顶所需的单侧水平（默认 0.95）" in page
