"""A small file of every layout goes the whole way by commands: in, confirmed, and read again as a number or list."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from imports.layouts import list_layouts
from pipeline.commands import main
from records.engine import Engine
from records.instance import Instance
from records.models import Exclusion
from records.tables import tables_for_metrics
from tests.in_process import files_read_here
from tests.pipeline.layout_files import HOMES, RESPONSES, WATER, LayoutFile
from tests.pipeline.layout_tables import COUNTS, OTHERS, SURVEYS

FILES = [*RESPONSES, *SURVEYS, *COUNTS, *OTHERS]
BY_LAYOUT = {file.layout: file for file in FILES}


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--instance", str(folder), *arguments])


def imported(folder: Path, file: LayoutFile, place: Path) -> dict[str, Any]:
    place.mkdir()
    result = run(folder, "import", str(file.write(place)), "--kind", file.kind, *file.options, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


@pytest.fixture(scope="module")
def two_units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that knows the two units of the files."""
    base = tmp_path_factory.mktemp("two-units")
    (base / "u.csv").write_text(f"单位编码,单位名称\nslj,{WATER}\nzjw,{HOMES}\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch, files_read_here():
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        assert run(base / "instance", "import", str(base / "u.csv"), "--kind", "units").exit_code == 0
    return base / "instance"


@pytest.fixture
def folder(two_units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    return Path(shutil.copytree(two_units, tmp_path / "instance"))


def test_every_layout_has_a_file() -> None:
    assert sorted(BY_LAYOUT) == sorted(layout.id for layout in list_layouts())
    assert len(FILES) == len(BY_LAYOUT)


@pytest.mark.parametrize("file", FILES, ids=[file.layout for file in FILES])
def test_a_file_of_every_layout_ends_as_a_number_or_a_list(file: LayoutFile, folder: Path, tmp_path: Path) -> None:
    if file.after:
        imported(folder, BY_LAYOUT[file.after], tmp_path / "before")
    answer = imported(folder, file, tmp_path / "file")
    assert (answer["state"], answer["layout"], answer["rows"]["rejected"]) == ("accepted", file.layout, 0)
    assert "--layout" in file.options or file.layout in {answer["layout"], answer["kind"]}
    assert [problem for problem in answer["problems"] if problem["code"] in ("rate_differs", "columns_guessed")] == []
    if file.metric:
        assert shown(folder, file) == pytest.approx(file.shows)
    else:
        assert set(file.lists) <= set(listed(folder, file))


def shown(folder: Path, file: LayoutFile) -> Any:
    """What the command shows for the first unit: numerator and denominator, or the value."""
    asked = ("metrics", "--period", file.period, "--metric", file.metric, "--unit", "slj", "--json")
    [row] = [row for row in json.loads(run(folder, *asked).stdout)["rows"] if row["unit"] == "slj"]
    return (row["numerator"], row["denominator"]) if isinstance(file.shows, tuple) else row["value"]


def listed(folder: Path, file: LayoutFile) -> list[str]:
    """Names of the directory, numbers of the ledger, or the counts of the first unit as `measure=value`."""
    if file.kind == "units":
        return [unit["name"] for unit in json.loads(run(folder, "units", "list", "--json").stdout)["units"]]
    instance = Instance.open(folder)
    try:
        with instance.session() as session:
            if file.kind == "exclusions":
                return list(session.scalars(select(Exclusion.case_no)))
            views = tables_for_metrics(instance, session)
        rows = Engine(instance).run("SELECT measure, value FROM counts WHERE unit = 'slj'", views)
        return [f"{measure}={value:g}" for measure, value in rows]
    finally:
        instance.close()
