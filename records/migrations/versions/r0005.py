"""The review desk, the verification sample and protected reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OLD_STATES = "state IN ('open', 'explained', 'confirmed', 'dismissed')"
NEW_STATES = "state IN ('open', 'asked', 'answered', 'explained', 'confirmed', 'data_error')"
ADDED = ("variant", "is_current", "strength", "assigned_to", "asked_by", "asked_at", "question", "answer_due",
         "unit_answer", "answered_by", "answered_at")  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("finding") as table:
        table.drop_constraint(op.f("ck_finding_state"), type_="check")
    op.execute("UPDATE finding SET state = 'data_error' WHERE state = 'dismissed'")
    with op.batch_alter_table("finding") as table:
        table.create_check_constraint(op.f("ck_finding_state"), NEW_STATES)
        table.add_column(sa.Column("variant", sa.String(length=40), nullable=False, server_default=""))
        table.add_column(sa.Column("is_current", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("strength", sa.Float(53), nullable=False, server_default="0"))
        table.add_column(sa.Column("assigned_to", sa.String(length=100), nullable=True))
        table.add_column(sa.Column("asked_by", sa.String(length=100), nullable=True))
        table.add_column(sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("question", sa.Text(), nullable=True))
        table.add_column(sa.Column("answer_due", sa.Date(), nullable=True))
        table.add_column(sa.Column("unit_answer", sa.Text(), nullable=True))
        table.add_column(sa.Column("answered_by", sa.String(length=100), nullable=True))
        table.add_column(sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index(op.f("ix_finding_assigned_to"), ["assigned_to"])
    _create_samples()
    op.create_table(
        "protected_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("recorded_by", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.String(length=100), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_protected_report_state")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_protected_report_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protected_report")),
    )
    op.create_index(op.f("ix_protected_report_unit_code"), "protected_report", ["unit_code"])


def _create_samples() -> None:
    op.create_table(
        "verification_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_sample")),
    )
    op.create_index(op.f("ix_verification_sample_period"), "verification_sample", ["period"])
    results = "result IS NULL OR result IN ('yes', 'partly', 'no', 'unreachable')"
    op.create_table(
        "sample_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("register", sa.String(length=100), nullable=False),
        sa.Column("case_no", sa.String(length=100), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("stratum", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("is_claimed", sa.Boolean(), nullable=False),
        sa.Column("detectors", sa.JSON(), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.String(length=100), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(results, name=op.f("ck_sample_case_result")),
        sa.ForeignKeyConstraint(["sample_id"], ["verification_sample.id"], name=op.f("fk_sample_case_sample_id")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_sample_case_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_case")),
        sa.UniqueConstraint("sample_id", "register", "case_no", name=op.f("uq_sample_case_sample_id_register_case_no")),
    )
    op.create_index(op.f("ix_sample_case_sample_id"), "sample_case", ["sample_id"])
    op.create_index(op.f("ix_sample_case_unit_code"), "sample_case", ["unit_code"])


def downgrade() -> None:
    op.drop_table("protected_report")
    op.drop_table("sample_case")
    op.drop_table("verification_sample")
    op.drop_index(op.f("ix_finding_assigned_to"), table_name="finding")
    with op.batch_alter_table("finding") as table:
        table.drop_constraint(op.f("ck_finding_state"), type_="check")
    op.execute("UPDATE finding SET state = 'dismissed' WHERE state = 'data_error'")
    op.execute("UPDATE finding SET state = 'open' WHERE state IN ('asked', 'answered')")
    with op.batch_alter_table("finding") as table:
        table.create_check_constraint(op.f("ck_finding_state"), OLD_STATES)
        for name in ADDED:
            table.drop_column(name)
