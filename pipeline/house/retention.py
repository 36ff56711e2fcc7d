"""Retention: when the time of keeping is over, what people wrote and the tokens of persons leave the parts.

Numbers stay: every row keeps its unit, times, states and ratings, so that results can still be opened and counted. The
tokens are replaced by others made with a key that exists only while this runs: cases of one person stay together within
the batches done at once, and nothing leads back to a number any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from metrics.clocks.period import parse
from pipeline.house.jobs import Steps
from pipeline.numbers import reply_features, reply_prints
from records import audit
from records.engine import Engine
from records.instance import Instance
from records.locking import FolderLock
from records.models import Assessment, Batch
from records.parts import PartInfo, all_parts, replace
from records.tables import files_view
from records.vocabulary import PART_COLUMNS, TOKENS, WRITTEN_BY_PEOPLE, Kind


@dataclass(frozen=True)
class Kept:
    """A batch whose texts are older than the time of keeping. `waits_for` is the assessment that still needs them."""

    batch: int
    kind: str
    last_at: datetime
    rows: int
    waits_for: int | None


def older_than(today: date, months: int) -> date:
    """The first day that is still kept.

    >>> older_than(date(2026, 3, 31), 13)
    datetime.date(2025, 2, 1)
    """
    number = today.year * 12 + today.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def due(instance: Instance, *, today: date, months: int | None = None) -> list[Kept]:
    """Batches whose newest row is older than the time of keeping and that still hold texts or tokens, in their order.

    `months` defaults to `retention_months` of the settings; 0 keeps everything. A batch waits while an assessment of
    its time is not published: until then people may object and open the records.
    """
    months = instance.settings.retention_months if months is None else months
    if months <= 0:
        return []
    border = datetime.combine(older_than(today, months), datetime.min.time())
    with instance.session() as session:
        wanted = select(Batch).where(
            Batch.kind.in_([kind.value for kind in WRITTEN_BY_PEOPLE]), Batch.state.in_(("accepted", "withdrawn")),
            Batch.part_path.is_not(None), Batch.anonymised_at.is_(None), Batch.last_at < border,
        )  # fmt: skip
        batches = list(session.scalars(wanted.order_by(Batch.id)))
        running = select(Assessment).where(Assessment.state != "published", Assessment.replaced_by.is_(None))
        cycles = list(session.scalars(running.order_by(Assessment.number)))
    return [
        Kept(b.id, b.kind, b.last_at, b.row_count or 0, _first_that_needs(b, cycles))
        for b in batches
        if b.last_at is not None
    ]


def anonymise(instance: Instance, batches: Sequence[int], *, by: str) -> int:
    """Take texts and tokens out of these batches and answer how many it were. One that was done already is passed over.

    Each batch is done in one transaction; a crash leaves it as it was or done. Derived files that hold titles or
    tokens go with them and are made again when they are needed.
    """
    salt, done = secrets.token_hex(32), 0
    with FolderLock(instance.folder / "retention.lock", wait_seconds=10):
        with instance.session() as session:
            parts = {part.batch: part for part in all_parts(session) if part.kind in WRITTEN_BY_PEOPLE}
            finished = set(session.scalars(select(Batch.id).where(Batch.anonymised_at.is_not(None))))
        for number in batches:
            if number in parts and number not in finished:
                _anonymise_one(instance, parts[number], salt, by)
                _forget_derived(instance)  # after each, so that one that fails leaves no token of those before it
                done += 1
    return done


def retention_job(instance: Instance, steps: Steps) -> dict[str, Any]:
    """The job `retention`: what is due today and waits for nothing."""
    steps.expect(1)
    ready = [kept.batch for kept in due(instance, today=instance.today()) if kept.waits_for is None]
    return {"batches": steps.step("anonymising", lambda: anonymise(instance, ready, by="worker"))}


def _first_that_needs(batch: Batch, cycles: list[Assessment]) -> int | None:
    for cycle in cycles:
        period = parse(cycle.period)
        starts, ends = (batch.first_at or batch.last_at), batch.last_at
        if starts is not None and ends is not None and starts.date() < period.end and ends.date() >= period.start:
            return cycle.number
    return None


def _anonymise_one(instance: Instance, part: PartInfo, salt: str, by: str) -> None:
    staged = instance.staging_folder / f"retention-{part.batch}.parquet"
    view = {"part": files_view(instance, [part], part.kind)}
    Engine(instance).write(_text(part.kind, salt), view, staged)
    features = reply_features.made_features(instance, part) if part.kind is Kind.RESPONSES else None
    prints = reply_prints.made_prints(instance, part) if part.kind is Kind.RESPONSES else None
    try:
        with instance.session() as session:
            earlier = replace(instance, session, staged, part.batch)
            batch = session.get_one(Batch, part.batch, options=[undefer(Batch.answer)])
            batch.answer = _without_values(batch.answer)
            said = {"earlier_sha256": earlier.sha256, "sha256": batch.part_sha256, "rows": part.rows}
            audit.write(session, by, "batch.anonymise", str(part.batch), said)
            new = PartInfo(part.batch, part.kind, batch.part_path or "", batch.part_sha256 or "", part.rows, None, None)
        if features is not None and prints is not None:
            features.replace(reply_features.features_path(instance, new))
            prints.replace(reply_prints.prints_path(instance, new))
        (instance.parts_folder / earlier.path).unlink(missing_ok=True)
    finally:
        staged.unlink(missing_ok=True)


def _text(kind: Kind, salt: str) -> str:
    """Every row of a part in its order, with empty texts, other tokens, and a row hash that says nothing."""

    def made(name: str) -> str:
        if name in WRITTEN_BY_PEOPLE[kind]:
            return f"CAST(NULL AS VARCHAR) AS {name}"
        if name in TOKENS:
            return f"left(sha256('{salt}' || {name}), 32) AS {name}"
        return "left(sha256(concat_ws(':', batch, row_no)), 32) AS row_hash" if name == "row_hash" else name

    return f"SELECT {', '.join(made(column.name) for column in PART_COLUMNS[kind])} FROM part"


def _without_values(answer: dict[str, Any] | None) -> dict[str, Any] | None:
    """The answer of the check without sample values of the file."""
    if answer is None:
        return None
    columns = [{**column, "samples": []} for column in answer.get("columns", [])]
    problems = [{**problem, "value": None} for problem in answer.get("problems", [])]
    return {**answer, "columns": columns, "problems": problems}


def _forget_derived(instance: Instance) -> None:
    facts = instance.facts_folder
    for path in (
        path for folder in (facts, facts / "index", facts / "current", facts / "demands") for path in folder.glob("*.*")
    ):
        if path.is_file():
            path.unlink(missing_ok=True)
