"""The keys of near-equal replies: made when a batch is accepted, kept beside its part, counted by any engine."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from metrics.shared_demands.near_duplicates import BANDS, near_prints
from metrics.shared_demands.text_vectors import normalised
from records.engine import Engine
from records.engine_views import Columns, PartFiles
from records.instance import Instance
from records.parts import PartInfo, accepted_parts
from records.vocabulary import PART_COLUMNS, PRINT_COLUMNS, Kind

VERSION = 1  # raised when the keys change, so that files of an older kind are made again
ROWS_AT_ONCE = 100_000  # bounds the replies that are held as texts
LEFTOVERS = "prints-"  # what a kill leaves in the staging folder begins so
TYPES = {column.name: column.type for column in PRINT_COLUMNS}
ROWS_TEXT = """
SELECT coalesce(register, '') AS register, case_no, batch, reply_text
FROM part WHERE reply_text IS NOT NULL AND length(reply_text) > 0 AND hash(case_no) % {slices} = {place}
QUALIFY row_number() OVER (PARTITION BY register, case_no ORDER BY row_no DESC) = 1
ORDER BY register, case_no
"""


def prints_view(instance: Instance, session: Session, *, may_make: bool) -> PartFiles | None:
    """The view `prints` over every accepted part of cases; None where some part has none yet and none may be made."""
    parts = accepted_parts(session, Kind.RESPONSES)
    paths = [prints_path(instance, part) for part in parts]
    if may_make:
        paths = [made_prints(instance, part) for part in parts]
    if not all(path.exists() for path in paths):
        return None
    return PartFiles(tuple(paths), PRINT_COLUMNS, tuple(part.batch for part in parts))


def made_prints(instance: Instance, part: PartInfo) -> Path:
    """The file of one part, made when it is not there yet."""
    target = prints_path(instance, part)
    if not target.exists():
        target.parent.mkdir(mode=0o700, exist_ok=True)
        slices = 1 + part.rows // ROWS_AT_ONCE
        if slices == 1:
            return _slice(instance, part, target, 0, 1)
        with TemporaryDirectory(prefix=LEFTOVERS, dir=instance.staging_folder) as folder:
            made = [_slice(instance, part, Path(folder) / f"{place}", place, slices) for place in range(slices)]
            view = PartFiles(tuple(made), PRINT_COLUMNS)
            Engine(instance).write("SELECT * FROM slices ORDER BY register, case_no", {"slices": view}, target)
    return target


def _slice(instance: Instance, part: PartInfo, target: Path, place: int, slices: int) -> Path:
    """The keys of a share of the records."""
    engine = Engine(instance)
    view = PartFiles((instance.parts_folder / part.path,), PART_COLUMNS[Kind.RESPONSES], (part.batch,))
    rows = engine.run(ROWS_TEXT.format(slices=slices, place=place), {"part": view})
    columns: dict[str, list[object]] = {name: [row[i] for row in rows] for i, name in enumerate(list(TYPES)[:3])}
    keys = near_prints([normalised(row[3]) for row in rows])
    columns |= {f"key_{number}": keys[:, number].tolist() for number in range(BANDS)}
    engine.write("SELECT * FROM given", {"given": Columns(columns, TYPES)}, target)
    return target


def prints_path(instance: Instance, part: PartInfo) -> Path:
    """Where the file of one part lies, named by the part's content and the version of the keys."""
    return instance.facts_folder / "prints" / f"{part.sha256[:24]}-{VERSION}.parquet"
