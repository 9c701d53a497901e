"""Keys are rotated beside a whole running Ancora, and a person is found by name, by whoever may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.ids import new_id
from services._runtime.store.key_encryption import kek_in_file
from tests.journeys.callers import Callers, PersonsWay
from tests.support.whole import eventually

if TYPE_CHECKING:
    from tests.support.whole import Ancora


def test_a_key_encryption_key_is_rotated_beside_running_services_which_read_and_write_on(ancora: Ancora) -> None:
    """I11: what was sealed before is readable after, by the processes that ran all the while and by those that verify."""
    files = {service: ancora.home.secrets / f"kek-{service}" for service in ("intake", "pathways", "tutors", "reporting")}
    before = {service: kek_in_file(file) for service, file in files.items()}
    with Callers(ancora) as callers:
        way = PersonsWay(callers).enrolled().admitted()

        done = ancora.run("keys", "rotate-kek", "all")

        assert done.returncode == 0, done.stderr
        for service, file in files.items():
            after = kek_in_file(file)
            assert len(after.keys) == 1
            assert after.keys != before[service].keys
            assert after.blinding == before[service].blinding
        with ancora.superuser("keys") as connection:
            keks = connection.execute("select distinct kek_id from intake.key").fetchall()
        assert keks == [(kek_in_file(files["intake"]).known()[0].kek_id,)]
        read = callers.get("intake", f"/beneficiaries/{way.person}").json()
        assert read["record"]["identity"]["family_name"]
        # Nobody has keys yet: the services make theirs under the fresh one, which they learn by being refused.
        PersonsWay(callers).enrolled().admitted()
        assert ancora.verify() == (0, [])


def test_a_person_is_found_by_name_once_the_name_has_followed_the_feed(ancora: Ancora) -> None:
    """I6, I8: the name is in a body, and only their own organisation finds the person."""
    with Callers(ancora) as callers:
        way, name = PersonsWay(callers).enrolled(), f"Inventata{new_id().hex}"
        identity = {"sex": "female", "given_names": "Selam", "family_name": name, "birth_date": "1990-01-01"}
        way.tell("/identity-corrections", {"identity": identity, "reason": "Everybody else here has one name."})

        def found() -> bool:
            answer = callers.post("intake", "/beneficiary-searches", {"name": name})
            assert answer.status_code == 200, answer.text
            return str(way.person) in {item["beneficiary_id"] for item in answer.json()["items"]}

        assert eventually(found)
