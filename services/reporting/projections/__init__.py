"""Read models over the journal, one file each: row, pure fold, queries. No personal value is in any of them."""

from typing import Any

from services._runtime.projecting.model import ReadModel
from services.reporting.projections.activity import ACTIVITY
from services.reporting.projections.latest_activity import LATEST_ACTIVITY
from services.reporting.projections.person_reads import PERSON_READS
from services.reporting.projections.person_timeline import PERSON_TIMELINE
from services.reporting.projections.territory_progress import TERRITORY_PROGRESS

MODELS: tuple[ReadModel[Any], ...] = (TERRITORY_PROGRESS, PERSON_TIMELINE, ACTIVITY, LATEST_ACTIVITY, PERSON_READS)
