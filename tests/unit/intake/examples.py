"""A person's commands and events, plainly invented, from which the tests of intake are told."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from contracts.envelope import Precision
from contracts.intake import (
    BeneficiaryEnrolled,
    BeneficiaryExited,
    BeneficiaryReadmitted,
    NoticeGiven,
    ProtectionStatusRecorded,
    ReceptionExitRecorded,
)
from contracts.intake_codes import Destination, ExitReason, NoticeChannel, ProtectionStatus, Sex
from contracts.referral_codes import Referrer
from contracts.referrals import PersonReferred, ReferralReceived
from services.intake.domain.commands import (
    AdmitToProgramme,
    ContactDetails,
    EnrolBeneficiary,
    ExitBeneficiary,
    GiveNotice,
    Identity,
    ReadmitBeneficiary,
)

PERSON_ID = UUID("7f0c6a52-8f2b-4e0e-9c1d-0a4f1f6f0001")
HOUSEHOLD_ID = UUID("7f0c6a52-8f2b-4e0e-9c1d-0a4f1f6f0002")
DOCUMENT_ID = UUID("7f0c6a52-8f2b-4e0e-9c1d-0a4f1f6f0003")
REFERRAL_ID = UUID("7f0c6a52-8f2b-4e0e-9c1d-0a4f1f6f0004")
ON = date(2021, 6, 15)
PROGRAMME = "ancora-2.0"

WHO = Identity(
    sex=Sex.FEMALE,
    given_names="Selam",
    family_name="Prova",
    birth_date=date(1990, 1, 1),
    birth_date_precision=Precision.YEAR,
    citizenship="ERI",
)
REACHED = ContactDetails(languages=("ti", "en"), phone="+39 000 000000")

GIVE_NOTICE = GiveNotice(
    beneficiary_id=PERSON_ID,
    organisation="ciac",
    notice_version="2021-1",
    language="ti",
    how=NoticeChannel.ORALLY,
    mediator=True,
)
ENROL = EnrolBeneficiary(
    beneficiary_id=PERSON_ID,
    organisation="ciac",
    territory="PR",
    municipality="034027",
    identity=WHO,
    contact=REACHED,
    tax_code=None,
    on=ON,
)
READMIT = ReadmitBeneficiary(beneficiary_id=PERSON_ID, organisation="ciac", territory="BO", municipality=None)
EXIT = ExitBeneficiary(beneficiary_id=PERSON_ID, reason=ExitReason.PATHWAY_COMPLETED, destination=Destination.OWN_HOME, remarks=None)
ADMIT = AdmitToProgramme(beneficiary_id=PERSON_ID, programme=PROGRAMME, reference_date=ON)

NOTICE = NoticeGiven(
    beneficiary_id=PERSON_ID, organisation="ciac", notice_version="2021-1", how=NoticeChannel.ORALLY, mediator=True, language="ti"
)
RECEIVED = ReferralReceived(
    referral_id=REFERRAL_ID,
    beneficiary_id=PERSON_ID,
    by=Referrer.MUNICIPALITY,
    sender="comune-parma",
    organisation="ciac",
    territory="PR",
    given_names="Selam",
    family_name="Prova",
    languages=("ti",),
    phone="+39 000 000000",
    reason="Inventato: cerca casa.",
)
REFERRED = PersonReferred(referral_id=REFERRAL_ID, beneficiary_id=PERSON_ID, organisation="ciac", territory="PR")
ENROLLED = BeneficiaryEnrolled(
    beneficiary_id=PERSON_ID,
    episode=1,
    organisation="ciac",
    territory="PR",
    municipality="034027",
    sex=Sex.FEMALE,
    given_names="Selam",
    family_name="Prova",
    birth_date=date(1990, 1, 1),
    birth_date_precision=Precision.YEAR,
    citizenship="ERI",
    languages=("ti", "en"),
    phone="+39 000 000000",
)
REFUGEE = ProtectionStatusRecorded(beneficiary_id=PERSON_ID, international_protection=True, status=ProtectionStatus.REFUGEE)
OUT_OF_RECEPTION = ReceptionExitRecorded(beneficiary_id=PERSON_ID, exited_on=date(2021, 1, 31))
EXITED = BeneficiaryExited(beneficiary_id=PERSON_ID, episode=1, reason=ExitReason.PATHWAY_COMPLETED, destination=Destination.OWN_HOME)
READMITTED = BeneficiaryReadmitted(beneficiary_id=PERSON_ID, episode=2, organisation="ciac", territory="PR")
