"""Terms of leading posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "post_tenure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("post", sa.String(length=100), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("to_day IS NULL OR from_day <= to_day", name=op.f("ck_post_tenure_term")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_post_tenure_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_tenure")),
        sa.UniqueConstraint("unit_code", "post", "from_day", name=op.f("uq_post_tenure_unit_code_post_from_day")),
    )
    op.create_index(op.f("ix_post_tenure_unit_code"), "post_tenure", ["unit_code"])


def downgrade() -> None:
    op.drop_table("post_tenure")
