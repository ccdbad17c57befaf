"""Questions about the recipient register and the organisations that need no decision."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint, RecipientId
from gateway.package.manifest import Manifest
from gateway.package.states import Channel, PrivacyOffice
from gateway.package.views import RecipientView
from gateway.policy.policy_set import PolicySet

_MOST_SUGGESTED: Final = 3


def known(policy: PolicySet, manifest: Manifest) -> None:
    """Check, before a package is taken, that its recipients and purpose exist at all.

    A known purpose that is not for this recipient is no fault here: that is a decision, with its reason.

    Raises SluisError `recipient-unknown` (where: the place in the list) or `purpose-unknown`.
    """
    for place, name in enumerate(manifest.recipients):
        if name not in policy.recipients:
            raise unknown_recipient(policy, name, place=place)
    if manifest.purpose not in policy.purposes:
        raise SluisError(Code.PURPOSE_UNKNOWN, where="purpose", detail=_near_purposes(policy, manifest.purpose))


def unknown_recipient(policy: PolicySet, name: str, *, place: int) -> SluisError:
    """Make the error of a recipient that the register does not know, with the ids that may have been meant."""
    near = policy.lookalikes.near(name)
    return SluisError(
        Code.RECIPIENT_UNKNOWN, where=f"recipients[{place}]", detail={"names": ", ".join(near)} if near else {}
    )


def _near_purposes(policy: PolicySet, written: str) -> dict[str, str | int]:
    """Give the purposes that may have been meant, by how they are written; what was written stands in no error."""
    near = get_close_matches(written, sorted(policy.purposes), n=_MOST_SUGGESTED)
    return {"names": ", ".join(near)} if near else {}


def fingerprints(policy: PolicySet, recipients: Iterable[str]) -> tuple[Fingerprint, ...]:
    """Give every pinned key of some recipients, on all their channels, each once and in order."""
    entries = (policy.recipients.get(RecipientId(name)) for name in recipients)
    channels = (channel for entry in entries if entry for channel in entry.channels)
    return tuple(dict.fromkeys(key for channel in channels for key in channel.keys))


def chain_keys(policy: PolicySet) -> frozenset[Fingerprint]:
    """Give every key that is pinned for the chain facility, which judges certificates by lists of its own."""
    entries = (channel for entry in policy.recipients.values() for channel in entry.channels)
    return frozenset(key for each in entries if each.channel is Channel.CHAIN_FACILITY for key in each.keys)


def bar_numbers(policy: PolicySet, recipients: Iterable[str]) -> dict[RecipientId, str]:
    """Give the numbers on the register of the bar of those among some recipients who have one."""
    entries = (policy.recipients.get(RecipientId(name)) for name in recipients)
    return {entry.id: entry.bar_number for entry in entries if entry is not None and entry.bar_number is not None}


def privacy_office_of(policy: PolicySet, organisation: str) -> PrivacyOffice | None:
    """Give the Privacy Office of a sending organisation, under any of its names; None when the policy knows none."""
    known_as = policy.organisations.get(organisation.casefold())
    return known_as.privacy_office if known_as else None


def recipient_listing(policy: PolicySet) -> tuple[RecipientView, ...]:
    """List the register in the order of its ids, without addresses and keys."""
    purposes: dict[RecipientId, list[str]] = {}
    for recipient, purpose in policy.grants:
        purposes.setdefault(recipient, []).append(purpose)
    return tuple(
        RecipientView(
            id=entry.id,
            kind=entry.kind.value,
            organisation=entry.organisation,
            name=entry.name,
            channels=tuple(item.channel.value for item in entry.channels),
            purposes=tuple(purposes.get(entry.id, ())),
        )
        for _, entry in sorted(policy.recipients.items())
    )


def sender_organisation_matches(policy: PolicySet, stated: str, submitted: str) -> bool:
    """Tell whether the organisation in the manifest is the one of who really submitted it, under any of its names."""
    names = (stated.casefold(), submitted.casefold())
    known_as = [policy.organisations[name].id if name in policy.organisations else name for name in names]
    return known_as[0] == known_as[1]
