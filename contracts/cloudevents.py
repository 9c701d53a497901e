"""CloudEvents 1.0 over Kafka, binary mode: a feed event to headers and back. The body is the stored data bytes."""

from __future__ import annotations

from binascii import hexlify
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.envelope import CLOCKS, PRECISIONS, Envelope, FeedEvent, RecordedEvent, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTENT_TYPE = "application/json"

_SPECVERSION = ("ce_specversion", b"1.0")
_CONTENT_TYPE = ("content-type", CONTENT_TYPE.encode())


class NotOurs(ValueError):
    """A record that is no event of Ancora: headers missing, not UTF-8, or not of the agreed form."""


def to_headers(event: FeedEvent, *, traceparent: str | None = None) -> list[tuple[str, bytes]]:
    """Return the record's headers; absent optional attributes are left out."""
    recorded = event.recorded
    envelope = recorded.envelope
    attributes = (
        _SPECVERSION,
        ("ce_id", str(envelope.event_id).encode()),
        ("ce_source", _source(event.source, event.generation)),
        ("ce_type", _type(envelope.type, envelope.schema_version)),
        ("ce_subject", envelope.stream_id.encode()),
        ("ce_time", timestamp(envelope.recorded_at).encode()),
        ("ce_sequence", b"%d" % envelope.stream_version),
        ("ce_position", b"%d" % event.feed_position),
        ("ce_chain", hexlify(event.chain)),
        ("ce_digest", hexlify(recorded.digest)),
        ("ce_previousdigest", hexlify(envelope.previous_digest)),
        ("ce_commitment", hexlify(recorded.commitment) or None),
        ("ce_programme", _encoded(envelope.programme)),
        ("ce_actor", envelope.actor.encode()),
        ("ce_actororganisation", envelope.actor_organisation.encode()),
        ("ce_responsible", _encoded(envelope.responsible_organisation)),
        ("ce_territory", _encoded(envelope.territory)),
        ("ce_municipality", _encoded(envelope.municipality)),
        ("ce_purpose", envelope.purpose.encode()),
        ("ce_correlation", str(envelope.correlation).encode()),
        ("ce_causation", None if envelope.causation is None else str(envelope.causation).encode()),
        ("ce_occurredon", envelope.occurred_on.isoformat().encode()),
        ("ce_precision", envelope.precision.encode()),
        ("ce_clock", envelope.clock.encode()),
        ("ce_partitionkey", envelope.partition_key.encode()),
        _CONTENT_TYPE,
        ("traceparent", _encoded(traceparent)),
    )
    return [attribute for attribute in attributes if attribute[1] is not None]  # type: ignore[misc] # mypy does not narrow a tuple's part


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


@lru_cache(maxsize=256)
def _source(source: str, generation: int) -> bytes:
    return f"/ancora/{source}/{generation}".encode()


@lru_cache(maxsize=1024)
def _type(type_name: str, version: int) -> bytes:
    return f"ancora.{type_name}.v{version}".encode()


def from_record(headers: Iterable[tuple[str, bytes | None]], value: bytes | None) -> FeedEvent:
    """Return the feed event that a record carries; raises `NotOurs` with the reason, whatever the bytes are.

    The digest is carried, not recomputed: checking it is `verify`'s and the ingester's work.
    """
    try:
        attributes = {name: raw.decode() for name, raw in headers}  # type: ignore[union-attr] # an absent value is told below
        if "\0" in "".join(attributes.values()):
            # A NUL is valid UTF-8, and no text that PostgreSQL could keep.
            raise NotOurs("a header has a value that is no text")  # noqa: TRY301 - one place to leave from
        if attributes["ce_specversion"] != "1.0" or value is None:
            raise NotOurs("not a CloudEvent 1.0 with a body")  # noqa: TRY301 - the same
        source, generation = _source_of(attributes["ce_source"])
        return FeedEvent(
            recorded=RecordedEvent(
                envelope=_envelope(attributes),
                data=value,
                commitment=bytes.fromhex(attributes.get("ce_commitment", "")),
                digest=bytes.fromhex(attributes["ce_digest"]),
            ),
            source=source,
            generation=generation,
            feed_position=int(attributes["ce_position"]),
            chain=bytes.fromhex(attributes["ce_chain"]),
        )
    except NotOurs:
        raise
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        # The text of the error may quote the record's bytes, which may be anybody's: only its kind is told.
        msg = f"a header is missing or malformed ({type(error).__name__})"
        raise NotOurs(msg) from None


@lru_cache(maxsize=256)
def _source_of(text: str) -> tuple[str, int]:
    """Return the service and the generation of a `ce_source`."""
    _, product, source, generation = text.split("/")
    if product != "ancora":
        raise NotOurs("the source is not of Ancora")
    return source, int(generation)


@lru_cache(maxsize=1024)
def _type_of(text: str) -> tuple[str, int]:
    """Return the type and the schema version of a `ce_type`."""
    product, _, rest = text.partition(".")
    if product != "ancora":
        raise NotOurs("the type is not of Ancora")
    type_name, _, version = rest.rpartition(".v")
    return type_name, int(version)


def _envelope(attributes: dict[str, str]) -> Envelope:
    type_name, version = _type_of(attributes["ce_type"])
    causation = attributes.get("ce_causation")
    return Envelope(
        event_id=UUID(attributes["ce_id"]),
        type=type_name,
        schema_version=version,
        stream_id=attributes["ce_subject"],
        stream_version=int(attributes["ce_sequence"]),
        programme=attributes.get("ce_programme"),
        actor=attributes["ce_actor"],
        actor_organisation=attributes["ce_actororganisation"],
        responsible_organisation=attributes.get("ce_responsible"),
        territory=attributes.get("ce_territory"),
        municipality=attributes.get("ce_municipality"),
        purpose=attributes["ce_purpose"],
        correlation=UUID(attributes["ce_correlation"]),
        causation=None if causation is None else UUID(causation),
        occurred_on=date.fromisoformat(attributes["ce_occurredon"]),
        precision=PRECISIONS[attributes["ce_precision"]],
        recorded_at=datetime.fromisoformat(attributes["ce_time"]),
        clock=CLOCKS[attributes["ce_clock"]],
        partition_key=attributes["ce_partitionkey"],
        previous_digest=bytes.fromhex(attributes["ce_previousdigest"]),
    )
