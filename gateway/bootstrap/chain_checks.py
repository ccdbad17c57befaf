"""Looks at what is sealed and brought for the chain facility: whose certificates are pinned, and where they listen.

Whether such a certificate can be used today is looked at with all other keys (`key_checks`).
"""

from collections.abc import Iterator

from gateway.bootstrap.channel_settings import ChainFacilitySettings
from gateway.bootstrap.finding import Finding
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint, KeyKind, kind_of
from gateway.package.states import Channel
from gateway.policy.policy_set import PolicySet
from gateway.seal.chain_port import ChainSealer


def chain_key_findings(policy: PolicySet, sealer: ChainSealer) -> Iterator[Finding]:
    """Find keys for the chain facility that are no certificates, or on the OIN of another organisation."""
    for recipient, entry in sorted(policy.recipients.items()):
        for channel in entry.channels:
            for key in channel.keys if channel.channel is Channel.CHAIN_FACILITY else ():
                code = _fault(sealer, key, channel.address)
                if code is not None:
                    error = SluisError(code, where=recipient)
                    yield Finding(name="recipient key", where=recipient, key=key, error=error)


def chain_peer_findings(policy: PolicySet, chain: ChainFacilitySettings) -> Iterator[Finding]:
    """Find partners of whom the settings do not say where they listen: their packages would be sealed, and wait."""
    for recipient, entry in sorted(policy.recipients.items()):
        for channel in entry.channels:
            if channel.channel is Channel.CHAIN_FACILITY and channel.address not in chain.peers:
                error = SluisError(Code.CHAIN_PEER_UNKNOWN, where=recipient)
                yield Finding(name="chain peer", where=recipient, error=error)


def _fault(sealer: ChainSealer, key: Fingerprint, oin: str) -> Code | None:
    if kind_of(key) is not KeyKind.X509:
        return Code.KEY_UNUSABLE
    return Code.KEY_OTHER_OIN if sealer.names_another(key, address=oin) else None
