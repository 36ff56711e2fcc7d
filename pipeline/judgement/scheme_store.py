"""Schemes of an instance: the shipped ones and the office's own, checked, published once and for ever, compared."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from evaluation.rules.catalogue import SHIPPED, find_file, scheme_files, version_order
from evaluation.rules.scheme import Scheme, load
from integrity.rules.catalogue import SettingsFaulty, settings_of
from records import audit
from records.clock import now
from records.instance import Instance
from records.models import SchemePublication


class PublicationRefused(ValueError):
    """The scheme cannot be published as it is; the message says what to do."""


@dataclass(frozen=True)
class Change:
    """One difference between two schemes; `before` or `after` is None where the key is new or gone."""

    path: str
    before: Any
    after: Any


def folder_of(instance: Instance) -> Path:
    """Where an office keeps its own schemes."""
    return instance.folder / "schemes"


def list_schemes(instance: Instance) -> list[Scheme]:
    """Every scheme that can be used, the newest version of each id first."""
    files = scheme_files((folder_of(instance),))
    newest_first = sorted(files, key=lambda key: version_order(key[1]), reverse=True)
    return [load(files[key]) for key in sorted(newest_first, key=lambda key: key[0])]


def newest_schemes(instance: Instance) -> list[Scheme]:
    """The newest version of every scheme."""
    found: dict[str, Scheme] = {}
    for scheme in list_schemes(instance):
        found.setdefault(scheme.id, scheme)
    return list(found.values())


def find_scheme(instance: Instance, name: str) -> Scheme:
    """The scheme `id@version`, the newest version of `id`, or a file. Raises UnknownScheme, SchemeFaulty."""
    return load(find_file(name, (folder_of(instance),)))


def is_shipped(scheme: Scheme) -> bool:
    """Whether this version comes with the program."""
    return (SHIPPED / f"{scheme.id}@{scheme.version}.toml").exists()


def publish(instance: Instance, file: Path, *, by: str, proposed_by: str | None = None) -> Scheme:
    """Publish a scheme file: a copy named `id@version.toml` that is never edited, and a row in the catalogue.

    Publishing the same content again changes nothing. Raises SchemeFaulty with every fault, and PublicationRefused when
    the version exists with other content: a correction is a new version.
    """
    scheme = load(file)
    _check_settings(scheme)
    existing = scheme_files((folder_of(instance),)).get((scheme.id, scheme.version))
    if existing is not None and load(existing).sha256 != scheme.sha256:
        raise PublicationRefused(
            f"{scheme.id}@{scheme.version} is published with other content and never edited: use a new version"
        )
    if existing is None:
        _write_once(folder_of(instance) / f"{scheme.id}@{scheme.version}.toml", scheme.text)
    with instance.session() as session:
        known = select(SchemePublication).filter_by(scheme_id=scheme.id, version=scheme.version)
        if session.scalar(known) is None:
            session.add(_publication(scheme, by, proposed_by))
            audit.write(session, by, "scheme.publish", f"{scheme.id}@{scheme.version}", {"sha256": scheme.sha256})
    return scheme


def _check_settings(scheme: Scheme) -> None:
    """Whether the [[detector]] tables set only what detectors have."""
    try:
        with settings_of(scheme.document.get("detector", ())):
            return
    except SettingsFaulty as error:
        raise PublicationRefused(str(error)) from error


def _publication(scheme: Scheme, by: str, proposed_by: str | None) -> SchemePublication:
    return SchemePublication(
        scheme_id=scheme.id,
        version=scheme.version,
        sha256=scheme.sha256,
        title=scheme.identity()["title_zh"],
        document=scheme.text,
        proposed_by=proposed_by,
        published_by=by,
        published_at=now(),
    )


def _write_once(path: Path, text: str) -> None:
    """Write under a temporary name, flush to the disk, then rename: a half-written scheme is never seen."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    temporary = path.with_suffix(".part")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def differences(before: Scheme, after: Scheme) -> list[Change]:
    """What differs between two schemes, sorted by place; tables are matched by code, so that order is no difference."""
    old, new = flattened(before.document), flattened(after.document)
    return [
        Change(path, old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]


def flattened(document: Any, path: str = "") -> dict[str, Any]:
    """Every value of a scheme under its path.

    >>> flattened({"id": "x", "indicator": [{"code": "R5", "weight": 100}]})
    {'id': 'x', 'indicator[R5].code': 'R5', 'indicator[R5].weight': 100}
    """
    if isinstance(document, Mapping):
        inner = {f"{path}.{key}" if path else key: value for key, value in document.items()}
    elif isinstance(document, list) and document and all(isinstance(row, Mapping) for row in document):
        inner = {f"{path}[{row.get('code', row.get('id'))}]": row for row in document}
    else:
        return {path: document}
    found: dict[str, Any] = {}
    for place, value in inner.items():
        found.update(flattened(value, place))
    return found
