"""Each line forges or changes a state; mypy must refuse each with the code that the line expects."""

from typing import assert_never

from gateway.package.ids import PackageId
from gateway.package.states import (
    Channel,
    Cleared,
    Decision,
    Examined,
    Held,
    Minimised,
    Outcome,
    Package,
    Parcel,
    RecipientDecision,
    Refused,
    Sealed,
    SealedParcel,
)


def sealed_from_plaintext(package: Package, minimised: Minimised) -> Sealed:
    """What is not encrypted can not be called sealed."""
    return Sealed(id=package.id, parcels=minimised.parcels)  # expect: arg-type


def a_sealed_parcel_of_plain_bytes(parcel: Parcel) -> SealedParcel:
    """A letter is no ciphertext, whatever the name of the variable."""
    return SealedParcel(
        recipient=parcel.recipient.recipient,
        channel=Channel.SECURE_MAIL,
        address="",
        name="",
        ciphertext=b"Beste lezer",  # expect: arg-type
    )


def cleared_without_evidence(package: Package, decision: Decision) -> Cleared:
    """A decision belongs to examined facts."""
    return Cleared(examined=package, decision=decision)  # expect: arg-type


def cleared_without_decision(examined: Examined) -> Cleared:
    """There is no default yes."""
    return Cleared(examined=examined)  # expect: call-arg


def a_decision_changed_afterwards(decision: Decision, recipient: RecipientDecision) -> None:
    """A decision is carried out, not improved."""
    decision.outcome = Outcome.CLEARED  # expect: misc
    recipient.address = "iemand@elders.example"  # expect: misc


def a_package_changed_on_the_way(package: Package) -> None:
    """A package is what came in."""
    package.id = PackageId("0")  # expect: misc


def a_raw_text_for_an_id(package: Package) -> Sealed:
    """An id was checked; a text was not."""
    return Sealed(id="0", parcels=())  # expect: arg-type


def an_ending_that_nobody_thought_of(decided: Cleared | Held | Refused) -> str:
    """Who forgets the refusal is told so."""
    match decided:
        case Cleared():
            return "on"
        case Held():
            return "wait"
        case _:
            assert_never(decided)  # expect: arg-type
