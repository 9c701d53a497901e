"""The tables of the tutors service's own lists."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "tutors_0001"
down_revision = None
branch_labels = ("tutors",)
depends_on = "projecting_0001"


def upgrade() -> None:
    """Create them."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
