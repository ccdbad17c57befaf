"""What was sealed is opened, and its signature verified, by OpenPGP programs that are not ours: gpg, sq and rnp."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from gateway.package.states import Channel
from tests.integration.seal import homes
from tests.integration.seal.homes import KeyHouse
from tests.integration.seal.letters import DOCUMENTS
from tests.integration.seal.test_opened_by_recipients import ENGINES, sealed_bytes, sealer_of

_SECONDS = 60


class _Reader:
    """A recipient with another program: the recipient's secret key and the sender's public one, as files."""

    def __init__(self, house: KeyHouse, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._key, self._signer = folder / "recipient.asc", folder / "sender.asc"
        secret = homes.run(house.recipients, "--armor", "--export-secret-keys", house.keys["ok"])
        self._key.write_bytes(secret)
        self._signer.write_bytes(homes.run(house.gateway, "--armor", "--export", house.signer))

    def by_sq(self, sealed: bytes) -> subprocess.CompletedProcess[bytes]:
        keys: list[str | os.PathLike[str]] = [
            "--recipient-key",
            self._key,
            "--signer-cert",
            self._signer,
            "--signatures",
            "1",
        ]
        return self._run("sq", "decrypt", *keys, stdin=sealed)

    def by_rnp(self, sealed: bytes) -> subprocess.CompletedProcess[bytes]:
        home = self._folder / "rnp"
        if not home.exists():
            home.mkdir(mode=0o700)
            for key in (self._key, self._signer):
                assert 0 == self._run("rnpkeys", "--homedir", home, "--import", key).returncode
        message = self._folder / "message"
        message.write_bytes(sealed)
        opened = self._folder / "opened"
        opened.unlink(missing_ok=True)
        done = self._run("rnp", "--homedir", home, "--decrypt", message, "--output", opened)
        done.stdout = opened.read_bytes() if opened.exists() else b""
        return done

    @staticmethod
    def _run(*command: str | os.PathLike[str], stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command, input=stdin, capture_output=True, timeout=_SECONDS, check=False)


@pytest.fixture
def reader(house: KeyHouse, tmp_path: Path) -> _Reader:
    return _Reader(house, tmp_path / "reader")


def _armored(mail: bytes) -> bytes:
    """Take the OpenPGP message out of the mail, as any mail program does (RFC 3156 section 4)."""
    found = re.search(rb"-----BEGIN PGP MESSAGE-----.*-----END PGP MESSAGE-----", mail, re.DOTALL)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("channel", [Channel.SECURE_MAIL, Channel.FILE_DROP])
def test_each_opens_it_to_the_same_bytes_as_gpg_and_finds_the_signature_good(
    channel: Channel, engine: str, house: KeyHouse, reader: _Reader, tmp_path: Path
) -> None:
    sealed = sealed_bytes(house, channel, tmp_path, *DOCUMENTS, sealer=sealer_of(house, engine))
    message = _armored(sealed) if channel is Channel.SECURE_MAIL else sealed

    by_sq, by_rnp = reader.by_sq(message), reader.by_rnp(message)

    plaintext = house.decrypt(message)
    assert (0, plaintext) == (by_sq.returncode, by_sq.stdout), by_sq.stderr.decode()
    assert b"1 good signature" in by_sq.stderr
    assert (0, plaintext) == (by_rnp.returncode, by_rnp.stdout), by_rnp.stderr.decode()
    assert b"Good signature made" in by_rnp.stderr


@pytest.mark.parametrize("engine", ENGINES)
def test_a_flipped_bit_is_refused_by_each(engine: str, house: KeyHouse, reader: _Reader, tmp_path: Path) -> None:
    sealer = sealer_of(house, engine)
    sealed = bytearray(sealed_bytes(house, Channel.FILE_DROP, tmp_path, *DOCUMENTS, sealer=sealer))
    sealed[-100] ^= 1

    assert 0 != reader.by_sq(bytes(sealed)).returncode
    assert 0 != reader.by_rnp(bytes(sealed)).returncode


@pytest.mark.parametrize("engine", ENGINES)
def test_a_truncated_file_is_refused_by_each(engine: str, house: KeyHouse, reader: _Reader, tmp_path: Path) -> None:
    sealed = sealed_bytes(house, Channel.FILE_DROP, tmp_path, *DOCUMENTS, sealer=sealer_of(house, engine))[:-50]

    assert 0 != reader.by_sq(sealed).returncode
    assert 0 != reader.by_rnp(sealed).returncode
