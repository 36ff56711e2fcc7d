"""The text pass over accepted parts: each reply is read once, its facts lie beside the part and are made again at will.

A reply that an earlier part already holds unchanged (same case, message, reply, topic and day of the reply) is not read
again: its facts are copied. They keep the likeness measured among the texts of the file it first came in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from integrity.texts.features import VERSION, ReplyRow, text_features
from records.engine import Engine
from records.engine_views import Columns, PartFiles
from records.instance import Instance
from records.parts import PartInfo, accepted_parts
from records.vocabulary import FEATURE_COLUMNS, PART_COLUMNS, Kind

TYPES = {column.name: column.type for column in FEATURE_COLUMNS}
FACTS = ", ".join(name for name in TYPES if name not in ("register", "case_no", "batch"))
REPLIES = """
SELECT coalesce(register, '') AS register, case_no, batch, content, reply_text, first_response_at,
  coalesce(category_path, category) AS topic, CAST(first_response_at AS DATE) AS replied_on
FROM (SELECT * FROM {view}
      QUALIFY row_number() OVER (PARTITION BY batch, coalesce(register, ''), case_no ORDER BY row_no DESC) = 1)
WHERE reply_text IS NOT NULL AND length(reply_text) > 0
"""
READ_BEFORE = f"""
SELECT register, case_no, max(facts.batch) AS read_in
FROM facts JOIN ({REPLIES.format(view="part")}) AS own USING (register, case_no) GROUP BY register, case_no
"""
UNCHANGED = f"""
SELECT own.register, own.case_no, own.batch, read_in
FROM ({REPLIES.format(view="part")}) AS own JOIN ({READ_BEFORE}) AS known USING (register, case_no)
JOIN ({REPLIES.format(view="earlier")}) AS old
  ON old.register = own.register AND old.case_no = own.case_no AND old.batch = read_in
  AND old.content IS NOT DISTINCT FROM own.content AND old.reply_text = own.reply_text
  AND old.replied_on IS NOT DISTINCT FROM own.replied_on AND old.topic IS NOT DISTINCT FROM own.topic
"""
TO_READ = f"""
SELECT register, case_no, batch, content, reply_text, first_response_at, topic
FROM ({REPLIES.format(view="part")}) ANTI JOIN unchanged USING (register, case_no) ORDER BY register, case_no
"""
ALL_FACTS = f"""
SELECT register, case_no, batch, {FACTS} FROM read_now
UNION ALL
SELECT register, case_no, unchanged.batch, {FACTS} FROM unchanged JOIN facts USING (register, case_no)
WHERE facts.batch = read_in
ORDER BY register, case_no
"""


def features_view(instance: Instance, session: Session) -> PartFiles:
    """The view `features` over every accepted part of cases; what is not there yet is made first."""
    parts = accepted_parts(session, Kind.RESPONSES)
    for place, part in enumerate(parts):
        made_features(instance, part, parts[:place])
    return _facts_of(instance, parts)


def made_features(instance: Instance, part: PartInfo, earlier: Sequence[PartInfo] = ()) -> Path:
    """The file of one part, made when it is not there yet; `earlier` are parts whose files are there."""
    target = features_path(instance, part)
    if not target.exists():
        target.parent.mkdir(mode=0o700, exist_ok=True)
        by_number = {one.batch: one for one in earlier}
        views = {"part": _rows_of(instance, [part]), "facts": _facts_of(instance, earlier)}
        with Engine(instance).open(views) as statements:
            overlapping = [number for (number,) in statements.run(f"SELECT DISTINCT read_in FROM ({READ_BEFORE})")]
            statements.add("earlier", _rows_of(instance, [by_number[number] for number in sorted(overlapping)]))
            statements.keep("unchanged", UNCHANGED)
            rows = [ReplyRow(*row) for row in statements.run(TO_READ)]
            statements.add("read_now", Columns(text_features(rows), TYPES))
            statements.write(ALL_FACTS, target)
    return target


def features_path(instance: Instance, part: PartInfo) -> Path:
    """Where the file of one part lies, named by the part's content and the version of the pass."""
    return instance.facts_folder / "features" / f"{part.sha256[:24]}-{VERSION}.parquet"


def _rows_of(instance: Instance, parts: Sequence[PartInfo]) -> PartFiles:
    paths = tuple(instance.parts_folder / part.path for part in parts)
    return PartFiles(paths, PART_COLUMNS[Kind.RESPONSES], tuple(part.batch for part in parts))


def _facts_of(instance: Instance, parts: Sequence[PartInfo]) -> PartFiles:
    paths = tuple(features_path(instance, part) for part in parts)
    return PartFiles(paths, FEATURE_COLUMNS, tuple(part.batch for part in parts))
