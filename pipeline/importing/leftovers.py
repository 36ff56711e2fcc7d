"""What a killed check leaves behind: staged rows of a batch that nobody can confirm. A starting worker removes them."""

from __future__ import annotations

import shutil
import time

from sqlalchemy import select

from imports.limits import limits
from pipeline.numbers.reply_prints import LEFTOVERS
from records.instance import Instance
from records.models import Batch


def remove_leftovers(instance: Instance) -> int:
    """Remove the staging folders of batches that do not wait for confirm; how many were removed.

    A folder younger than a check may last is left alone: its check may be running in another process.
    """
    with instance.session() as session:
        waiting = set(session.scalars(select(Batch.id).where(Batch.state == "checked")))
    oldest = time.time() - limits().wall_seconds
    removed = 0
    for folder in instance.staging_folder.glob("batch-*"):
        number = folder.name.removeprefix("batch-")
        if number.isdigit() and int(number) not in waiting and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    for folder in instance.staging_folder.glob(f"{LEFTOVERS}*"):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
