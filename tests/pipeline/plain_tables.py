"""X1–X10 and C1–C3 from plain rows of aggregate tables and channel checks, written once more, slowly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]
Span = tuple[date, date]
FOUR = Decimal("0.0001")
RATED = ("rated_satisfied", "rated_basically", "rated_dissatisfied")
RATIOS = {
    "X1": (["accept_on_time"], ["accept_total"]),
    "X2": (["reply_on_time"], ["reply_total"]),
    "X5": (["contact_recorded"], ["total"]),
    "X6": (["first_repeated"], ["first_closed"]),
    "X7": (["replies_published"], ["messages_closed"]),
}
FOLLOW_UP = ("valid_follow_ups", "contacted", "resolved", "satisfied", "basically_satisfied")
RATING = ("total", *RATED, "overdue_unrated")
INTAKE, MESSAGES = ("received", "closed"), ("messages_received", "messages_closed")
Formula = tuple[tuple[str, ...], str, str]
INSTEAD: dict[str, tuple[Formula, ...]] = {  # of rates: the columns a row must have, the numerator, the denominator
    "R2": ((FOLLOW_UP, "contacted", "valid_follow_ups"),),
    "H2": ((FOLLOW_UP, "resolved", "valid_follow_ups"),),
    "S1a": ((FOLLOW_UP, "satisfied + basically_satisfied", "valid_follow_ups"),),
    "S1a.satisfied": ((FOLLOW_UP, "satisfied", "valid_follow_ups"),),
    "S1a.basic": ((FOLLOW_UP, "basically_satisfied", "valid_follow_ups"),),
    **dict.fromkeys(("S1c", "S2"), ((RATING, "rated_satisfied + rated_basically", " + ".join(RATED)),)),
    "S1d": ((RATING, "total - rated_dissatisfied", "total"),),
    "S1e": ((RATING, "rated_satisfied + rated_basically", "total"),),
    "S3": ((RATING, " + ".join(RATED), "total"),),
    "S4": ((RATING, "rated_dissatisfied", " + ".join(RATED)),),
    "H9": ((INTAKE, "closed", "received"), (MESSAGES, "messages_closed", "messages_received")),
    "R6": ((("messages_closed", "replies_published"), "replies_published", "messages_closed"),),
    **dict.fromkeys(("R4", "R4.strict"), ((("reply_total", "reply_on_time"), "reply_on_time", "reply_total"),)),
    "n_received": ((INTAKE, "received", "received"), (MESSAGES, "messages_received", "messages_received")),
    "n_closed": ((INTAKE, "closed", "received"), (MESSAGES, "messages_closed", "messages_received")),
    "n_follow_up": ((FOLLOW_UP, "valid_follow_ups", "valid_follow_ups"),),
    "n_rated": ((RATING, " + ".join(RATED), "total"),),
}  # fmt: skip
MEANS = {"X3": "mean_accept_time", "X4": "mean_reply_time"}


class PlainTables:
    """Rows of the views `counts` and `channels`."""

    def __init__(self, counts: Sequence[Row], channels: Sequence[Row]) -> None:
        lines: dict[tuple[Any, ...], Row] = {}
        for row in counts:
            key = (row["batch"], row["sheet"], row["row_no"], row["unit"], row["period_start"], row["period_end"])
            line = lines.setdefault(key, {**row, "numbers": {}})
            line["numbers"][row["measure"]] = row["value"]
        self.lines, self.checks = list(lines.values()), channels

    def value(self, code: str, unit: str | None, span: Span) -> float | None:
        """None wherever there is nothing to divide."""
        if code.startswith("C"):
            return self._channels(code, unit, span)
        if code.startswith("W2."):
            return self._faults(f"faults_{code[3:]}", unit, span)
        if code in MEANS:
            rows = self.rows(["total", MEANS[code]], unit, span)
            weight = sum(round(row["total"]) for row in rows)
            parts = sum(
                (Decimal(str(row[MEANS[code]])).quantize(FOUR) * round(row["total"]) for row in rows), Decimal(0)
            )
            return float((parts / weight).quantize(FOUR, ROUND_HALF_UP)) if weight else None
        if code in RATIOS:
            return self._ratio(*RATIOS[code], unit, span)
        return self._rating(code, unit, span)

    def instead(self, code: str, unit: str, span: Span) -> tuple[float, float] | None:
        """Numerator and denominator of a rate (of a count the count twice) from the first table of a unit, or None."""
        for needed, above, below in INSTEAD.get(code, ()):
            rows = self.rows([*needed], unit, span)
            hits, base = (sum(eval(text, {}, row) for row in rows) for text in (above, below))
            if base:
                return hits, base
        return None

    def sums_up_cases(self, unit: str, span: Span) -> bool:
        """Did the unit hand in a table that stands for cases?"""
        return any(self.rows([*needed], unit, span) for needed in (FOLLOW_UP, RATING, INTAKE, MESSAGES))

    def _faults(self, name: str, unit: str | None, span: Span) -> float | None:
        if name not in ("faults_statistics", "faults_service"):
            rows = self.rows([name], unit, span)
            return float(sum(row[name] for row in rows)) if rows else None
        for line in self.lines:
            offers = line["numbers"].setdefault("has_services", 1)
            if not offers:
                line["numbers"].setdefault(name, 0)
        rows = self.rows([name, "has_services"], unit, span)
        return float(sum(row[name] for row in rows)) if any(row["has_services"] for row in rows) else None

    def _rating(self, code: str, unit: str | None, span: Span) -> float | None:
        role = next((f"{name}_" for name in ("office", "handler") if code.endswith(name)), "")
        rated, (total, silent) = [f"{role}{name}" for name in RATED], (f"{role}total", f"{role}overdue_unrated")
        every = [*rated, total, silent]
        took_part = self._ratio(rated, [total], unit, span, every)
        satisfied = self._ratio([*rated[:2], silent], [total], unit, span, every)
        if code.startswith("X9.raters"):
            return self._ratio(rated[:2], rated, unit, span, every)
        if not code.startswith("X10"):
            return took_part if code.startswith("X8") else satisfied
        if took_part is None or satisfied is None:
            return None
        product = Decimal(str(took_part)) * Decimal(str(satisfied))
        return float(product.quantize(FOUR, ROUND_HALF_DOWN))

    def _ratio(
        self, above: list[str], below: list[str], unit: str | None, span: Span, required: Iterable[str] = ()
    ) -> float | None:
        rows = self.rows([*above, *below, *required], unit, span)
        hits, base = (sum(round(row[name]) for row in rows for name in names) for names in (above, below))
        return float((Decimal(hits) / base).quantize(FOUR, ROUND_HALF_UP)) if base and hits <= base else None

    def rows(self, names: list[str], unit: str | None, span: Span) -> list[dict[str, float]]:
        """The numbers of the newest complete rows inside the span, without overlapping later ones."""
        groups: dict[tuple[Any, ...], dict[tuple[datetime, datetime], Row]] = defaultdict(dict)
        for line in sorted(self.lines, key=lambda r: (r["exported_at"] or datetime.min, r["batch"], r["row_no"])):
            inside = span[0] <= line["period_start"].date() and line["period_end"].date() <= span[1]
            if inside and unit in (None, line["unit"]) and all(name in line["numbers"] for name in names):
                group = tuple(line[name] or "" for name in ("register", "unit", "channel", "source"))
                groups[group][line["period_start"], line["period_end"]] = line["numbers"]
        return [
            numbers
            for found in groups.values()
            for (start, end), numbers in found.items()
            if not any(s < end and e > start and (s, -e.timestamp()) < (start, -end.timestamp()) for s, e in found)
        ]

    def _channels(self, code: str, unit: str | None, span: Span) -> float | None:
        newest: dict[tuple[Any, ...], Row] = {}
        every: dict[tuple[Any, ...], Row] = {}
        for row in sorted(self.checks, key=lambda r: (r["exported_at"] or datetime.min, r["batch"], r["row_no"])):
            at = row["checked_at"] or row["exported_at"]
            if at is not None and span[0] <= at.date() < span[1] and unit in (None, row["unit"]):
                key = (row["register"], row["unit"], row["channel_no"])
                every[*key, at] = row
        for key, row in sorted(every.items(), key=lambda item: item[0][-1]):
            newest[key[:-1]] = row
        if code == "C3":
            calls = [row for row in every.values() if row["calls"] is not None and row["calls_answered"] is not None]
            return _divided(sum(row["calls_answered"] for row in calls), sum(row["calls"] for row in calls))
        said = [found for row in newest.values() if (found := _said(code, row)) is not None]
        return _divided(sum(said), len(said))


def _said(code: str, row: Row) -> bool | None:
    """Is this channel fresh (C1), usable (C2)? None where the check does not say."""
    if code == "C2":
        tested = row["is_available"] if row["is_tested"] is None else row["is_tested"]
        return None if tested is None else bool(tested == 1 and row["is_available"] != 0)
    has_age = row["updated_at"] is not None and row["update_limit_days"] is not None
    if row["overdue_columns"] is None and not has_age:
        return None
    checked = (row["checked_at"] or row["exported_at"]).date()
    is_old = has_age and row["updated_at"].date() + timedelta(days=row["update_limit_days"]) < checked
    return not row["overdue_columns"] and not is_old


def _divided(hits: float, base: float) -> float | None:
    return hits / base if base and hits <= base else None
