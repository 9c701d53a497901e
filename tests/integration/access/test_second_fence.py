"""Every table and view of every service, straight in SQL, as the role that answers callers. Invariant I8."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from contracts.topics import ACCESS, SERVICES
from services._runtime.access.roles import Role
from services._runtime.clock import SystemClock, day_of
from services._runtime.ids import new_id
from services._runtime.store.connecting import open_pool
from services._runtime.store.fence import Fence
from tests.support.catalogue import OURS, PERSON, STREAM, THEIRS, Relation, fill, relations
from tests.support.endpoints import StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import date

    from tests.support.database import Cluster

NOBODYS = {
    "migrating.alembic_version": "numbers of revisions, for the owner alone",
    "projecting.model": "which build of a list is read",
    "projecting.build": "how far each build is",
    "read_model.territory_progress": "counts by province",
    "read_model.activity": "counts by day, kind and province",
    "read_model.latest_activity": "kinds of events by province, without their streams",
}
"""What holds no record of anybody, and why."""

READ = {
    "intake": {
        "store.events",
        "store.sealed",
        "read_model.caseload",
        "read_model.comparisons",
        "read_model.emergencies",
        "read_model.referrals",
        "read_model.transfers",
        "private.person",
        "private.name_word",
    },
    "pathways": {
        "store.events",
        "store.sealed",
        "read_model.pathway_list",
        "read_model.team_memberships",
        "read_model.activity_list",
        "read_model.budget_lines",
    },
    "tutors": {
        "store.events",
        "store.sealed",
        "read_model.tutors",
        "read_model.tutor_requests",
        "read_model.assignments",
        "read_model.supervised_tutors",
        "read_model.supervisor_absences",
    },
    "reporting": {"store.events", "store.sealed", "read_model.person_timeline", "read_model.person_reads"},
}
"""What callers are answered from, beside what is nobody's. Everything else is the machinery's."""

CALLABLE = {"store.reached", "store.followed", "read_model.followed", "read_model.joined", "read_model.fed_at", "read_model.register_heads"}
"""Functions that look behind the fence for whoever answers: of what was told alone. Of the feed they tell its chain at a position."""

OWN = StandIn(Role.CASE_WORKER, OURS)
OFFICER = StandIn(Role.DATA_PROTECTION_OFFICER, OURS)
OTHERS = (
    StandIn(Role.CASE_WORKER, THEIRS),
    StandIn(Role.TEAM_COORDINATOR, ""),
    StandIn(Role.MUNICIPALITY, "comune-fidenza"),
    StandIn(Role.ADMINISTRATOR, THEIRS),
    StandIn(Role.BENEFICIARY, THEIRS),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A service's database with a row in each table, and its answers' pool, which is one connection."""

    service: str
    relations: list[Relation]
    superuser: asyncpg.Connection
    pool: asyncpg.Pool
    fence: Fence


