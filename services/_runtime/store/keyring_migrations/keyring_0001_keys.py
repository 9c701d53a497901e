"""The keys of persons: a schema per service, each for its own application role only."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "keyring_0001"
down_revision = None
branch_labels = ("keyring",)
depends_on = None


def upgrade() -> None:
    """Create them."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
