"""The one function that gives the later stages their tables. Nobody else reads parts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from records.engine_views import PartFiles, View
from records.instance import Instance
from records.parts import PartInfo, accepted_parts
from records.vocabulary import PART_COLUMNS, Kind

TABLE_NAMES = {Kind.RESPONSES: "cases", Kind.SURVEYS: "answers", Kind.COUNTS: "counts", Kind.CHANNELS: "channels"}


def tables_for_metrics(instance: Instance, session: Session) -> dict[str, View]:
    """The views `cases`, `answers`, `counts` and `channels`: every observation of every accepted batch.

    Each row carries its true batch number.

    The same record may come several times; the newest observation is the one with the latest `exported_at`, then the
    highest `batch`. A kind without any accepted batch is an empty view with all its columns.
    """
    return {name: files_view(instance, accepted_parts(session, kind), kind) for kind, name in TABLE_NAMES.items()}


def files_view(instance: Instance, parts: list[PartInfo], kind: Kind) -> PartFiles:
    """Some parts of one kind as one view."""
    return PartFiles(
        paths=tuple(instance.parts_folder / part.path for part in parts),
        columns=PART_COLUMNS[kind],
        batches=tuple(part.batch for part in parts),
    )