@asynccontextmanager
async def filled(cluster: Cluster, service: str) -> AsyncIterator[Filled]:
    """Give it."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(cluster.fresh(service))
        superuser = await asyncpg.connect(database.superuser_dsn)
        stack.push_async_callback(superuser.close)
        found = await relations(superuser)
        for relation in found:
            if relation.kind in "rp":
                await fill(superuser, relation.name)
                assert await superuser.fetchval(_COUNT.format(relation.name))
        pool = await stack.enter_async_context(await open_pool(database.answers_dsn, size=1))
        yield Filled(service, found, superuser, pool, Fence(pool, SystemClock()))


_COUNT = "select count(*) from {}"


async def seen(connection: Any, relation: str) -> int:  # noqa: ANN401 - a connection of a pool or of none
    """Return how many rows show; what is not granted shows none."""
    try:
        async with connection.transaction():
            return int(await connection.fetchval(_COUNT.format(relation)))
    except asyncpg.InsufficientPrivilegeError:
        return 0


def record_of(relation: str) -> str:
    """Return the record that an answer would name: each is asked for in its most permissive form."""
    return str(PERSON) if relation.startswith("read_model.") else STREAM


@pytest.mark.parametrize("service", SERVICES)
async def test_every_table_and_view_is_fenced(cluster: Cluster, service: str) -> None:
    """A new table without a policy, or a view that reads as its owner, is a hole; so is a function that looks for whoever asks."""
    async with filled(cluster, service) as there:
        assert [one.name for one in there.relations if not one.fenced and one.name not in NOBODYS] == []
        looking = await there.superuser.fetch(
            "select n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
            "where p.prosecdef and has_function_privilege($1, p.oid, 'execute') and has_schema_privilege($1, n.oid, 'usage')",
            f"ancora_{service}_answers",
        )
        assert {name for (name,) in looking} <= CALLABLE
        written = await there.superuser.fetch(
            "select distinct privilege_type from information_schema.role_table_grants where grantee = $1", f"ancora_{service}_answers"
        )
        assert {kind for (kind,) in written} == {"SELECT"}


@pytest.mark.parametrize("service", SERVICES)
async def test_a_wrong_organisation_gets_nothing_out_of_any_table_or_view(cluster: Cluster, service: str) -> None:
    """Straight in SQL as the role that answers; and the right one gets what it is to get, so that this is not what everybody gets."""
    async with filled(cluster, service) as there:
        shown = set()
        for relation in there.relations:
            if relation.name in NOBODYS:
                continue
            record = record_of(relation.name)
            for own in (OWN, OFFICER):
                async with there.fence.answering(own, record) as connection:
                    shown |= {relation.name} if await seen(connection, relation.name) else set()
            for other in OTHERS:
                async with there.fence.answering(other, record) as connection:
                    assert await seen(connection, relation.name) == 0, (relation.name, other)
        assert shown == READ[service]


@pytest.mark.parametrize("service", SERVICES)
async def test_a_pooled_connection_that_served_another_organisation_shows_nothing(cluster: Cluster, service: str) -> None:
    """What was told ends with the answer: committed, failed, or before any."""
    async with filled(cluster, service) as there:
        for relation in sorted(READ[service]):
            record = record_of(relation)
            async with there.pool.acquire() as untold:
                assert await seen(untold, relation) == 0
            async with there.fence.answering(OFFICER, record) as connection:
                assert await seen(connection, relation)
            async with there.pool.acquire() as after:
                assert await after.fetchval("select current_setting('ancora.organisation', true)") == "", "the trap: not null"
                assert await seen(after, relation) == 0
            with pytest.raises(ZeroDivisionError):
                async with there.fence.answering(OFFICER, record):
                    raise ZeroDivisionError
            async with there.pool.acquire() as after:
                assert await seen(after, relation) == 0
            async with there.fence.answering(OTHERS[0], record) as connection:
                assert await seen(connection, relation) == 0


async def test_a_record_is_reached_whole_by_who_is_responsible_now(cluster: Cluster) -> None:
    """What another organisation wrote of it before is its history; that organisation reaches none of it any more."""
    async with filled(cluster, "intake") as there:
        await there.superuser.execute(
            "insert into store.events overriding system value select (jsonb_populate_record(e, $1)).* from store.events e",
            f'{{"position": 2, "stream_version": 2, "responsible_organisation": "another", "event_id": "{new_id()}"}}',
        )
        for caller, count in ((OWN, 0), (OTHERS[0], 2)):
            async with there.fence.answering(caller, STREAM) as connection:
                assert await seen(connection, "store.events") == count
                assert await seen(connection, "store.sealed") == (1 if count else 0)
            async with there.fence.answering(caller, "person-of-nobody") as connection:
                assert await seen(connection, "store.events") == 0, "not named, not read"


@pytest.mark.parametrize(
    ("service", "stream", "event"),
    [("intake", STREAM, "intake.erasure_requested"), ("tutors", f"tutor-{PERSON}", "tutors.erasure_requested")],
)
async def test_an_erasure_is_followed_in_clear_and_nothing_sealed_is_opened_for_it(
    cluster: Cluster, service: str, stream: str, event: str
) -> None:
    """Officers, auditors and the person themselves are told how far it is, once it was asked for; nobody reads the record by that."""
    followers = {StandIn(Role.DATA_PROTECTION_OFFICER, THEIRS), StandIn(Role.AUDITOR, THEIRS)}
    followers |= {StandIn(Role.BENEFICIARY, THEIRS, person=PERSON)} if service == "intake" else set()
    others = {StandIn(Role.MUNICIPALITY, THEIRS), StandIn(Role.BENEFICIARY, THEIRS, person=new_id()), OTHERS[0]}
    async with filled(cluster, service) as there:
        await there.superuser.execute("alter table store.events disable trigger user")
        await there.superuser.execute("update store.events set stream_id = $1", stream)
        for asked in (False, True):
            if asked:
                await there.superuser.execute("update store.events set type = $1", event)
            for caller in followers | others:
                async with there.fence.answering(caller, stream) as connection:
                    assert await seen(connection, "store.events") == (1 if asked and caller in followers else 0), caller
                    assert await seen(connection, "store.sealed") == 0, caller


async def test_a_referral_is_reached_by_who_entered_it_and_by_who_received_it(cluster: Cluster) -> None:
    """Its record and its row in the list; a municipality has sent what it sees, and receives none."""
    referral, sender = f"referral-{PERSON}", StandIn(Role.MUNICIPALITY, "comune-parma")
    others = (OTHERS[0], StandIn(Role.MUNICIPALITY, "comune-fidenza"), StandIn(Role.MUNICIPALITY, OURS))
    async with filled(cluster, "intake") as there:
        await there.superuser.execute("alter table store.events disable trigger user")
        await there.superuser.execute("update store.events set stream_id = $1, actor_organisation = 'comune-parma'", referral)
        await there.superuser.execute("update read_model.referrals set sender = 'comune-parma'")
        for caller, reached in ((sender, 1), (OWN, 1), *((other, 0) for other in others)):
            async with there.fence.answering(caller, referral) as connection:
                assert await seen(connection, "read_model.referrals") == reached, caller
                if caller is not others[-1]:
                    assert await seen(connection, "store.events") == await seen(connection, "store.sealed") == reached, caller


_WITHDRAWN = """
insert into store.events overriding system value select (jsonb_populate_record(e, $1)).* from store.events e
"""


async def test_a_record_is_reached_by_an_authorisation_while_it_is_in_force(cluster: Cluster) -> None:
    """For the recipient, for its purpose, until its last day or its withdrawal; and only by an answer that says that it discloses."""
    today, id_ = day_of(SystemClock().now()), str(new_id())
    municipality = StandIn(Role.MUNICIPALITY, "comune-parma", purpose="housing")

    def told(last: date) -> bytes:
        said = {"authorisation_id": id_, "recipient": "comune-parma", "purpose": "housing", "expires_on": str(last)}
        return json.dumps(said).encode()

    async with filled(cluster, "intake") as there:

        async def reached(caller: StandIn, through: str = "disclosed") -> bool:
            async with there.fence.answering(caller, STREAM, through) as connection:
                events, sealed = await seen(connection, "store.events"), await seen(connection, "store.sealed")
                assert bool(events) == bool(sealed)
                return bool(events)

        await there.superuser.execute("alter table store.events disable trigger user")
        change = "update store.events set type = 'intake.disclosure_authorised', data = $1, responsible_organisation = $2"
        for last, holds in ((today - timedelta(1), False), (today, True), (today + timedelta(1), True)):
            await there.superuser.execute(change, told(last), THEIRS)
            assert await reached(municipality) is holds, last
        for other in (replace(municipality, purpose="school"), replace(municipality, organisation="comune-fidenza")):
            assert not await reached(other)
        assert not await reached(municipality, "")
        withdrawn = {"position": 2, "stream_version": 2, "event_id": str(new_id()), "type": "intake.disclosure_withdrawn"}
        await there.superuser.execute(_WITHDRAWN, json.dumps(withdrawn))
        assert not await reached(municipality)


async def test_a_record_is_reached_by_a_comparison_that_both_agreed_to_until_its_last_day_or_it_is_declined(cluster: Cluster) -> None:
    """By the organisation that the person's own events name, as workers in care, and only by an answer that says that it compares."""
    today = day_of(SystemClock().now())
    worker, reference = StandIn(Role.CASE_WORKER, "less"), str(new_id())

    def told(kind: str, last: date) -> tuple[str, bytes]:
        facts = {"reference": reference, "organisation": "less", "shown_until": str(last)}
        return f"intake.duplicate_comparison_{kind}", json.dumps(facts).encode()

    async with filled(cluster, "intake") as there:

        async def reached(caller: StandIn, through: str = "compared") -> bool:
            async with there.fence.answering(caller, STREAM, through) as connection:
                events, sealed = await seen(connection, "store.events"), await seen(connection, "store.sealed")
                assert bool(events) == bool(sealed)
                return bool(events)

        await there.superuser.execute("alter table store.events disable trigger user")
        change = "update store.events set type = $1, data = $2, responsible_organisation = $3"
        for kind, last, holds in (
            ("requested", today + timedelta(1), False),
            ("declined", today + timedelta(1), False),
            ("agreed", today - timedelta(1), False),
            ("agreed", today, True),
        ):
            await there.superuser.execute(change, *told(kind, last), THEIRS)
            assert await reached(worker) is holds, (kind, last)
        for other in (replace(worker, organisation="ics"), StandIn(Role.MUNICIPALITY, "less"), StandIn(Role.AUDITOR, "less")):
            assert not await reached(other)
        for through in ("", "disclosed"):
            assert not await reached(worker, through)
        later = {"position": 2, "stream_version": 2, "event_id": str(new_id()), "type": "intake.duplicate_comparison_declined"}
        await there.superuser.execute(_WITHDRAWN, json.dumps(later))
        for of, holds in ((str(new_id()), True), (reference, False)):
            declined = json.dumps({"reference": of}).encode()
            await there.superuser.execute("update store.events set data = $1 where stream_version = 2", declined)
            assert await reached(worker) is holds, "declined of another reference" if holds else "declined"


