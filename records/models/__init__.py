"""The tables of the catalogue, one file per subject. Only `records` and `pipeline` import them."""

from records.models.assessment import Assessment, AssessmentEvent, SchemePublication
from records.models.audit import AuditEntry, AuditHead
from records.models.base import Base, UtcTime
from records.models.batch import Batch, Layout
from records.models.calendar import CalendarDay
from records.models.notice import JobNote, Notice
from records.models.person import ApiToken, Person
from records.models.review import Exclusion, Finding, Objection
from records.models.unit import PeerGroup, Unit, UnitAlias

__all__ = [
    "ApiToken",
    "Assessment",
    "AssessmentEvent",
    "AuditEntry",
    "AuditHead",
    "Base",
    "Batch",
    "CalendarDay",
    "Exclusion",
    "Finding",
    "JobNote",
    "Layout",
    "Notice",
    "Objection",
    "PeerGroup",
    "Person",
    "SchemePublication",
    "Unit",
    "UnitAlias",
    "UtcTime",
]
