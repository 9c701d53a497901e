"""Kafka's jars: resolved once from Maven coordinates, checked against the committed list of hashes, then kept in the data folder.

Who raises the version renews the list: `python -m deploy.local.jars > deploy/local/kafka-jars.sha256`, and reviews the difference.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

KAFKA_VERSION = "4.3.1"
COORDINATES = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")
HASH_LIST = Path(__file__).with_name("kafka-jars.sha256")
# Resolving runs apart, for the warnings that libraries print. It uses jgo's resolver only: its `build` would sort the jars into modules
# and fetch a JDK for that.
_RESOLVE = """
import sys
from jgo.maven import MavenContext
context = MavenContext()
asked, needed = context.resolver.resolve([context.create_dependency(coordinate) for coordinate in sys.argv[1:]])
for dependency in [*asked, *needed]:
    if dependency.scope in {"compile", "runtime", None}:
        print(dependency.artifact.resolve())
"""


class JarError(Exception):
    """The jars could not be had, or are not the ones that were committed to."""


def committed_hashes(hash_list: Path = HASH_LIST) -> dict[str, str]:
    """Read the list: file name → SHA-256, as `sha256sum` writes it."""
    lines = hash_list.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split(maxsplit=1) for line in lines if line)}


def verify(folder: Path, hashes: dict[str, str]) -> None:
    """Check that the folder holds exactly the listed jars, byte by byte; raises JarError that names the first deviation."""
    present = {jar.name for jar in folder.glob("*.jar")}
    for name in sorted(hashes.keys() ^ present):
        message = f"{name} is missing in {folder}" if name in hashes else f"{name} in {folder} is not in {HASH_LIST.name}"
        raise JarError(message)
    for name, expected in hashes.items():
        found = _sha256(folder / name)
        if found != expected:
            message = f"{folder / name} was altered: SHA-256 is {found}, committed is {expected}; remove the folder to fetch it anew"
            raise JarError(message)


def kafka_jars(jars: Path) -> Path:
    """Give the folder with Kafka's verified jars; fetches them where it is absent, else needs no network. Raises JarError."""
    folder = jars / f"kafka-{KAFKA_VERSION}"
    if folder.exists():
        verify(folder, committed_hashes())
        return folder
    arriving = jars / f".kafka-{KAFKA_VERSION}.{os.getpid()}"
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.mkdir(parents=True)
    try:
        for jar in resolve():
            shutil.copyfile(jar, arriving / jar.name)
        verify(arriving, committed_hashes())
        arriving.rename(folder)
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return folder


def resolve() -> list[Path]:
    """Resolve the coordinates into the user's Maven cache and give the jars' paths; raises JarError if that fails."""
    done = subprocess.run(  # noqa: S603 - our own interpreter with a constant program
        [sys.executable, "-c", _RESOLVE, *COORDINATES], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        message = f"Kafka's jars could not be resolved from {', '.join(COORDINATES)}: {reason}"
        raise JarError(message)
    return [Path(line) for line in done.stdout.splitlines() if line.endswith(".jar")]


def _sha256(jar: Path) -> str:
    with jar.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


if __name__ == "__main__":
    sys.stdout.writelines(f"{_sha256(jar)}  {jar.name}\n" for jar in sorted(resolve(), key=lambda jar: jar.name))
