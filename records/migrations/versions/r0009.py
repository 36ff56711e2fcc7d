"""Drafts of schemes: written by one person, published by another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scheme_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("edited_by", sa.String(length=100), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(length=100), nullable=True),
        sa.Column("published_by", sa.String(length=100), nullable=True),
        sa.CheckConstraint(
            "state IN ('editing', 'proposed', 'published', 'dropped')", name=op.f("ck_scheme_draft_state")
        ),
        sa.CheckConstraint(
            "published_by IS NULL OR published_by <> proposed_by", name=op.f("ck_scheme_draft_two_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_draft")),
    )


def downgrade() -> None:
    op.drop_table("scheme_draft")
