"""The gateway's own GnuPG home: made, filled with pinned public keys, and closed again.

Rules:
1. The home is private (0700) and nobody else's: no gpg.conf, and an agent that signs many messages at once without
   running out of locked memory and does not spend half a second per signature on a pass-phrase.
2. Only public keys with exactly the expected fingerprint come in, from bytes that somebody has compared; a secret
   key of somebody else is refused and thereby never stored.
3. Bytes are listed before they are imported, so that a key that is not wanted never reaches the keyring.
"""

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint, parse_fingerprint
from gateway.seal.hardened_gpg import HardenedGpg

_AGENT_CONF = "auto-expand-secmem\ns2k-count 65536\n"
_PATIENCE_SECONDS = 120
# The path of a Unix socket ends at 107 bytes with its closing zero; the agent's longest one is "S.gpg-agent.browser".
LONGEST_HOME_BYTES = 106 - len("/S.gpg-agent.browser")
_SIGNING_YEARS = 2


def create_home(home: Path) -> None:
    """Make a private GNUPGHOME, or complete one. Raises SluisError `setting-invalid` when its path is too long."""
    if len(os.fsencode(home.absolute())) > LONGEST_HOME_BYTES:
        fault = ("gnupg", f"a path of at most {LONGEST_HOME_BYTES} bytes expected")
        raise SluisError(Code.SETTING_INVALID, faults=(fault,))
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    (home / "gpg-agent.conf").write_text(_AGENT_CONF, encoding="ascii")


def create_signing_key(home: Path, *, name: str, email: str) -> Fingerprint:
    """Make the gateway's own key: ed25519, for signing only, two years, without a pass-phrase.

    It is protected by the home's file mode and the machine; a pass-phrase on disk beside it would add nothing.
    Raises SluisError `seal-failed`, `seal-timeout`.
    """
    return _generate(home, name=name, email=email, usage=("Key-Usage: sign", f"Expire-Date: {_SIGNING_YEARS}y"))


def create_recipient_key(home: Path, *, name: str, email: str) -> Fingerprint:
    """Make a key for a sample recipient: ed25519 to sign, cv25519 to encrypt to, two years. Raises as above."""
    subkey = ("Subkey-Type: ecdh", "Subkey-Curve: cv25519", "Subkey-Usage: encrypt")
    return _generate(
        home, name=name, email=email, usage=("Key-Usage: sign", *subkey, f"Expire-Date: {_SIGNING_YEARS}y")
    )


def import_pinned(home: Path, armored: bytes, *, expected: Fingerprint) -> None:
    """Import one public key, given its fingerprint. Raises as `import_all`."""
    import_all(home, {expected: armored})


def import_all(home: Path, keys: Mapping[Fingerprint, bytes]) -> None:
    """Import many public keys in one run (15 ms each; a run of its own for each would take thrice that).

    `keys` maps each pinned fingerprint to the bytes that should hold that key and no other. Raises SluisError with
    `where` naming a fingerprint: `key-secret-refused`, `key-missing` when bytes do not hold it, `key-unusable` when
    they hold another key besides or gpg does not take it.
    """
    if not keys:
        return
    gpg = _gpg(home)
    bundle = b"\n".join(keys.values())
    _require_exactly(gpg, bundle, expected=frozenset(keys))
    result = gpg.import_keys(bundle, extra_args=["--import-options", "self-sigs-only"])
    _require_imported(result.fingerprints, expected=frozenset(keys))


def destroy_secret(home: Path, fingerprint: Fingerprint) -> None:
    """Destroy the secret half of a key; its public half stays. Raises SluisError `seal-failed`, `seal-timeout`."""
    _gpg(home).listing("--yes", "--delete-secret-keys", fingerprint)


def export_public(home: Path, fingerprint: Fingerprint, *, alone: bool = False) -> bytes:
    """Give one public key, armored; `alone`: this subkey and its primary key without others. Raises `key-missing`."""
    exported = _gpg(home).listing("--armor", "--export", f"{fingerprint}!" if alone else fingerprint)
    if not exported:
        raise SluisError(Code.KEY_MISSING, where=fingerprint)
    return exported.encode("ascii")


