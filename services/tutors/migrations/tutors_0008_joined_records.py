"""The list of tutor requests tells which record of the same person goes on."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "tutors_0008"
down_revision = "tutors_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
