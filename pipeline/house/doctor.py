"""The doctor: is this machine fit to run the instance? Every finding says what to do."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy import text

from pipeline.numbers.counting import calendar_of
from records.instance import Instance
from records.keys import FILE_NAME as KEY_FILE
from records.migrations import HEAD, stored_revision
from records.parts import orphans

PACKAGES = ("sqlalchemy", "alembic", "duckdb", "dbos", "flask", "waitress", "numpy", "scipy", "plotly", "typst")
SMALLEST_FREE = 2 << 30  # bytes
CHINESE = "问效政府答复办理满意度龘"  # common characters and a rare one


@dataclass(frozen=True)
class Finding:
    """One examined thing. `state` is ok, warn or bad."""

    name: str
    state: str
    zh: str
    en: str


def examine(instance: Instance) -> list[Finding]:
    """All findings, in a fixed order. The instance is fit when none of them is bad."""
    checks: tuple[Callable[[Instance], Finding], ...] = (
        _python, _packages, _folder, _key_file, _database, _soundness, _orphans, _calendars, _disk, _fonts, _jobs,
    )  # fmt: skip
    return [check(instance) for check in checks]


def _python(_: Instance) -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    is_fit = sys.version_info >= (3, 11)
    return Finding(
        "python", "ok" if is_fit else "bad", f"Python {found}，需要 3.11 或更新", f"Python {found}, needs 3.11+"
    )


def _packages(_: Instance) -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        names = ", ".join(missing)
        return Finding(
            "packages", "bad", f"缺少软件包：{names}，请重新安装", f"missing packages: {names}; install again"
        )
    return Finding("packages", "ok", "、".join(found), ", ".join(found))


def _folder(instance: Instance) -> Finding:
    mode = instance.folder.stat().st_mode & 0o777
    if mode & 0o077:
        command = f"chmod 700 {instance.folder}"
        return Finding(
            "folder",
            "warn",
            f"实例目录对他人开放（{mode:o}），请执行 {command}",
            f"folder is open to others: {command}",
        )
    return Finding(
        "folder", "ok", f"实例目录 {instance.folder}，权限 {mode:o}", f"folder {instance.folder}, mode {mode:o}"
    )


def _key_file(instance: Instance) -> Finding:
    mode = (instance.folder / KEY_FILE).stat().st_mode & 0o777
    if mode & 0o077:
        command = f"chmod 600 {instance.folder / KEY_FILE}"
        return Finding(
            "key_file",
            "bad",
            f"密钥文件对他人开放（{mode:o}），请执行 {command}",
            f"key file is open to others: {command}",
        )
    return Finding("key_file", "ok", "密钥文件完好，仅本账号可读", "key file is whole and private")


def _database(instance: Instance) -> Finding:
    name, revision = instance.engine.dialect.name, stored_revision(instance.engine)
    if revision != HEAD:
        return Finding("database", "bad", f"目录库版本 {revision}，应为 {HEAD}，请执行 wenxiao migrate",
                       f"catalogue at {revision}, should be {HEAD}: run wenxiao migrate")  # fmt: skip
    return Finding("database", "ok", f"{name}，版本 {revision}", f"{name}, revision {revision}")


def _soundness(instance: Instance) -> Finding:
    if not instance.is_embedded:
        return Finding("soundness", "ok", "由数据库服务器负责", "left to the database server")
    with instance.engine.connect() as connection:
        answer = connection.scalar(text("PRAGMA quick_check(1)"))
    if answer != "ok":
        return Finding(
            "soundness",
            "bad",
            f"目录库损坏（{answer}），请从备份恢复",
            f"catalogue is damaged ({answer}): restore a backup",
        )
    return Finding("soundness", "ok", "目录库自检通过", "catalogue passes its own check")


def _orphans(instance: Instance) -> Finding:
    with instance.session() as session:
        left = len(orphans(instance, session))
    if left:
        return Finding("orphans", "warn", f"有 {left} 个未登记的数据文件（中断的导入留下，不计入任何数字）",
                       f"{left} files no batch names (left by a broken import; they count for nothing)")  # fmt: skip
    return Finding("orphans", "ok", "没有未登记的数据文件", "no stray part files")


def _calendars(instance: Instance) -> Finding:
    """The calendar that counts here: shipped or the office's own file, with the years added in the browser."""
    years, this_year = calendar_of(instance).years, instance.today().year
    if years is None:
        return Finding("calendars", "ok", "工作日历：每年按周作息", "calendar: every year follows the week")
    names = f"{min(years)}–{max(years)}" if years else "—"
    if this_year not in years:
        return Finding("calendars", "warn", f"没有{this_year}年的工作日历（现有：{names}），请在“工作日历与时限”页添加",
                       f"no calendar for {this_year} (there are {names}): add it on the page of calendars")  # fmt: skip
    return Finding("calendars", "ok", f"工作日历：{names}", f"calendar years: {names}")


def _disk(instance: Instance) -> Finding:
    free = shutil.disk_usage(instance.folder).free
    size = f"{free / (1 << 30):.1f} GB"
    if free < SMALLEST_FREE:
        return Finding("disk", "bad", f"磁盘只剩 {size}，请清理或换盘", f"only {size} left on the disk: make room")
    return Finding("disk", "ok", f"磁盘剩余 {size}", f"{size} free on the disk")


def _fonts(_: Instance) -> Finding:
    try:
        from reports.fonts import missing_characters

        are_there = not missing_characters(CHINESE)
    except ImportError:
        are_there = False
    if not are_there:
        return Finding(
            "fonts", "bad", "缺少中文字体包，PDF 无法生成，请重新安装", "Chinese fonts are missing: install again"
        )
    return Finding("fonts", "ok", "中文字体齐全", "Chinese fonts are there")


def _jobs(instance: Instance) -> Finding:
    path = instance.folder / "jobs.db"
    if not instance.is_embedded or not path.exists():
        return Finding("jobs", "ok", "任务库正常", "job store is fine")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        return Finding(
            "jobs", "bad", "任务库损坏：停止服务后删除 jobs.db", "job store is damaged: stop, then delete jobs.db"
        )
    return Finding("jobs", "ok", "任务库自检通过", "job store passes its own check")
