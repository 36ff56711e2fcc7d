"""What a person reads on the file of a document: what it is, about when and whom, by which scheme, and its state."""

from __future__ import annotations

from typing import Any

from reports import numbers
from reports.packing import file_name
from reports.source import ReportSource
from reports.texts import say

SETTLED = ("final", "published")
"""States that go without saying; any other is told in the name."""


def document_name(source: ReportSource, kind: str, *, unit: str | None = None, of: str = "") -> str:
    """The name of a document without its ending, in the language of the document and fit for every file system.

    Args:
        unit: The code of the only unit it is about.
        of: The month or day of a document that is about one: `2024-03` or `2024-03-05`.
    """
    language = source.language
    key = kind if unit is None else f"{kind}_of_unit"
    label = of or source.assessment.period
    is_day = len(of) > len("2024-03")
    title = source.scheme.get("title", {})
    values: dict[str, Any] = {
        "period": numbers.day(label, language) if is_day else numbers.period(label, language),
        "unit": next((known.name for known in source.units if known.code == unit), unit or ""),
        "scheme": title.get(language) or title.get("zh") or source.assessment.scheme,
        "number": source.number,
    }
    state = "" if source.state in SETTLED else say(language, "name.state", state=say(language, f"state.{source.state}"))
    return file_name(say(language, f"name.{key}", **values) + say(language, "name.of_scheme", **values, state=state))
