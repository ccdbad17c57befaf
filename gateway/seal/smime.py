"""S/MIME 4.0 mail (RFC 8551): the enveloped message around, the signed one inside it, the header fields within both.

Rules:
1. Outside only what a mail server needs, with the subject "[...]"; the true fields are on the signed MIME entity, under
   `hp="cipher"` (RFC 9788 section 2.1.1), which is the same entity as PGP/MIME encrypts (`gateway.seal.mime`).
2. Signed first, then enveloped (RFC 8551 section 3.7): who relays the mail does not see who signed it, and nobody can
   take the ciphertext and sign it as his own.
3. `smime-type=authEnveloped-data` (section 3.4) and base64, also inside: the gateway seals before it knows which relay
   takes the mail, and openssl reads the inner entity in base64 only.
"""

from gateway.seal.mime import HIDDEN_SUBJECT, Envelope, base64_lines, sendable

_CRLF = b"\r\n"


def signed_entity(signed: bytes) -> bytes:
    """Give the MIME entity that is enveloped: the DER of a CMS SignedData (RFC 8551 section 3.5.2)."""
    return _CRLF.join((*_header(b"signed-data"), b"", base64_lines(signed), b""))


def smime_message(envelope: Envelope, *, enveloped: bytes) -> bytes:
    """Wrap the base64 lines of the enveloped message for the mail server.

    Raises SluisError `seal-failed` when the result is not what SMTP may carry as it is.
    """
    body = enveloped.replace(b"\r\n", b"\n").replace(b"\n", _CRLF)
    fields = (*envelope.fields(subject=HIDDEN_SUBJECT), b"MIME-Version: 1.0")
    return sendable(_CRLF.join((*fields, *_header(b"authEnveloped-data"), b"", body)))


def _header(kind: bytes) -> tuple[bytes, ...]:
    return (
        b"Content-Type: application/pkcs7-mime; smime-type=" + kind + b";",
        b' name="smime.p7m"',
        b'Content-Disposition: attachment; filename="smime.p7m"',
        b"Content-Transfer-Encoding: base64",
    )
