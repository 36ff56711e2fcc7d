"""Keeping house: verification finds what was changed, a backup brings everything back."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.house import people
from pipeline.house.backups import BackupError, make_backup, restore_backup
from pipeline.house.verification import verify
from records import audit
from records.instance import Instance
from records.models import Unit
from tests.pipeline.kept_house import damage, kept_house, run

__all__ = ["kept_house"]  # the fixture `instance`


def test_backup_and_restore_bring_everything_back(instance: Instance, tmp_path: Path) -> None:
    own = {
        "calendar.toml": "[week]",
        "schemes/own@1.toml": "id",
        "fonts/song.ttf": "f",
        "facts/prepared/a.json.gz": "n",
    }
    for name, text in own.items():
        (instance.folder / name).parent.mkdir(exist_ok=True, parents=True)
        (instance.folder / name).write_text(text)
    counts = make_backup(instance, tmp_path / "backup.zip")
    assert (counts["parts"], (tmp_path / "backup.zip").stat().st_mode & 0o777) == (2, 0o600)
    restored = restore_backup(tmp_path / "restored", tmp_path / "backup.zip")
    assert verify(restored) == verify(instance)
    assert restored.keys.secrets == instance.keys.secrets
    assert {name: (restored.folder / name).read_text() for name in own} == own
    assert (restored.folder / "settings.toml").read_text() == (instance.folder / "settings.toml").read_text()
    assert people.authenticate(restored, "li", "x y z long") is not None
    with restored.session() as session:
        assert session.get_one(Unit, "b").parent_code == "z"
        audit.write(session, "ann", "test", "goes on")
    assert verify(restored).audit.first_bad is None
    restored.close()


def test_restore_refuses_a_folder_in_use(instance: Instance, tmp_path: Path) -> None:
    make_backup(instance, tmp_path / "backup.zip")
    with pytest.raises(BackupError, match="holds data already"):
        restore_backup(instance.folder, tmp_path / "backup.zip")
    assert verify(instance).is_ok


def test_restore_after_a_broken_restore_goes_through(instance: Instance, tmp_path: Path) -> None:
    make_backup(instance, tmp_path / "backup.zip")
    half = tmp_path / "half"
    shutil.copytree(instance.parts_folder, half / "parts")
    shutil.copy(instance.folder / "keys.json", half)
    assert verify(restore_backup(half, tmp_path / "backup.zip")).is_ok


def rewrite(source: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    target = source.with_name("changed.zip")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if changed := change(name, old.read(name)):
                new.writestr(*changed)
    return target


def flip_part(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content[:-1] + b"x" if name.startswith("parts/") else content


def drop_part(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if name.startswith("parts/") else (name, content)


def climb_out(name: str, content: bytes) -> tuple[str, bytes]:
    if name == "manifest.json":
        document = json.loads(content)
        document["files"]["../../evil"] = document["files"].pop("settings.toml")
        return name, json.dumps(document).encode()
    return ("../../evil" if name == "settings.toml" else name), content


def newer(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content.replace(b'"revision": "0', b'"revision": "9') if name == "manifest.json" else content


@pytest.mark.parametrize(
    ("change", "message"),
    [(flip_part, "not what was written"), (drop_part, "missing"), (climb_out, "misplaced"), (newer, "newer program")],
)
def test_restore_refuses_a_changed_file(
    instance: Instance, tmp_path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], message: str
) -> None:
    make_backup(instance, tmp_path / "backup.zip")
    with pytest.raises(BackupError, match=message):
        restore_backup(tmp_path / "restored", rewrite(tmp_path / "backup.zip", change))
    assert not (tmp_path / "restored").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"no zip at all"])
def test_restore_refuses_another_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(BackupError):
        restore_backup(tmp_path / "restored", tmp_path / "x.zip")


def test_commands_answer_json_and_exit_codes(instance: Instance, tmp_path: Path) -> None:
    assert json.loads(run(instance, "verify", "--json"))["ok"] is True
    assert json.loads(run(instance, "migrate", "--json"))["revision"]
    assert json.loads(run(instance, "doctor", "--json"))["ok"] is True
    assert json.loads(run(instance, "backup", str(tmp_path / "b.zip"), "--json"))["parts"] == 2
    assert "holds data already" in run(instance, "restore", str(tmp_path / "b.zip"), code=1)
    damage(next(instance.parts_folder.glob("responses/*.parquet")))
    assert json.loads(run(instance, "verify", "--json", code=1))["ok"] is False
    assert "hash" in run(instance, "verify", code=1)


def test_users_commands(instance: Instance) -> None:
    made = json.loads(run(instance, "users", "add", "Wang", "--name", "王", "--role", "assessor", "--json"))
    assert people.authenticate(instance, "wang", made["password"]) is not None
    listed = json.loads(run(instance, "users", "list", "--json"))["users"]
    assert [(user["sign_in"], user["role"]) for user in listed] == [("li", "unit_head"), ("wang", "assessor")]
    assert "password" not in listed[0]
    run(instance, "users", "disable", "wang")
    assert people.authenticate(instance, "wang", made["password"]) is None
    assert "taken" in run(instance, "users", "add", "wang", "--name", "王", "--role", "auditor", code=1)
    assert "no account" in run(instance, "users", "reset", "nobody", code=1)
    run(instance, "users", "add", "x", "--name", "x", "--role", "king", code=2)
    token = json.loads(run(instance, "token", "li", "--json"))["token"]
    assert people.viewer_of_token(instance, token) is not None