async def test_a_view_that_reads_as_its_owner_is_noticed(cluster: Cluster) -> None:
    """The trap itself: without security_invoker a view shows everything, and the test above says so."""
    async with filled(cluster, "intake") as there:
        for name, options, rows in (("leaking", "", 1), ("asking", "with (security_invoker = true)", 0)):
            await there.superuser.execute(f"create view read_model.{name} {options} as table read_model.caseload")
            await there.superuser.execute(f"alter view read_model.{name} owner to ancora_owner")
            await there.superuser.execute(f"grant select on read_model.{name} to ancora_intake_answers")
            async with there.fence.answering(OTHERS[0]) as connection:
                assert await seen(connection, f"read_model.{name}") == rows
        views = {one.name: one.fenced for one in await relations(there.superuser) if one.kind == "v"}
        assert views == {"read_model.leaking": False, "read_model.asking": True}


@pytest.mark.parametrize("name", ["keys", *ACCESS])
async def test_keys_and_records_of_reads_are_fenced_too(cluster: Cluster, name: str) -> None:
    """No role that answers may even connect to them."""
    async with cluster.fresh(name) as database:
        superuser = await asyncpg.connect(database.superuser_dsn)
        found = await relations(superuser)
        await superuser.close()
        assert [one.name for one in found if not one.fenced and one.name not in NOBODYS] == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(database.answers_dsn)


