"""Rounds of rating by a form: items, raters, marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rubric_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_round")),
    )
    op.create_index(op.f("ix_rubric_round_period"), "rubric_round", ["period"])
    op.create_table(
        "rubric_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("register", sa.String(length=100), nullable=False),
        sa.Column("case_no", sa.String(length=100), nullable=False),
        sa.Column("raters", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rubric_round.id"], name=op.f("fk_rubric_item_round_id")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_rubric_item_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_item")),
        sa.UniqueConstraint("round_id", "place", name=op.f("uq_rubric_item_round_id_place")),
    )
    for column in ("round_id", "unit_code"):
        op.create_index(op.f(f"ix_rubric_item_{column}"), "rubric_item", [column])
    op.create_table(
        "rubric_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("rater", sa.String(length=100), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["rubric_item.id"], name=op.f("fk_rubric_reading_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_reading")),
        sa.UniqueConstraint("item_id", "rater", name=op.f("uq_rubric_reading_item_id_rater")),
    )
    op.create_index(op.f("ix_rubric_reading_item_id"), "rubric_reading", ["item_id"])


def downgrade() -> None:
    for table in ("rubric_reading", "rubric_item", "rubric_round"):
        op.drop_table(table)
