"""The receipt of a chain partner: what it has to say, and who has to sign it. Pure.

A receipt is a compact JWS. It is believed when all of this holds, and is no receipt else:
1. It is signed with the key of the very certificate that the other side proved in TLS, which stands whole in `x5c`: by
   that the receipt can be verified years later, when the connection is long gone.
2. It is of our form, and says the transaction that was asked in, the idempotency key, the digest and the size of the
   ciphertext that was sent, from whom to whom, and when that came in.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from gateway.formats.certificates import der_of, read_certificate, signing_algorithm

FORMAT: Final = "sluis-receipt/1"
MAX_BYTES: Final = 32 * 1024
"""A receipt with its certificate is some kilobytes; a longer answer is not read to its end."""


class NoReceiptError(Exception):
    """What was answered is no receipt for what was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a receipt has to say, under the names that it has there."""

    transactionId: str  # noqa: N815 - the key of the receipt.
    idempotencyKey: str  # noqa: N815 - the key of the receipt.
    sha256: str
    size: int
    sender: str
    receiver: str


class _Registry(jws.JWSRegistry):
    max_header_length = MAX_BYTES


def verify(receipt: bytes, *, signer: bytes, expected: Expected) -> str:
    """Give a receipt as text when it is one; `signer` is the certificate of the other side in DER.

    Raises NoReceiptError, without a word of what was answered.
    """
    try:
        claims = _claims(receipt, signer=signer)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise NoReceiptError from error
    wanted = {"format": FORMAT, **asdict(expected)}
    if {key: claims.get(key) for key in wanted} != wanted or not isinstance(claims.get("receivedAt"), str):
        raise NoReceiptError
    return receipt.decode("ascii")


def _claims(receipt: bytes, *, signer: bytes) -> Mapping[str, Any]:
    """Verify the signature (1), and read what was signed."""
    certificate = read_certificate(signer)
    algorithm = signing_algorithm(certificate)
    if algorithm is None:
        raise ValueError("a key that can sign a receipt expected")
    public = certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = RSAKey.import_key(public) if algorithm == "PS256" else ECKey.import_key(public)
    signed = jws.deserialize_compact(receipt, key, registry=_Registry(algorithms=[algorithm]))
    (named, *_) = signed.headers()["x5c"]
    if base64.b64decode(named, validate=True) != der_of(certificate):
        raise ValueError("the certificate of the other side expected")
    claims = json.loads(signed.payload or b"")
    if not isinstance(claims, dict):
        raise TypeError("a JSON object expected")
    return claims
