"""CloudEvents 1.0 over Kafka, binary mode: a feed event to headers and back. The body is the stored data bytes."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.envelope import ClockKind, Envelope, FeedEvent, Precision, RecordedEvent, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTENT_TYPE = "application/json"


class NotOurs(ValueError):
    """A record that is no event of Ancora: headers missing, not UTF-8, or not of the agreed form."""


def to_headers(event: FeedEvent, *, traceparent: str | None = None) -> list[tuple[str, bytes]]:
    """Return the record's headers; absent optional attributes are left out."""
    envelope = event.recorded.envelope
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": str(envelope.event_id),
        "ce_source": f"/ancora/{event.source}/{event.generation}",
        "ce_type": f"ancora.{envelope.type}.v{envelope.schema_version}",
        "ce_subject": envelope.stream_id,
        "ce_time": timestamp(envelope.recorded_at),
        "ce_sequence": str(envelope.stream_version),
        "ce_position": str(event.feed_position),
        "ce_chain": event.chain.hex(),
        "ce_digest": event.recorded.digest.hex(),
        "ce_previousdigest": envelope.previous_digest.hex(),
        "ce_commitment": event.recorded.commitment.hex() or None,
        "ce_programme": envelope.programme,
        "ce_actor": envelope.actor,
        "ce_actororganisation": envelope.actor_organisation,
        "ce_responsible": envelope.responsible_organisation,
        "ce_territory": envelope.territory,
        "ce_municipality": envelope.municipality,
        "ce_purpose": envelope.purpose,
        "ce_correlation": str(envelope.correlation),
        "ce_causation": None if envelope.causation is None else str(envelope.causation),
        "ce_occurredon": envelope.occurred_on.isoformat(),
        "ce_precision": envelope.precision.value,
        "ce_clock": envelope.clock.value,
        "ce_partitionkey": envelope.partition_key,
        "content-type": CONTENT_TYPE,
        "traceparent": traceparent,
    }
    return [(name, text.encode()) for name, text in attributes.items() if text is not None]


def from_record(headers: Iterable[tuple[str, bytes | None]], value: bytes | None) -> FeedEvent:
    """Return the feed event that a record carries; raises `NotOurs` with the reason, whatever the bytes are.

    The digest is carried, not recomputed: checking it is `verify`'s and the ingester's work.
    """
    try:
        attributes = {name: _text(raw) for name, raw in headers}
        if attributes["ce_specversion"] != "1.0" or value is None:
            raise NotOurs("not a CloudEvent 1.0 with a body")  # noqa: TRY301 - one place to leave from
        _, ancora, source, generation = attributes["ce_source"].split("/")
        product, type_name, version = _split_type(attributes["ce_type"])
        if (ancora, product) != ("ancora", "ancora"):
            raise NotOurs("source or type is not of Ancora")  # noqa: TRY301 - the same
        return FeedEvent(
            recorded=RecordedEvent(
                envelope=_envelope(attributes, type_name, version),
                data=value,
                commitment=bytes.fromhex(attributes.get("ce_commitment", "")),
                digest=bytes.fromhex(attributes["ce_digest"]),
            ),
            source=source,
            generation=int(generation),
            feed_position=int(attributes["ce_position"]),
            chain=bytes.fromhex(attributes["ce_chain"]),
        )
    except NotOurs:
        raise
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        # The text of the error may quote the record's bytes, which may be anybody's: only its kind is told.
        msg = f"a header is missing or malformed ({type(error).__name__})"
        raise NotOurs(msg) from None


def _text(raw: bytes | None) -> str:
    # A NUL is valid UTF-8, and no text that PostgreSQL could keep.
    if raw is None or b"\x00" in raw:
        raise NotOurs("a header has no value, or one that is no text")
    return raw.decode()


def _split_type(text: str) -> tuple[str, str, int]:
    product, _, rest = text.partition(".")
    type_name, _, version = rest.rpartition(".v")
    return product, type_name, int(version)


def _envelope(attributes: dict[str, str], type_name: str, version: int) -> Envelope:
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
        precision=Precision(attributes["ce_precision"]),
        recorded_at=datetime.fromisoformat(attributes["ce_time"]),
        clock=ClockKind(attributes["ce_clock"]),
        partition_key=attributes["ce_partitionkey"],
        previous_digest=bytes.fromhex(attributes["ce_previousdigest"]),
    )
