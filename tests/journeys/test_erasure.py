"""An erased person is unreadable everywhere, on the real parts: planted strings are found before, and nowhere after. Invariant I7."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer
from psycopg.sql import SQL, Identifier

from contracts.topics import FEEDS, SERVICES, TOPICS
from services._runtime.ids import new_id
from services.intake.domain.tax_code import InvalidTaxCode, read_tax_code
from tests.journeys.callers import COORDINATOR, LEADER, Callers, PersonsWay, days_ago
from tests.support.whole import Ancora, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    import httpx

DATABASES = (*FEEDS, "keys")
OFFICER = "data-protection-officer.ciac"


class Planted:
    """One person with a string that nobody else has in every personal field that the public commands of intake and pathways take."""

    def __init__(self, callers: Callers) -> None:
        """Record them from the notice to the exit."""
        self.strings: set[str] = set()
        self.callers = callers
        self.way = PersonsWay(callers)
        self._intake()
        self.pathway = self._pathway()
        self.way.tell("/exit", {"reason": "pathway-completed", "destination": "own-home", "remarks": self.word("remarks")})

    def word(self, name: str) -> str:
        """Return a string that stands nowhere else, and remember it."""
        made = f"Zq{name}{new_id().hex[:12]}"
        self.strings.add(made)
        return made

    def _intake(self) -> None:
        way, word = self.way, self.word
        way.tell("/privacy-notices", {"notice_version": "2021-1", "language": "ti", "how": "orally", "mediator": True})
        self.tax_code = provisional_code()
        self.strings.add(self.tax_code)
        identity = {"sex": "female", "given_names": word("given"), "family_name": word("family"), "birth_date": "1990-01-01"}
        contact = {"languages": ["ti"], "email": f"{word('mail')}@example.org", "address": word("address")}
        enrolment = {"territory": "PR", "municipality": "034027", "identity": identity, "contact": contact, "tax_code": self.tax_code}
        way.tell("/enrolment", enrolment)
        way.tell("/identity-corrections", {"identity": {**identity, "given_names": word("corrected")}, "reason": word("reason")})
        way.tell("/contact", {"contact": {**contact, "address": word("moved")}})
        name = {"alias_id": str(new_id()), "kind": "earlier-name", "given_names": word("othergiven"), "family_name": word("otherfamily")}
        way.tell("/aliases", name)
        document = {"document_id": str(new_id()), "kind": "passport", "number": word("number"), "issuer": word("issuer")}
        way.tell("/documents", document)
        way.tell("/vulnerabilities", {"needs": [], "words": word("needs")})
        way.tell("/residence", {"municipality": "034027", "address": word("residence")})
        way.tell("/notes", {"text": word("note")})

    def _pathway(self) -> str:
        pathway, tell = self.way.with_baseline(), self.callers.tell
        proposed = {"wants_tutor": False, "language": "fr", "summary": self.word("summary")}
        tell("pathways", pathway, "/plan-proposals", proposed)
        tell("pathways", pathway, "/notes", {"note_id": str(new_id()), "text": self.word("pathwaynote")})
        evidence = {"kind": "certificate", "holder": self.word("holder"), "place": self.word("place"), "date": "2021-04-02"}
        reached = {"milestone_id": str(new_id()), "milestone": "italian-a2", "evidence": evidence}
        tell("pathways", pathway, "/milestones", reached)
        return pathway

    def answers(self) -> str:
        """Return every answer over HTTP that tells of the person, of those who may read it."""
        person, read = self.way.person, self.callers.get
        return "".join(
            answer.text
            for answer in (
                read("intake", f"/beneficiaries/{person}"),
                read("intake", f"/beneficiaries/{person}/erasure"),
                read("intake", "/beneficiaries?limit=200"),
                self.search(),
                read("pathways", self.pathway),
                read("pathways", f"/pathways?beneficiary-id={person}"),
                read("reporting", f"/persons/{person}/timeline?limit=200"),
                read("reporting", "/activity", "reporting-consumer.ciac"),
                *(read(service, path) for service in SERVICES for path in ("/metrics", "/status")),
            )
        )

    def search(self) -> httpx.Response:
        """Look for the person by the beginnings of two planted names, of which one is not on the document."""
        return self.callers.post("intake", "/beneficiary-searches", {"name": "Zqcorrected Zqotherfamily"})

    def found_in(self, text: str | bytes) -> set[str]:
        """Return which of the planted strings stand in a text, also as the hex in which PostgreSQL writes bytes."""
        data = text.encode() if isinstance(text, str) else text
        lowered = data.lower()
        return {one for one in self.strings if one.lower().encode() in lowered or one.encode().hex().encode() in lowered}


def provisional_code() -> str:
    """Return a provisional codice fiscale that nobody has, with its check digit."""
    serial = f"{secrets.randbelow(10**10):010}"
    return next(f"{serial}{check}" for check in range(10) if _is_code(f"{serial}{check}"))


def _is_code(text: str) -> bool:
    try:
        return read_tax_code(text).text == text
    except InvalidTaxCode:
        return False


def sealed_of(ancora: Ancora, person: UUID) -> set[bytes]:
    """Return a person's wrapped keys of every service and what they sealed there, as COPY writes them."""
    found: set[bytes] = set()
    for service in SERVICES:
        with ancora.superuser("keys") as keys, ancora.superuser(service) as store:
            query = SQL("select key_id, wrapped_sealing, wrapped_commitment from {}.key where subject = %s").format(Identifier(service))
            rows = keys.execute(query, [str(person)]).fetchall()
            ciphertexts = store.execute("select ciphertext from store.sealed where key_id = any(%s)", [[row[0] for row in rows]]).fetchall()
            found |= {part.hex().encode() for row in rows for part in row[1:]} | {row[0].hex().encode() for row in ciphertexts}
    return found


