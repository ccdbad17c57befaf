"""Writes CMS messages: what is signed (RFC 5652 section 5), and around it what is encrypted (RFC 5083).

Pure but for the random numbers of the algorithms themselves. Everything is given out piece by piece, as it is made, so
that memory stays flat at any size. Rules:
1. AES-256-GCM only (RFC 5084), with a tag of 16 bytes: what was changed or cut off does not open. The older forms
   without authentication (EFAIL) are not offered to anybody.
2. The key goes to RSA certificates by RSAES-OAEP with SHA-256 (RFC 3560, RFC 4055), to those on a curve by ephemeral
   ECDH with the X9.63 derivation over SHA-256 and AES-256 key wrap (RFC 5753).
3. Signed inside: RSASSA-PSS or ECDSA with SHA-256 over attributes that bind digest, time and the signer's certificate
   (RFC 5035). The certificate and its issuers travel along.
4. The encrypted content is of type id-data, so that any reader gives out what was signed, whole; no attributes then.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.seal import der
from gateway.seal.certificates import Certificate

KEY_BYTES, NONCE_BYTES = 32, 12
_TAG_BYTES = 16

_DATA = der.oid("1.2.840.113549.1.7.1")
_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
_AUTH_ENVELOPED_DATA = der.oid("1.2.840.113549.1.9.16.1.23")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_SIGNING_TIME = der.oid("1.2.840.113549.1.9.5")
_SIGNING_CERTIFICATE = der.oid("1.2.840.113549.1.9.16.2.47")
_AES_GCM = der.oid("2.16.840.1.101.3.4.1.46")
_SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.null())
_MGF1 = der.sequence(der.oid("1.2.840.113549.1.1.8"), _SHA256)
_OAEP = der.sequence(der.oid("1.2.840.113549.1.1.7"), der.sequence(der.tagged(0, _SHA256), der.tagged(1, _MGF1)))
_PSS = der.sequence(
    der.oid("1.2.840.113549.1.1.10"),
    der.sequence(der.tagged(0, _SHA256), der.tagged(1, _MGF1), der.tagged(2, der.integer(32))),
)
_ECDSA = der.sequence(der.oid("1.2.840.10045.4.3.2"))
_AES_WRAP = der.sequence(der.oid("2.16.840.1.101.3.4.1.45"))
_ECDH = der.sequence(der.oid("1.3.132.1.11.1"), _AES_WRAP)
_EC_KEY = der.sequence(der.oid("1.2.840.10045.2.1"))
# RFC 5753 section 7.2: the wrap's identifier, and the length in bits of the key that wraps.
_SHARED_INFO = der.sequence(_AES_WRAP, der.tagged(2, der.octets((8 * KEY_BYTES).to_bytes(4, "big"))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs: the own certificate, and its private key."""

    certificate: Certificate
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)

    def info(self, digest: bytes, *, at: dt.datetime) -> bytes:
        """Give the SignerInfo (RFC 5652 section 5.3) for content with this SHA-256, signed at a moment."""
        certificate = hashlib.sha256(self.certificate.encoded()).digest()
        attributes = der.set_of(
            _attribute(_CONTENT_TYPE, _DATA),
            _attribute(_MESSAGE_DIGEST, der.octets(digest)),
            _attribute(_SIGNING_TIME, der.time(at)),
            _attribute(_SIGNING_CERTIFICATE, der.sequence(der.sequence(der.sequence(der.octets(certificate))))),
        )
        algorithm, signature = self._signed(attributes)
        return der.sequence(
            der.integer(1),
            self.certificate.issuer_and_serial(),
            _SHA256,
            # What is signed is the set itself; in the message it has the tag [0] in place of its own.
            bytes((der.context(0),)) + attributes[1:],
            algorithm,
            der.octets(signature),
        )

    def certificates(self) -> bytes:
        """Give the certificate and its issuers as they travel along."""
        issuers = (each.public_bytes(Encoding.DER) for each in self.certificate.chain)
        return der.tagged(0, self.certificate.encoded(), *issuers)

    def _signed(self, content: bytes) -> tuple[bytes, bytes]:
        if isinstance(self.key, rsa.RSAPrivateKey):
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
            return _PSS, self.key.sign(content, pss, hashes.SHA256())
        return _ECDSA, self.key.sign(content, ec.ECDSA(hashes.SHA256()))


