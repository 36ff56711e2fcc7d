"""Accounts of the demonstration city: one for each role, with passwords of this instance alone."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.demo.city import DemoUnit
from pipeline.demo.plants import plants
from pipeline.house import people
from records.credentials import make_password
from records.instance import Instance
from records.vocabulary import Role

FILE_NAME = "demo-sign-ins.json"
MAKER = "demo"


@dataclass(frozen=True)
class SignIn:
    """What a visitor of the demonstration types."""

    role: str
    user: str
    password: str
    name: str = ""
    unit: str | None = None


def sign_ins(instance: Instance) -> list[SignIn]:
    """The sign-ins as they were made; empty before that. They are printed again at each start."""
    path = instance.folder / FILE_NAME
    if not path.exists():
        return []
    return [SignIn(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def make_people(instance: Instance, units: list[DemoUnit]) -> list[SignIn]:
    """An account for each role, two of assessors and of heads; random passwords, kept beside the keys (mode 0600)."""
    known = sign_ins(instance)
    if known:
        return known
    wanted = [SignIn(role.value, user, make_password(), name, unit) for role, user, name, unit in _plan(units)]
    _keep(instance.folder / FILE_NAME, wanted)
    for entry in wanted:
        people.add_person(
            instance, sign_in=entry.user, name=entry.name, role=Role(entry.role), password=entry.password,
            unit_code=entry.unit, by=MAKER,
        )  # fmt: skip
    return wanted


def _plan(units: list[DemoUnit]) -> list[tuple[Role, str, str, str | None]]:
    carriers = {plant.id: units[plant.unit] for plant in plants(units)}
    bureau, street = carriers["closed_unresolved"], carriers["exclusions_lift_score"]
    return [
        (Role.ADMIN, "admin", "系统管理员", None),
        (Role.ASSESSOR, "assessor", "考评办 周敏", None),
        (Role.ASSESSOR, "assessor2", "考评办 吴涛", None),  # publishes what the first has made final
        (Role.UNIT_HEAD, "head1", f"{bureau.short_name}负责人", bureau.code),
        (Role.UNIT_HEAD, "head2", f"{street.short_name}负责人", street.code),
        (Role.ORG_DEPT, "orgdept", "组织部 林静", None),
        (Role.AUDITOR, "auditor", "审计 何伟", None),
    ]


def _keep(path: Path, entries: list[SignIn]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([asdict(entry) for entry in entries], file, ensure_ascii=False, indent=1)
