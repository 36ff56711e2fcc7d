"""D16: channels that a check found silent, out of reach or not working, each with the item of the check it meets."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from integrity.rules.finding import Finding
from integrity.rules.rule_findings import rule_finding

SITE = {"unreachable": "site_unreachable", "stale": "home_stale", "columns": "columns_stale",
        "no_message": "no_interaction"}  # fmt: skip
ACCOUNT = {"stale": "media_stale", "no_message": "media_silent", "no_answer": "media_silent"}
ITEMS = {"microblog": ACCOUNT, "wechat": ACCOUNT, "app": {**ACCOUNT, "stale": "app_stale"}}


@dataclass(frozen=True)
class Check:
    """The newest check of one channel. What the check did not look at is None."""

    unit: str
    name: str
    kind: str | None
    checked: date
    updated: date | None = None
    answered: date | None = None
    own_limit: int | None = None
    overdue_columns: int | None = None
    is_available: int | None = None
    is_tested: int | None = None


@lru_cache
def channel_rules() -> dict[str, dict[str, int]]:
    """The limits in days by kind of channel; a kind that is not listed is `other`.

    >>> channel_rules()["microblog"]["updated"], channel_rules()["mailbox"]["answered"]
    (14, 30)
    """
    return tomllib.loads(files("integrity.detectors").joinpath("channel_rules.toml").read_text(encoding="utf-8"))


def faults_of(check: Check) -> list[tuple[str, date | None, int | None]]:
    """What a check found: (what, date it counts from, limit in days). A limit of its own replaces that of the kind.

    >>> one = Check("u", "site", "website", date(2025, 3, 20), updated=date(2025, 3, 5))
    >>> faults_of(one)
    [('stale', datetime.date(2025, 3, 5), 14)]
    """
    rules = channel_rules()
    limits = rules.get(check.kind or "other", rules["other"])
    found: list[tuple[str, date | None, int | None]] = []
    if check.is_available == 0:
        found.append(("unreachable", check.checked, None))
    limit = check.own_limit if check.own_limit is not None else limits.get("updated")
    if check.updated and limit is not None and (check.checked - check.updated).days > limit:
        found.append(("stale", check.updated, limit))
    if (check.overdue_columns or 0) >= rules["limits"]["overdue_columns"]:
        found.append(("columns", check.checked, check.overdue_columns))
    if check.is_tested == 0:
        found.append(("no_message", check.checked, None))
    if check.answered and (check.checked - check.answered).days > limits["answered"]:
        found.append(("no_answer", check.answered, limits["answered"]))
    return found


def veto_item(kind: str | None, what: str) -> str:
    """The item of the check that a fault of this kind of channel meets; empty where no item speaks of it.

    >>> [veto_item(kind, "stale") for kind in ("website", "wechat", "app")], veto_item("app", "columns")
    (['home_stale', 'media_stale', 'app_stale'], '')
    """
    return ITEMS.get(kind or "", SITE).get(what, "")


def _names(wanting: Sequence[str], most: int = 3) -> str:
    """The first names, and a sign that there are more.

    >>> _names(["a", "b"]), _names(["a", "b", "c", "d"])
    ('a、b', 'a、b、c…')
    """
    return "、".join(wanting[:most]) + ("…" if len(wanting) > most else "")


def channel_checks(checks: Sequence[Check]) -> list[Finding]:
    """One finding for each unit with a channel that its newest check found wanting; a rule about single channels."""
    by_unit: dict[str, list[Check]] = {}
    for check in checks:
        by_unit.setdefault(check.unit, []).append(check)
    found = []
    for unit, mine in sorted(by_unit.items()):
        rows = [
            [check.name, check.kind, what, since.isoformat() if since else None, check.checked.isoformat(), limit,
             veto_item(check.kind, what)]
            for check in mine
            for what, since, limit in faults_of(check)
        ]  # fmt: skip
        if rows:
            wanting = sorted({check.name for check in mine if faults_of(check)})
            found.append(rule_finding("D16.check", unit, count=len(wanting), n=len(mine), expected=0.0,
                                      evidence={"checks": rows}, names=_names(wanting),
                                      is_deterministic=True))  # fmt: skip
    return found
