"""The lead's methodology contact follows a pathway while its plan awaits their confirmation."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "pathways_0004"
down_revision = "pathways_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
