"""The text pass over accepted parts: each part is read once, its facts are kept beside it and made again at will."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from integrity.features import VERSION, ReplyRow, text_features
from records.engine import Columns, Engine, PartFiles
from records.instance import Instance
from records.parts import PartInfo, accepted_parts
from records.vocabulary import FEATURE_COLUMNS, PART_COLUMNS, Kind

TYPES = {column.name: column.type for column in FEATURE_COLUMNS}
ROWS_TEXT = """
SELECT coalesce(register, '') AS register, case_no, batch, content, reply_text, first_response_at,
  coalesce(category_path, category) AS topic
FROM part WHERE reply_text IS NOT NULL AND length(reply_text) > 0
ORDER BY register, case_no
"""


def features_view(instance: Instance, session: Session) -> PartFiles:
    """The view `features` over every accepted part of cases; what is not there yet is made first."""
    parts = accepted_parts(session, Kind.RESPONSES)
    paths = tuple(made_features(instance, part) for part in parts)
    return PartFiles(paths=paths, columns=FEATURE_COLUMNS, batches=tuple(part.batch for part in parts))


def made_features(instance: Instance, part: PartInfo) -> Path:
    """The file of one part, made when it is not there yet."""
    target = features_path(instance, part)
    if not target.exists():
        target.parent.mkdir(mode=0o700, exist_ok=True)
        engine = Engine(instance)
        features = Columns(text_features(list(_rows(engine, instance, part))), TYPES)
        engine.write("SELECT * FROM features", {"features": features}, target)
    return target


def features_path(instance: Instance, part: PartInfo) -> Path:
    """Where the file of one part lies, named by the part's content and the version of the pass."""
    return instance.facts_folder / "features" / f"{part.sha256[:24]}-{VERSION}.parquet"


def _rows(engine: Engine, instance: Instance, part: PartInfo) -> Iterator[ReplyRow]:
    view = PartFiles((instance.parts_folder / part.path,), PART_COLUMNS[Kind.RESPONSES], (part.batch,))
    row: tuple[Any, ...]
    for row in engine.run(ROWS_TEXT, {"part": view}):
        yield ReplyRow(*row)
