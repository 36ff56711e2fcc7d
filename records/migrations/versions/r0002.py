"""Schemes, assessments, exclusions, objections and findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.String(length=64), nullable=False),
        sa.Column("scheme_version", sa.String(length=20), nullable=False),
        sa.Column("scheme_sha256", sa.String(length=64), nullable=False),
        sa.Column("scheme_text", sa.Text(), nullable=True),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("as_of", sa.String(length=40), nullable=True),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("draws", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("result_sha256", sa.String(length=64), nullable=False),
        sa.Column("provenance", sa.JSON(), nullable=False),
        sa.Column("verification_code", sa.String(length=40), nullable=True),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'review', 'appeal', 'final', 'published')", name=op.f("ck_assessment_state")
        ),
        sa.ForeignKeyConstraint(["replaced_by"], ["assessment.number"], name=op.f("fk_assessment_replaced_by")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_assessment")),
    )
    op.create_index(op.f("ix_assessment_period"), "assessment", ["period"], unique=False)
    op.create_index(op.f("ix_assessment_state"), "assessment", ["state"], unique=False)
    op.create_table(
        "scheme_publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("proposed_by", sa.String(length=100), nullable=True),
        sa.Column("published_by", sa.String(length=100), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_publication")),
        sa.UniqueConstraint("scheme_id", "version", name=op.f("uq_scheme_publication_scheme_id_version")),
    )
    op.create_table(
        "assessment_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_number", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_number"], ["assessment.number"], name=op.f("fk_assessment_event_assessment_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_event")),
    )
    op.create_index(
        op.f("ix_assessment_event_assessment_number"), "assessment_event", ["assessment_number"], unique=False
    )
    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("register", sa.String(length=100), nullable=False),
        sa.Column("case_no", sa.String(length=100), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("ground", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("applied_by", sa.String(length=100), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('applied', 'approved', 'refused', 'withdrawn')", name=op.f("ck_exclusion_state")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> applied_by", name=op.f("ck_exclusion_two_persons")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_exclusion_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
        sa.UniqueConstraint("register", "case_no", "unit_code", name=op.f("uq_exclusion_register_case_no_unit_code")),
    )
    op.create_index(op.f("ix_exclusion_state"), "exclusion", ["state"], unique=False)
    op.create_index(op.f("ix_exclusion_unit_code"), "exclusion", ["unit_code"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("detector", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=True),
        sa.Column("is_named", sa.Boolean(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=100), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'explained', 'confirmed', 'dismissed')", name=op.f("ck_finding_state")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_finding_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_detector"), "finding", ["detector"], unique=False)
    op.create_index(op.f("ix_finding_period"), "finding", ["period"], unique=False)
    op.create_index(op.f("ix_finding_unit_code"), "finding", ["unit_code"], unique=False)
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_number", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=40), nullable=True),
        sa.Column("case_no", sa.String(length=100), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("raised_by", sa.String(length=100), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'accepted', 'refused', 'withdrawn')", name=op.f("ck_objection_state")),
        sa.ForeignKeyConstraint(
            ["assessment_number"], ["assessment.number"], name=op.f("fk_objection_assessment_number")
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_objection_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index(op.f("ix_objection_assessment_number"), "objection", ["assessment_number"], unique=False)
    op.create_index(op.f("ix_objection_unit_code"), "objection", ["unit_code"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_objection_unit_code"), table_name="objection")
    op.drop_index(op.f("ix_objection_assessment_number"), table_name="objection")
    op.drop_table("objection")
    op.drop_index(op.f("ix_finding_unit_code"), table_name="finding")
    op.drop_index(op.f("ix_finding_period"), table_name="finding")
    op.drop_index(op.f("ix_finding_detector"), table_name="finding")
    op.drop_table("finding")
    op.drop_index(op.f("ix_exclusion_unit_code"), table_name="exclusion")
    op.drop_index(op.f("ix_exclusion_state"), table_name="exclusion")
    op.drop_table("exclusion")
    op.drop_index(op.f("ix_assessment_event_assessment_number"), table_name="assessment_event")
    op.drop_table("assessment_event")
    op.drop_table("scheme_publication")
    op.drop_index(op.f("ix_assessment_state"), table_name="assessment")
    op.drop_index(op.f("ix_assessment_period"), table_name="assessment")
    op.drop_table("assessment")