def tables_of(ancora: Ancora) -> Iterator[tuple[str, bytes]]:
    """Yield every table of every database, as a dump holds it."""
    for database in DATABASES:
        with ancora.superuser(database.replace(".", "_")) as connection:
            tables = connection.execute(
                "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
            ).fetchall()
            assert tables
            for (table,) in tables:
                with connection.cursor().copy(f"copy {table} to stdout") as copied:
                    yield f"{database}.{table}", b"".join(bytes(part) for part in copied)
            connection.execute("checkpoint")


def everything_at_rest(ancora: Ancora) -> Iterator[tuple[str, bytes]]:
    """Yield every place where bytes lie: tables of every database, files of PostgreSQL and Kafka, logs, records of the topics."""
    yield from tables_of(ancora)
    for file in sorted(ancora.home.root.rglob("*")):
        if file.is_file() and "jars" not in file.relative_to(ancora.home.root).parts:
            try:
                yield str(file.relative_to(ancora.home.root)), file.read_bytes()
            except FileNotFoundError:
                continue  # a segment that was rotated away while we looked
    yield from asyncio.run(records_of(ancora.kafka))


async def records_of(kafka: str) -> list[tuple[str, bytes]]:
    """Return every record of our topics: keys, headers and bodies, decompressed."""
    async with AIOKafkaConsumer(*TOPICS, bootstrap_servers=kafka, auto_offset_reset="earliest", enable_auto_commit=False) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[tuple[str, bytes]] = []
        while any([await consumer.position(one) < end for one, end in ends.items()]):
            for part, records in (await consumer.getmany(timeout_ms=500)).items():
                for one in records:
                    headers = b"".join(name.encode() + value for name, value in one.headers)
                    found.append((part.topic, (one.key or b"") + headers + (one.value or b"")))
    return found


def erased(planted: Planted) -> dict[str, Any]:
    """Have the person erased by two people, and return the certificate once it is complete."""
    callers, record = planted.callers, planted.way.record
    asked = {"by": "the-person", "reason": planted.word("whyerased")}
    assert callers.tell("intake", record, "/erasure-requests", asked, LEADER) == ["intake.erasure_requested"]
    return approved(callers, "intake", record)


def approved(callers: Callers, service: str, record: str) -> dict[str, Any]:
    """Approve as the officer; return the certificate."""
    version = callers.get(service, f"{record}/erasure", OFFICER).headers["etag"]
    answer = callers.post(service, f"{record}/erasure-approval", {}, login=OFFICER, If_Match=version)
    assert answer.status_code == 200, answer.text

    def look() -> dict[str, Any]:
        certificate: dict[str, Any] = callers.get(service, f"{record}/erasure", OFFICER).json()
        return certificate

    return eventually(look, enough=lambda one: one["status"] == "completed", within_s=60)


