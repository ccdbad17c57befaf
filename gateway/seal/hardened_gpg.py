"""python-gnupg, hardened: the same commands and parser, another way of running the process and of believing it.

Each rule answers a fault that was measured in python-gnupg 0.5.7 with gpg 2.2:
1. The signer is `-u FPR!`. The `sign=FPR` of python-gnupg means `--default-key`, and gpg then silently signs with
   another secret key when that one has expired, is revoked or is not there.
2. `ok` alone proves nothing (it is set with a full disk and exit status 2): see `SealResult.proves`.
3. Every run has an end: a hung agent made it wait for ever (`exchange`).
4. A recipient that gpg refuses while input still flows is an answer, not a BrokenPipeError.
5. Status lines end at a newline and nowhere else. The library's reader also breaks at bytes that a user id may hold.
6. No pass-phrase is ever written to the standard input: an empty one eats the first line of the plaintext.
7. The library's log is off: it would write the names of key holders and samples of the content.

And one answers a fault of gpg itself: it believes a keyring that says of a signature that it was verified
(`verified_keys`), and anybody's file can bring that in with `--import-options restore`. So:
8. Every run takes `--no-sig-cache`, but for one with a keyring out of our own memory.
"""

import io
import logging
import math
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import gnupg

from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.seal.exchange import StalledError, Traffic, exchange
from gateway.seal.verified_keys import ring_file

OPTIONS = (
    "--no-options",
    *("--pinentry-mode", "error"),
    "--no-auto-key-locate",
    "--no-auto-key-retrieve",
    "--no-auto-check-trustdb",
    *("--trust-model", "always"),
    *("--compress-algo", "none"),
    *("--personal-digest-preferences", "SHA256 SHA512"),
    *("--set-filename", ""),
    # The kernel's random bytes alone: one more file that every run reads, locks and writes is one more way to fail.
    "--no-random-seed-file",
)
"""Flags of every run. Trust is decided by pinned fingerprints and `key_health`, so gpg may trust what it is given."""

_FAULTS = frozenset({"INV_RECP", "INV_SGNR", "FAILURE", "ERROR", "NO_RECP", "NO_SGNR"})
_NO_SIGNER = frozenset({"INV_SGNR", "NO_SGNR"})
_RECIPIENT_CODES = {"1": Code.KEY_MISSING, "4": Code.KEY_REVOKED, "5": Code.KEY_EXPIRED}
# Codes of libgpg-error without their source: bad pass-phrase, no secret key, time-out, no agent, agent, no pinentry,
# cancelled twice. They come from the agent, thus from the own signing key.
_AGENT_CODES = frozenset({11, 17, 62, 77, 78, 85, 99, 198})
_CODE_BITS = 0xFFFF
_PIECE = 1024 * 1024
_Process = subprocess.Popen[bytes]


class _Witness:
    """Keeps the status lines that decide whether a result is believed."""

    seen: list[tuple[str, str]]

    def values(self, key: str) -> list[str]:
        """Give the values of every status line with this key."""
        return [value for seen, value in self.seen if seen == key]

    def signers(self) -> list[str]:
        """Give the fingerprints that signed, as SIG_CREATED ends with them."""
        return [value.split()[-1] for value in self.values("SIG_CREATED")]

    def faults(self) -> set[str]:
        """Give the status keys of which none may occur in a success."""
        return {key for key, _ in self.seen} & _FAULTS

    def refused_recipient(self) -> Code | None:
        """Tell why gpg refused a recipient; None when it refused none."""
        reasons = [value.split()[0] for value in self.values("INV_RECP")]
        if not reasons:
            return None
        if self.values("KEYEXPIRED") and reasons[0] == "0":
            return Code.KEY_EXPIRED
        return _RECIPIENT_CODES.get(reasons[0], Code.KEY_UNUSABLE)

    def refused_signer(self) -> bool:
        """Tell whether the own key could not sign."""
        codes = {int(value.split()[-1]) & _CODE_BITS for value in self.values("FAILURE")}
        return bool(self.faults() & _NO_SIGNER or codes & _AGENT_CODES)


class SealResult(_Witness, gnupg.Crypt):  # type: ignore[misc]  # python-gnupg ships no types.
    """The result of an encryption."""

    def __init__(self, gpg: "HardenedGpg") -> None:
        super().__init__(gpg)
        self.seen = []

    def handle_status(self, key: str, value: str) -> None:
        """Note a status line, then let python-gnupg read it."""
        self.seen.append((key, value))
        super().handle_status(key, value)

    def proves(self, signer: Fingerprint) -> bool:
        """Tell whether everything was encrypted, and signed by this key alone."""
        whole = self.returncode == 0 and self.ok and bool(self.values("END_ENCRYPTION"))
        return whole and self.signers() == [signer] and not self.faults()


class SignatureResult(_Witness, gnupg.Sign):  # type: ignore[misc]  # python-gnupg ships no types.
    """The result of a detached signature."""

    def __init__(self, gpg: "HardenedGpg") -> None:
        super().__init__(gpg)
        self.seen = []

    def handle_status(self, key: str, value: str) -> None:
        """Note a status line, then let python-gnupg read it."""
        self.seen.append((key, value))
        super().handle_status(key, value)

    def proves(self, signer: Fingerprint) -> bool:
        """Tell whether this key alone signed."""
        return self.returncode == 0 and bool(self) and self.signers() == [signer] and not self.faults()


