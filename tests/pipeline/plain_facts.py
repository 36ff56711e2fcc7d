"""A second way to the numbers: plain Python over the stored rows, one case at a time, without the engine's statements.

Reads rows, the office calendar's hours and the rules of the limits; computes everything else itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from metrics.clocks.calendar import Calendar
from metrics.clocks.standard import Standard

Row = dict[str, Any]
ONE_DAY = timedelta(days=1)


class PlainClock:
    """Working days and working seconds by walking over the days."""

    def __init__(self, office: Calendar) -> None:
        self.hours = cache(office.hours_of)

    def works(self, day: date) -> bool:
        return bool(self.hours(day))

    def seconds(self, start: datetime, end: datetime) -> int:
        total, day = 0, start.date()
        while day <= end.date():
            for opens, closes in self.hours(day):
                midnight = datetime.combine(day, time())
                first = max(start, midnight + timedelta(seconds=opens))
                last = min(end, midnight + timedelta(seconds=closes))
                total += max(0, int((last - first).total_seconds()))
            day += ONE_DAY
        return total

    def days_after(self, start: date, end: date) -> int:
        """Working days after the start up to the end, negative when the end lies first."""
        if end < start:
            return -self.days_after(end, start)
        return sum(self.works(start + ONE_DAY * i) for i in range(1, (end - start).days + 1))


def newest(rows: Iterable[Row], key: Callable[[Row], Any]) -> list[Row]:
    """The latest observation of each thing."""
    found: dict[Any, Row] = {}
    for row in sorted(rows, key=lambda r: (r["exported_at"] or datetime.min, r["batch"], r["row_no"])):
        found[key(row)] = row
    return list(found.values())


class PlainCases:
    """The newest observations with everything that follows from them."""

    def __init__(self, rows: Iterable[Row], office: Calendar, limits: Standard, as_of: datetime, out: set) -> None:
        self.clock, self.limits, self.as_of = PlainClock(office), limits, as_of
        self.rows = newest(rows, lambda r: (r["register"] or "", r["case_no"]))
        self.registers: dict[str, set[str]] = defaultdict(set)
        for row in self.rows:
            self.registers[row["register"] or ""] |= {k for k, v in row.items() if k.endswith("_at") and v is not None}
        again = self._again()
        for row in self.rows:
            row |= self._facts(row, out, again.get(id(row)))

    def _again(self) -> dict[int, datetime]:
        chains: dict[tuple, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row["person_token"]:
                chains[row["person_token"], row["category"]].append(row)
        found = {}
        for chain in chains.values():
            chain.sort(key=lambda r: (r["received_at"], r["case_no"]))
            found |= {id(a): b["received_at"] for a, b in pairwise(chain)}
        return found

    def _facts(self, row: Row, out: set, again: datetime | None) -> Row:
        recorded = self.registers[row["register"] or ""]
        last = row["final_closed_at"] or row["closed_at"]
        reopened = row["reopened_at"] and last and row["reopened_at"] > last and row["state"] not in (None, "closed")
        closed = not reopened and (row["closed_at"] is not None or row["state"] == "closed")
        phone = row["channel"] == "hotline" and row["closed_at"] and row["reply_length"] is None
        answered = row["first_response_at"] or (row["contacted_at"] if phone else None)
        replied = bool(answered or (row["reply_length"] or 0) > 0 or row["state"] == "replied" or row["published_at"])
        excluded = (
            row["is_excluded"] == 1 or row["state"] == "excluded" or (row["register"] or "", row["case_no"]) in out
        )
        no_repeat = row["outcome"] == "duplicate" or row["merged_into"] is not None
        elsewhere, withdrawn = row["outcome"] == "not_responsible", row["outcome"] == "withdrawn"
        watched = (
            closed and row["person_token"] and row["closed_at"]
            and row["closed_at"].date() + 90 * ONE_DAY <= self.as_of.date()
        )  # fmt: skip
        ends = {
            "sign": None if "signed_at" not in recorded or not row["dispatched_at"] or row["state"] == "returned"
            else bool(row["signed_at"]),
            "reply": True if answered else None if "first_response_at" not in recorded or replied else False,
            "close": True if row["closed_at"] else None if "closed_at" not in recorded or closed else False,
        }  # fmt: skip
        moments = {"sign": row["signed_at"], "reply": answered, "close": row["closed_at"]}
        return {
            "closed": closed, "answered": answered, "replied": replied, "kept": not excluded,
            "fit": not (excluded or no_repeat or withdrawn or elsewhere), "excluded": excluded, "copy": no_repeat,
            "withdrawn": withdrawn, "elsewhere": elsewhere, "watched": bool(watched),
            "came_again": bool(watched and again and again.date() <= row["closed_at"].date() + 90 * ONE_DAY),
            "clocks": {n: self._run(row, n, ends[n], moments[n], "due_at" in recorded) for n in ends},
            "claims": row["resolved"] == "yes" or (row["resolved"] is None and row["outcome"] == "resolved"),
            "rework": (row["n_reworks"] or 0) > 0 or (row["n_closings"] or 0) > 1 or row["reopened_at"] is not None,
            "cells": _cells(row, closed, replied, "first_response_at" in recorded),
        }  # fmt: skip

    def _run(self, row: Row, name: str, ended: bool | None, event: datetime | None, has_due: bool) -> Row | None:
        """One clock: whether it ended, its seconds, its standing strictly and as allowed, the share of the limit."""
        start_name = "dispatched_at" if name == "sign" else "received_at"
        start, end = row[start_name], event if ended else self.as_of
        if ended is None or start is None or end < start:
            return None
        event_name = {"sign": "signed_at", "close": "closed_at"}.get(
            name, "first_response_at" if row["first_response_at"] else "contacted_at"
        )
        exact = not row[f"{start_name}_is_date"] and not (ended and row[f"{event_name}_is_date"])
        run = {"ended": ended, "exact": exact, "calendar": int((end - start).total_seconds()), "share": None,
               "work": self.clock.seconds(start, end) if exact else None}  # fmt: skip
        if name == "sign":
            in_time = run["calendar"] <= self.limits.sign_hours * 3600
            return run | {"strict": _standing(ended, in_time, exact), "allowed": _standing(ended, in_time, exact)}
        return run | self._measured(row, name, end, ended, has_due)

    def _measured(self, row: Row, name: str, end: datetime, ended: bool, has_due: bool) -> Row:
        start = row["received_at"]
        if has_due:
            due = row["due_at"]
            limit = None if due is None else (due - start).total_seconds() + (86_399 if row["due_at_is_date"] else 0)
            use: Callable[[datetime], float] = lambda at: (at - start).total_seconds()  # noqa: E731
            pause: Callable[[datetime, datetime], float] = lambda a, b: (b - a).total_seconds()  # noqa: E731
        else:
            rule = self.limits.rule_for(name, row["channel"], row["case_type"], row["urgency"], start.date())
            if rule is None:
                return {"strict": "unknown", "allowed": "unknown"}
            limit = rule.limit.amount
            if rule.limit.unit == "working_day":
                use = lambda at: self._days_used(start.date(), at.date())  # noqa: E731
                pause = lambda a, b: self.clock.days_after(a.date(), b.date())  # noqa: E731
            else:
                assert not rule.limit.roll_forward, "the common limits roll nowhere"
                use, pause = lambda at: (at.date() - start.date()).days, lambda a, b: (b.date() - a.date()).days
        if limit is None:
            return {"strict": "unknown", "allowed": "unknown"}
        used, met = use(end), use(end) <= limit
        allowed = met or self._by_pause(row, use, pause, end, limit) or _extended(row, use, end, limit)
        share = used / limit if limit > 0 else None
        return {"strict": _standing(ended, met, True), "allowed": _standing(ended, allowed, True), "share": share}

    def _days_used(self, start: date, at: date) -> int:
        if at == start:
            return 0
        through = self.clock.days_after(start, at)
        return through + (0 if self.clock.works(at) else 1)

    def _by_pause(self, row: Row, use: Any, pause: Any, end: datetime, limit: float) -> bool:
        since, until = row["suspended_from"], row["suspended_until"] or self.as_of
        if since is None or use(since) > limit:
            return False
        first, last = max(since, row["received_at"]), min(until, end)
        credit = max(0, pause(first, last)) if last > first else 0
        return use(end) - credit <= limit and 4 * use(end) <= 5 * limit


def _extended(row: Row, use: Any, end: datetime, limit: float) -> bool:
    new, applied = row["extended_due_at"], row["extension_applied_at"]
    if new is None or (applied is not None and use(applied) > limit):
        return False
    return end <= new + timedelta(seconds=86_399 if row["extended_due_at_is_date"] else 0)


def _standing(ended: bool, in_time: bool, is_known: bool) -> str:
    if not is_known:
        return "unknown"
    return ("met" if in_time else "missed") if ended else ("not_due" if in_time else "open")


def _cells(row: Row, closed: bool, replied: bool, records_reply: bool) -> tuple[int, int]:
    wanted = [row["channel"] is not None, row["case_type"] is not None, row["category"] is not None,
              row["state"] not in (None, "unknown")]  # fmt: skip
    if closed:
        wanted += [row["closed_at"] is not None, row["outcome"] not in (None, "unknown")]
    if replied and records_reply:
        wanted.append(row["first_response_at"] is not None)
    return sum(wanted), len(wanted)


def plain_answers(rows: Iterable[Row], cases: Iterable[Row]) -> list[Row]:
    """Survey answers that count, with their unit, day and whether the case row already says the same."""
    known: dict[str, list[Row]] = defaultdict(list)
    for case in cases:
        known[case["case_no"]].append(case)
    found = newest(
        rows, lambda r: (r["register"] or "", r["source"] or "", r["case_no"] or "", r["answer_no"] or r["row_hash"])
    )
    by_person: dict[tuple, list[Row]] = defaultdict(list)
    for row in found:
        by_person[
            row["register"] or "", row["source"], row["case_no"] or row["answer_no"] or row["row_hash"],
            row["person_token"] or "",
        ].append(row)  # fmt: skip
    for group in by_person.values():
        first = min(r["answered_at"] for r in group)
        inside = [r for r in group if r["answered_at"] <= first + timedelta(hours=12)]
        chosen = max(inside, key=lambda r: (r["answered_at"], r["answer_no"] or "", r["row_hash"]))
        at_once = max(r["answered_at"] for r in group) <= first + timedelta(seconds=2)
        is_scanner = at_once and {r["rating"] for r in group} >= {1, 2, 3, 4, 5}
        for row in group:
            row["later"], row["scanner"] = row is not chosen, is_scanner
    return [row | _about(row, known.get(row["case_no"] or "", [])) for row in found]


def _about(row: Row, cases: list[Row]) -> Mapping[str, Any]:
    return {
        "unit": row["unit"] or max((c["unit"] for c in cases if c["unit"]), default=None),
        "day": max((c["received_at"].date() for c in cases), default=row["answered_at"].date()),
        "source": row["source"] or "self", "staff": row["is_staff"] == 1,
        "counts": row["is_staff"] != 1 and not row["later"] and not row["scanner"] and row["is_complete"] in (None, 1),
        "was_followed_up": any(c["valid_follow_up"] is not None for c in cases),
        "was_rated": any(c["rating"] is not None for c in cases),
    }  # fmt: skip
