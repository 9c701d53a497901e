"""Distance travelled: scores and networks since the baseline."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from contracts.pathways import NeedsAssessed, NetworkMapped
from services.pathways.adapters.distance_views import TiesView, network_view
from services.pathways.domain.distance import Dated, distances, growth
from tests.unit.pathways.cases import IDS, an_id

if TYPE_CHECKING:
    from contracts.pathway_values import AssessmentMoment

START, HALF, END = date(2021, 2, 1), date(2021, 8, 1), date(2022, 2, 1)


def assessed(name: str, on: date, moment: AssessmentMoment = "follow-up", **told: Any) -> Dated:  # noqa: ANN401 - any field of the event
    """Return an assessment."""
    fields = {"instrument": "needs-and-resources", "instrument_version": "1.0", "respondent": "worker", "scores": {}, **told}
    return Dated(NeedsAssessed(**IDS, assessment_id=an_id(name), moment=moment, **fields), on)


def mapped(name: str, on: date, moment: AssessmentMoment, counts: tuple[int, int, int], corrects: str | None = None) -> Dated:
    """Return a network map of so many bonds, bridges and links."""
    bonds, bridges, links = counts
    corrected = None if corrects is None else an_id(corrects)
    event = NetworkMapped(**IDS, map_id=an_id(name), moment=moment, bonds=bonds, bridges=bridges, links=links, ties=(), corrects=corrected)
    return Dated(event, on)


BASELINE = assessed("first", START, "baseline", scores={"language": 1, "work": 3}, sensitive_scores={"health": 4})


def test_a_distance_is_from_the_baseline_to_what_was_measured_last() -> None:
    """Follow-ups entered late stand by the day on which they were taken; one can go back, too."""
    told = [BASELINE, assessed("last", END, "exit", scores={"language": 4, "work": 2}), assessed("late", HALF, scores={"language": 2})]
    found = {one.item: (one.baseline, one.latest, one.travelled, one.latest_on) for one in distances(told)}
    assert found == {"language": (1, 4, 3, END), "work": (3, 2, -1, END)}


def test_scores_are_never_compared_across_respondents_or_versions() -> None:
    """The worker's eye is not the person's, and other words ask another question."""
    told = [
        BASELINE,
        assessed("own", HALF, respondent="beneficiary", scores={"language": 5}),
        assessed("reworded", END, instrument_version="1.1", scores={"language": 5}),
    ]
    assert distances(told) == []


def test_a_sealed_score_counts_for_whoever_is_told_it_and_for_nobody_else() -> None:
    """I6: where the key of health stays shut the figure stays out, and says nothing."""
    later = assessed("later", HALF, sensitive_scores={"health": 5})
    assert [(one.item, one.travelled) for one in distances([BASELINE, later])] == [("health", 1)]
    shut = [Dated(one.event.model_copy(update={"sensitive_scores": None}), one.on) for one in (BASELINE, later)]
    assert distances(shut) == []


def test_what_was_corrected_counts_as_corrected() -> None:
    """A correction stands where the wrong record stood, and so does a correction of it."""
    wrong = assessed("wrong", HALF, scores={"language": 5})
    right = assessed("right", HALF, scores={"language": 3}, corrects=an_id("wrong"))
    at_last = assessed("at last", HALF, scores={"language": 2}, corrects=an_id("right"))
    assert [one.travelled for one in distances([BASELINE, wrong, right, at_last])] == [1]


def test_the_growth_of_a_network_is_a_figure() -> None:
    """Social capital is what tutors are for: bonds, bridges and links, from the baseline to the last map."""
    first, last = mapped("before", START, "baseline", (3, 0, 1)), mapped("after", END, "exit", (2, 4, 2))
    told = [first, last, mapped("corrected", START, "baseline", (4, 0, 1), corrects="before")]
    view = network_view(growth(told))
    assert view is not None
    assert (view.baseline.bonds, view.latest.bonds, view.growth) == (4, 2, TiesView(bonds=-2, bridges=4, links=1))
    assert network_view(growth([first])) is None
    assert network_view(growth([last])) is None
