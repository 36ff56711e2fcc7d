"""The one place where numbers become text: pages, sheets and documents print the same digits.

Rounding is half up (away from zero) on the shortest decimal form of the number, so 0.8925 prints as 89.3. Rates are
fractions and print as per cent with one decimal, scores with two. The minus sign is U+2212. A missing number prints as
an em dash, never as 0; `reason_text` says why it is missing.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Protocol

from evaluation.scores.told import places_of
from metrics.registry import REASONS
from metrics.registry import reason_text as registry_reason
from reports.texts import say

MISSING = "—"
MINUS = "−"
DASH = "—"
Number = float | int | Decimal | None
_WIDE = Context(prec=400)


class Scored(Protocol):
    """A unit with a score, or with a range and no score."""

    @property
    def score(self) -> float | None: ...

    @property
    def low(self) -> float | None: ...

    @property
    def high(self) -> float | None: ...


class Measured(Protocol):
    """A number with both of its ends, or a range and no number."""

    @property
    def value(self) -> float | None: ...

    @property
    def low(self) -> float | None: ...

    @property
    def high(self) -> float | None: ...


def is_missing(value: Number) -> bool:
    """Whether there is nothing to print: None, NaN or an infinity."""
    return value is None or (not isinstance(value, Decimal) and not math.isfinite(value))


def exact(value: Number) -> Decimal | None:
    """The number as a decimal of its shortest form, or None when it is missing.

    >>> exact(0.1) + exact(0.2)
    Decimal('0.3')
    """
    if value is None or is_missing(value):
        return None
    if isinstance(value, Decimal):
        return value
    return Decimal(value) if isinstance(value, int) else Decimal(repr(float(value)))


def rounded(value: Number, digits: int) -> Decimal | None:
    """The number rounded half up to `digits` decimals; None when it is missing; never a negative zero.

    >>> rounded(2.345, 2), rounded(-0.04, 1), rounded(None, 1)
    (Decimal('2.35'), Decimal('0.0'), None)
    """
    number = exact(value)
    if number is None:
        return None
    answer = number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=_WIDE)
    return abs(answer) if answer == 0 else answer


def fixed(value: Number, digits: int, *, signed: bool = False, suffix: str = "") -> str:
    """The number with thousands separators and exactly `digits` decimals; `signed` prints + before gains.

    >>> fixed(-1234.55, 1), fixed(0.35, 1, signed=True), fixed(None, 1)
    ('−1,234.6', '+0.4', '—')
    """
    number = rounded(value, digits)
    if number is None:
        return MISSING
    text = f"{abs(number):,.{digits}f}"
    sign = MINUS if number < 0 else "+" if signed and number > 0 else ""
    return f"{sign}{text}{suffix}"


def count(value: Number) -> str:
    """A whole number: 12,345."""
    return fixed(value, 0)


def rate(value: Number, *, suffix: str = "") -> str:
    """A fraction as per cent with one decimal and no sign, for columns headed by %: 0.9517 is 95.2."""
    return fixed(_hundredfold(value), 1, suffix=suffix)


def percent(value: Number) -> str:
    """A fraction as per cent with its sign, for sentences.

    >>> percent(0.8925), percent(1), percent(None)
    ('89.3%', '100.0%', '—')
    """
    return MISSING if is_missing(value) else rate(value, suffix="%")


def level(share: float) -> str:
    """A level that somebody set, without a decimal that says nothing.

    >>> level(0.9), level(0.998)
    ('90%', '99.8%')
    """
    text = fixed(100 * share, 1)
    return f"{text.removesuffix('.0')}%"


def percent_points(value: Number, *, signed: bool = True) -> str:
    """A difference of two fractions in percentage points with one decimal: 0.035 is +3.5."""
    return fixed(_hundredfold(value), 1, signed=signed)


def score(value: Number) -> str:
    """Points of 0 to 100 with two decimals, or with those in which this reader may know them.

    >>> from evaluation.scores.told import Coarse
    >>> score(88), score(Coarse(56.6, 1)), score(Coarse(55, 0))
    ('88.00', '56.6', '55')
    """
    return fixed(value, places_of(value))


def signed_score(value: Number) -> str:
    """Points that are added or taken, with their sign and the decimals of a score: +12.50."""
    return fixed(value, places_of(value), signed=True)


def score_change(now: float | None, before: float | None) -> str:
    """The points a score gained or lost, in the decimals of the coarser of the two.

    >>> from evaluation.scores.told import Coarse
    >>> score_change(88.25, 88.0), score_change(Coarse(88.3, 1), 88.04), score_change(None, 88.0)
    ('+0.25', '+0.3', '—')
    """
    new, old = exact(now), exact(before)
    return MISSING if new is None or old is None else fixed(new - old, places_of(now, before), signed=True)


def score_of(row: Scored) -> str:
    """The score of a unit, or the range it is told in to readers who must not learn what a few citizens answered."""
    if row.score is None and row.low is not None and row.high is not None:
        return span(score(row.low), score(row.high))
    return score(row.score)


def interval_of(row: Scored) -> str:
    """The 95 % interval of a score, in its own decimals; none beside a range, which is no interval."""
    return MISSING if row.score is None else span(score(row.low), score(row.high))


def hours(value: Number) -> str:
    """Hours with one decimal."""
    return fixed(value, 1)


def duration(seconds: int | None, language: str = "zh") -> str:
    """A duration to the second, nothing rounded: 13 小时 20 分, seconds only where there are some.

    >>> duration(48_000), duration(48_030, "en"), duration(0), duration(None)
    ('13 小时 20 分', '13 h 20 min 30 s', '0 分', '—')
    """
    if seconds is None:
        return MISSING
    words = ("小时", "分", "秒") if language == "zh" else ("h", "min", "s")
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    amounts = [(n, word) for n, word in zip((hours, minutes, rest), words, strict=True) if n]
    return " ".join(f"{n:,} {word}" for n, word in amounts) or f"0 {words[1]}"


def working_days(value: Number, *, hours_a_day: float = 7.5) -> str:
    """Working hours as working days with one decimal."""
    number = exact(value)
    return MISSING if number is None else fixed(number / Decimal(str(hours_a_day)), 1)


def weight(value: Number) -> str:
    """A weight with at most two decimals and no trailing zeros: 7, 2.5."""
    number = rounded(value, 2)
    if number is None:
        return MISSING
    return fixed(number, 2).rstrip("0").rstrip(".")


def span(low: str, high: str) -> str:
    """Two printed numbers as an interval; missing when either is.

    >>> span(score(81.2), score(84)), span(MISSING, "1")
    ('81.20—84.00', '—')
    """
    return MISSING if MISSING in (low, high) else f"{low}{DASH}{high}"


def ends(pair: tuple[Number, Number] | None, digits: int) -> str:
    """The least and the greatest of several numbers, one number where they print alike.

    >>> ends((0.412, 0.638), 2), ends((0.5, 0.501), 2), ends(None, 2)
    ('0.41—0.64', '0.50', '—')
    """
    low, high = (fixed(value, digits) for value in pair or (None, None))
    return low if low == high else span(low, high)


def of_metric(value: Number, unit: str) -> str:
    """A metric in the printed form of its unit of measure, without the unit's sign.

    `unit` is the registry's: rate, percentage_points, hours, working_hours, working_days, days, points, ratio, count.
    """
    forms = {
        "rate": rate, "percentage_points": lambda v: percent_points(v, signed=False), "hours": hours,
        "working_hours": hours, "points": score, "ratio": lambda v: fixed(v, 2), "count": count,
    }  # fmt: skip
    return forms.get(unit, lambda v: fixed(v, 1))(value)


def value_of(row: Measured, unit: str) -> str:
    """A metric, or the range it is told in to readers who must not learn what a few citizens answered."""
    if row.value is None and row.low is not None and row.high is not None:
        return span(of_metric(row.low, unit), of_metric(row.high, unit))
    return of_metric(row.value, unit)


def value_interval_of(row: Measured, unit: str) -> str:
    """The 95 % interval of a metric; none beside a range, which is no interval."""
    return MISSING if row.value is None else span(of_metric(row.low, unit), of_metric(row.high, unit))


def sheet_value(value: Number, unit: str) -> float | None:
    """The number a spreadsheet cell holds so that its format prints the same digits: half up before it is written.

    >>> sheet_value(0.8925, "rate"), sheet_value(None, "rate")
    (89.3, None)
    """
    text = of_metric(value, unit)
    return None if text == MISSING else float(text.replace(",", "").replace(MINUS, "-"))


def reason_text(reason: str | None, language: str = "zh") -> str:
    """Why a number is missing, in the reader's words; a reason without words of its own is given as it is.

    >>> reason_text("no_valid_follow_up"), reason_text(None)
    ('无有效回访', '')
    """
    if not reason:
        return ""
    if reason in REASONS:
        return registry_reason(reason, language)
    return say(language, f"reason.{reason}", otherwise=reason.replace("_", " "))


def month(label: str, language: str = "zh", *, is_short: bool = False) -> str:
    """A month label as people write it: 2024-03 is 2024年3月, 3月 or Mar 2024, Mar; so is 2024-03@19, which begins on
    the 19th of the month before.

    >>> month("2024-03@19", is_short=True)
    '3月'
    """
    year, _, number = label.partition("@")[0].partition("-")
    if not number.isdigit():
        return label
    if language == "zh":
        return f"{int(number)}月" if is_short else f"{year}年{int(number)}月"
    name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][int(number) - 1]
    return name if is_short else f"{name} {year}"


def day(moment: str | None, language: str = "zh") -> str:
    """The date of an ISO time as people write it: 2024年12月31日, or 2024-12-31 in English."""
    if not moment:
        return MISSING
    date = moment[:10]
    parts = date.split("-")
    if language != "zh" or len(parts) != 3:
        return date
    return f"{parts[0]}年{int(parts[1])}月{int(parts[2])}日"


def period(label: str, language: str = "zh") -> str:
    """A period label as people write it: 2024年度, 2024年第3季度, 2024年上半年, 2024年3月.

    >>> period("2024Q3"), period("2024"), period("2024H1", "en")
    ('2024年第3季度', '2024年度', 'first half of 2024')
    >>> period("2024-03@19")
    '2024年3月（各月自19日起）'
    """
    if "@" in label:
        plain, _, first_day = label.partition("@")
        return say(language, "period.start_day", period=period(plain, language), day=first_day)
    if label.isdigit() and len(label) == 4:
        return say(language, "period.year", year=label)
    if label[4:5] in ("Q", "H") and len(label) == 6:
        return say(language, f"period.{label[4]}{label[5]}", year=label[:4])
    if ".." in label:
        first, _, last = label.partition("..")
        return say(language, "period.range", first=day(first, language), last=day(last, language))
    return month(label, language)


def _hundredfold(value: Number) -> Decimal | None:
    number = exact(value)
    return None if number is None else number * 100
