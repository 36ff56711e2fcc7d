"""Every metric from plain cases and answers: sums, divisions and curves written once more, slowly."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

Row = dict[str, Any]
Parts = tuple[float, float]
TAU = {True: 182.0, False: 624.0}


class Cell:
    """One unit (or all) in one span of days."""

    def __init__(self, cases: Sequence[Row], answers: Sequence[Row], span: tuple[date, date], as_of: date) -> None:
        self.everything, self.span, self.as_of = cases, span, as_of
        self.everywhere: Sequence[Row] = cases  # all units, where a cell is of one
        self.cases = [c for c in cases if span[0] <= c["received_at"].date() < span[1]]
        self.kept = [c for c in self.cases if c["kept"]]
        self.fit = [c for c in self.cases if c["fit"]]
        mine = [a for a in answers if span[0] <= a["day"] < span[1]]
        self.said, self.answers = mine, [a for a in mine if a["counts"]]

    def among(self, rows: Sequence[Row], test: Callable[[Row], Any]) -> int:
        return sum(bool(test(row)) for row in rows)

    def standing(self, clock: str, kind: str = "strict") -> Counter:
        return Counter(c["clocks"][clock][kind] for c in self.fit if c["clocks"][clock])

    def on_time(self, clock: str, kind: str = "strict") -> Parts:
        found = self.standing(clock, kind)
        return found["met"], found["met"] + found["missed"] + found["open"]

    def near(self) -> Parts:
        """Replies that share a key, in its place, with two others of the unit; and the replies read."""
        read = [c for c in self.fit if c.get("keys")]
        seen = Counter((c["unit"], place, key) for c in read for place, key in enumerate(c["keys"]))
        return self.among(read, lambda c: any(seen[c["unit"], i, k] >= 3 for i, k in enumerate(c["keys"]))), len(read)

    def ratings(self) -> Counter:
        own = Counter(c["rating"] for c in self.fit if c["rating"] is not None)
        platform = (a for a in self.answers if a["source"] in ("self", "platform") and not a["was_rated"])
        return own + Counter(a["rating"] for a in platform if a["rating"] is not None)

    def follow_ups(self) -> list[Row]:
        own = [c for c in self.fit if c["valid_follow_up"] == 1]
        calls = [a for a in self.answers if a["source"] == "follow_up" and a["reached"] in (None, 1)]
        return own + [a for a in calls if not a["was_followed_up"]]

    @cached_property
    def rates(self) -> dict[str, Parts]:
        """Numerator and denominator of every rate."""
        fit, v, stars = self.fit, self.follow_ups(), self.ratings()
        closed = [c for c in fit if c["closed"]]
        active, every = sum(stars[k] for k in range(1, 6)), sum(stars.values())
        good, bad = stars[3] + stars[4] + stars[5], stars[1] + stars[2]
        replied = [c for c in fit if c["replied"]]
        sent = [c for c in fit if c["dispatched_at"]]
        prints = Counter((c["unit"], c["reply_fingerprint"]) for c in fit if c["reply_fingerprint"])
        claims = self.among(closed, lambda c: c["claims"])
        satisfied = self.among(v, lambda r: (r["rating"] or 0) >= 4)
        basic = self.among(v, lambda r: r["rating"] == 3)
        return {
            "R1": self.on_time("sign"), "R2": (self.among(v, lambda r: r["contacted"] == 1), len(v)),
            "R4.strict": self.on_time("reply"), "R4.allowed": self.on_time("reply", "allowed"),
            "R4": self.on_time("reply"), "R5": (len(replied), len(fit)),
            "R6": (self.among(replied, lambda c: c["is_public_reply"] == 1 or c["published_at"]), len(replied)),
            "H1.strict": self.on_time("close"), "H1.allowed": self.on_time("close", "allowed"),
            "H1": self.on_time("close"), "H2": (self.among(v, lambda r: r["resolved"] == "yes"), len(v)),
            "H2s": (claims, len(closed)),
            "H3": (self.among(closed, lambda c: c["claims"] and not c["rework"]), len(closed)),
            "H4": (self.among(closed, lambda c: c["rework"]), len(closed)),
            "H5": (self.among(fit, lambda c: c["came_again"]), self.among(fit, lambda c: c["watched"])),
            "H6": (self.among(sent, _is_returned), len(sent)),
            "H7a": (self.among(self.cases, _is_extended), len(self.cases)),
            "H7b": (self.among(self.cases, lambda c: c["excluded"]), len(self.cases)),
            "H7c": (self.among(self.cases, _is_suspended), len(self.cases)), "H9": (len(closed), len(fit)),
            "S1a": (satisfied + basic, len(v)), "S1a.satisfied": (satisfied, len(v)), "S1a.basic": (basic, len(v)),
            "S1b": (good + stars[0], every), "S1c": (good, active), "S1d": (len(fit) - bad, len(fit)),
            "S1e": (good, len(fit)), "S2": (good, active), "S2.top2": (stars[4] + stars[5], active),
            "S3": (active, len(fit)), "S4": (bad, every),
            "T1": (sum(c["cells"][0] for c in self.kept), sum(c["cells"][1] for c in self.kept)),
            "Q2.near": self.near(),
            "Q2": (sum(n for n in prints.values() if n >= 3), sum(prints.values())),
        }  # fmt: skip

    @cached_property
    def counts(self) -> dict[str, float]:
        """Every plain count."""
        kept, stars, close, reply = self.kept, self.ratings(), self.standing("close"), self.standing("reply")
        first, end = self.span
        third = [a for a in self.answers if a["source"] == "third_party"]
        return {
            "n_received": len(self.cases), "n_eligible": len(self.fit),
            "n_replied": self.among(kept, lambda c: c["replied"]), "n_closed": self.among(kept, lambda c: c["closed"]),
            "n_open": self.among(kept, lambda c: not c["closed"]),
            "n_excluded": self.among(self.cases, lambda c: c["excluded"]),
            "n_duplicate": self.among(self.cases, lambda c: c["copy"]),
            "n_withdrawn": self.among(self.cases, lambda c: c["withdrawn"]),
            "n_not_responsible": self.among(self.cases, lambda c: c["elsewhere"]),
            "n_dispatched": self.among(kept, lambda c: c["dispatched_at"]),
            "n_date_only": self.among(kept, lambda c: c["received_at_is_date"] == 1
                                      or (c["closed_at"] and c["closed_at_is_date"] == 1)),
            "n_contradictory": self.among(kept, _is_contradictory),
            "n_returns": sum(c["n_returns"] or 0 for c in kept), "n_extended": self.among(self.cases, _is_extended),
            "n_suspended": self.among(self.cases, _is_suspended),
            "n_closings": self.among(self.everything, lambda c: c["kept"] and c["closed_at"]
                                     and first <= c["closed_at"].date() < end),
            "n_backlog": self.among(self.everything, lambda c: c["kept"] and c["received_at"].date() < end
                                    and (not c["closed"] or (c["closed_at"] and c["closed_at"].date() >= end))),
            "n_due": close["met"] + close["missed"] + close["open"], "n_overdue_open": close["open"],
            "n_not_yet_due": close["not_due"], "n_no_limit": close["unknown"], "n_met": close["met"],
            "n_missed": close["missed"], "n_reply_due": reply["met"] + reply["missed"] + reply["open"],
            "n_reply_overdue_open": reply["open"], "n_reply_not_yet_due": reply["not_due"],
            "n_follow_up": len(self.follow_ups()), "n_rated": sum(stars[k] for k in range(1, 6)),
            "n_default_rated": stars[0], **{f"n_rating_{k}": stars[k] for k in range(1, 6)},
            "n_third_party": len(third), "n_staff_answers": self.among(self.said, lambda a: a["staff"]),
            "n_later_answers": self.among(self.said, lambda a: a["later"] and not a["staff"] and not a["scanner"]),
            "n_scanner_answers": self.among(self.said, lambda a: a["scanner"] and not a["staff"]),
            "R7": self.among(self.fit, self._is_unanswered_long),
        }  # fmt: skip

    def _is_unanswered_long(self, case: Row) -> bool:
        waits = (
            not case["replied"] and not case["closed"] and case["channel"] in ("website", "message_board", "mailbox")
        )
        return waits and case["received_at"].date() < self.as_of - timedelta(days=92)

    def time(self, code: str) -> float | None:
        """One time metric in hours; None where it has no value."""
        name, _, kind = code.partition(".")
        clock, works = ("reply" if name[0] == "R" else "close"), not name.endswith("c")
        runs = [c["clocks"][clock] for c in self.fit if c["clocks"][clock]]
        if kind == "ratio":
            return _first_below([(r["share"], r["ended"]) for r in runs if r["share"] is not None], 0.5)
        times = [(r["work" if works else "calendar"] / 3600, r["ended"]) for r in runs if r["exact"]]
        ended = sorted(t for t, is_end in times if is_end)
        match kind or "median":
            case "median" | "p90" if ended:
                return ended[math.ceil((0.5 if kind != "p90" else 0.9) * len(ended) - 1e-9) - 1]
            case "mean" if ended:
                return math.fsum(ended) / len(ended)
            case "median_km" | "p90_km":
                return _first_below(times, 0.5 if kind == "median_km" else 0.9)
            case "rmst" if times:
                return _area(times, TAU[works])
        return None

    def points(self, code: str) -> float | None:
        """S6 and S9 in points of 0 to 100."""
        if code == "S6":
            weighed = [
                (1.0 if a["weight"] is None else round(a["weight"] * 10_000) / 10_000, _points(a))
                for a in self.answers if a["source"] == "third_party" and (a["rating"] or 0) >= 1
            ]  # fmt: skip
            return sum(w * p for w, p in weighed) / sum(w for w, _ in weighed) if weighed else None
        grades = [g for g in ("manner", "speed") if code in ("S9", f"S9.{g}")]
        given = [[c[f"{g}_grade"] for c in self.fit if (c[f"{g}_grade"] or 0) >= 1] for g in grades]
        means = [sum((x - 1) * 25 for x in marks) / len(marks) for marks in given if marks]
        return sum(means) / len(means) if means else None


def _points(answer: Row) -> float:
    return (answer["rating"] - 2) * 50 if answer["rating_scale"] == 3 else (answer["rating"] - 1) * 25


def _is_returned(case: Row) -> bool:
    return bool((case["n_returns"] or 0) > 0 or case["returned_at"] or case["state"] == "returned")


def _is_contradictory(case: Row) -> bool:
    pairs = (("received_at", "closed_at"), ("received_at", "answered"), ("dispatched_at", "signed_at"))
    return any(case[a] and case[b] and case[b] < case[a] for a, b in pairs)


def _is_extended(case: Row) -> bool:
    return bool(case["extended_due_at"] or (case["n_extensions"] or 0) > 0)


def _is_suspended(case: Row) -> bool:
    return bool(case["suspended_from"] or case["state"] == "suspended")


def _steps(times: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """The curve of those still waiting: each time of an end and the share after it."""
    left, steps = 1.0, []
    ends, leaving = Counter(t for t, is_end in times if is_end), Counter(t for t, _ in times)
    waiting = len(times)
    for t in sorted(leaving):
        left *= 1 - ends[t] / waiting
        waiting -= leaving[t]
        steps.append((t, left))
    return steps


def _first_below(times: Sequence[tuple[float, bool]], q: float) -> float | None:
    return next((t for t, left in _steps(times) if left <= 1 - q + 1e-12), None)


def _area(times: Sequence[tuple[float, bool]], tau: float) -> float:
    area, at, left = 0.0, 0.0, 1.0
    for t, after in _steps(times):
        if t > tau:
            break
        area, at, left = area + left * (t - at), t, after
    return area + left * (tau - at)