class HardenedGpg(gnupg.GPG):  # type: ignore[misc]  # python-gnupg ships no types.
    """A gpg binary with a private home. Safe for concurrent use: nothing on it changes after its making.

    Raises SluisError `program-missing`, `setting-invalid` for a home that is not there, `seal-timeout`, and
    `seal-failed` when no process can be started (too many open files).
    """

    result_map = {**gnupg.GPG.result_map, "crypt": SealResult, "sign": SignatureResult}  # noqa: RUF012 - the base class declares it as a plain attribute.

    def __init__(self, *, home: Path, patience_seconds: float, binary: str = "gpg") -> None:
        logging.getLogger("gnupg").disabled = True
        program = shutil.which(binary)
        if program is None:
            raise SluisError(Code.PROGRAM_MISSING, detail={"program": "gpg"})
        if not home.is_dir():
            raise SluisError(Code.SETTING_INVALID, where="gnupg")
        self._patience_seconds = patience_seconds
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        super().__init__(gpgbinary=program, gnupghome=str(home), options=list(OPTIONS), env=environment)

    def listing(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run a command that prints, such as a key listing. Raises SluisError `seal-failed`, `seal-timeout`."""
        result = self._handle_io(list(arguments), io.BytesIO(stdin), self.result_map["verify"](self))
        if result.returncode != 0:
            raise SluisError(Code.SEAL_FAILED, detail={"exit": result.returncode})
        printed: bytes = result.data
        return printed.decode("utf-8", "backslashreplace")

    def exported(self) -> bytes:
        """Give every public key of the home. Raises SluisError `seal-failed`, `seal-timeout`."""
        result = self._handle_io(["--export"], io.BytesIO(), self.result_map["verify"](self))
        if result.returncode != 0:
            raise SluisError(Code.SEAL_FAILED, detail={"exit": result.returncode})
        keys: bytes = result.data
        return keys

    def sign_detached(self, content: bytes, *, signer: Fingerprint, ring: bytes = b"") -> SignatureResult:
        """Make a binary detached signature, with the signer's key out of a keyring or out of the home's own."""
        signature = bytearray()
        traffic = Traffic(iter((content,)), signature.extend, ring=ring)
        result = self.result_map["sign"](self)
        signed: SignatureResult = self._handle_io(["--detach-sign", *sign_with(signer)], traffic, result)
        signed.data = bytes(signature)
        return signed

    def _handle_io(
        self,
        args: list[str],
        fileobj_or_path: "Traffic | BinaryIO",
        result: Any,
        passphrase: str | None = None,
        binary: bool = True,  # noqa: FBT001, FBT002 - the base class's own signature.
    ) -> Any:
        if passphrase is not None or not binary:
            raise TypeError("no pass-phrase and no text goes to gpg")
        source = fileobj_or_path
        if isinstance(source, Traffic):
            with ring_file(source.ring) as ring:
                if ring is None:
                    return self._run(self._open_subprocess(args), result, source)
                return self._run(self._started([*only_ring(f"/proc/self/fd/{ring}"), *args], ring), result, source)
        pieces = iter(lambda: source.read(_PIECE), b"")
        return self._collect(self._open_subprocess(args), result, pieces)

    def _open_subprocess(self, args: list[str], passphrase: bool = False) -> _Process:  # noqa: FBT001, FBT002 - the base class's own signature.
        """Start gpg (8); the library's own way writes the command out for its log first, which is off."""
        if passphrase:
            raise TypeError("no pass-phrase goes to gpg")
        return self._started(["--no-sig-cache", *args])

    def _started(self, args: list[str], *files: int) -> _Process:
        command = self.make_args(args, False)  # noqa: FBT003 - the base class's own signature.
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(
                command, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, env=self.env, pass_fds=files
            )
        except OSError as error:
            raise SluisError(Code.SEAL_FAILED) from error

    def sign_file(self, *_: Any, **__: Any) -> None:
        """Close the library's own way to sign: it feeds gpg from a thread without an end. Raises TypeError."""
        raise TypeError("use sign_detached")

    def _collect_output(self, process: _Process, result: Any, *_: Any, **__: Any) -> None:
        """Guard the library's commands that feed nothing: version, listing, export."""
        self._collect(process, result, iter(()))

    def _collect(self, process: _Process, result: Any, pieces: Iterator[bytes]) -> Any:
        printed = bytearray()
        self._run(process, result, Traffic(pieces, printed.extend))
        result.data = bytes(printed)
        return result

    def _run(self, process: _Process, result: Any, traffic: Traffic) -> Any:
        try:
            said = exchange(process, traffic, patience_seconds=self._patience_seconds)
        except StalledError as error:
            limit = math.ceil(self._patience_seconds)
            raise SluisError(Code.SEAL_TIMEOUT, detail={"limit": limit}) from error
        result.returncode = process.returncode
        try:
            self._read_response(io.StringIO(said.decode("latin-1"), newline="\n"), result)
        except (ValueError, LookupError) as error:
            raise SluisError(Code.SEAL_FAILED) from error
        return result


def only_ring(path: str) -> list[str]:
    """Give the arguments that make gpg read just this keyring, and not its home's."""
    return ["--no-default-keyring", "--keyring", path]


def sign_with(signer: Fingerprint) -> list[str]:
    """Give the arguments that make exactly this key sign: never `--default-key`, which is only a wish.

    Such a run only reads the keyring, which an import replaces by rename, so it takes no lock: the lock of a killed gpg
    would be waited for when its process id comes round again.
    """
    return ["--local-user", f"{signer}!", "--lock-never"]
