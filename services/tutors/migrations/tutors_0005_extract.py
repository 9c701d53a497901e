"""What an extract of the register asks behind the second fence: where the feed was, and how far each tutor's stream."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "tutors_0005"
down_revision = "tutors_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
