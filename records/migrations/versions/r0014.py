"""Bonuses with their documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OLD_SUBJECTS = "subject IN ('objection', 'exclusion', 'rectification')"
NEW_SUBJECTS = "subject IN ('objection', 'exclusion', 'rectification', 'bonus')"


def _replace_subjects(condition: str) -> None:
    with op.batch_alter_table("evidence_file") as table:
        table.drop_constraint(op.f("ck_evidence_file_subject"), type_="check")
        table.create_check_constraint(op.f("ck_evidence_file_subject"), condition)


def upgrade() -> None:
    _replace_subjects(NEW_SUBJECTS)
    op.create_table(
        "bonus",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("scheme_id", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("proposed_by", sa.String(length=100), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'refused', 'withdrawn')", name=op.f("ck_bonus_state")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_bonus_two_persons")),
        sa.CheckConstraint("items > 0", name=op.f("ck_bonus_items")),
        sa.CheckConstraint("done_on <= valid_until", name=op.f("ck_bonus_validity")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_bonus_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bonus")),
    )
    op.create_index(op.f("ix_bonus_unit_code"), "bonus", ["unit_code"])
    op.create_index(op.f("ix_bonus_state"), "bonus", ["state"])


def downgrade() -> None:
    op.drop_table("bonus")
    op.execute("DELETE FROM evidence_file WHERE subject = 'bonus'")
    _replace_subjects(OLD_SUBJECTS)
