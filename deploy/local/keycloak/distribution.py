"""Keycloak itself: resolved once from Maven, checked against the committed hash, unpacked into the data folder.

Who raises the version renews the hash: `sha256sum` of the file that Maven Central has, compared with its published checksum.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

VERSION = "26.7.3"
_HASH = Path(__file__).with_name("distribution.sha256")
# Resolving runs apart, for the warnings that libraries print.
_RESOLVE = """
import sys
from jgo.maven import MavenContext
print(MavenContext().project("org.keycloak", "keycloak-quarkus-dist").at_version(sys.argv[1]).artifact(packaging="zip").resolve())
"""


class KeycloakError(Exception):
    """Keycloak could not be had, or is not the one that was committed to."""


def keycloak(downloads: Path) -> Path:
    """Give the folder with Keycloak; fetches it where it is absent, else needs no network. Raises KeycloakError.

    Its own start writes into it, so what is checked is the archive, whenever it is unpacked.
    """
    folder = downloads / f"keycloak-{VERSION}"
    if folder.exists():
        return folder
    archive = resolve()
    verify(archive)
    arriving = downloads / f".keycloak-{VERSION}.{os.getpid()}"
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.mkdir(parents=True)
    try:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(arriving)
        (arriving / folder.name).rename(folder)
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return folder


def verify(archive: Path) -> None:
    """Check the archive, byte by byte; raises KeycloakError."""
    committed, name = _HASH.read_text(encoding="utf-8").split()
    with archive.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != committed:
        message = f"{archive} is not {name} as committed: SHA-256 is {found}, not {committed}; remove it to fetch it anew"
        raise KeycloakError(message)


def resolve() -> Path:
    """Resolve the archive into the user's Maven cache and give its path; raises KeycloakError if that fails."""
    done = subprocess.run(  # noqa: S603 - our own interpreter with a constant program
        [sys.executable, "-c", _RESOLVE, VERSION], capture_output=True, text=True, check=False
    )
    lines = done.stdout.split()
    if done.returncode != 0 or not lines:
        reason = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        message = f"Keycloak {VERSION} could not be fetched from Maven: {reason}"
        raise KeycloakError(message)
    return Path(lines[-1])
