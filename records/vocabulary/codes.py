"""Closed lists of codes. What a file says is mapped to one of these at import, or refused."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What a file holds: the `--kind` of an import."""

    RESPONSES = "responses"
    SURVEYS = "surveys"
    COUNTS = "counts"
    UNITS = "units"
    CHANNELS = "channels"
    EXCLUSIONS = "exclusions"
    FOLLOWUPS = "followups"


class Channel(StrEnum):
    """How a citizen reached the government."""

    HOTLINE = "hotline"
    MESSAGE_BOARD = "message_board"
    MAILBOX = "mailbox"
    PETITION = "petition"
    WEBSITE = "website"
    SUGGESTION = "suggestion"
    ENTERPRISE = "enterprise"
    MICROBLOG = "microblog"
    WECHAT = "wechat"
    APP = "app"
    OTHER = "other"


class CaseType(StrEnum):
    """What the citizen wanted."""

    COMPLAINT = "complaint"
    HELP = "help"
    INQUIRY = "inquiry"
    SUGGESTION = "suggestion"
    REPORT = "report"
    THANKS = "thanks"
    OTHER = "other"


class Urgency(StrEnum):
    """How fast it had to go, as set at intake."""

    URGENT = "urgent"
    NORMAL = "normal"
    COMPLEX = "complex"


class State(StrEnum):
    """Where a case stands. Closed is not resolved, replied is not closed."""

    NEW = "new"
    OPEN = "open"
    REPLIED = "replied"
    CLOSED = "closed"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What came of a case, as the unit states it."""

    RESOLVED = "resolved"
    PARTLY = "partly"
    REFUSED = "refused"
    NOT_RESPONSIBLE = "not_responsible"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    NO_ACTION = "no_action"
    UNKNOWN = "unknown"


class Resolved(StrEnum):
    """What the citizen (or the checker) says at follow-up: is the problem gone?"""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Rating(IntEnum):
    """One rating on the common five-level code. Unrated is null, a default by the system is 0 and no answer.

    A three-level form (满意, 基本满意, 不满意) uses the codes 4, 3, 2 and keeps `rating_scale` 3.
    """

    VERY_SATISFIED = 5
    SATISFIED = 4
    BASICALLY_SATISFIED = 3
    DISSATISFIED = 2
    VERY_DISSATISFIED = 1
    DEFAULT = 0


class SurveySource(StrEnum):
    """Who asked. Results of different sources are never averaged together."""

    SELF = "self"
    FOLLOW_UP = "follow_up"
    THIRD_PARTY = "third_party"
    PLATFORM = "platform"


class Severity(StrEnum):
    """What a problem does to its row or file: refuse it, or say it."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


class Role(StrEnum):
    """Who a person is here; what each may see is settled in one place (`records.access`)."""

    ADMIN = "admin"
    ASSESSOR = "assessor"
    UNIT_HEAD = "unit_head"
    ORG_DEPT = "org_dept"
    AUDITOR = "auditor"
