"""Every endpoint that reads, as every role: one record for each answer, whatever it is; and none of what tells of nobody. Invariant I9."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from services._runtime.access.roles import Role
from services._runtime.ids import new_id
from services.cli.services import services
from tests.unit.access.expectation import expectation
from tests.unit.access.test_every_endpoint import OPENING, OURS, THEIRS, Walked

if TYPE_CHECKING:
    from tests.support.endpoints import Endpoint

_PARAMETER = re.compile(r"\{(\w+)")
_SEARCHES = {"POST /beneficiary-searches", "POST /duplicate-searches", "POST /transfer-previews", "POST /enrolment-file-previews"}
"""What reads although it is a POST: what is looked for must not stand in an address, or is too much for one."""


def tells_of_persons(service: str, endpoint: Endpoint) -> bool:
    """Tell whether an endpoint's answers are about persons: it reads, and to some role a record is somebody's."""
    reads = endpoint.method == "GET" or endpoint.name in _SEARCHES
    return reads and bool(set(expectation()[service, endpoint.name].roles.values()) - {"nobody"})


@pytest.mark.parametrize("name", services())
async def test_every_answer_that_tells_of_persons_is_one_record(name: str) -> None:
    """I9: own and others' records, every role, answers and refusals; figures, methods, machinery and commands are none."""
    walked, expected = Walked(name), list[tuple[str, int]]()
    for endpoint in walked.service.endpoints():
        if not endpoint.actions or endpoint.route.path == "/stream":
            continue
        parameter = next(iter(_PARAMETER.findall(endpoint.route.path)), "")
        for role in Role:
            for organisation in (OURS, THEIRS):
                at = await walked.put(parameter, organisation) if parameter in OPENING else new_id()
                answer = await walked.call(endpoint, role, at)
                if tells_of_persons(name, endpoint):
                    assert answer.status_code < 500, (endpoint.name, role, answer.text)
                    expected.append((role.value, answer.status_code))
    recorded = [(record.role, record.status) for _, record in await walked.service.reads.recorded()]
    assert recorded == expected
    assert any(status == 200 for _, status in recorded)
    assert any(status in (403, 404) for _, status in recorded)


async def test_a_record_names_whose_data_were_told_and_of_which_classes() -> None:
    """I9: whom a refusal was asked for, it names too, whether there is such a record or not."""
    walked = Walked("intake")
    (read,) = (one for one in walked.service.endpoints() if one.name == "GET /beneficiaries/{beneficiary_id}")
    ours, theirs, nobodys = await walked.put("beneficiary_id", OURS), await walked.put("beneficiary_id", THEIRS), new_id()
    for at, status in ((ours, 200), (theirs, 404), (nobodys, 404)):
        assert (await walked.call(read, Role.CASE_WORKER, at)).status_code == status
    told = [(record.subjects, record.outcome.value) for _, record in await walked.service.reads.recorded()]
    assert told[1:] == [((theirs,), "refused"), ((nobodys,), "refused")]
    assert told[0][1] == "answered"
