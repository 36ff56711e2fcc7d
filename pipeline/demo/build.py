"""Builds the demonstration city in an instance: files, imports, people, assessments. Built once, then reused."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from imports.answer import CheckAnswer
from imports.options import ImportOptions
from pipeline import importing
from pipeline.demo import assessments, city, follow_up, people
from pipeline.demo.files import DemoFile, write_city
from pipeline.demo.people import SignIn
from records.instance import Instance
from records.models import Batch
from records.vocabulary import Kind

FILE_NAME = "demo.json"
SETTINGS = 'office = "海川市考核评价办公室"\ncity = "海川市"\nis_open_page_shown = true\n'
ANSWERS_PER_CASE = 0.1


class DemoError(Exception):
    """The demonstration city cannot be built here."""


@dataclass(frozen=True)
class DemoPlan:
    """The size and seed of a city; the same plan gives the same files."""

    cases: int = 120_000
    units: int = 60
    seed: int = 20_250_107

    @property
    def answers(self) -> int:
        return round(self.cases * ANSWERS_PER_CASE)


def build(
    instance: Instance, plan: DemoPlan, *, files: Path | None = None, tell: Callable[[str], None] = lambda _: None
) -> list[SignIn]:
    """Build the city of a plan, or go on with one that is there, and return its sign-ins.

    `files` is a folder where the spreadsheets are left; without it they are written to a temporary one. A build that
    was broken off goes on where it stopped. Raises DemoError for an instance that holds other data.
    """
    path = instance.folder / FILE_NAME
    state = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    _check_place(instance, plan, state)
    if state and state["is_complete"]:
        tell("演示城市已建好，直接使用。")
        return people.sign_ins(instance)
    _note(path, plan, is_complete=False)
    (instance.folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="wenxiao-demo-") as folder:
        _import_city(instance, plan, files or Path(folder), tell)
    units = city.make_units(plan.units, np.random.default_rng(plan.seed))
    found = people.make_people(instance, units)
    numbers = assessments.make_assessments(instance, tell=tell)
    follow_up.make_follow_up(instance, numbers[1], tell=tell)  # the published one with targets
    _note(path, plan, is_complete=True)
    return found


def _check_place(instance: Instance, plan: DemoPlan, state: dict[str, object] | None) -> None:
    if state is None:
        with instance.session() as session:
            count = session.scalar(select(func.count()).select_from(Batch)) or 0
        if count:
            raise DemoError(f"{instance.folder.name} holds records of its own; name another folder with --instance")
    elif state["plan"] != asdict(plan):
        raise DemoError(
            f"{instance.folder.name} holds a city of another size or seed ({state['plan']}); "
            "remove that folder or name another one with --instance"
        )


def _note(path: Path, plan: DemoPlan, *, is_complete: bool) -> None:
    path.write_text(json.dumps({"plan": asdict(plan), "is_complete": is_complete}), encoding="utf-8")


def _import_city(instance: Instance, plan: DemoPlan, folder: Path, tell: Callable[[str], None]) -> None:
    tell(f"正在生成演示城市的表格（{plan.cases} 件诉求，{plan.units} 个单位）……")
    files = write_city(folder, n_cases=plan.cases, n_units=plan.units, n_answers=plan.answers, seed=plan.seed)
    for number, file in enumerate(files, start=1):
        answer = import_file(instance, file)
        rows = f"{answer.rows.accepted} 行" if answer.same_as_batch is None else "已在库中"
        tell(f"[{number}/{len(files)}] {file.path.name}：{rows}，{answer.seconds:.1f} 秒")


def import_file(instance: Instance, file: DemoFile) -> CheckAnswer:
    """Check and confirm one file, as the command does. Raises DemoError when the check refuses it."""
    options = ImportOptions.from_json(file.options)
    answer = importing.check(instance, file.path, kind=Kind(file.kind), options=options, by=people.MAKER)
    if answer.same_as_batch is not None:
        return answer
    if answer.state != "checked" or answer.batch is None:
        reasons = "; ".join(problem.message for problem in answer.problems if problem.severity.value == "block")
        raise DemoError(f"{file.path.name} was refused: {reasons}")
    return importing.confirm(instance, answer.batch, people.MAKER)
