"""The key of the logs in tests: the same in each process, so that a child and its parent write one log."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.notes import NoteSigner, SignatureType

SIGNER = NoteSigner(
    "sluis.example/audit/node-1",
    SignatureType.LOG,
    Ed25519PrivateKey.from_private_bytes(b"a log's key in a test".ljust(32)),
)

WITNESS = NoteSigner(
    "toezicht.example/w1",
    SignatureType.COSIGNATURE,
    Ed25519PrivateKey.from_private_bytes(b"the key of a witness, in a test."),
)
