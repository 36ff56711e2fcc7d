"""The closed vocabularies and value objects that every stage speaks. Standard library only."""

from records.vocabulary.codes import (
    CaseType,
    Channel,
    Kind,
    Outcome,
    Rating,
    Resolved,
    Role,
    Severity,
    State,
    SurveySource,
    Urgency,
)
from records.vocabulary.fields import (
    ANSWER_FIELDS,
    CASE_FIELDS,
    FIELDS_BY_KIND,
    UNIT_FIELDS,
    Field,
    FieldType,
)
from records.vocabulary.schema import (
    ANSWER_COLUMNS,
    CASE_COLUMNS,
    CURRENT_COLUMNS,
    FEATURE_COLUMNS,
    PART_COLUMNS,
    Column,
    ColumnType,
)

__all__ = [
    "ANSWER_COLUMNS",
    "ANSWER_FIELDS",
    "CASE_COLUMNS",
    "CASE_FIELDS",
    "CURRENT_COLUMNS",
    "FEATURE_COLUMNS",
    "FIELDS_BY_KIND",
    "PART_COLUMNS",
    "UNIT_FIELDS",
    "CaseType",
    "Channel",
    "Column",
    "ColumnType",
    "Field",
    "FieldType",
    "Kind",
    "Outcome",
    "Rating",
    "Resolved",
    "Role",
    "Severity",
    "State",
    "SurveySource",
    "Urgency",
]
