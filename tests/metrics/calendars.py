"""The fixture calendars of the acceptance cases, built from documents as a user would write them."""

from __future__ import annotations

from metrics.clocks.calendar import Calendar, from_document, load, national_days

WEEK = ("mon", "tue", "wed", "thu", "fri")
ALL = (*WEEK, "sat", "sun")


def weekly(hours: list[str], on: tuple[str, ...] = WEEK, zone: str = "Asia/Shanghai", **more: object) -> Calendar:
    return from_document({"timezone": zone, "week": dict.fromkeys(on, hours), **more}, "fixture")


A = weekly(["09:00-17:00"])
B = weekly(["09:00-13:00", "14:00-18:00"])
L = weekly(["09:00-17:00"], zone="Europe/London", days={"2024-12-25": "off", "2024-12-26": "off", "2025-01-01": "off"})
ALWAYS = weekly(["00:00-24:00"], ALL)
CN = weekly(["09:00-17:00"], national="cn")
OFFICE = load("office")
NOTICES = national_days("cn")
