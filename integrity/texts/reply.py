"""What a reply holds: its core, its kind, its elements, its promises. One pass over the text, kept as small facts.

The facts are signs for a reader, not judgements: a short reply may be the right one.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

SHORT_CORE = 30
PERFUNCTORY_CORE = 120
ELEMENTS = ("unit_named", "contact", "any_date", "measure", "law", "deadline")


@dataclass(frozen=True)
class ReplyFacts:
    """Facts of one reply. `elements` counts 0 to 6: unit, contact, date, measure, law, deadline."""

    core_length: int
    is_perfunctory: bool
    is_forwarding: bool
    is_refusal: bool
    points_elsewhere: bool
    finds_nothing: bool
    elements: int
    has_promise: bool
    promised_for: date | None
    signed_on: date | None


@lru_cache
def _patterns() -> dict[str, re.Pattern[str]]:
    document = tomllib.loads(files("integrity.texts").joinpath("reply_patterns.toml").read_text(encoding="utf-8"))
    return {name: re.compile(text) for name, text in document.items()}


def folded(text: str) -> str:
    """NFKC form without white space: what the patterns are applied to."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def core(text: str) -> str:
    """The reply without greeting, thanks and signed date.

    >>> core("尊敬的网友：您好！经核查，路灯已于3月5日修复。感谢您对我们工作的支持！")
    '经核查,路灯已于3月5日修复。'
    """
    patterns = _patterns()
    body = patterns["signed_date"].sub("", folded(text))
    body = patterns["thanks"].sub("", body)
    return patterns["greeting"].sub("", body, count=1)


def reply_facts(text: str, replied_on: date | None = None) -> ReplyFacts:
    """All facts of one reply; `replied_on` gives the year to a promise that names only a month.

    >>> facts = reply_facts("您好，您反映的问题已转相关部门，请耐心等待。")
    >>> facts.is_perfunctory, facts.is_forwarding, facts.elements
    (True, True, 0)
    """
    patterns, whole = _patterns(), folded(text)
    body = core(text)

    def has(name: str) -> bool:
        return patterns[name].search(body) is not None

    has_substance = has("law") or has("any_date") or has("fact")
    signed = _date_of(patterns["signed_date"].search(whole))
    return ReplyFacts(
        core_length=len(body),
        is_perfunctory=len(body) < PERFUNCTORY_CORE and has("perfunctory") and not has_substance,
        is_forwarding=has("forwarding"),
        is_refusal=has("refusal"),
        points_elsewhere=has("elsewhere"),
        finds_nothing=has("not_found"),
        elements=len(_elements(body)),
        has_promise=has("promise"),
        promised_for=_promised(patterns["dated_promise"].search(body), replied_on),
        signed_on=signed,
    )


def element_marks(text: str) -> tuple[str, dict[str, tuple[int, int]]]:
    """The core of a reply and where it holds each of ELEMENTS first, as a stretch of the core.

    >>> body, found = element_marks("您好,已安排环卫公司于3月5日前清运。")
    >>> {name: body[start:end] for name, (start, end) in found.items()}["any_date"]
    '3月5日'
    """
    body = core(text)
    return body, {name: match.span() for name, match in _elements(body).items()}


def promise_in(text: str, replied_on: date | None = None) -> tuple[str, date | None]:
    """The sentence that promises something, and the last day of that promise, None where it names no date.

    A sentence with a date goes before one without; empty where nothing is promised.

    >>> promise_in("已核实。路灯将于6月修复。", date(2025, 3, 1))
    ('路灯将于6月修复。', datetime.date(2025, 6, 30))
    >>> promise_in("已核实。我们将尽快安排更换。")
    ('我们将尽快安排更换。', None)
    """
    body = core(text)
    dated = _patterns()["dated_promise"].search(body)
    match = dated or _patterns()["promise"].search(body)
    if match is None:
        return "", None
    start = max(body.rfind(mark, 0, match.start()) for mark in "。;!?") + 1
    end = min((place for mark in "。;!?" if (place := body.find(mark, match.end())) >= 0), default=len(body) - 1)
    return body[start : end + 1], _promised(dated, replied_on)


def signed_on(text: str) -> date | None:
    """The date at the end of a reply.

    >>> signed_on("特此答复。2025年3月5日")
    datetime.date(2025, 3, 5)
    """
    return _date_of(_patterns()["signed_date"].search(folded(text)))


def _elements(body: str) -> dict[str, re.Match[str]]:
    """Which of ELEMENTS a core holds; "the department concerned" names nobody."""
    patterns = _patterns()
    names = [name for name in ELEMENTS if name != "unit_named" or not patterns["forwarding"].search(body)]
    return {name: match for name in names if (match := patterns[name].search(body))}


def _date_of(match: re.Match[str] | None) -> date | None:
    return _safe_date(*(int(g) for g in match.groups())) if match else None


def _safe_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _promised(match: re.Match[str] | None, replied_on: date | None) -> date | None:
    """The last day of the promised month, or the promised day; the next such month after the reply without a year."""
    if match is None:
        return None
    _, _, year, month, day = match.groups()
    if year is None and replied_on is None:
        return None
    number = int(month)
    if not 1 <= number <= 12:
        return None
    known = int(year) if year else (replied_on.year if replied_on else 0)
    if year is None and replied_on is not None and number < replied_on.month:
        known += 1
    if day is not None:
        return _safe_date(known, number, int(day))
    following = date(known + number // 12, number % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
