"""An installation has everything the checkout has: each package and each data file is named in pyproject.toml."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
PACKAGES = {name.replace(".", "/") for name in SETTINGS["packages"]}
TOP = sorted({name.split("/")[0] for name in PACKAGES})
NOT_SHIPPED = {".pyc", ".mo", ".md"}


def files(folder: str, suffix: str | None = None) -> list[Path]:
    found = (path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file())
    kept = (path for path in found if path.suffix not in NOT_SHIPPED and "__pycache__" not in path.parts)
    return [path for path in kept if (path.suffix == ".py") == (suffix == ".py")]


def is_shipped(path: Path, packages: set[str], patterns: dict[str, list[str]]) -> bool:
    """Does a package that is installed carry this data file?"""
    for parent in path.parents:
        package = parent.as_posix()
        if package in packages:
            name = path.relative_to(parent).as_posix()
            wanted = [*patterns.get("*", []), *patterns.get(package.replace("/", "."), [])]
            if any(fnmatch(name, pattern) or fnmatch(f"./{name}", f"./{pattern[3:]}") for pattern in wanted):
                return True
    return False


@pytest.mark.parametrize("folder", TOP)
def test_every_package_is_named(folder: str) -> None:
    missing = {path.parent.as_posix() for path in files(folder, ".py")} - PACKAGES
    assert missing == set()


@pytest.mark.parametrize("folder", TOP)
def test_every_data_file_is_shipped(folder: str) -> None:
    patterns = SETTINGS["package-data"]
    assert [path for path in files(folder) if not is_shipped(path, PACKAGES, patterns)] == []


def test_missing_pattern_would_be_found() -> None:
    assert not is_shipped(Path("templates/base.html"), PACKAGES, {"*": ["**/*.toml"]})
    assert is_shipped(Path("templates/base.html"), {"templates"}, {"templates": ["**/*.html"]})


def test_image_is_built_from_the_program_alone() -> None:
    """Else an instance, its key file or an environment beside the code would lie in a layer of every image."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    needed = {
        *TOP,
        "README.md",
        "constraints.txt",
        "pyproject.toml",
        *(f"{name}.py" for name in SETTINGS["py-modules"]),
    }
    assert rules[0] == "*"
    assert {rule.removeprefix("!") for rule in rules if rule.startswith("!")} == needed
