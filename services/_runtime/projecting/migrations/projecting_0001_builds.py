"""The builds of the read models, and the schema in which services keep their rows."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "projecting_0001"
down_revision = None
branch_labels = ("projecting",)
depends_on = None


def upgrade() -> None:
    """Create them."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
