"""The second factor of an account, and the job that made an assessment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("second_factor_salt", sa.String(length=64), nullable=True))
    op.add_column("person", sa.Column("second_factor_step", sa.BigInteger(), nullable=True))
    op.add_column("assessment", sa.Column("job", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_assessment_job"), "assessment", ["job"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_assessment_job"), table_name="assessment")
    op.drop_column("assessment", "job")
    op.drop_column("person", "second_factor_step")
    op.drop_column("person", "second_factor_salt")
