"""A search tells by which other name somebody was found: other names lie with the one on the document."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "intake_0015"
down_revision = "intake_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the table."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
