"""The OpenPGP engine behind the port `Sealer`: python-gnupg, hardened, with pinned keys only.

Numbered as the code does it:
1. A recipient is a full fingerprint whose key is usable now; one bad recipient refuses the whole message.
2. The own key signs in the same step, and the result is believed only with every proof of `SealResult.proves`.
3. At most two gpg processes at once: gpg-agent signs one at a time, and eight in flight were slower than two. Keys are
   judged when a message's turn has come.
4. A file appears whole or not at all (`landing`).
"""

import datetime as dt
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.engines import bytes_only, require_usable
from gateway.seal.exchange import Traffic
from gateway.seal.hardened_gpg import HardenedGpg, SealResult, SignatureResult, only_ring, sign_with
from gateway.seal.key_health import KeyFacts, health_of, names_another, read_listing
from gateway.seal.landing import FileCiphertext, Landing
from gateway.seal.verified_keys import NOTHING_VERIFIED, VerifiedKeys, draft_ring, verified_keys

_AT_ONCE = 2
_LARGE = 256 * 1024
# Where gpg keeps public keys: since 2.1, before, and behind keyboxd (2.4).
_KEYBOXD = "public-keys.d/pubring.db"
_KEYRINGS = ("pubring.kbx", "pubring.gpg", _KEYBOXD)
_Stamp = tuple[tuple[str, int, int, int], ...]
_PAUSE_SECONDS = 60.0
_PAUSES = 10


class OpenPgpSealer:
    """Signs and encrypts with gpg; satisfies `Sealer`. Blocking, and safe to call from several threads.

    Args:
        home: the private GNUPGHOME with the pinned keys and the own signing key.
        signer: the own key's primary fingerprint; its newest signing subkey signs, when it has one.
        timeout_seconds: how long gpg may make no progress at all before it is killed.
        now: the clock by which keys are judged.
        binary: the gpg program.
        successor: the own key that signs in the place of `signer` from a moment on.

    Raises SluisError `program-missing`, `setting-invalid`.
    """

    def __init__(
        self,
        *,
        home: Path,
        signer: Fingerprint,
        timeout_seconds: float,
        now: Callable[[], dt.datetime],
        binary: str = "gpg",
        successor: tuple[Fingerprint, dt.datetime] | None = None,
    ) -> None:
        self._gpg = HardenedGpg(home=home, patience_seconds=timeout_seconds, binary=binary)
        self._signer = signer
        self._successor = successor
        self._now = now
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        self._keys = PinnedKeys(home=home, gpg=self._gpg)

    def encrypt_bytes(self, plaintext: bytes, /, *, recipients: tuple[Fingerprint, ...], armor: bool) -> bytes:
        """See the port."""
        if not isinstance(plaintext, bytes):
            raise TypeError("text is not encrypted: its encoding would be anybody's guess")
        output = bytearray()
        traffic = Traffic(iter((plaintext,)), output.extend, large=len(plaintext) > _LARGE)
        self._seal(traffic, recipients=recipients, armor=armor)
        return bytes(output)

    def encrypt_stream(
        self, plaintext: Iterable[bytes], /, *, recipients: tuple[Fingerprint, ...], output: Path
    ) -> FileCiphertext:
        """See the port."""
        with Landing(output) as landing:
            traffic = Traffic(bytes_only(plaintext), landing.write, large=True)
            self._seal(traffic, recipients=recipients, armor=False)
            return landing.finish()

    def sign_detached(self, content: bytes, /, *, readers: tuple[Fingerprint, ...] = ()) -> bytes:
        """See the port."""
        del readers
        with self._slots:
            now = self._now()
            signer = self.signing_key(now)
            ring = self._keys.verified().ring(self.signer_at(now))
            result = self._gpg.sign_detached(content, signer=signer, ring=ring)
        _require_proof(result, signer)
        signature: bytes = result.data
        return signature

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        """See the port. Raises SluisError `seal-failed`, `seal-timeout` when the keyring can not be read."""
        return health_of(self._keys.current(), fingerprint, now=self._now())

    def names_another(self, fingerprint: Fingerprint, /, *, address: str) -> bool:
        """See the port. Raises as `health`."""
        return names_another(self._keys.current(), fingerprint, address=address)

    def signer_at(self, now: dt.datetime) -> Fingerprint:
        """Give the own key that signs at a moment, by its primary fingerprint."""
        if self._successor is not None and now >= self._successor[1]:
            return self._successor[0]
        return self._signer

    def facts(self) -> Mapping[Fingerprint, KeyFacts]:
        """Give what is known of every key on the ring. Raises as `health`."""
        return self._keys.current()

    def check_signer(self) -> None:
        """See the port."""
        self.sign_detached(b"")

    def _seal(self, traffic: Traffic, *, recipients: tuple[Fingerprint, ...], armor: bool) -> None:
        with self._slots:
            # A long file may hold a slot for minutes, in which a key that waits for its turn is revoked (3).
            now = self._now()
            require_usable(self, recipients)
            signer = self.signing_key(now)
            traffic.ring = self._keys.verified().ring(self.signer_at(now), *recipients)
            result: SealResult = self._gpg.encrypt_file(
                traffic, recipients, sign=True, armor=armor, extra_args=sign_with(signer)
            )
        _require_proof(result, signer)

    def signing_key(self, now: dt.datetime) -> Fingerprint:
        """Give the key or subkey that signs at a moment. Raises SluisError `signing-key-unusable`, and as `health`."""
        facts = self._keys.current().get(self.signer_at(now))
        signer = facts.signing_key(now) if facts else None
        if signer is None:
            raise SluisError(Code.SIGNING_KEY_UNUSABLE)
        return signer


