"""Where the rows of a checked file wait until a person confirms them."""

from __future__ import annotations

from pathlib import Path

from records.instance import Instance

PART = "part.parquet"


def staging_folder(instance: Instance, batch: int) -> Path:
    """Where the typed rows of a batch wait for confirm."""
    return instance.staging_folder / f"batch-{batch}"


def staged_part(instance: Instance, batch: int) -> Path:
    """The typed rows of a checked file that becomes a part."""
    return staging_folder(instance, batch) / PART
