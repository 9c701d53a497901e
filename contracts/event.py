"""The base of every published event, and the register that finds an event's class by its published name."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.personal import Personal


class Event(BaseModel):
    """A fact, in the past tense, frozen. A subclass is published under an explicit name: moving the class breaks nothing.

    >>> class BeneficiaryEnrolled(Event, type="intake.beneficiary_enrolled"): ...

    Personal fields are optional top-level fields marked with `Personal`: None is what a reader without the key sees.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    type_name: ClassVar[str]
    schema_version: ClassVar[int]
    personal_fields: ClassVar[dict[str, Personal]]

    def __init_subclass__(cls, *, type: str, version: int = 1) -> None:  # noqa: A002 - reads as written
        super().__init_subclass__()
        cls.type_name = type
        cls.schema_version = version

    @classmethod
    def __pydantic_init_subclass__(cls, **_kwargs: object) -> None:
        cls.personal_fields = {
            name: mark for name, field in cls.model_fields.items() for mark in field.metadata if isinstance(mark, Personal)
        }
        key = (cls.type_name, cls.schema_version)
        if key in _REGISTER:
            msg = f"two classes publish {key}: {_REGISTER[key].__qualname__} and {cls.__qualname__}"
            raise TypeError(msg)
        _REGISTER[key] = cls


_REGISTER: dict[tuple[str, int], type[Event]] = {}


class UnknownEventType(LookupError):
    """No contract of this name and version is published here."""

    def __init__(self, type_name: str, version: int) -> None:
        """Keep the name and version that were asked for."""
        super().__init__(f"no event {type_name} of version {version} is known")
        self.type_name = type_name
        self.version = version


def event_class(type_name: str, version: int) -> type[Event]:
    """Return the class published under `type_name` and `version`; raises `UnknownEventType`."""
    try:
        return _REGISTER[type_name, version]
    except KeyError:
        raise UnknownEventType(type_name, version) from None


def published_events() -> tuple[type[Event], ...]:
    """Return every published class whose module was imported, by name and version."""
    return tuple(_REGISTER[key] for key in sorted(_REGISTER))
