"""What Keycloak is started from: the archive that was committed to, a realm of invented people, secrets that are made here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.local.development_issuer.people import read_people
from deploy.local.development_issuer.tokens import IssuerSecrets
from deploy.local.keycloak.distribution import KeycloakError, keycloak, verify
from deploy.local.keycloak.realm import FILE, KeycloakSecrets, one_of_each_role, write_realm
from deploy.local.keycloak.server import KeycloakServer
from deploy.local.paths import Home
from deploy.local.ports import LOOPBACK

ORGANISATIONS = Path(__file__).parents[3] / "contracts" / "reference" / "consortium.yaml"


def test_an_archive_that_nobody_committed_to_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "keycloak.zip"
    archive.write_bytes(b"another")
    with pytest.raises(KeycloakError, match=r"is not keycloak-quarkus-dist-.*\.zip as committed"):
        verify(archive)


def test_what_is_unpacked_already_is_not_fetched_again(tmp_path: Path) -> None:
    there = tmp_path / "keycloak-26.7.3"
    there.mkdir()
    assert keycloak(tmp_path) == there


def test_the_realm_that_is_imported_has_one_invented_person_of_each_role_and_says_so(tmp_path: Path) -> None:
    """Each time the same persons; the file and the secrets are their owner's alone, and none is in the committed file."""
    people = one_of_each_role(read_people(ORGANISATIONS).values())
    known, pseudonyms = KeycloakSecrets.in_folder(tmp_path), IssuerSecrets.in_folder(tmp_path)
    assert known == KeycloakSecrets.in_folder(tmp_path)
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    for file in (first, second):
        write_realm(file, people, known, pseudonyms)
    assert first.read_bytes() == second.read_bytes()
    assert {file.stat().st_mode & 0o777 for file in (first, tmp_path / "keycloak.json")} == {0o600}
    users = [user for user in json.loads(first.read_text())["users"] if "credentials" in user]
    assert [user["username"] for user in users] == [person.login for person in people]
    assert len({user["id"] for user in users}) == len({person.role for person in people}) == len(users)
    assert all(user["attributes"]["ancora_purpose"] == [person.purposes[0]] for user, person in zip(users, people, strict=True))
    assert all(user["firstName"] == "Demo" and user["email"].endswith("@demo.invalid") for user in users)
    committed = FILE.read_text(encoding="utf-8")
    assert not any(secret in committed for secret in (known.pages, known.consumer, known.administrator, known.people))


def test_it_is_started_on_loopback_with_no_secret_in_its_arguments(tmp_path: Path) -> None:
    """Arguments are everybody's to read on a machine."""
    home = Home(tmp_path)
    home.prepare()
    server = KeycloakServer(home, 29_999, "http://127.0.0.1:28888")
    argv = " ".join(server.argv(tmp_path))
    assert f"--http-host={LOOPBACK}" in argv
    secrets = server.secrets
    assert not any(secret in argv for secret in (secrets.pages, secrets.consumer, secrets.administrator, secrets.people))
    assert server.environment()["ANCORA_PAGES_SECRET"] == secrets.pages
    assert server.secrets.people not in server.environment().values()
