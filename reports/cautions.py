"""The sentence of a warning of an assessment; what was not measured is named, with the file that would bring it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from evaluation.cautions import sentence
from metrics.registry import REGISTRY
from reports.naming import metric_label
from reports.texts import say

NOT_MEASURED = "not_measured:"


def caution_text(warning: str, language: str = "zh", written: Iterable[Mapping[str, Any]] = ()) -> str:
    """The sentence of a warning code; `written` are the indicators of the scheme, whose titles come first.

    A code of a plain table that no registry knows has no file to name. A warning that is a sentence already stays.

    >>> caution_text("not_measured:C1", "en")
    'Channel freshness (C1) was not measured in this period for any unit; it needs checks of channels (channels).'
    """
    code = warning.removeprefix(NOT_MEASURED)
    if warning.startswith(NOT_MEASURED) and code in REGISTRY:
        own = next((indicator for indicator in written if indicator.get("code") == code), None)
        label = metric_label(code, language, own)
        return say(language, "facts.not_measured", name=label.name, code=code, input=REGISTRY[code].input(language))
    try:
        return sentence(warning, language)
    except KeyError:
        return warning
