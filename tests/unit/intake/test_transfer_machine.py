"""Whatever the fifteen organisations and time do with a person's transfers: exactly one of them is responsible at any instant."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.errors import Refusal
from contracts.intake import PersonEvent
from contracts.transfers import TransferAccepted, TransferDeclined, TransferLapsed, TransferRequested, TransferRevoked
from services.intake.app.deciders import CARE
from services.intake.domain.commands import PersonCommand, ReadmitBeneficiary
from services.intake.domain.person import Person
from services.intake.domain.transfer import AcceptTransfer, DeclineTransfer, LapseTransfer, RequestTransfer, RevokeTransfer
from tests.unit.intake.examples import ENROLLED, EXIT, NOTICE, ON, PERSON_ID

ORGANISATIONS = ("ciac", "cidas", "arca-di-noe")
organisations = st.sampled_from(ORGANISATIONS)
transfers = st.none() | st.integers(0, 5).map(lambda number: UUID(int=number + 1, version=4))
"""Any transfer, whether it ever was or not; None stands for the one that waits."""


class Transfers(RuleBasedStateMachine):
    """One person; the model knows who is responsible, and what waits."""

    def __init__(self) -> None:
        """Begin in the care of the first organisation."""
        super().__init__()
        self.state: Person = CARE.evolve(CARE.evolve(CARE.initial, NOTICE), ENROLLED)
        self.today: date = ON
        self.responsible = "ciac"
        self.waiting: TransferRequested | None = None
        self.over: set[UUID] = set()

    def tell(self, command: PersonCommand) -> list[PersonEvent]:
        """Return what the command led to: nothing, where it was refused."""
        try:
            decided = CARE.decide(command, self.state)
        except Refusal:
            return []
        for event in decided:
            self.state = CARE.evolve(self.state, event)
        return list(decided)

    @rule(transfer=transfers.filter(bool), by=organisations, receiver=organisations)
    def ask(self, transfer: UUID, by: str, receiver: str) -> None:
        """Anybody asks anybody: only who is responsible is heard, and only while nothing waits."""
        asked = RequestTransfer(
            transfer_id=transfer, by=by, receiver=receiver, territory="BO", municipality=None, reason="-", on=self.today
        )
        for event in self.tell(asked):
            assert isinstance(event, TransferRequested)
            assert self.waiting is None
            assert by == self.responsible != receiver
            assert transfer not in self.over
            self.waiting = event

    @rule(transfer=transfers, by=organisations)
    def accept(self, transfer: UUID | None, by: str) -> None:
        """Anybody accepts anything: only the receiver moves what waits, and only in time."""
        transfer = transfer or self._the_one()
        for event in self.tell(AcceptTransfer(transfer_id=transfer, by=by, on=self.today)):
            assert isinstance(event, TransferAccepted)
            waiting = self._settled(transfer)
            assert (by, event.sender) == (waiting.receiver, self.responsible)
            assert self.today <= waiting.lapses_on
            self.responsible = by

    @rule(transfer=transfers, by=organisations)
    def decline(self, transfer: UUID | None, by: str) -> None:
        """Anybody declines anything."""
        transfer = transfer or self._the_one()
        for event in self.tell(DeclineTransfer(transfer_id=transfer, by=by, reason="-")):
            assert isinstance(event, TransferDeclined)
            assert self._settled(transfer).receiver == by

    @rule(transfer=transfers, by=organisations)
    def revoke(self, transfer: UUID | None, by: str) -> None:
        """Anybody revokes anything."""
        transfer = transfer or self._the_one()
        for event in self.tell(RevokeTransfer(transfer_id=transfer, by=by)):
            assert isinstance(event, TransferRevoked)
            self._settled(transfer)
            assert by == self.responsible

    @rule(days=st.integers(0, 20), timer=st.booleans())
    def wait(self, days: int, timer: bool) -> None:
        """Time passes, and a timer comes or does not."""
        self.today += timedelta(days=days)
        for event in self.tell(LapseTransfer(on=self.today)) if timer else []:
            assert isinstance(event, TransferLapsed)
            assert self.today > self._settled(event.transfer_id).lapses_on

    @rule()
    def leave(self) -> None:
        """Care ends; a transfer that waits ends with it."""
        told = self.tell(EXIT)
        if told and self.waiting is not None:
            assert isinstance(told[0], TransferRevoked)
            self._settled(told[0].transfer_id)

    @rule()
    def come_back(self) -> None:
        """Care begins again, with whoever is responsible."""
        self.tell(ReadmitBeneficiary(beneficiary_id=PERSON_ID, organisation=self.responsible, territory="PR", municipality=None))

    @invariant()
    def exactly_one_organisation_is_responsible(self) -> None:
        """I8: never two, never none, and it is the one that the answers say."""
        assert CARE.place(self.state).responsible_organisation == self.responsible

    def _the_one(self) -> UUID:
        return UUID(int=99, version=4) if self.waiting is None else self.waiting.transfer_id

    def _settled(self, transfer: UUID) -> TransferRequested:
        waiting = self.waiting
        assert waiting is not None, "what is over was answered"
        assert waiting.transfer_id == transfer
        self.waiting = None
        self.over.add(transfer)
        return waiting


TestTransfers = Transfers.TestCase
TestTransfers.settings = settings(max_examples=100, stateful_step_count=40)
