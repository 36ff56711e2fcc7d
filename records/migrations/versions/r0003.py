"""The cycle of an assessment: deadlines, comments, evidence files, effects of decisions."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables follow with the next change of this revision."""


def downgrade() -> None:
    """Nothing to take back yet."""
