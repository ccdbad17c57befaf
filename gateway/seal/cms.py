"""The CMS engine behind the port `Sealer`: for recipients with an X.509 certificate.

Numbered as the code does it:
1. A recipient is a pinned certificate that is usable now; one bad recipient refuses the whole message.
2. The own signing certificate is looked at before a byte is read: without it nothing is sealed.
3. What is signed lies inside what is encrypted (`gateway.seal.cms_writing`). For a mail both are S/MIME entities.
4. A file appears whole or not at all (`gateway.seal.landing`). It takes no process and no agent, so nothing can hang.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.certificate_files import CertificateFolder, SigningFiles
from gateway.seal.certificates import Certificate
from gateway.seal.cms_writing import (
    KEY_BYTES,
    NONCE_BYTES,
    detached_signature,
    enveloped_pieces,
    signed_pieces,
)
from gateway.seal.engines import bytes_only, require_usable
from gateway.seal.key_health import no_address_fits
from gateway.seal.landing import FileCiphertext, landed
from gateway.seal.mime import base64_lines
from gateway.seal.smime import signed_entity


class CmsSealer:
    """Signs and encrypts for certificates; satisfies `Sealer`. Blocking, and safe to call from several threads.

    Args:
        recipients: where the pinned certificates lie.
        signing: the own signing certificate with its key.
        now: the clock by which certificates are judged.
    """

    def __init__(self, *, recipients: CertificateFolder, signing: SigningFiles, now: Callable[[], dt.datetime]) -> None:
        self._recipients = recipients
        self._signing = signing
        self._now = now

    def encrypt_bytes(self, plaintext: bytes, /, *, recipients: tuple[Fingerprint, ...], armor: bool) -> bytes:
        """See the port."""
        now = self._now()
        certificates, signer = self._usable(recipients), self._signing.signer(now)
        signed = signed_pieces(bytes_only((plaintext,)), signer=signer, at=now)
        if not armor:
            return b"".join(_enveloped(signed, certificates))
        entity = signed_entity(b"".join(signed))
        return base64_lines(b"".join(_enveloped((entity,), certificates))) + b"\r\n"

    def encrypt_stream(
        self, plaintext: Iterable[bytes], /, *, recipients: tuple[Fingerprint, ...], output: Path
    ) -> FileCiphertext:
        """See the port."""
        now = self._now()
        certificates, signer = self._usable(recipients), self._signing.signer(now)
        signed = signed_pieces(bytes_only(plaintext), signer=signer, at=now)
        return landed(_enveloped(signed, certificates), output)

    def sign_detached(self, content: bytes, /, *, readers: tuple[Fingerprint, ...] = ()) -> bytes:
        """See the port; a CMS SignedData in DER."""
        del readers
        now = self._now()
        return detached_signature(content, signer=self._signing.signer(now), at=now)

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        """See the port."""
        return self._recipients.health(fingerprint, self._now())

    def names_another(self, fingerprint: Fingerprint, /, *, address: str) -> bool:
        """See the port."""
        certificate = self._recipients.find(fingerprint)
        return certificate is not None and no_address_fits(certificate.addresses(), address=address)

    def check_signer(self) -> None:
        """See the port."""
        self.sign_detached(b"")

    def _usable(self, recipients: tuple[Fingerprint, ...]) -> tuple[Certificate, ...]:
        require_usable(self, recipients)
        found = tuple(filter(None, map(self._recipients.find, recipients)))
        if len(found) != len(recipients):
            # It was taken away in this moment.
            raise SluisError(Code.KEY_MISSING)
        return found


def _enveloped(content: Iterable[bytes], recipients: tuple[Certificate, ...]) -> Iterator[bytes]:
    return enveloped_pieces(content, recipients=recipients, key=os.urandom(KEY_BYTES), nonce=os.urandom(NONCE_BYTES))
