"""Which scheme's thresholds the detectors use for a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from evaluation.rules.scheme import load
from pipeline.judgement.scheme_store import find_scheme
from records.instance import Instance
from records.models import Assessment


@dataclass(frozen=True)
class DetectorSettings:
    """The [[detector]] tables of a scheme and its name; no name where the start values of the program hold."""

    scheme: str | None = None
    tables: tuple[Mapping[str, Any], ...] = ()


def settings_for(instance: Instance, period: str, scheme: str | None = None) -> DetectorSettings:
    """The settings of the named scheme, else of the scheme of the newest assessment of the period, else none.

    Raises what `find_scheme` raises for a scheme that is not there.
    """
    if scheme:
        found = find_scheme(instance, scheme)
    else:
        newest = select(Assessment).where(Assessment.period == period).order_by(Assessment.number.desc()).limit(1)
        with instance.session() as session:
            row = session.scalar(newest.options(undefer(Assessment.scheme_text)))
            text = row.scheme_text if row is not None else None
        if text is None:
            return DetectorSettings()
        found = load(text)
    return DetectorSettings(f"{found.id}@{found.version}", tuple(found.document.get("detector", ())))
