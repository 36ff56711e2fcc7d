"""The tables of the catalogue, one file per subject. Only `records` and `pipeline` import them."""

from records.models.assessment import Assessment, AssessmentComment, AssessmentEvent, SchemeDraft, SchemePublication
from records.models.audit import AuditEntry, AuditHead
from records.models.base import Base, UtcTime
from records.models.batch import Batch, Layout
from records.models.bonus import Bonus
from records.models.calendar import CalendarDay
from records.models.improvement import GoodPractice, RectificationTask
from records.models.notice import JobNote, Notice
from records.models.paper import IssuedDocument, StandingOrder, TextBlock
from records.models.person import ApiToken, Person
from records.models.review import (
    EvidenceFile,
    Exclusion,
    Finding,
    Objection,
    ProtectedReport,
    SampleCase,
    VerificationSample,
)
from records.models.rubric import RubricItem, RubricReading, RubricRound
from records.models.unit import PeerGroup, PostTenure, Unit, UnitAlias

__all__ = [
    "ApiToken",
    "Assessment",
    "AssessmentComment",
    "AssessmentEvent",
    "AuditEntry",
    "AuditHead",
    "Base",
    "Batch",
    "Bonus",
    "CalendarDay",
    "EvidenceFile",
    "Exclusion",
    "Finding",
    "GoodPractice",
    "IssuedDocument",
    "JobNote",
    "Layout",
    "Notice",
    "Objection",
    "PeerGroup",
    "Person",
    "PostTenure",
    "ProtectedReport",
    "RectificationTask",
    "RubricItem",
    "RubricReading",
    "RubricRound",
    "SampleCase",
    "SchemeDraft",
    "SchemePublication",
    "StandingOrder",
    "TextBlock",
    "Unit",
    "UnitAlias",
    "UtcTime",
    "VerificationSample",
]