class PinnedKeys:
    """What the keyring holds, read again only when one of its files has changed; without such a file at every call.

    `clock` counts seconds and never goes back.
    """

    def __init__(self, *, home: Path, gpg: HardenedGpg, clock: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._files = [(name, home / name) for name in _KEYRINGS]
        self._gpg = gpg
        self._clock = clock
        self._reading, self._verifying = threading.Lock(), threading.Lock()
        self._read: tuple[_Stamp, Mapping[Fingerprint, KeyFacts]] | None = None
        self._verified: tuple[_Stamp, VerifiedKeys, float] | None = None

    def current(self) -> Mapping[Fingerprint, KeyFacts]:
        """Give the facts about every key. Raises SluisError `seal-failed`, `seal-timeout`."""
        known = self._known_facts(self._stamp())
        if known is not None:
            return known
        with self._reading:
            # The stamp is taken before the reading: a change in between is seen by the next call. What another thread
            # has read in the meantime is not read again.
            stamp = self._stamp()
            known = self._known_facts(stamp)
            if known is not None:
                return known
            facts = read_listing(self._gpg.listing("--check-sigs", "--with-fingerprint", "--with-fingerprint"))
            self._read = (stamp, facts)
            return facts

    def verified(self) -> VerifiedKeys:
        """Give the keys of which gpg has verified every signature; none when it could not, which only costs time.

        It is tried again after a minute, and after ten times what it took; nobody waits for another thread that tries.
        That it failed is told nowhere, for this layer has no log: it shows as slower sealing.
        """
        known = self._known_verified(self._stamp())
        if known is not None:
            return known
        if not self._verifying.acquire(blocking=False):
            return NOTHING_VERIFIED
        try:
            stamp = self._stamp()
            known = self._known_verified(stamp)
            if known is not None:
                return known
            keys, until = self._tried(stamp)
            self._verified = (stamp, keys, until)
            return keys
        finally:
            self._verifying.release()

    def _known_facts(self, stamp: _Stamp) -> Mapping[Fingerprint, KeyFacts] | None:
        known = self._read
        return known[1] if known is not None and stamp and known[0] == stamp else None

    def _known_verified(self, stamp: _Stamp) -> VerifiedKeys | None:
        known = self._verified
        return known[1] if known is not None and known[0] == stamp and self._clock() < known[2] else None

    def _tried(self, stamp: _Stamp) -> tuple[VerifiedKeys, float]:
        """Verify, and tell until when the answer holds for an unchanged keyring."""
        if not stamp or _KEYBOXD in {name for name, *_ in stamp}:
            # A change of what we can not see would be missed, and keyboxd lets no other keyring take its place.
            return NOTHING_VERIFIED, math.inf
        begun = self._clock()
        try:
            return self._verify(), math.inf
        except (SluisError, OSError, ValueError):
            ended = self._clock()
            return NOTHING_VERIFIED, ended + max(_PAUSE_SECONDS, _PAUSES * (ended - begun))

    def _verify(self) -> VerifiedKeys:
        with draft_ring(self._gpg.exported(), home=self._home) as ring:
            self._gpg.listing(*only_ring(str(ring)), "--rebuild-keydb-caches")
            return verified_keys(ring.read_bytes())

    def _stamp(self) -> _Stamp:
        """Give what changes with the files of the keyring; nothing when there is none."""
        return tuple((name, *seen) for name, file in self._files if (seen := _seen(file)) is not None)


def _seen(file: Path) -> tuple[int, int, int] | None:
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SluisError(Code.SEAL_FAILED) from error
    return status.st_mtime_ns, status.st_size, status.st_ino


def _require_proof(result: SealResult | SignatureResult, signer: Fingerprint) -> None:
    """Raise unless gpg proved what was asked; the most telling reason first."""
    if result.proves(signer):
        return
    refused = result.refused_recipient()
    if refused is not None:
        raise SluisError(refused)
    made_by_another = any(each != signer for each in result.signers())
    if result.refused_signer() or made_by_another:
        raise SluisError(Code.SIGNING_KEY_UNUSABLE)
    raise SluisError(Code.SEAL_FAILED, detail={"exit": result.returncode})
