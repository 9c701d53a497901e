"""A secret comes by the environment or by a file, never by an argument, which everybody on the machine can read."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

import typer.main
import yaml
from pydantic import SecretStr

from deploy.local.paths import CHECKOUT
from services._runtime.settings import RuntimeSettings
from services.cli.main import app
from services.cli.prepare import Preparation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_SECRET = re.compile(r"pass|secret|token|\bkek\b|\bkey\b|dsn|credential", re.IGNORECASE)


def _options(command: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - typer's own kind of click's command
    for parameter in command.params:
        yield str(command.name), " ".join((parameter.name or "", *parameter.opts))
    for inner in getattr(command, "commands", {}).values():
        yield from _options(inner)


def test_no_command_takes_a_secret_as_an_argument() -> None:
    found = list(_options(typer.main.get_command(app)))
    assert len(found) > 20
    assert [(command, told) for command, told in found if _SECRET.search(told)] == []


def test_no_other_program_takes_a_secret_as_an_argument() -> None:
    """Every call of `add_argument` in what is shipped."""
    modules = [*CHECKOUT.glob("services/**/*.py"), *CHECKOUT.glob("deploy/**/*.py")]
    added = [call for module in modules for call in _calls(module) if call.func.attr == "add_argument"]  # type: ignore[attr-defined]
    assert len(added) > 5
    assert not [ast.unparse(call) for call in added if any(_SECRET.search(ast.unparse(name)) for name in call.args)]


def _calls(module: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node


_SECRET_SETTINGS = {"database", "answers_database", "access_database", "keys_database", "kek", "client_secret", "postgres", "roles"}


def test_settings_that_are_secret_show_themselves_to_nobody() -> None:
    """What holds a password is a secret by its type; what is not so marked holds none."""
    for settings in (RuntimeSettings, Preparation):
        for name, field in settings.model_fields.items():
            secret = field.annotation is SecretStr or "SecretStr" in str(field.annotation)
            assert secret == (name in _SECRET_SETTINGS), name
    values = dict.fromkeys(("database", "answers_database", "access_database", "keys_database"), "postgresql://me:canary@127.0.0.1/x")
    others = {"kafka": "127.0.0.1:1", "kek_file": "none", "issuer": "https://issuer.example", "port": 1}
    assert "canary" not in repr(RuntimeSettings.model_validate(values | others))


def test_the_composed_system_has_no_secret_in_its_environment_or_arguments() -> None:
    """Each is a file that is mounted into the containers which need it."""
    composed = yaml.safe_load((CHECKOUT / "deploy" / "compose" / "compose.yaml").read_text(encoding="utf-8"))
    for name, service in composed["services"].items():
        for variable, value in (service.get("environment") or {}).items():
            assert not _SECRET.search(variable) or variable == "POSTGRES_PASSWORD_FILE" or variable.startswith("ANCORA_KEK_FILE"), name
            assert "://" not in str(value) or "@" not in str(value), name
        assert not _SECRET.search(" ".join(service.get("command") or ())), name
