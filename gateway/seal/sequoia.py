"""A second OpenPGP engine behind the port `Sealer`: Sequoia (pysequoia), for bursts of small messages.

gpg stays the judge and does the large ones. Numbered as the code does it:
1. What is larger than `LARGEST` goes by gpg: Sequoia holds the interpreter's lock for a whole call, and gpg is as fast
   from a few megabytes on. A stream goes by gpg always.
2. pysequoia encrypts to certificates that have expired or are revoked and says nothing, so a recipient's key is judged
   as for gpg, from gpg's checked listing of the pinned keys, at every sealing and by the clock of that moment. What is
   not usable is left to gpg's engine, which refuses it by its reason.
3. It gets the one subkey that gpg would take, alone: it would take one that has expired. What is remembered is that
   subkey's material, which its fingerprint names, and only while gpg tells the same of the whole key.
4. A key that our rules call usable and Sequoia can not encrypt to (a curve that it lacks) goes by gpg, with everybody
   else of that message.
5. The own key's secret half comes from a file (`gateway.bootstrap.signing_files`). It is believed after it has signed
   once, and gpg's public half has verified that this one key did; whether it may sign now, gpg's listing says.
6. A message is given on only when it is addressed to exactly the subkeys that were asked for.

pysequoia's errors quote keys and a trace of its own, so none of them goes on.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import pysequoia
from pysequoia.packet import Packet, PacketPile, PublicKeyAlgorithm, Tag

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.key_health import KeyFacts
from gateway.seal.keyring import export_public
from gateway.seal.landing import FileCiphertext
from gateway.seal.openpgp import OpenPgpSealer

LARGEST: Final = 200 * 1024
"""Bytes of plaintext that Sequoia gets at most."""
_EXPIRED: Final = "e"
"""What gpg said when it listed the keys, by its own clock; gpg would refuse it whatever ours says."""
_RSA: Final = (PublicKeyAlgorithm.RSAEncryptSign, PublicKeyAlgorithm.RSASign)
_KEY_ID: Final = 16
_SHORT_PKESK: Final = 3
Addressee = tuple[Fingerprint, pysequoia.Cert]
"""The subkey that a message has to be for, and what Sequoia gets."""
_NOT_THIS_KEY: Final = "the secret half of the key of this name expected"
_Known = tuple[KeyFacts, Addressee | None]


class SequoiaSealer:
    """Signs and encrypts small messages with Sequoia and hands everything else to gpg; satisfies `Sealer`.

    Args:
        gpg: the engine that judges keys and takes over; its home holds the pinned keys.
        home: that home.
        signing_files: the own keys with their secret halves, by primary fingerprint (`signing_key_of`).
        now: the clock by which keys are judged.
        largest: bytes of plaintext from which on gpg takes over.
    """

    def __init__(
        self,
        *,
        gpg: OpenPgpSealer,
        home: Path,
        signing_files: Mapping[Fingerprint, pysequoia.Tsk],
        now: Callable[[], dt.datetime],
        largest: int = LARGEST,
    ) -> None:
        self._gpg = gpg
        self._home = home
        self._files = signing_files
        self._now = now
        self._largest = largest
        self._signers: dict[Fingerprint, pysequoia.PySigner] = {}
        self._known: dict[Fingerprint, _Known] = {}

    def encrypt_bytes(self, plaintext: bytes, /, *, recipients: tuple[Fingerprint, ...], armor: bool) -> bytes:
        """See the port."""
        if len(plaintext) <= self._largest:
            now = self._now()
            found = [each for recipient in recipients if (each := self._addressee(recipient, now)) is not None]
            if found and len(found) == len(recipients):
                return sealed_by(self.signer(now), plaintext, found, armor=armor)
        return self._gpg.encrypt_bytes(plaintext, recipients=recipients, armor=armor)

    def encrypt_stream(
        self, plaintext: Iterable[bytes], /, *, recipients: tuple[Fingerprint, ...], output: Path
    ) -> FileCiphertext:
        """See the port; by gpg."""
        return self._gpg.encrypt_stream(plaintext, recipients=recipients, output=output)

    def sign_detached(self, content: bytes, /, *, readers: tuple[Fingerprint, ...] = ()) -> bytes:
        """See the port."""
        if len(content) > self._largest:
            return self._gpg.sign_detached(content, readers=readers)
        return _signature(content, self.signer(self._now()))

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        """See the port; as gpg's engine says."""
        return self._gpg.health(fingerprint)

    def names_another(self, fingerprint: Fingerprint, /, *, address: str) -> bool:
        """See the port."""
        return self._gpg.names_another(fingerprint, address=address)

    def check_signer(self) -> None:
        """See the port; both engines have to sign, since both do."""
        self._gpg.check_signer()
        self.sign_detached(b"")

    def signer(self, now: dt.datetime) -> pysequoia.PySigner:
        """Give what signs at a moment. Raises SluisError `signing-key-unusable`."""
        wanted, own = self._gpg.signing_key(now), self._gpg.signer_at(now)
        if wanted not in self._signers:
            secret = self._files.get(own)
            proven = _proven(secret, wanted, public=export_public(self._home, own)) if secret else None
            if proven is None:
                raise SluisError(Code.SIGNING_KEY_UNUSABLE)
            self._signers[wanted] = proven
        return self._signers[wanted]

    def _addressee(self, recipient: Fingerprint, now: dt.datetime) -> Addressee | None:
        """Give the subkey to encrypt to, alone with its primary key; None for what gpg has to do, or to refuse."""
        facts = self._gpg.facts().get(recipient)
        if facts is None or facts.health(now) is not KeyHealth.USABLE:
            return None
        working = facts.at_work("e", now)
        if _EXPIRED in {facts.primary.validity, working.validity}:
            return None
        subkey = working.fingerprint
        known = self._known.get(subkey)
        if known is None or known[0] != facts:
            known = facts, _tried(subkey, export_public(self._home, subkey, alone=True))
            self._known[subkey] = known
        return known[1]


