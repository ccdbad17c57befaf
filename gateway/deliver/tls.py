"""The one place that says which TLS our couriers speak; no setting changes it.

Rules (NCSC guideline for TLS, 2025-05; Digikoppeling TLS003, TLS004 and TLSCIPH001):
1. TLS 1.2 or newer, with forward secrecy and AEAD. No compression, no renegotiation.
2. The certificate and the host name of the other side are verified, always.
3. What an administrator's environment asks for debugging would hold the keys of every connection: it is not kept.
"""

import ssl

# "Sufficient" of the NCSC guideline for TLS 1.2; the suites of TLS 1.3 are all good or sufficient by default.
_SUITES_TLS_1_2 = ":".join(
    f"ECDHE-{certificate}-{cipher}"
    for cipher in ("AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES128-GCM-SHA256")
    for certificate in ("ECDSA", "RSA")
)
# Security level 2 of OpenSSL refuses keys below 112 bits (RSA 2048) and SHA-1 signatures.
_SECURITY_LEVEL = "@SECLEVEL=2"


def harden(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a client's context do nothing less than the rules say; give it back."""
    context.check_hostname = True
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{_SUITES_TLS_1_2}:{_SECURITY_LEVEL}")
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.keylog_filename = None  # type: ignore[assignment]  # None is how Python is told that there is none.
    return context