def signed_pieces(content: Iterable[bytes], *, signer: Signer, at: dt.datetime) -> Iterator[bytes]:
    """Give a SignedData with its content in it, piece by piece."""
    digest = hashlib.sha256()
    yield (
        _content_begun(_SIGNED_DATA)
        + der.integer(1)
        + der.set_of(_SHA256)
        + _content_begun(_DATA)
        + der.begun(der.OCTET_STRING)
    )
    for piece in content:
        digest.update(piece)
        # An empty octet string within one is allowed, and some readers take its two zeroes for the end.
        if piece:
            yield der.header(der.OCTET_STRING, len(piece)) + piece
    yield der.END * 3 + signer.certificates() + der.set_of(signer.info(digest.digest(), at=at)) + der.END * 3


def detached_signature(content: bytes, *, signer: Signer, at: dt.datetime) -> bytes:
    """Give a SignedData without its content (RFC 5652 section 5.2), in DER."""
    signed = der.sequence(
        der.integer(1),
        der.set_of(_SHA256),
        der.sequence(_DATA),
        signer.certificates(),
        der.set_of(signer.info(hashlib.sha256(content).digest(), at=at)),
    )
    return der.sequence(_SIGNED_DATA, der.tagged(0, signed))


def enveloped_pieces(
    content: Iterable[bytes], *, recipients: Iterable[Certificate], key: bytes, nonce: bytes
) -> Iterator[bytes]:
    """Give an AuthEnvelopedData, piece by piece; `key` and `nonce` are fresh random bytes, never used before.

    Raises ValueError for a certificate whose health is not usable, or sizes of key and nonce that are not these.
    """
    if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError("a key of 32 bytes and a nonce of 12 expected")
    encryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    algorithm = der.sequence(_AES_GCM, der.sequence(der.octets(nonce), der.integer(_TAG_BYTES)))
    infos = der.set_of(*(_recipient_info(each, key) for each in recipients))
    yield (
        _content_begun(_AUTH_ENVELOPED_DATA)
        + der.integer(0)
        + infos
        + der.begun(der.SEQUENCE)
        + _DATA
        + algorithm
        + der.begun(der.context(0))
    )
    for piece in content:
        if piece:
            yield der.header(der.OCTET_STRING, len(piece)) + encryptor.update(piece)
    encryptor.finalize()
    yield der.END * 2 + der.octets(encryptor.tag) + der.END * 3


def _content_begun(kind: bytes) -> bytes:
    """Begin a ContentInfo (RFC 5652 section 3) or an EncapsulatedContentInfo, up to its content.

    A message's content is a sequence that begins here too; what is encapsulated is not.
    """
    start = der.begun(der.SEQUENCE) + kind + der.begun(der.context(0))
    return start if kind == _DATA else start + der.begun(der.SEQUENCE)


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.sequence(kind, der.set_of(value))


def _recipient_info(recipient: Certificate, key: bytes) -> bytes:
    match recipient.key:
        case rsa.RSAPublicKey() as public:
            return _transported(recipient, public, key)
        case ec.EllipticCurvePublicKey() as public:
            return _agreed(recipient, public, key)
        case _:
            raise ValueError("a certificate that can be encrypted to expected")


def _transported(recipient: Certificate, public: rsa.RSAPublicKey, key: bytes) -> bytes:
    """Give a KeyTransRecipientInfo (RFC 5652 section 6.2.1)."""
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    return der.sequence(der.integer(0), recipient.issuer_and_serial(), _OAEP, der.octets(public.encrypt(key, oaep)))


def _agreed(recipient: Certificate, public: ec.EllipticCurvePublicKey, key: bytes) -> bytes:
    """Give a KeyAgreeRecipientInfo (RFC 5652 section 6.2.2), with a key of its own on the recipient's curve."""
    own = ec.generate_private_key(public.curve)
    shared = own.exchange(ec.ECDH(), public)
    wrapping = X963KDF(algorithm=hashes.SHA256(), length=KEY_BYTES, sharedinfo=_SHARED_INFO).derive(shared)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    originator = der.tagged(0, der.tagged(1, _EC_KEY, der.bits(point)))
    wrapped = der.sequence(recipient.issuer_and_serial(), der.octets(aes_key_wrap(wrapping, key)))
    return der.tagged(1, der.integer(3), originator, _ECDH, der.sequence(wrapped))
