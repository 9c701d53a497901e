"""A tutor reaches their own record and the assignments in which they stand beside somebody, and nothing else of their organisation."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "tutors_0006"
down_revision = "tutors_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
