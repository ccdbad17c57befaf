"""Looks at what is sealed and brought for the chain facility: the partners' certificates, and where they listen."""

from collections.abc import Iterator

from gateway.bootstrap.channel_settings import ChainFacilitySettings
from gateway.bootstrap.finding import Finding
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KEY_REFUSALS
from gateway.package.ids import Fingerprint
from gateway.package.states import Channel
from gateway.policy.policy_set import PolicySet
from gateway.seal.chain_port import ChainSealer


def chain_key_findings(policy: PolicySet, sealer: ChainSealer) -> Iterator[Finding]:
    """Look at every key for the chain facility, which has to be a certificate."""
    for recipient, entry in sorted(policy.recipients.items()):
        for channel in entry.channels:
            for key in channel.keys if channel.channel is Channel.CHAIN_FACILITY else ():
                error = _fault(sealer, key, channel.address, where=recipient)
                yield Finding(name="recipient key", where=recipient, error=error)


def chain_peer_findings(policy: PolicySet, chain: ChainFacilitySettings) -> Iterator[Finding]:
    """Find partners of whom the settings do not say where they listen: their packages would be sealed, and wait."""
    for recipient, entry in sorted(policy.recipients.items()):
        for channel in entry.channels:
            if channel.channel is Channel.CHAIN_FACILITY and channel.address not in chain.peers:
                error = SluisError(Code.CHAIN_PEER_UNKNOWN, where=recipient)
                yield Finding(name="chain peer", where=recipient, error=error)


def _fault(sealer: ChainSealer, key: Fingerprint, oin: str, *, where: str) -> SluisError | None:
    try:
        code = KEY_REFUSALS.get(sealer.health(key))
        if code is None and sealer.names_another(key, address=oin):
            code = Code.KEY_OTHER_OIN
    except SluisError as error:
        return error
    return SluisError(code, where=where) if code else None
