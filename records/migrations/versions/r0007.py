"""The subject by which an office's single sign-on knows a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("office_subject", sa.String(length=64), nullable=True))
    op.create_index("ix_person_office_subject", "person", ["office_subject"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_person_office_subject", "person")
    op.drop_column("person", "office_subject")
