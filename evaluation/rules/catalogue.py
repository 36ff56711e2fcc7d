"""The schemes that can be used: shipped ones, and those an office keeps in its own folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evaluation.rules.scheme import Scheme, load

SHIPPED = Path(__file__).parents[1] / "schemes"


class UnknownScheme(LookupError):
    """No scheme of that name; the message lists what there is."""


def scheme_files(folders: Sequence[Path] = ()) -> dict[tuple[str, str], Path]:
    """(id, version) -> file of every scheme; an office's own folder comes after the shipped one and cannot replace it.

    >>> ("bj_three_rates", "2025.1") in scheme_files()
    True
    """
    found: dict[tuple[str, str], Path] = {}
    for folder in (SHIPPED, *folders):
        for path in sorted(folder.glob("*@*.toml")):
            name, _, version = path.stem.partition("@")
            found.setdefault((name, version), path)
    return found


def version_order(version: str) -> tuple[tuple[int, str], ...]:
    """Sort key under which 2025.10 comes after 2025.9.

    >>> sorted(["2025.10", "2025.9"], key=version_order)
    ['2025.9', '2025.10']
    """
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in version.split("."))


def find_file(name: str, folders: Sequence[Path] = ()) -> Path:
    """File of `id@version`, of the newest version of `id`, or the path itself when `name` is an existing file.

    Raises UnknownScheme.
    """
    files = scheme_files(folders)
    wanted, _, version = name.partition("@")
    versions = sorted((v for i, v in files if i == wanted), key=version_order)
    if versions and (not version or version in versions):
        return files[(wanted, version or versions[-1])]
    if Path(name).is_file():
        return Path(name)
    known = ", ".join(f"{i}@{v}" for i, v in sorted(files))
    raise UnknownScheme(f"there is no scheme {name}; known are {known}")


def find(name: str, folders: Sequence[Path] = ()) -> Scheme:
    """Load the scheme that `find_file` finds.

    >>> find("bj_three_rates@2025.1").version
    '2025.1'
    """
    return load(find_file(name, folders))
