"""Improvement tasks with their proofs, and notes on good practice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OLD_SUBJECTS = "subject IN ('objection', 'exclusion')"
NEW_SUBJECTS = "subject IN ('objection', 'exclusion', 'rectification')"


def _replace_subjects(condition: str) -> None:
    with op.batch_alter_table("evidence_file") as table:
        table.drop_constraint(op.f("ck_evidence_file_subject"), type_="check")
        table.create_check_constraint(op.f("ck_evidence_file_subject"), condition)


def upgrade() -> None:
    _replace_subjects(NEW_SUBJECTS)
    op.create_table(
        "rectification_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_number", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=40), nullable=True),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        sa.Column("ground", sa.String(length=30), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("handed_in_by", sa.String(length=100), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'handed_in', 'accepted', 'returned')", name=op.f("ck_rectification_task_state")
        ),
        sa.CheckConstraint(
            "(indicator IS NULL) <> (finding_id IS NULL)", name=op.f("ck_rectification_task_subject")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_number"], ["assessment.number"], name=op.f("fk_rectification_task_assessment_number")
        ),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_rectification_task_finding_id")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_rectification_task_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_task")),
        sa.UniqueConstraint(
            "assessment_number", "unit_code", "indicator",
            name=op.f("uq_rectification_task_assessment_number_unit_code_indicator"),
        ),
        sa.UniqueConstraint(
            "assessment_number", "finding_id", name=op.f("uq_rectification_task_assessment_number_finding_id")
        ),
    )  # fmt: skip
    for column in ("assessment_number", "unit_code", "state"):
        op.create_index(op.f(f"ix_rectification_task_{column}"), "rectification_task", [column])
    _create_good_practice()


def _create_good_practice() -> None:
    op.create_table(
        "good_practice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_number", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("written_by", sa.String(length=100), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=100), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'published')", name=op.f("ck_good_practice_state")),
        sa.ForeignKeyConstraint(
            ["assessment_number"], ["assessment.number"], name=op.f("fk_good_practice_assessment_number")
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_good_practice_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_good_practice")),
        sa.UniqueConstraint(
            "assessment_number", "unit_code", "indicator",
            name=op.f("uq_good_practice_assessment_number_unit_code_indicator"),
        ),
    )  # fmt: skip
    for column in ("assessment_number", "unit_code"):
        op.create_index(op.f(f"ix_good_practice_{column}"), "good_practice", [column])


def downgrade() -> None:
    op.drop_table("good_practice")
    op.drop_table("rectification_task")
    op.execute("DELETE FROM evidence_file WHERE subject = 'rectification'")
    _replace_subjects(OLD_SUBJECTS)
