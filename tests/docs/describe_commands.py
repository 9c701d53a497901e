"""Describes the `ancora` command and the environment it and the services read, from the command and the settings themselves."""

from __future__ import annotations

import inspect
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, get_args, get_origin

import typer
from pydantic_core import PydanticUndefined
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from services._runtime.settings import KINDS, RuntimeSettings
from services.cli.main import app
from tests.docs.tables import code, row

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMANDS = """# The command

`./ancora` in the checkout installs what `requirements.lock` names on first use, and hands over to the program described here. Data,
logs and ports of one checkout lie in its `.ancora` folder (`ANCORA_HOME` names another one); two checkouts run side by side.
While it is up, each file in its `logs` begins anew at 20 MB; one earlier part stays beside it (`<service>.log.1`).

Exit codes: 0 done; 1 not done, or a check found something, and the text says what; 2 called wrongly. `test` leaves with pytest's.
`up` that is ended by Ctrl-C, SIGTERM or `down` ends everything in order and has done what it was told: 0.
"""

_CONFIGURATION = """# Configuration

## Of a service's process

`ancora up` sets these for each of the processes that it starts. Where an orchestrator starts them (`python -m
services.<service>.main`, with `--kinds` of {kinds} to split a service over several processes) it sets them itself. A process that
misses one does not start and names it. Each may also be a file of that name in small letters in `/run/secrets`
(`/run/secrets/ancora_database`); a variable wins.
"""

_OF_THE_COMMAND = """
## Of the command

| Variable | Default | Meaning |
| --- | --- | --- |
| `ANCORA_HOME` | `.ancora` in the checkout | folder of this Ancora's data, logs, secrets and ports |
| `ANCORA_POSTGRES` | embedded | DSN of an existing PostgreSQL of Ancora's own, as a superuser |
| `ANCORA_KAFKA` | embedded | bootstrap servers of an existing Kafka |
| `ANCORA_ISSUER` | development issuer | URL of the OIDC issuer to believe |
| `ANCORA_LOG_LEVEL`, `ANCORA_AUDIENCE`, `ANCORA_OTLP`, `ANCORA_TRACES` | as above | passed on to the services |
| `ANCORA_TOKEN` | fetched from the development issuer | access token with which `ancora parked` calls the services |
| `ANCORA_<NAME>_PORT` | a free one, kept | port of `INTAKE`, `PATHWAYS`, `TUTORS`, `REPORTING`, `ISSUER`, `KAFKA` or `POSTGRES` |

`ANCORA_POSTGRES`, `ANCORA_KAFKA` and `ANCORA_ISSUER` are set together or not at all: [Run against existing
servers](../how-to/run-against-existing-servers.md).

## Of the tests

| Variable | Meaning |
| --- | --- |
| `ANCORA_TEST_KAFKA`, `ANCORA_TEST_POSTGRES` | existing servers for the tests, both or none |
| `ANCORA_TEST_PARTS` | `containers` or `embedded` (`build/test-stack`) for the tests' own servers; default: containers where they can be |
| `ANCORA_IMAGE_KAFKA`, `ANCORA_IMAGE_POSTGRES` | images of these containers; by default the public ones |
| `ANCORA_TEST_WHOLE` | `given`: journeys that damage nothing use the Ancora which the variables of the command name |
| `ANCORA_TEST_HOME` | data folder of a running Ancora against which the documentation is run; else one of its own |
| `ANCORA_CHROMIUM` | path of Chromium's executable where it is not `chromium` |
"""


def commands_page() -> str:
    """Return the page of the commands."""
    group = typer.main.get_command(app)
    if not isinstance(group, TyperGroup):
        raise TypeError(type(group))
    return "\n".join((_COMMANDS, *(line for name, command in group.commands.items() for line in _command(name, command))))


def _command(name: str, command: object) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        yield f"## `ancora {name}`\n"
        yield inspect.cleandoc(command.help or "") + "\n"
        for word, one in command.commands.items():
            yield from (f"#{line}" if line.startswith("## ") else line for line in _command(f"{name} {word}", one))
        return
    if not isinstance(command, TyperCommand):
        raise TypeError(type(command))
    arguments = [parameter for parameter in command.params if isinstance(parameter, TyperArgument)]
    yield " ".join((f"## `ancora {name}", *((argument.name or "").upper() for argument in arguments))) + "`\n"
    yield inspect.cleandoc(command.help or "") + "\n"
    for argument in arguments:
        yield f"{code((argument.name or '').upper())}: {argument.help}.\n"
    options = [parameter for parameter in command.params if isinstance(parameter, TyperOption) and parameter.name != "help"]
    if options:
        yield row("Option", "Default", "Meaning")
        yield row(*["---"] * 3)
        for option in options:
            default = "" if option.required or isinstance(option.default, bool) else str(option.default)
            yield row(code(option.opts[0]), default, f"{option.help or ''}{_choices(option)}")
        yield ""


def _choices(option: TyperOption) -> str:
    """Say which words a required option takes; the others here are numbers and switches."""
    kind = option.type_descriptor.annotation
    if not (isinstance(kind, type) and issubclass(kind, StrEnum)):
        return ""
    return f": {', '.join(code(one.value) for one in kind)}"


def configuration_page() -> str:
    """Return the page of the environment."""
    lines = [row("Variable", "Default", "Meaning"), row(*["---"] * 3)]
    for name, field in RuntimeSettings.model_fields.items():
        default = "" if field.default in (PydanticUndefined, "", None) else code(str(field.default))
        meaning = field.description or ""
        choices = ", ".join(code(str(choice)) for choice in get_args(field.annotation) if get_origin(field.annotation) is Literal)
        lines.append(row(code(f"ANCORA_{name.upper()}"), default, "; ".join(filter(None, (meaning, choices)))))
    return "\n".join((_CONFIGURATION.format(kinds=", ".join(map(code, KINDS))), *lines, _OF_THE_COMMAND.rstrip()))