def signing_key_of(content: bytes, *, expected: Fingerprint) -> pysequoia.Tsk:
    """Read a secret key that was exported without a pass-phrase.

    Raises ValueError unless it is the expected one, and for RSA: the library's RSA takes a time that tells of the key
    (RUSTSEC-2023-0071), its Ed25519 does not.
    """
    try:
        secret = pysequoia.Tsk.from_bytes(content)
        found = secret.extract_certificate().fingerprint.upper()
        parts = [each for each in PacketPile.from_bytes(content) if each.tag in (Tag.SecretKey, Tag.SecretSubkey)]
    except RuntimeError:
        raise ValueError(_NOT_THIS_KEY) from None
    if not parts or found != expected:
        raise ValueError(_NOT_THIS_KEY)
    if any(each.key_algorithm in _RSA for each in parts):
        raise ValueError("a key on a curve (Ed25519), and not RSA, expected")
    return secret


def _proven(secret: pysequoia.Tsk, wanted: Fingerprint, *, public: bytes) -> pysequoia.PySigner | None:
    """Let a key sign, and give what signed when the public half says that it was the wanted one."""
    try:
        signer = secret.signer()
        signature = pysequoia.Sig.from_bytes(pysequoia.sign(signer, b"", mode=pysequoia.SignatureMode.DETACHED))
        certificate = pysequoia.Cert.from_bytes(public)
        verified = pysequoia.verify(b"", lambda _: [certificate], signature=signature)
    except RuntimeError:
        return None
    return signer if [wanted] == [each.signing_key.upper() for each in verified.valid_sigs] else None


def _tried(subkey: Fingerprint, exported: bytes) -> Addressee | None:
    """Look whether Sequoia encrypts to this subkey and to no other of the same key."""
    try:
        certificate = pysequoia.Cert.from_bytes(exported)
        there = [each.fingerprint for each in PacketPile.from_bytes(bytes(certificate)) if each.fingerprint]
        trial = addressed(pysequoia.encrypt(b"", [certificate], armor=False))
    except RuntimeError:
        return None
    fits = subkey.lower() in there and trial == [key_id(subkey)]
    return (subkey, certificate) if fits else None


def sealed_by(signer: pysequoia.PySigner, plaintext: bytes, recipients: list[Addressee], *, armor: bool) -> bytes:
    """Sign and encrypt to exactly these subkeys. Raises SluisError `seal-failed`."""
    try:
        sealed = pysequoia.encrypt(plaintext, [certificate for _, certificate in recipients], signer, armor=False)
        found = addressed(sealed)
    except RuntimeError:
        raise SluisError(Code.SEAL_FAILED) from None
    if found != sorted(key_id(subkey) for subkey, _ in recipients):
        raise SluisError(Code.SEAL_FAILED)
    return pysequoia.armor(sealed, pysequoia.ArmorKind.Message).encode("ascii") if armor else sealed


def _signature(content: bytes, signer: pysequoia.PySigner) -> bytes:
    try:
        return pysequoia.sign(signer, content, mode=pysequoia.SignatureMode.DETACHED, armor=False)
    except RuntimeError:
        raise SluisError(Code.SIGNING_KEY_UNUSABLE) from None


def addressed(sealed: bytes) -> list[str]:
    """List the ids of the keys that a message is for, sorted; none for what is no encrypted message and nothing else.

    RFC 9580 section 10.3: session keys, one for each recipient, then the encrypted data.
    """
    *keys, content = PacketPile.from_bytes(sealed)
    if content.tag != Tag.SEIP or any(each.tag != Tag.PKESK for each in keys):
        return []
    return sorted(map(_addressee_of, keys))


def _addressee_of(packet: Packet) -> str:
    """Read for which key a session key is encrypted (RFC 9580 sections 5.1.1 and 5.1.2)."""
    body = packet.body
    if body[0] == _SHORT_PKESK:
        return body[1:9].hex()
    # The length in bytes of what follows, the key's version, and its fingerprint.
    return body[3 : 2 + body[1]].hex()[-_KEY_ID:]


def key_id(fingerprint: str) -> str:
    """Give by what `addressed` names a key: the end of its fingerprint, in small letters."""
    return fingerprint[-_KEY_ID:].lower()
