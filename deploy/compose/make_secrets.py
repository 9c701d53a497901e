"""Makes the secrets that `compose.yaml` mounts, each in a file of its own: `python3 -m deploy.compose.make_secrets`.

What is there already stays: a second run makes no secret anew, and writes the addresses that hold them again. The folder is a
data folder's `secrets`, so that the command can be pointed to the composed system; back it up, for without the key-encryption keys
(`kek-…`) no personal field can be read again.
"""

import argparse
import json
import secrets
import sys
from pathlib import Path

from deploy.local.paths import write_whole

SERVICES = ("intake", "pathways", "tutors", "reporting")
_DEFAULT = Path(__file__).parent / ".ancora" / "secrets"
_SERVER = "postgres:5432"
_KEY_BYTES = 32


def make(folder: Path) -> None:
    """Make every secret that is missing in `folder`, which only its owner may enter.

    The files themselves are readable by all: each is mounted by itself, for the unprivileged account of its container.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    superuser = _kept(folder / "postgres-superuser", secrets.token_urlsafe(24))
    passwords = _passwords(folder / "roles.json")
    _address(folder / "dsn-postgres", _dsn("postgres", superuser, "postgres"))
    for service in SERVICES:
        role = f"ancora_{service}"
        _kept(folder / f"kek-{service}", secrets.token_hex(_KEY_BYTES))
        _address(folder / f"dsn-{service}", _dsn(role, passwords[role], role))
        _address(folder / f"dsn-{service}-answers", _dsn(f"{role}_answers", passwords[f"{role}_answers"], role))
        _address(folder / f"dsn-{service}-access", _dsn(role, passwords[role], f"{role}_access"))
        _address(folder / f"dsn-{service}-keys", _dsn(role, passwords[role], "ancora_keys"))


def _passwords(file: Path) -> dict[str, str]:
    """Return a password for each role; a role that came with a newer version gets one beside the others."""
    roles = ("ancora_owner", *(f"ancora_{service}{kind}" for service in SERVICES for kind in ("", "_answers")))
    known: dict[str, str] = json.loads(file.read_text(encoding="ascii")) if file.exists() else {}
    if missing := [role for role in roles if role not in known]:
        known |= {role: secrets.token_urlsafe(24) for role in missing}
        write_whole(file, json.dumps(known))
        file.chmod(0o444)
    return known


def _kept(file: Path, text: str) -> str:
    if not file.exists():
        write_whole(file, text)
        file.chmod(0o444)
    return file.read_text(encoding="ascii")


def _address(file: Path, text: str) -> None:
    write_whole(file, text)
    file.chmod(0o444)


def _dsn(role: str, password: str, database: str) -> str:
    # On a network of this machine's own there is no TLS, which must be said.
    # The passwords are of letters, digits, dashes and underscores: nothing in them needs quoting.
    return f"postgresql://{role}:{password}@{_SERVER}/{database}?sslmode=disable"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Make the secrets of the composed system where they are missing.")
    parser.add_argument("folder", nargs="?", type=Path, default=_DEFAULT, help="where compose finds them (ANCORA_SECRETS)")
    folder = parser.parse_args().folder
    make(folder)
    sys.stdout.write(f"secrets are in {folder}\n")


if __name__ == "__main__":
    main()
