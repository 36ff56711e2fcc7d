"""How a rule that compares with a plain expectation becomes a finding: one place for the fields all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding


def rule_finding(
    key: str,
    unit: str,
    *,
    count: int,
    n: int,
    expected: float,
    value: float | None = None,
    p_adjusted: float | None = None,
    evidence: Mapping[str, Any],
    passed: tuple[str, ...] = (),
    is_deterministic: bool = False,
    **more: str,
) -> Finding:
    """The finding of a detector entry; `value` is count / n unless the statistic is another one."""
    detector = detectors()[key]
    share = count / n if value is None else value
    return Finding(
        detector=detector.code,
        unit=unit,
        count=count,
        n=n,
        value=share,
        expected=expected,
        p_adjusted=p_adjusted,
        sentence=detector.say(count=count, n=n, share=share, expected=expected, **more),
        strength=abs(share - expected) * count**0.5,
        family=detector.family,
        ordinary=detector.ordinary,
        evidence={"signal": None, **evidence},
        variant=detector.variant,
        is_deterministic=is_deterministic,
        passed=passed,
    )