def test_an_erased_person_is_found_before_and_nowhere_after(ancora: Ancora, callers: Callers) -> None:
    """I7, I12: rows, files, logs, topics, answers, metrics; rebuilt and verified with the keys gone."""
    neighbour = PersonsWay(callers).enrolled()
    planted = Planted(callers)
    closed = eventually(lambda: callers.get("pathways", planted.pathway).json()["status"] == "closed")
    assert closed
    readable = planted.found_in(planted.answers())
    assert readable, "they are readable before"
    missing = planted.strings - readable
    assert not {one for one in missing if not one.startswith(("Zqreason", "Zqcorrected", "Zqgiven", "Zqaddress", "Zqmail"))}, missing
    eventually(lambda: planted.search().json()["items"])
    assert planted.found_in(b"".join(data for place, data in tables_of(ancora) if place.startswith("intake.private."))), "names for search"
    before = callers.get("intake", planted.way.record).headers["etag"]
    sealed = sealed_of(ancora, planted.way.person)
    assert len(sealed) > 20
    assert {one for _, data in tables_of(ancora) for one in sealed if one in data} == sealed

    certificate = erased(planted)

    assert {one["service"] for one in certificate["services"]} == {"intake", "pathways", "tutors", "reporting"}
    assert certificate["key_backups_expire_on"] > certificate["completed_on"]
    assert not planted.found_in(planted.answers())
    found = {place: strings for place, data in everything_at_rest(ancora) if (strings := planted.found_in(data))}
    assert found == {}
    assert not {place for place, data in tables_of(ancora) for one in sealed if one in data}, "neither keys nor ciphertexts are left"
    for command, body in (("/notes", {"text": "Ancora una."}), ("/readmission", {"territory": "PR"})):
        now = callers.get("intake", planted.way.record).headers["etag"]
        assert now != before
        refused = callers.post("intake", f"{planted.way.record}{command}", body, If_Match=now)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:ancora:problem:personal-data-erased")
    version = callers.get("pathways", planted.pathway).headers["etag"]
    late = callers.post("pathways", f"{planted.pathway}/notes", {"note_id": str(new_id()), "text": "Una nota tardiva."}, If_Match=version)
    assert late.status_code == 409, late.text
    assert callers.get("intake", neighbour.record).json()["record"]["identity"]["family_name"].endswith("Prova")

    eventually(lambda: callers.post("intake", "/beneficiary-searches", {"name": "Selam Prova"}).json()["items"])
    again = PersonsWay(callers).enrolled()
    again.tell("/tax-code", {"tax_code": planted.tax_code})
    planted.strings.remove(planted.tax_code)

    rebuilt = ancora.run("rebuild", "caseload", "person_timeline", "territory_progress")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert ancora.verify() == (0, [])
    assert not planted.found_in(planted.answers())


def test_nobody_approves_what_they_asked_for(callers: Callers) -> None:
    """I7: the same person twice is refused, over HTTP too, and nothing is destroyed."""
    way = PersonsWay(callers).enrolled()
    way.tell("/exit", {"reason": "pathway-completed", "destination": "own-home"})
    callers.tell("intake", way.record, "/erasure-requests", {}, LEADER)
    version = callers.get("intake", way.record).headers["etag"]
    refused = callers.post("intake", f"{way.record}/erasure-approval", {}, login=LEADER, If_Match=version)
    assert refused.json()["type"] == "urn:ancora:problem:second-person-needed"
    assert callers.get("intake", way.record).json()["record"]["identity"]["family_name"].endswith("Prova")


def test_a_tutor_waits_for_the_registers_hold(callers: Callers) -> None:
    """Off the register for ten years and never less; before, the approval says until when."""
    tutor, secret = new_id(), f"Zqtutor{new_id().hex[:12]}"
    registration = {"kind": "citizen", "territory": "PR", "municipality": "034027", "capacity": 1, "paid_staff": False, "name": secret}
    record = f"/tutors/{tutor}"
    callers.tell("tutors", record, "", {**registration, "languages": ["it"]}, COORDINATOR)
    callers.tell("tutors", record, "/retirement", {"reason": "moved"}, COORDINATOR)
    callers.tell("tutors", record, "/erasure-requests", {}, COORDINATOR)
    version = callers.get("tutors", record, COORDINATOR).headers["etag"]
    held = callers.post("tutors", f"{record}/erasure-approval", {}, login=OFFICER, If_Match=version)
    assert held.json()["type"] == "urn:ancora:problem:legal-hold"
    assert secret in callers.get("tutors", record, COORDINATOR).text

    # Who left more than ten years ago, as an old register says.
    old = new_id()
    record = f"/tutors/{old}"
    callers.tell("tutors", record, "", {**registration, "occurred_on": days_ago(4500)}, COORDINATOR)
    callers.tell("tutors", record, "/retirement", {"reason": "moved", "occurred_on": days_ago(4400)}, COORDINATOR)
    eventually(lambda: callers.get("tutors", f"{record}/erasure", OFFICER).json()["status"] == "requested", within_s=30)
    certificate = approved(callers, "tutors", record)
    assert certificate["requested_by"] == "retention-ended"
    assert secret not in callers.get("tutors", record, COORDINATOR).text
