"""The demonstration caseload: two plausible years of invented people, planned from a seed and lived through the public APIs."""

from services.cli.caseload.errors import DemonstrationError
from services.cli.caseload.running import Summary, run_demonstration

__all__ = ["DemonstrationError", "Summary", "run_demonstration"]
