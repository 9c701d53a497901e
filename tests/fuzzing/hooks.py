"""What Schemathesis is told of Ancora: ids that exist, headers that commands need, and what must be in no answer.

Schemathesis loads it into its own process (`SCHEMATHESIS_HOOKS`); what was planted is in the file that `PLANTED` names.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schemathesis

from services._runtime.web.tables import CSV, XLSX
from tests.fuzzing import PLANTED

if TYPE_CHECKING:
    from schemathesis import Case, CheckContext, HookContext, Response
    from schemathesis.transport import SerializationContext

_planted: dict[str, Any] = json.loads(Path(os.environ[PLANTED]).read_text(encoding="utf-8"))
_CANARIES = [canary.encode() for canary in _planted["canaries"]]
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_IDS: dict[str, list[str]] = _planted["ids"]


@schemathesis.serializer(CSV, XLSX)
def file(_context: SerializationContext, value: Any) -> bytes:  # noqa: ANN401 - whatever Schemathesis made
    """Send what was made for a file as its bytes."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.hook
def map_path_parameters(_context: HookContext, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Put an id that exists where one was made up, in three of four requests: the way to a record is through its id."""
    if not path_parameters:
        return path_parameters
    return {name: _known(name, value) for name, value in path_parameters.items()}


@schemathesis.hook
def map_headers(_context: HookContext, headers: dict[str, Any] | None) -> dict[str, Any]:
    """Give in three of four requests the headers without which a command is refused at the door."""
    # With a control character in it, or a space around it, a request is no HTTP: the client sends none, or the server answers by itself.
    made = {name: _CONTROL.sub("", value).strip() if isinstance(value, str) else value for name, value in (headers or {}).items()}
    chance = _number(made)
    if chance % 4:
        made["Idempotency-Key"] = f"fuzz-{chance}-{len(made)}"
        made["If-Match"] = f'"{1 + chance % 3}"'
    return made


@schemathesis.check
def tells_nothing_of_another_organisation(_context: CheckContext, response: Response, _case: Case[Any]) -> None:
    """No answer has anything that another organisation recorded (I8), nor anything sealed (I6)."""
    told = response.content + repr(sorted(response.headers.items())).encode()
    assert not any(canary in told for canary in _CANARIES), "an answer holds what another organisation recorded"


def _known(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever Schemathesis made
    known, chance = _IDS.get(name, []), _number(value)
    return known[chance // 4 % len(known)] if known and chance % 4 else value


def _number(value: object) -> int:
    """Return a number that is the same whenever a request is tried again."""
    return zlib.crc32(repr(value).encode("utf-8", "surrogatepass"))
