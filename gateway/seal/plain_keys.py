"""Reads certificates and age keys out of a file that somebody sent. Pure: bytes and the time come in.

Rules, in order:
1. What could be a private key is refused before anything else is looked at: in PEM of any kind, as an age identity, as
   PKCS#8 or PKCS#1 in DER, or a PKCS#12 container, which is made to carry one.
2. A file holds one kind of key. Of several certificates the one that issued none of the others is meant; those that
   issued it stay behind it, and whatever else lies in the file is left out.
3. What is kept is written anew: the certificate and its issuers in PEM, without the text around them.
"""

import datetime as dt
import re
from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, parse_key
from gateway.seal.certificates import Certificate
from gateway.seal.key_description import (
    MAX_KEY_BYTES,
    ReadKey,
    describe_age,
    describe_certificate,
    several_keys,
)
from gateway.seal.revocation import path_of

_SECRETS = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY|AGE-SECRET-KEY-", re.IGNORECASE)
_PEM = re.compile(rb"-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----.+?-----END \1-----", re.DOTALL)
_AGE_LINE = re.compile(rb"^[ \t]*(age1[0-9a-z]+)[ \t]*\r?$", re.MULTILINE)
_ARMOR = b"-----BEGIN PGP "
_SEQUENCE = b"\x30"
# PFX ::= SEQUENCE { version INTEGER {v3(3)}, authSafe ContentInfo … } (RFC 7292 section 4); lengths of any form.
_PKCS12 = re.compile(rb"\x30(?:[\x00-\x7f]|\x80|\x81.|\x82..|\x83...|\x84....)\x02\x01\x03\x30", re.DOTALL)
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)


def require_no_secret(content: bytes) -> None:
    """Refuse what holds a private key (1). Raises SluisError `key-secret-refused`."""
    if _SECRETS.search(content) or _PKCS12.match(content) or _is_private_der(content):
        raise SluisError(Code.KEY_SECRET_REFUSED)


def read_plain_key(content: bytes, *, now: dt.datetime, wanted: Fingerprint | None) -> ReadKey | None:
    """Read the one certificate or age key of a file; None when it holds neither, and may hold an OpenPGP key.

    Raises SluisError `key-unreadable`, `key-several` (its faults name each pin), `key-unknown` when the wanted one is
    not in it.
    """
    is_certificate = bool(_PEM.search(content)) or content[:1] == _SEQUENCE
    ages = [each.group(1) for each in _AGE_LINE.finditer(content)]
    kinds = (is_certificate, bool(ages), _ARMOR in content)
    if not (is_certificate or ages):
        return None
    if sum(kinds) > 1:
        raise unreadable()
    return _certificate(content, now=now, wanted=wanted) if is_certificate else _age(ages, wanted=wanted)


def unreadable() -> SluisError:
    """Make the error of a file that holds no key that can be read."""
    return SluisError(Code.KEY_UNREADABLE, detail={"limit": MAX_KEY_BYTES})


def _certificate(content: bytes, *, now: dt.datetime, wanted: Fingerprint | None) -> ReadKey:
    found = {Certificate(each).pin: each for each in _certificates(content)}
    pin = _chosen(list(_meant(found)) if wanted is None else list(found), wanted)
    path = path_of(found[pin], chain=found.values(), anchors=())
    certificate = Certificate(path[0], path[1:])
    return ReadKey(
        description=describe_certificate(certificate),
        health=certificate.health(now),
        armored=b"".join(each.public_bytes(Encoding.PEM) for each in path),
        certificate=certificate,
    )


def _certificates(content: bytes) -> list[x509.Certificate]:
    try:
        if content[:1] == _SEQUENCE:
            return [x509.load_der_x509_certificate(content)]
        return [x509.load_pem_x509_certificate(each.group()) for each in _PEM.finditer(content)]
    except _UNREADABLE as error:
        raise unreadable() from error


def _meant(found: dict[Fingerprint, x509.Certificate]) -> Iterable[Fingerprint]:
    """Give those that issued none of the others."""
    for pin, each in found.items():
        others = [other for other in found.values() if other != each]
        if not any(len(path_of(other, chain=[each], anchors=[each])) > 1 for other in others):
            yield pin


def _age(lines: list[bytes], *, wanted: Fingerprint | None) -> ReadKey:
    try:
        keys = list(dict.fromkeys(parse_key(each.decode("ascii")) for each in lines))
    except SluisError as error:
        raise unreadable() from error
    key = _chosen(keys, wanted)
    return ReadKey(description=describe_age(key), health=KeyHealth.USABLE, armored=key.encode("ascii"))


def _chosen(keys: list[Fingerprint], wanted: Fingerprint | None) -> Fingerprint:
    if wanted is not None:
        if wanted not in keys:
            raise SluisError(Code.KEY_UNKNOWN, where=wanted)
        return wanted
    if not keys:
        # Two certificates that issued each other: nobody can say which of them is meant.
        raise unreadable()
    if len(keys) > 1:
        raise several_keys(keys)
    return keys[0]


def _is_private_der(content: bytes) -> bool:
    if content[:1] != _SEQUENCE:
        return False
    try:
        load_der_private_key(content, password=None)
    except TypeError:
        # It says that a pass-phrase is missing: a private key all the same.
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True
