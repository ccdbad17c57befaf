"""Chooses the engine by the kind of the recipient's key, behind the same port `Sealer`.

Rules: the kind is read off the pinned key and nothing else, so that no file and no setting can move a package to
another engine; keys of two kinds in one sealing are a mistake of our own, since the register refuses them; a kind for
which no engine was built has no usable key.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KEY_REFUSALS, KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, kind_of
from gateway.package.states import Ciphertext
from gateway.seal.port import Sealer


class Engines:
    """Hands each request to the engine of its keys; satisfies `Sealer`.

    Args:
        openpgp: the engine of the site's own OpenPGP key; every site has one.
        others: engines of the other kinds of keys.
    """

    def __init__(self, openpgp: Sealer, *, others: Mapping[KeyKind, Sealer]) -> None:
        self._engines = {**others, KeyKind.OPENPGP: openpgp}

    def encrypt_bytes(self, plaintext: bytes, /, *, recipients: tuple[Fingerprint, ...], armor: bool) -> bytes:
        """See the port."""
        return self._engine(recipients).encrypt_bytes(plaintext, recipients=recipients, armor=armor)

    def encrypt_stream(
        self, plaintext: Iterable[bytes], /, *, recipients: tuple[Fingerprint, ...], output: Path
    ) -> Ciphertext:
        """See the port."""
        return self._engine(recipients).encrypt_stream(plaintext, recipients=recipients, output=output)

    def sign_detached(self, content: bytes, /, *, readers: tuple[Fingerprint, ...] = ()) -> bytes:
        """See the port."""
        engine = self._engine(readers) if readers else self._engines[KeyKind.OPENPGP]
        return engine.sign_detached(content, readers=readers)

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        """See the port."""
        engine = self._engines.get(kind_of(fingerprint))
        return engine.health(fingerprint) if engine else KeyHealth.MISSING

    def names_another(self, fingerprint: Fingerprint, /, *, address: str) -> bool:
        """See the port."""
        engine = self._engines.get(kind_of(fingerprint))
        return engine is not None and engine.names_another(fingerprint, address=address)

    def check_signer(self) -> None:
        """See the port; of the OpenPGP key, which every site has. The others: `check_signer_of`."""
        self._engines[KeyKind.OPENPGP].check_signer()

    def check_signer_of(self, kind: KeyKind, /) -> None:
        """Prove that what signs for recipients with keys of a kind does. Raises SluisError `signing-key-unusable`."""
        engine = self._engines.get(kind)
        if engine is None:
            raise SluisError(Code.SIGNING_KEY_UNUSABLE)
        engine.check_signer()

    def _engine(self, keys: tuple[Fingerprint, ...]) -> Sealer:
        engine = self._engines.get(common_kind(keys))
        if engine is None:
            raise SluisError(Code.KEY_MISSING)
        return engine


def common_kind(keys: tuple[Fingerprint, ...]) -> KeyKind:
    """Give the one kind of some keys. Raises ValueError for none at all and for keys of several kinds."""
    if not keys:
        raise ValueError("nobody to encrypt to")
    kinds = {kind_of(key) for key in keys}
    if len(kinds) > 1:
        raise ValueError("keys of one kind expected")
    return kinds.pop()


def require_usable(engine: Sealer, recipients: tuple[Fingerprint, ...]) -> None:
    """Raise SluisError for the first key that can not be encrypted to; ValueError when there is none."""
    if not recipients:
        raise ValueError("nobody to encrypt to")
    for recipient in recipients:
        refusal = KEY_REFUSALS.get(engine.health(recipient))
        if refusal is not None:
            raise SluisError(refusal)


def bytes_only(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the pieces on. Raises TypeError for text, which has no bytes of its own."""
    for piece in pieces:
        if not isinstance(piece, bytes):
            raise TypeError("text is not encrypted: its encoding would be anybody's guess")
        yield piece
