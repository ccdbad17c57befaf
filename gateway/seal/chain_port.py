"""What seal needs for the chain facility: an engine that signs and encrypts for one certificate, and a message form.

What is known of messages on the BVV, and what is not: the Digikoppeling REST profile prescribes the transport, and that
signing and encrypting of a payload follow the modules of the NL GOV API Design Rules (JWS, JWE). The messages that the
migration chain exchanges there itself, SIGMA among them, have no public specification: neither their schemas nor the
names of their services, their headers or their answers could be found. So nothing of them is imitated. A partner gets
the container that a file drop has, under a media type of our own; whoever has the specification writes another
`ChainMessage`, and nothing else changes.
"""

from collections.abc import Iterator
from typing import Protocol

from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, PackageId, RecipientId


class ChainMessage(Protocol):
    """Writes what is signed: the one place for a form of messages that the chain agrees on."""

    @property
    def media_type(self) -> str:
        """Name the form: the `cty` of the signature."""
        ...

    def write(self, container: Iterator[bytes], /) -> bytes:
        """Make one message of the container's pieces (`gateway.seal.container`)."""
        ...


class ChainSealer(Protocol):
    """Signs with the site's own certificate and encrypts to one pinned certificate of the recipient.

    An implementer promises: on any doubt it raises; it never answers with plaintext, or for another certificate.
    """

    @property
    def max_bytes(self) -> int:
        """Say how many bytes of content one message may hold."""
        ...

    def seal(self, container: Iterator[bytes], /, *, recipients: tuple[Fingerprint, ...], address: str) -> bytes:
        """Sign and encrypt for the organisation of this OIN. Raises SluisError: key-*, signing-key-unusable."""
        ...

    def name_of(self, package: PackageId, recipient: RecipientId, /) -> str:
        """Name the one delivery of this package to this recipient: the same each time, telling nothing of either."""
        ...

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        """Tell whether a pinned certificate can be encrypted to, now."""
        ...

    def names_another(self, fingerprint: Fingerprint, /, *, address: str) -> bool:
        """Tell whether a pinned certificate is there, and on another OIN than this one."""
        ...