def export_secret(home: Path, fingerprint: Fingerprint, *, primary: bool) -> bytes:
    """Give the secret half of one own key, armored: of a subkey without its primary key's.

    Raises SluisError `seal-failed` when the agent does not give it (a pass-phrase, a card), `seal-timeout`.
    """
    command = "--export-secret-keys" if primary else "--export-secret-subkeys"
    exported = _gpg(home).listing("--armor", command, f"{fingerprint}!")
    if not exported:
        raise SluisError(Code.SEAL_FAILED, where="gnupg")
    return exported.encode("ascii")


def secret_keys(home: Path) -> set[Fingerprint]:
    """List the primary keys of which the home holds any secret part, without waking its agent.

    gpg keeps each under its keygrip (GnuPG, doc/DETAILS: `grp`). Raises SluisError `seal-failed`, `seal-timeout`.
    """
    there = {path.stem for path in (home / "private-keys-v1.d").glob("*.key")}
    found: set[Fingerprint] = set()
    primary = ""
    for line in _gpg(home).listing("--list-keys", "--with-keygrip").split("\n"):
        record = line.split(":")
        if record[0] == "pub":
            primary = ""
        elif record[0] == "fpr":
            primary = primary or record[9]
        elif record[0] == "grp" and record[9] in there:
            found.add(Fingerprint(primary))
    return found


def stop_agent(home: Path, *, patience_seconds: float = 10) -> None:
    """Stop the programs that gpg started for this home; fine when there are none, and a hung one is left behind."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    command = ["gpgconf", "--homedir", str(home), "--kill", "all"]
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, env=environment, capture_output=True, timeout=patience_seconds, check=False)


def _gpg(home: Path) -> HardenedGpg:
    return HardenedGpg(home=home, patience_seconds=_PATIENCE_SECONDS)


def _generate(home: Path, *, name: str, email: str, usage: tuple[str, ...]) -> Fingerprint:
    if not (name.isprintable() and email.isprintable()):
        raise ValueError("a name and an address without control characters expected")
    lines = (
        "%no-protection",
        "Key-Type: eddsa",
        "Key-Curve: ed25519",
        *usage,
        f"Name-Real: {name}",
        f"Name-Email: {email}",
        "%commit",
    )
    result = _gpg(home).gen_key("\n".join(lines) + "\n")
    if result.returncode != 0 or not result.fingerprint:
        raise SluisError(Code.SEAL_FAILED, where="gnupg")
    return parse_fingerprint(result.fingerprint)


def require_public(gpg: HardenedGpg, bundle: bytes) -> set[str]:
    """Look into the bytes without importing them, and give the fingerprints of the public keys in them.

    Raises SluisError `key-secret-refused`, `key-unusable` when gpg can not read them.
    """
    if b"PRIVATE KEY BLOCK" in bundle:
        raise SluisError(Code.KEY_SECRET_REFUSED)
    found: set[str] = set()
    for kind, fingerprint in _primaries(_shown(gpg, bundle)):
        if kind == "sec":
            raise SluisError(Code.KEY_SECRET_REFUSED, where=fingerprint)
        found.add(fingerprint)
    return found


def _require_exactly(gpg: HardenedGpg, bundle: bytes, *, expected: frozenset[Fingerprint]) -> None:
    found = require_public(gpg, bundle)
    for missing in sorted(expected - found):
        raise SluisError(Code.KEY_MISSING, where=missing)
    for other in sorted(found - expected):
        raise SluisError(Code.KEY_UNUSABLE, where=other)


def _shown(gpg: HardenedGpg, bundle: bytes) -> str:
    try:
        # Nobody's trust is asked here. Of an expired or revoked key gpg 2.2 looks into its trust database, and under
        # the model of every other run it ends there when a new home has none.
        return gpg.listing("--trust-model", "pgp", "--show-keys", "--with-fingerprint", stdin=bundle)
    except SluisError as error:
        if error.code is Code.SEAL_FAILED:
            raise SluisError(Code.KEY_UNUSABLE) from error
        raise


def _primaries(listing: str) -> list[tuple[str, str]]:
    """List kind and fingerprint of each primary key: the first `fpr` record after its `pub` or `sec` record."""
    found: list[tuple[str, str]] = []
    waiting = ""
    for line in listing.split("\n"):
        record = line.split(":")
        if record[0] in {"pub", "sec"}:
            waiting = record[0]
        elif record[0] == "fpr" and waiting:
            found.append((waiting, record[9]))
            waiting = ""
    return found


def _require_imported(imported: list[str], *, expected: frozenset[Fingerprint]) -> None:
    for missing in sorted(expected - set(imported)):
        raise SluisError(Code.KEY_UNUSABLE, where=missing)
