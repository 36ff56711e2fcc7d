"""A sample from the draw to its rates by spreadsheet: out blind, back as follow-ups, and hand entries stay."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from imports.options import ImportOptions
from integrity.rules.finding import Finding
from pipeline import importing
from pipeline.integrity import sample_sheets, sampling
from pipeline.integrity.findings import store
from records.access import Forbidden, Viewer
from records.instance import Instance
from records.models import SampleCase
from records.vocabulary import Kind, Role

CALLER = Viewer(1, "c", Role.ASSESSOR, sign_in="caller", has_survey_role=True)
SAID = {"是": "yes", "否": "no", "部分解决": "partly"}


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    opened = Instance.open(tmp_path / "instance")
    lines = [
        f"G{n:02d},市水务局,2025-01-{1 + n % 27:02d} 09:00,2025-01-{2 + n % 27:02d} 10:00,已办结" for n in range(40)
    ]
    _take_in(
        opened,
        tmp_path / "cases.csv",
        "\n".join(["工单编号,承办单位,来电时间,办结时间,工单状态", *lines]),
        Kind.RESPONSES,
    )
    yield opened
    opened.close()


def _take_in(instance: Instance, path: Path, text: str, kind: Kind) -> None:
    path.write_text(text, encoding="utf-8-sig")
    answer = importing.check(instance, path, kind=kind, options=ImportOptions(create_units=True), by="wang")
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    importing.confirm(instance, answer.batch, "wang")


def test_a_sheet_goes_out_blind_and_comes_back_as_results(instance: Instance, tmp_path: Path) -> None:
    number = sampling.draw_and_store(instance, "2025-01", size=20, seed=3, viewer=CALLER)
    sent = sample_sheets.sheet(instance, number, {}, viewer=CALLER)
    assert sent is not None
    rows = list(csv.DictReader(io.StringIO(sent.decode("utf-8-sig"))))
    assert len(rows) == 20
    assert set(rows[0]) == set(sample_sheets.HEADINGS)  # no claim, no reason for the draw
    first = int(rows[0]["回访编号"].partition("-")[2])
    sampling.enter_results(instance, number, [(first, "unreachable", "")], viewer=CALLER)
    for place, row in enumerate(rows[:18]):
        row |= {"回访时间": "2025-02-03", "是否回访成功": "否" if place == 17 else "是"}
        row["是否解决"] = "" if place == 17 else list(SAID)[place % 3]
    text = io.StringIO()
    writer = csv.DictWriter(text, sample_sheets.HEADINGS)
    writer.writeheader()
    writer.writerows(rows[:18])
    assert sample_sheets.take(instance, number, viewer=CALLER) == 0  # nothing has come back yet
    _take_in(instance, tmp_path / "back.csv", text.getvalue(), Kind.FOLLOWUPS)
    assert sample_sheets.take(instance, number, viewer=CALLER) == 17
    items = {item.case_no: item.result for item in sampling.work_list(instance, number, viewer=CALLER)}
    assert items[rows[0]["原工单编号"]] == "unreachable"  # entered by hand, kept
    assert items[rows[17]["原工单编号"]] == "unreachable"
    assert all(items[row["原工单编号"]] == SAID[row["是否解决"]] for row in rows[1:17])
    assert [items[row["原工单编号"]] for row in rows[18:]] == [None, None]
    found = sampling.result_of(instance, number, viewer=CALLER)
    assert found is not None
    assert found.random_reached == 16
    assert sample_sheets.take(instance, number, viewer=CALLER) == 0


@pytest.mark.parametrize("is_kept", [True, False])
def test_each_pattern_of_a_detector_has_its_own_hit_rate(
    instance: Instance, is_kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases closed before the limit speak for that pattern, not for closings within ten minutes of dispatch."""
    first = sampling.draw_and_store(instance, "2025-01", size=12, seed=1, viewer=CALLER)
    with instance.session() as session:
        drawn = session.query(SampleCase).filter_by(sample_id=first).all()
        unit, cases = drawn[0].unit_code, tuple((case.register, case.case_no) for case in drawn)
    heaping = Finding("D08", unit, 12, 40, 0.3, 0.1, None, {"zh": "", "en": ""}, cases, variant="heaping")
    if is_kept:
        store(instance, "2025-01", [heaping])
    else:
        monkeypatch.setattr(sampling, "find", lambda *given: [heaping])
    number = sampling.draw_and_store(instance, "2025-01", size=20, seed=3, viewer=CALLER)
    with instance.session() as session:
        found = session.query(SampleCase.detectors).filter_by(sample_id=number).all()
    assert {key for (keys,) in found for key in keys} == {"D08.heaping"}


def test_no_cell_of_the_sheet_is_a_formula(instance: Instance) -> None:
    number = sampling.draw_and_store(instance, "2025-01", size=5, seed=1, viewer=CALLER)
    units = {item.unit for item in sampling.work_list(instance, number, viewer=CALLER)}
    sent = sample_sheets.sheet(instance, number, dict.fromkeys(units, "=cmd|' /C calc'!A0"), viewer=CALLER)
    assert sent is not None
    rows = list(csv.DictReader(io.StringIO(sent.decode("utf-8-sig"))))
    assert {row["承办单位"] for row in rows} == {"'=cmd|' /C calc'!A0"}


def test_the_sheet_needs_the_survey_role(instance: Instance) -> None:
    number = sampling.draw_and_store(instance, "2025-01", size=5, seed=1, viewer=CALLER)
    for act in (lambda v: sample_sheets.sheet(instance, number, {}, viewer=v),
                lambda v: sample_sheets.take(instance, number, viewer=v)):  # fmt: skip
        with pytest.raises(Forbidden):
            act(Viewer(2, "x", Role.ASSESSOR, sign_in="x"))
