"""The codes in which the operation of a service speaks: closed lists of kebab-case words, each a part of the published contract."""

from __future__ import annotations

from enum import StrEnum


class RetryReason(StrEnum):
    """Why a parked event is tried again."""

    CAUSE_ARRIVED = "cause-arrived"
    CODE_MENDED = "code-mended"
    RECORD_CORRECTED = "record-corrected"
    FAULT_PASSED = "fault-passed"


class RetryOutcome(StrEnum):
    """What came of the new try: its effect, or it had one before; a refusal; an error. After the first two the record is gone."""

    HANDLED = "handled"
    REFUSED = "refused"
    STILL_FAILING = "still-failing"


class DiscardReason(StrEnum):
    """Why a parked record is taken away without being handled."""

    DUPLICATE = "duplicate"
    NOT_NEEDED = "not-needed"
    FOREIGN_RECORD = "foreign-record"
    TEST_RECORD = "test-record"
