"""The cycle of an assessment: deadlines, comments, evidence files, effects of decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assessment", sa.Column("review_until", sa.Date(), nullable=True))
    op.add_column("assessment", sa.Column("objections_until", sa.Date(), nullable=True))
    op.add_column("objection", sa.Column("register", sa.String(length=100), nullable=True))
    op.add_column("objection", sa.Column("claimed", sa.Float(), nullable=True))
    op.add_column("objection", sa.Column("remedy", sa.String(length=20), nullable=True))
    op.add_column("objection", sa.Column("effect", sa.JSON(), nullable=True))
    op.add_column("exclusion", sa.Column("answer", sa.Text(), nullable=True))
    op.add_column("exclusion", sa.Column("effect", sa.JSON(), nullable=True))
    op.create_table(
        "assessment_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_number", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=40), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_number"], ["assessment.number"], name=op.f("fk_assessment_comment_assessment_number")
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_assessment_comment_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_comment")),
    )
    op.create_index(
        op.f("ix_assessment_comment_assessment_number"), "assessment_comment", ["assessment_number"], unique=False
    )
    op.create_index(op.f("ix_assessment_comment_unit_code"), "assessment_comment", ["unit_code"], unique=False)
    op.create_table(
        "evidence_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("subject IN ('objection', 'exclusion')", name=op.f("ck_evidence_file_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
    )
    op.create_index(op.f("ix_evidence_file_subject_subject_id"), "evidence_file", ["subject", "subject_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_evidence_file_subject_subject_id"), table_name="evidence_file")
    op.drop_table("evidence_file")
    op.drop_index(op.f("ix_assessment_comment_unit_code"), table_name="assessment_comment")
    op.drop_index(op.f("ix_assessment_comment_assessment_number"), table_name="assessment_comment")
    op.drop_table("assessment_comment")
    for table, names in {
        "exclusion": ("effect", "answer"),
        "objection": ("effect", "remedy", "claimed", "register"),
        "assessment": ("objections_until", "review_until"),
    }.items():
        for name in names:
            op.drop_column(table, name)
