"""Which household somebody belongs to, in the list of the caseload."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "intake_0011"
down_revision = "intake_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
