"""What a person agrees that organisations may be told: recorded anew or taken back; the same again tells nothing."""

from dataclasses import dataclass, replace

from referral_intake.domain.referral import Referral
from referral_intake.domain.states import Act, Refused, State, next_state
from shared.contracts import Agreement, AgreementChanged, AgreementRevoked


@dataclass(frozen=True, slots=True)
class Recorded:
    """The person says anew how sharing stands; this takes the place of all that they took back before."""

    sharing: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The person takes back their agreement to one organisation; everything else stays."""

    organisation: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """The referral with what is agreed now, and what is told of it: nothing where it was so already."""

    referral: Referral
    events: tuple[AgreementChanged | AgreementRevoked, ...] = ()


def agree(referral: Referral, said: Recorded | TakenBack) -> Agreed | Refused:
    """Record what a person says about organisations, while their referral is open."""
    if isinstance(after := next_state(referral.state, Act.AGREE), Refused):
        return after
    return _record(referral, said.sharing) if isinstance(said, Recorded) else _take_back(referral, said.organisation)


def _record(referral: Referral, sharing: str) -> Agreed:
    """Record anew how sharing stands; *declined* also stops whoever was asked or told under what was agreed before."""
    agreement = referral.agreement.model_copy(update={"share_with_organisations": sharing})
    if agreement == referral.agreement and not referral.revoked:
        return Agreed(referral)
    changed = AgreementChanged(**referral.names, agreement=agreement)
    # Before triage accepts it nobody can have been asked; from then on its acceptance says what is agreed.
    stops = sharing == "declined" and referral.state is State.ACCEPTED
    stopped = (AgreementRevoked(**referral.names),) if stops else ()
    return Agreed(replace(referral, agreement=agreement, revoked=()), (changed, *stopped))


def add_agreement(referral: Referral, agreement: Agreement) -> Agreed:
    """Take over what a practice's further information says; only sharing that it says otherwise is recorded anew."""
    held = replace(referral, agreement=referral.agreement.model_copy(update={"referral": agreement.referral}))
    sharing = agreement.share_with_organisations
    return Agreed(held) if sharing == referral.agreement.share_with_organisations else _record(held, sharing)


def _take_back(referral: Referral, organisation: str) -> Agreed:
    if organisation in referral.revoked or referral.agreement.share_with_organisations == "declined":
        return Agreed(referral)
    revoked = AgreementRevoked(**referral.names, organisation=organisation)
    return Agreed(replace(referral, revoked=(*referral.revoked, organisation)), (revoked,))