@pytest.mark.parametrize(("since", "until", "reached"), [(-1, None, 1), (-1, 1, 1), (-1, 0, 0), (1, None, 0)])
async def test_a_membership_that_ended_reaches_nothing_in_sql(cluster: Cluster, since: int, until: int | None, reached: int) -> None:
    """The list and the record of the team's pathway, as a member from another organisation: for the time of the membership."""
    member = StandIn(Role.CASE_WORKER, "comune-parma")
    today = day_of(SystemClock().now())
    async with filled(cluster, "pathways") as there:
        admin = there.superuser
        await admin.execute("update read_model.pathway_list set team_id = $1, organisation = $2, pathway_id = $3", PERSON, THEIRS, PERSON)
        await admin.execute(
            "update read_model.team_memberships set team_id = $1, member = $2, organisation = $3, since = $4, until = $5",
            *(PERSON, member.sub, member.organisation, today + timedelta(since), None if until is None else today + timedelta(until)),
        )
        await admin.execute("insert into projecting.model values ('pathway_list', 1), ('team_memberships', 1)")
        async with there.fence.answering(member, f"pathway-{PERSON}") as connection:
            assert await seen(connection, "read_model.pathway_list") == reached
            assert await connection.fetchval("select store.reached($1)", f"pathway-{PERSON}") is bool(reached)
            assert await connection.fetchval("select store.reached('pathway-of-nobody')") is False


