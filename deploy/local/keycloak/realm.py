"""The realm as it is imported: the committed file, and invented people whose password is made here and committed nowhere."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.development_issuer.people import Person
from deploy.local.development_issuer.tokens import IssuerSecrets
from deploy.local.paths import write_whole

REALM = "ancora"
FILE = Path(__file__).with_name("ancora-realm.json")


@dataclass(frozen=True)
class KeycloakSecrets:
    """What only this machine knows: of the pages and of a program at Keycloak, its administrator's and the invented people's passwords."""

    pages: str
    consumer: str
    administrator: str
    people: str

    @classmethod
    def in_folder(cls, folder: Path) -> "KeycloakSecrets":
        """Read them from a folder; made on first use, readable by their owner only."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / "keycloak.json"
        if not file.exists():
            write_whole(file, json.dumps(asdict(cls(*(secrets.token_urlsafe(18) for _ in range(4))))))
        return cls(**json.loads(file.read_text(encoding="utf-8")))


def one_of_each_role(people: Iterable[Person]) -> list[Person]:
    """Give the first person of each role: enough to try everything, and few enough that their passwords are hashed in a moment."""
    first: dict[str, Person] = {}
    for person in people:
        first.setdefault(person.role, person)
    return list(first.values())


def write_realm(to: Path, people: Iterable[Person], known: KeycloakSecrets, pseudonyms: IssuerSecrets) -> None:
    """Write the committed realm with these people, for Keycloak to import; the file is its owner's alone."""
    realm = json.loads(FILE.read_text(encoding="utf-8"))
    realm["users"] += [_user(person, known.people, pseudonyms) for person in people]
    write_whole(to, json.dumps(realm))


def _user(person: Person, password: str, pseudonyms: IssuerSecrets) -> dict[str, object]:
    registered = pseudonyms.registered(person)
    return {
        # The same at each import, so that who signs in again is the same person.
        "id": str(pseudonyms.pseudonym(person.login)),
        "username": person.login,
        "enabled": True,
        "firstName": "Demo",
        "lastName": f"{person.title_en} · {person.organisation_name}",
        "email": f"{person.login}@demo.invalid",
        "attributes": {"ancora_org": [person.organisation], "ancora_purpose": [person.purposes[0]]}
        | ({} if registered is None else {"ancora_person": [str(registered)]}),
        "clientRoles": {"ancora": [person.role]},
        "credentials": [{"type": "password", "value": password}],
    }
