"""Documents from stored assessments: what is in them, who may have them, and how the command answers."""

import json
import zipfile

import openpyxl
import pytest
from click.testing import CliRunner

from pipeline.commands import main
from pipeline.judgement import assessing
from pipeline.paper import reporting
from records.access import Forbidden, Viewer
from records.vocabulary import Role
from reports import numbers


@pytest.fixture(scope="module")
def number(demo_instance):
    """A published assessment of the demonstration city."""
    rows = assessing.list_assessments(demo_instance)
    return next(row["assessment"] for row in rows if row["state"] == "published")


@pytest.fixture(scope="module")
def stored(demo_instance, number):
    return assessing.get(demo_instance, number).result


def head_of(unit):
    return Viewer(7, "head", Role.UNIT_HEAD, frozenset({unit}), sign_in="head")


def test_source_holds_the_frozen_result_and_values_of_every_unit(demo_instance, number, stored):
    source = reporting.source_for(demo_instance, number)
    assert source.assessment.units == stored.units
    assert {u.unit for u in stored.units} <= {v.unit for v in source.values if v.metric == "n_received"}
    assert len({v.period for v in source.monthly}) == 12
    assert source.verification_code
    assert source.scheme["id"] == stored.scheme["id"]


def test_source_of_a_unit_head_holds_no_other_unit(demo_instance, number, stored):
    unit = stored.units[0].unit
    source = reporting.source_for(demo_instance, number, viewer=head_of(unit))
    assert {u.unit for u in source.assessment.units} == {unit}
    assert {v.unit for v in (*source.values, *source.monthly)} == {unit}


def test_source_unknown_assessment_is_named(demo_instance):
    with pytest.raises(reporting.UnknownAssessment, match="999"):
        reporting.source_for(demo_instance, 999)


def test_make_unit_head_gets_own_scorecard_only(demo_instance, number, stored, tmp_path):
    own, other = stored.units[0].unit, stored.units[1].unit
    settings = {"kind": "scorecard", "format": "pdf", "viewer": head_of(own)}
    assert reporting.make(demo_instance, number, unit=own, out=tmp_path / "own.pdf", **settings).stat().st_size > 10_000
    with pytest.raises(Forbidden):
        reporting.make(demo_instance, number, unit=other, out=tmp_path / "other.pdf", **settings)
    with pytest.raises(Forbidden):
        reporting.make(demo_instance, number, all_units=True, out=tmp_path / "all.zip", **settings)
    assert [p.name for p in tmp_path.iterdir()] == ["own.pdf"]


@pytest.mark.parametrize("kind", ["annual", "workbook", "evidence"])
def test_make_unit_head_gets_no_document_over_all_units(demo_instance, number, stored, tmp_path, kind):
    viewer = head_of(stored.units[0].unit)
    with pytest.raises(Forbidden):
        reporting.make(
            demo_instance, number, kind=kind, format=reporting.FORMATS[kind][0], out=tmp_path / "x", viewer=viewer
        )
    assert list(tmp_path.iterdir()) == []


def test_command_workbook_prints_the_scores_of_the_assessment(demo_instance, number, stored, tmp_path):
    out = tmp_path / "book.xlsx"
    arguments = [
        "--instance",
        str(demo_instance.folder),
        "report",
        str(number),
        "--kind",
        "workbook",
        "--out",
        str(out),
        "--json",
    ]
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["format"] == "xlsx"
    archive = zipfile.ZipFile(out)
    assert archive.testzip() is None
    scores = {row[1]: row[3] for row in rows_of(out)}
    for unit in stored.units:
        printed = scores[unit.name]
        assert (printed if printed == "—" else numbers.score(printed)) == numbers.score(unit.score)


def rows_of(path):
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*extension is not supported")
        return list(openpyxl.load_workbook(path)["得分与等次"].iter_rows(min_row=4, values_only=True))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["1", "--kind", "scorecard", "--format", "pdf"], 2),
        (["1", "--kind", "annual", "--format", "xlsx"], 2),
        (["1", "--kind", "annual", "--format", "pdf", "--unit", "u1"], 2),
        (["999", "--kind", "annual", "--format", "pdf"], 1),
        (["1", "--kind", "scorecard", "--unit", "nowhere", "--format", "pdf"], 1),
    ],
)
def test_command_wrong_requests_are_told_in_one_sentence(demo_instance, tmp_path, arguments, code):
    out = tmp_path / "x.pdf"
    answer = CliRunner().invoke(
        main, ["--instance", str(demo_instance.folder), "report", *arguments, "--out", str(out)]
    )
    assert answer.exit_code == code
    assert "Traceback" not in answer.output
    assert not out.exists()
