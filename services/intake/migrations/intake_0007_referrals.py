"""The table of the referrals, and who else than its receiver reaches one."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "intake_0007"
down_revision = "intake_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
