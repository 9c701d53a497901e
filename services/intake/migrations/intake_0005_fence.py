"""The second fence around intake's own lists and the names: row-level security."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "intake_0005"
down_revision = "intake_0004"
branch_labels = None
depends_on = "projecting_0002"


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
