"""Describes what travels, from the contracts themselves: a JSON Schema per published version, and one AsyncAPI 3 document.

FastStream writes an AsyncAPI document too, but without headers and keys, which are half of a contract on Kafka.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from contracts.topics import PARTITIONS, topic_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.event import Event

Json = dict[str, Any]

SEALED = "x-sealed"
"""The keyword under which a schema tells of the fields that never travel: their shapes, data classes and subjects."""
DATA_CLASS, SUBJECT = "x-data-class", "x-subject"

_TEXT = {"type": "string"}
_HEX_32 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_UUID = {"type": "string", "format": "uuid"}
_COUNT = {"type": "string", "pattern": "^[1-9][0-9]*$"}

_HEADERS: Json = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": _UUID,
    "ce_source": {"type": "string", "description": "/ancora/<service>/<generation of its feed>"},
    "ce_type": {"type": "string", "description": "ancora.<service>.<event>.v<version>"},
    "ce_subject": {"type": "string", "description": "the stream"},
    "ce_time": {"type": "string", "format": "date-time", "description": "recorded_at, UTC, six digits"},
    "ce_sequence": _COUNT | {"description": "the version in the stream"},
    "ce_position": _COUNT | {"description": "the position in the feed: dense within the generation"},
    "ce_chain": _HEX_32,
    "ce_digest": _HEX_32,
    "ce_previousdigest": _HEX_32,
    "ce_commitment": _HEX_32 | {"description": "absent where nothing is personal"},
    "ce_programme": _TEXT,
    "ce_actor": {"type": "string", "description": "a pseudonym, or ancora.<service>"},
    "ce_actororganisation": _TEXT,
    "ce_responsible": {"type": "string", "description": "the responsible organisation"},
    "ce_territory": {"type": "string", "description": "a province's code"},
    "ce_municipality": {"type": "string", "description": "an ISTAT code, where the person has one of the four"},
    "ce_purpose": _TEXT,
    "ce_correlation": _UUID,
    "ce_causation": _UUID,
    "ce_occurredon": {"type": "string", "format": "date", "description": "the day in Rome on which it happened"},
    "ce_precision": {"enum": ["day", "month", "year"]},
    "ce_clock": {"enum": ["system", "demonstration"]},
    "ce_partitionkey": {"type": "string", "description": "equals the record's key; fixed for a stream's life"},
    "content-type": {"const": "application/json"},
    "traceparent": _TEXT,
}
_OPTIONAL = {"ce_commitment", "ce_programme", "ce_responsible", "ce_territory", "ce_municipality", "ce_causation", "traceparent"}


class _Wire(GenerateJsonSchema):
    """Titles repeat the field's name and say nothing; a mapping whose keys have a form has no others."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's own signature
        """Never."""
        return False

    def dict_schema(self, schema: Any) -> Json:  # noqa: ANN401 - pydantic_core's type, and contracts import pydantic only
        """Close a mapping that is described by the form of its keys."""
        described = super().dict_schema(schema)
        return described | {"additionalProperties": False} if "patternProperties" in described else described


def name_of(event: type[Event]) -> str:
    """Return the name under which an event's version is published, such as `intake.beneficiary_enrolled.v1`."""
    return f"{event.type_name}.v{event.schema_version}"


def wire_schema(event: type[Event]) -> Json:
    """Return the JSON Schema of an event's body. Personal fields never travel, so they are told apart, under `x-sealed`."""
    described, beside = _described(event, "#/$defs"), _described(event, f"#/{SEALED}/$defs")
    clear = {name: field for name, field in described["properties"].items() if name not in event.personal_fields}
    sealed = {
        name: beside["properties"][name] | {DATA_CLASS: mark.data_class.value, SUBJECT: mark.subject}
        for name, mark in event.personal_fields.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:ancora:event:{name_of(event)}",
        **described,
        "properties": clear,
        "required": [name for name in clear if event.model_fields[name].is_required()],
        "title": event.__name__,
        "description": inspect.cleandoc(event.__doc__ or ""),
        "$defs": _used(clear, described["$defs"]),
        **({SEALED: {"properties": sealed, "$defs": _used(sealed, beside["$defs"])}} if sealed else {}),
    }


def _described(event: type[Event], definitions: str) -> Json:
    """Return pydantic's schema of all fields, their definitions referred to as lying at the given place."""
    schema = event.model_json_schema(schema_generator=_Wire, mode="serialization", ref_template=f"{definitions}/{{model}}")
    return {"$defs": {}, **schema}


def _used(fields: Json, definitions: Json) -> Json:
    """Return the definitions that fields refer to, and those that these refer to in turn."""
    used: Json = {}
    while found := {name: one for name, one in definitions.items() if name not in used and f"/$defs/{name}'" in str((fields, used))}:
        used |= found
    return used


def asyncapi(events: Iterable[type[Event]]) -> Json:
    """Return the AsyncAPI 3 document of the topics: headers, keys and bodies, the schemas by reference to their files."""
    by_service: dict[str, list[type[Event]]] = {}
    for event in events:
        by_service.setdefault(event.type_name.partition(".")[0], []).append(event)
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Ancora events",
            "version": "1",
            "description": "CloudEvents 1.0 over Kafka, binary mode. The key keeps a person's events in order within a topic.",
        },
        "defaultContentType": "application/json",
        "channels": {service: _channel(service, published) for service, published in sorted(by_service.items())},
        "operations": {
            f"{service}-emits": {"action": "send", "channel": {"$ref": f"#/channels/{service}"}} for service in sorted(by_service)
        },
        "components": {"messageTraits": {"envelope": {"headers": _headers(), "bindings": {"kafka": {"key": _TEXT}}}}},
    }


def _channel(service: str, events: list[type[Event]]) -> Json:
    return {
        "address": topic_of(service),
        "bindings": {"kafka": {"partitions": PARTITIONS}},
        "messages": {name_of(event).replace(".", "-"): _message(event) for event in events},
    }


def _message(event: type[Event]) -> Json:
    return {
        "name": f"ancora.{name_of(event)}",
        "title": event.__name__,
        "summary": inspect.cleandoc(event.__doc__ or "").partition("\n")[0],
        "traits": [{"$ref": "#/components/messageTraits/envelope"}],
        "payload": {"$ref": f"./{name_of(event)}.json"},
    }


def _headers() -> Json:
    return {"type": "object", "required": [name for name in _HEADERS if name not in _OPTIONAL], "properties": _HEADERS}
