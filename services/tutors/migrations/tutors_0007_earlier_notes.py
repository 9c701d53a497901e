"""A tutor reaches, too, an assignment of the tutor before them, once its notes were opened to one of theirs that runs."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "tutors_0007"
down_revision = "tutors_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
