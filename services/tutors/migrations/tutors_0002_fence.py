"""The second fence around the service's own lists: row-level security."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "tutors_0002"
down_revision = "tutors_0001"
branch_labels = None
depends_on = "projecting_0002"


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