@pytest.mark.parametrize(("role", "reached"), [(Role.LEAD_PARTNER, True), (Role.CASE_WORKER, False), (Role.AUDITOR, False)])
async def test_budget_lines_of_every_organisation_are_the_lead_partners_in_sql(cluster: Cluster, role: Role, reached: bool) -> None:
    """The list and the line's own stream, which name nobody; of persons the lead partner reaches none."""
    line, pathway = f"budget-{PERSON}", f"pathway-{PERSON}"
    async with filled(cluster, "pathways") as there:
        await there.superuser.execute("update read_model.budget_lines set organisation = $1", THEIRS)
        async with there.fence.answering(StandIn(role), line) as connection:
            assert await seen(connection, "read_model.budget_lines") == int(reached)
            assert await connection.fetchval("select store.followed($1)", line) is reached
            assert await connection.fetchval("select store.followed($1)", pathway) is False


async def test_a_tutor_reaches_in_sql_their_own_assignment_while_it_runs_and_nothing_else_of_their_organisation(cluster: Cluster) -> None:
    """Another tutor of the same organisation, straight in SQL as the role that answers: nothing, out of any table."""
    own, other = StandIn(Role.TUTOR, OURS, person=PERSON), StandIn(Role.TUTOR, OURS, person=new_id())
    async with filled(cluster, "tutors") as there:
        admin, stream = there.superuser, f"assignment-{PERSON}"
        await admin.execute("alter table store.events disable trigger user")
        assigned = f'{{"tutor_id": "{PERSON}"}}'.encode()
        await admin.execute("update store.events set stream_id = $1, type = 'tutors.tutor_assigned', data = $2", stream, assigned)
        for status, reached in (("running", 1), ("ended", 0)):
            await admin.execute("update read_model.assignments set status = $1", status)
            if status == "ended":
                await admin.execute(
                    "insert into store.events overriding system value select (jsonb_populate_record(e, $1)).* from store.events e",
                    f'{{"position": 2, "stream_version": 2, "type": "tutors.assignment_ended", "event_id": "{new_id()}"}}',
                )
            for caller, rows in ((own, reached), (other, 0), (StandIn(Role.TUTOR, OURS), 0)):
                async with there.fence.answering(caller, stream) as connection:
                    shown = {one.name for one in there.relations if one.name not in NOBODYS and await seen(connection, one.name)}
                assert shown == ({"store.events", "store.sealed", "read_model.assignments"} if rows else set()), (status, caller)
        await admin.execute("update store.events set stream_id = $1", f"tutor-{PERSON}")
        for caller, rows in ((own, 2), (other, 0)):
            async with there.fence.answering(caller, f"tutor-{PERSON}") as connection:
                assert await seen(connection, "store.events") == rows, "their own record"


async def test_a_tutor_reaches_in_sql_an_earlier_assignment_only_if_it_was_opened_and_while_theirs_runs(cluster: Cluster) -> None:
    """What the tutor before them noted: by the event that opened it to their own assignment, and by nothing else."""
    first, own, other = (StandIn(Role.TUTOR, OURS, person=person) for person in (PERSON, new_id(), new_id()))
    earlier, later = f"assignment-{PERSON}", f"assignment-{new_id()}"
    async with filled(cluster, "tutors") as there:
        admin = there.superuser
        await admin.execute("alter table store.events disable trigger user")
        await admin.execute("update store.events set stream_id = $1, type = 'tutors.tutor_assigned', data = '{}'", earlier)

        async def add(position: int, stream: str, version: int, name: str, **data: object) -> None:
            told = {"position": position, "stream_id": stream, "stream_version": version, "type": name, "event_id": str(new_id())}
            told["data"] = "\\x" + json.dumps(data, default=str).encode().hex()
            await admin.execute(
                "insert into store.events overriding system value "
                "select (jsonb_populate_record(e, $1)).* from store.events e where position = (select min(position) from store.events)",
                json.dumps(told),
            )

        async def reached() -> list[bool]:
            found = []
            for caller in (first, own, other):
                async with there.fence.answering(caller, earlier) as connection:
                    found.append(bool(await seen(connection, "store.events")))
            return found

        await add(2, earlier, 2, "tutors.assignment_ended", continued_by=later.removeprefix("assignment-"))
        await add(3, later, 1, "tutors.tutor_assigned", tutor_id=own.person)
        assert await reached() == [False, False, False], "hidden by default"
        opened = {"opened_to": later.removeprefix("assignment-"), "tutor_id": own.person}
        await add(4, earlier, 3, "tutors.earlier_notes_opened", **opened)
        assert await reached() == [False, True, False]
        await add(5, later, 2, "tutors.assignment_ended")
        assert await reached() == [False, False, False], "for as long as theirs runs"
