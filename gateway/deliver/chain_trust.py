"""Whom the chain facility trusts: one pinned root, revocation lists that count today, and our own certificate.

Rules, in order:
1. The only authority is the root that the site names: the private root of PKIoverheid. The system's are never loaded
   (Digikoppeling PKI005).
2. Revocation is checked by OpenSSL in the handshake, for every certificate of the chain, before a byte of ours goes
   (PKI003). The lists lie in a folder that the administrator's timer keeps fresh. A list that is missing, stale or from
   tomorrow closes the connection: fail closed. Lists are read again for each connection.
3. Our own certificate carries our OIN and is valid today; else the other side would close the connection in a moment
   at which nobody can tell what it has taken.
4. The other side must ask for our certificate (TLS002): who does not ask can not know who we are.
"""

import datetime as dt
import os
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.deliver.tls import Handshake, harden
from gateway.formats.certificates import is_valid_at, oin_of, read_certificate, read_revocation_lists
from gateway.package.errors import Code, SluisError
from gateway.package.oin import Oin


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFiles:
    """Where the trust of a site lies; all in PEM but for the lists, which may be in DER."""

    certificate: Path
    key: Path
    root: Path
    lists: Path


class ChainTrust:
    """Makes the TLS context of each connection. Blocking."""

    def __init__(self, *, files: ChainFiles, own_oin: Oin, now: Callable[[], dt.datetime]) -> None:
        self._files = files
        self._own_oin = own_oin
        self._now = now

    def handshake(self) -> Handshake:
        """Prepare one connection.

        Raises SluisError: `chain-own-certificate` (3), `chain-revocation-unknown` when there is no list at all (2),
        `setting-invalid` for a root that is none.
        """
        self._require_own()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        harden(context)
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN
        _load(context, self._root() + self._lists())
        try:
            # A key with a pass-phrase is an error; without one given here, it would be asked for on the terminal.
            context.load_cert_chain(self._files.certificate, self._files.key, password="")
        except (OSError, ValueError) as error:
            raise SluisError(Code.CHAIN_OWN_CERTIFICATE, where="chain.keyFile") from error
        return Handshake(context, where="chain")

    def _require_own(self) -> None:
        try:
            own = read_certificate(self._files.certificate.read_bytes())
        except (OSError, ValueError) as error:
            raise SluisError(Code.CHAIN_OWN_CERTIFICATE, where="chain.certificateFile") from error
        if oin_of(own) != self._own_oin or not is_valid_at(own, self._now()):
            raise SluisError(Code.CHAIN_OWN_CERTIFICATE, where="chain.certificateFile")

    def _root(self) -> bytes:
        try:
            content = self._files.root.read_bytes()
            (root,) = x509.load_pem_x509_certificates(content)
        except (OSError, ValueError) as error:
            raise SluisError(Code.SETTING_INVALID, where="chain.rootFile") from error
        if root.issuer != root.subject:
            # OpenSSL would trust an intermediate as a root only half: better said here than in a handshake.
            raise SluisError(Code.SETTING_INVALID, where="chain.rootFile")
        return root.public_bytes(Encoding.PEM)

    def _lists(self) -> bytes:
        lists = b"".join(each.public_bytes(Encoding.PEM) for each in self._each_list())
        if not lists:
            raise SluisError(Code.CHAIN_REVOCATION_UNKNOWN, where="chain.crlFolder")
        return lists

    def _each_list(self) -> Iterator[x509.CertificateRevocationList]:
        try:
            for path in sorted(self._files.lists.iterdir()):
                if path.name.startswith(".") or not path.is_file():
                    continue
                yield from read_revocation_lists(path.read_bytes())
        except (OSError, ValueError) as error:
            # One that can not be read may be the one that matters.
            raise SluisError(Code.CHAIN_REVOCATION_UNKNOWN, where="chain.crlFolder") from error


def _load(context: ssl.SSLContext, content: bytes) -> None:
    """Load a root and lists, which OpenSSL takes from a file only; this one is in memory."""
    file = os.memfd_create("sluis-chain-trust")
    try:
        with open(file, "wb", closefd=False) as target:
            target.write(content)
        context.load_verify_locations(cafile=f"/proc/self/fd/{file}")
    except (OSError, ssl.SSLError) as error:
        raise SluisError(Code.SETTING_INVALID, where="chain.rootFile") from error
    finally:
        os.close(file)
