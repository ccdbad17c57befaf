"""Recipients with OpenPGP keys of version 6, made by Sequoia: good ones, and each kind of trouble."""

import datetime as dt
import time
from pathlib import Path

import pysequoia
from pysequoia import CipherSuite, Profile, Tsk
from pysequoia.packet import PacketPile, Tag

from gateway.package.ids import Fingerprint
from gateway.seal.sequoia import SequoiaSealer
from gateway.seal.sequoia_v6 import SequoiaV6Sealer
from tests.integration.seal import homes
from tests.integration.seal.homes import KeyHouse

_YEAR = 365 * 86400
_SEQUOIAS_PAST_SECONDS = 60
"""So long ago Sequoia says that it made what it makes now."""
_BRIEF_SECONDS = 3


class PeopleOfVersion6:
    """Their secret keys, and the folder in which a site keeps their public ones."""

    def __init__(self, folder: Path, house: KeyHouse) -> None:
        self.folder = folder
        self._sender = pysequoia.Cert.from_bytes(homes.public(house.gateway, house.signer))
        self._signer = house.signer
        self.keys: dict[str, Fingerprint] = {}
        self.secrets: dict[Fingerprint, Tsk] = {}
        self._made("expired", seconds=_SEQUOIAS_PAST_SECONDS)
        self._renewed("once-expired")
        for name in ("ok", "other", "revoked", "no-subkey", "swapped"):
            self._made(name)
        self._made("post-quantum", suite=CipherSuite.MLDSA65_Ed25519)
        self._revoke("revoked")
        self._without_subkeys("no-subkey")
        self.path("swapped").write_bytes(self.path("other").read_bytes())
        time.sleep(_BRIEF_SECONDS)

    def path(self, name: str) -> Path:
        return self.folder / f"{self.keys[name]}.asc"

    def write(self, name: str, certificate: pysequoia.Cert) -> None:
        self.path(name).write_text(str(certificate), encoding="ascii")

    def certificate(self, name: str) -> pysequoia.Cert:
        return pysequoia.Cert.from_bytes(self.path(name).read_bytes())

    def sealer(self, signer: SequoiaSealer) -> SequoiaV6Sealer:
        return SequoiaV6Sealer(signer=signer, keys=self.folder, now=homes.now)

    def open_sealed(self, sealed: bytes, recipient: Fingerprint) -> bytes:
        """Open a message as a recipient would; its signature must be good."""
        opened = pysequoia.decrypt(sealed, self.secrets[recipient].decryptor(), lambda _: [self._sender])
        assert [self._signer] == [each.certificate.upper() for each in opened.valid_sigs]
        assert opened.bytes is not None
        return opened.bytes

    def _made(self, name: str, *, suite: CipherSuite = CipherSuite.Cv25519, seconds: int = _YEAR) -> Tsk:
        secret = Tsk.generate(
            f"{name} <{name}@keys.example>", profile=Profile.RFC9580, cipher_suite=suite, validity_seconds=seconds
        )
        public = secret.extract_certificate()
        self.keys[name] = Fingerprint(public.fingerprint.upper())
        self.secrets[self.keys[name]] = secret
        self.write(name, public)
        return secret

    def _renewed(self, name: str) -> None:
        """Let the primary key last for longer, and its subkey, of which Sequoia says nothing, end in a moment."""
        secret = self._made(name, seconds=_SEQUOIAS_PAST_SECONDS + _BRIEF_SECONDS)
        later = dt.datetime.now(dt.UTC) + dt.timedelta(days=300)
        self.write(name, secret.extract_certificate().set_expiration(later, secret.certifier()))

    def _revoke(self, name: str) -> None:
        public = self.certificate(name)
        revocation = public.revoke(self.secrets[self.keys[name]].certifier())
        self.write(name, pysequoia.Cert.from_bytes(bytes(public) + bytes(revocation)))

    def _without_subkeys(self, name: str) -> None:
        packets = list(PacketPile.from_bytes(bytes(self.certificate(name))))
        first = next(place for place, each in enumerate(packets) if each.tag == Tag.PublicSubkey)
        self.write(name, pysequoia.Cert.from_packets(packets[:first]))
