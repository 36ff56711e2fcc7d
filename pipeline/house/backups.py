"""Backup and restore: one zip file with the catalogue as lines of JSON, the parts, keys, settings and own schemes.

The catalogue is read in one transaction before the parts are copied. Parts never change and are never deleted, so the
copy is consistent while the instance is at work. The file holds the keys: keep it as safe as the instance itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, DateTime, Table, TypeDecorator, func, insert, select, text, update

from pipeline.judgement.evidence_files import FOLDER, path_of
from records.instance import Instance
from records.keys import FILE_NAME as KEY_FILE
from records.migrations import HEAD, stored_revision
from records.models import AuditEntry, Base, Batch, EvidenceFile, Person

CATALOGUE = "catalogue.jsonl"
MANIFEST = "manifest.json"
FORMAT = 1
OWN_FILES = (
    "*.toml",
    "*.docx",
    "*.geojson",
    "fonts/*",
    "schemes/*.toml",
    "appraisals/*.toml",
    "facts/prepared/*.json.gz",
)
"""What an office put beside its data (settings, calendar, Word template, fonts, schemes), and the numbers frozen with
each draft: they go with a backup whole."""
CHUNK = 1 << 20


class BackupError(Exception):
    """The backup cannot be written, or this file cannot be restored here."""


def make_backup(instance: Instance, target: Path) -> dict[str, int]:
    """Write a backup; it appears under its name only when complete. Answers the number of rows, parts and bytes."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with open(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            counts = _write_archive(instance, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        raise BackupError(f"the backup {target} cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return {**counts, "bytes": target.stat().st_size}


def restore_backup(folder: Path, source: Path) -> Instance:
    """Restore a backup into a folder without data and open it. Raises BackupError; a failed restore can be repeated."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _checked_manifest(archive)
            _refuse_used_folder(folder)
            for name in manifest["files"]:
                if name != CATALOGUE:
                    _extract(archive, name, folder)
            instance = Instance.open(folder)
            _fill_catalogue(instance, archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise BackupError(f"the backup {source} cannot be read: {error}") from error
    return instance


def _write_archive(instance: Instance, archive: zipfile.ZipFile) -> dict[str, int]:
    files: dict[str, str] = {}
    with archive:
        with instance.engine.connect() as connection:
            if not instance.is_embedded:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            lines = [*_dump(connection)]
            paths = [path for path in connection.scalars(select(Batch.part_path)) if path]
            hashes = sorted(set(connection.scalars(select(EvidenceFile.sha256))))
            evidence = [path_of(instance, sha256).relative_to(instance.folder).as_posix() for sha256 in hashes]
        content = "".join(f"{line}\n" for line in lines).encode()
        files[CATALOGUE] = hashlib.sha256(content).hexdigest()
        archive.writestr(CATALOGUE, content, zipfile.ZIP_DEFLATED)
        own = [path for pattern in OWN_FILES for path in sorted(instance.folder.glob(pattern)) if path.is_file()]
        others = [path.relative_to(instance.folder).as_posix() for path in own]
        for name in (KEY_FILE, *(f"parts/{path}" for path in paths), *evidence, *others):
            files[name] = _add_file(archive, name, instance.folder / name)
        manifest = {"format": FORMAT, "revision": HEAD, "files": files}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return {"rows": len(lines), "parts": len(paths)}


def _dump(connection: Connection) -> Iterator[str]:
    # A reading transaction from its first statement on: SQLite would otherwise begin none for a SELECT.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    for table in Base.metadata.sorted_tables:
        for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings():
            yield json.dumps([table.name, {k: _plain(v) for k, v in row.items()}], ensure_ascii=False)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _add_file(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def _checked_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest, after every file was found to be what it says and to stay inside the folder."""
    try:
        manifest = json.loads(archive.read(MANIFEST))
        files, revision = manifest["files"], manifest["revision"]
    except (KeyError, ValueError, TypeError) as error:
        raise BackupError("this file is no backup of Wenxiao") from error
    if manifest.get("format") != FORMAT or revision > HEAD:
        raise BackupError(f"this backup was made by a newer program (catalogue {revision}, this one knows {HEAD})")
    for name, expected in files.items():
        if Path(name).is_absolute() or ".." in Path(name).parts or name not in archive.namelist():
            raise BackupError(f"the backup is damaged: {name} is missing or misplaced")
        with archive.open(name) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected:  # type: ignore[arg-type]
                raise BackupError(f"the backup is damaged: {name} is not what was written")
    return manifest


def _refuse_used_folder(folder: Path) -> None:
    if not (folder / KEY_FILE).exists() and not os.environ.get("WENXIAO_DATABASE_URL"):
        return
    instance = Instance.open(folder)
    with instance.session() as session:
        used = [session.scalar(select(func.count()).select_from(table)) for table in (Batch, Person, AuditEntry)]
    instance.close()
    if any(used):
        raise BackupError(f"{folder} holds data already; restore into an empty folder")


def _extract(archive: zipfile.ZipFile, name: str, folder: Path) -> None:
    target = folder / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.tmp")
    with archive.open(name) as source, temporary.open("wb") as file:
        shutil.copyfileobj(source, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(0o400 if name.startswith(("parts/", f"{FOLDER}/")) else 0o600)
    os.replace(temporary, target)


def _fill_catalogue(instance: Instance, archive: zipfile.ZipFile) -> None:
    """Insert all rows in one transaction. References of a table to itself are filled in after its rows are there."""
    if stored_revision(instance.engine) != HEAD:
        raise BackupError("the catalogue could not be prepared; run `wenxiao migrate`")
    tables = Base.metadata.tables
    with instance.engine.begin() as connection, archive.open(CATALOGUE) as lines:
        connection.execute(tables["audit_head"].delete())
        later: list[tuple[Table, dict[str, Any], dict[str, Any]]] = []
        for line in lines:
            name, values = json.loads(line)
            table = tables[name]
            row = {key: _typed(table, key, value) for key, value in values.items() if key in table.columns}
            own = {key: row[key] for key in _own_references(table) if row.get(key) is not None}
            connection.execute(insert(table).values({**row, **dict.fromkeys(own)}))
            if own:
                later.append((table, row, own))
        for table, row, own in later:
            keys = [column == row[column.name] for column in table.primary_key.columns]
            connection.execute(update(table).where(*keys).values(own))
        if not instance.is_embedded:
            _set_sequences(connection)


def _own_references(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _typed(table: Table, column: str, value: Any) -> Any:
    kind = table.columns[column].type
    stored = kind.impl if isinstance(kind, TypeDecorator) else kind
    if value is None or not isinstance(stored, Date | DateTime):
        return value
    return datetime.fromisoformat(value) if isinstance(stored, DateTime) else date.fromisoformat(value)


def _set_sequences(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            top = f'SELECT coalesce(max("{column.name}"), 0) + 1 FROM "{table.name}"'
            name = f"pg_get_serial_sequence('\"{table.name}\"', '{column.name}')"
            connection.execute(text(f"SELECT setval({name}, ({top}), false) WHERE {name} IS NOT NULL"))
