"""What seal needs: an engine that signs and encrypts, and somebody who writes the letter."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.package.states import Ciphertext, Language


class Sealer(Protocol):
    """Signs and encrypts in one step, for pinned fingerprints only.

    An implementer promises: on any doubt it raises and leaves nothing behind; it never answers with plaintext,
    a truncated file, another signer, or fewer recipients than asked.
    """

    def encrypt_bytes(self, plaintext: bytes, /, *, recipients: tuple[Fingerprint, ...], armor: bool) -> bytes:
        """Sign and encrypt in memory. Raises SluisError: key-*, signing-key-unusable, seal-failed, seal-timeout.

        `armor` asks for the lines of ASCII that a mail to such a key carries: OpenPGP's armor, or S/MIME's base64 of
        what opens as a MIME entity.
        """
        ...

    def encrypt_stream(
        self, plaintext: Iterable[bytes], /, *, recipients: tuple[Fingerprint, ...], output: Path
    ) -> Ciphertext:
        """Sign and encrypt a stream into a new binary file, fsynced, never a partial one. Raises as above."""
        ...

    def sign_detached(self, content: bytes, /, *, readers: tuple[Fingerprint, ...] = ()) -> bytes:
        """Make a binary detached signature that who has these keys can check; for nobody: by the OpenPGP key.

        Raises SluisError `signing-key-unusable`, `seal-timeout`.
        """
        ...

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        """Tell whether a pinned key can be encrypted to, now."""
        ...

    def names_another(self, fingerprint: Fingerprint, /, *, address: str) -> bool:
        """Tell whether a pinned key has mail addresses, and none is this one or in its domain."""
        ...

    def check_signer(self) -> None:
        """Prove that the own signing key signs. Raises SluisError `signing-key-unusable`."""
        ...


class LetterWriter(Protocol):
    """Renders a letter out of the templates."""

    def render(self, template: str, /, *, language: Language, context: Mapping[str, object]) -> str:
        """Render one template; a missing variable raises instead of leaving a gap."""
        ...
