"""Services of others are verified, and a file that can not be used for that is named and never passed over."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.bootstrap.outside_tls import outside_context
from gateway.package.errors import Code, SluisError

WHERE = "audit.logbook"
AUTHORITIES, OURS = "authorities", "its key"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    ours = authority.issue_cert("sluis.example")
    ours.cert_chain_pems[0].write_to_path(str(tmp_path / "ours.pem"))
    ours.private_key_pem.write_to_path(str(tmp_path / "ours.key"))
    (tmp_path / "ours.key").chmod(0o600)
    return tmp_path


def made(folder: Path) -> ssl.SSLContext:
    return outside_context(folder, where=WHERE, ca_file="ca.pem", certificate="ours.pem", key="ours.key")


def test_the_authorities_of_the_settings_are_the_only_ones_and_the_other_side_is_verified(folder: Path) -> None:
    context = made(folder)

    assert 1 == len(context.get_ca_certs())
    assert (True, ssl.CERT_REQUIRED) == (context.check_hostname, context.verify_mode)
    assert ssl.TLSVersion.TLSv1_2 == context.minimum_version


def test_without_any_those_of_this_machine_count(tmp_path: Path) -> None:
    context = outside_context(tmp_path, where=WHERE, ca_file=None)

    assert ssl.create_default_context().cert_store_stats() == context.cert_store_stats()
    assert ssl.CERT_REQUIRED == context.verify_mode


def protect(folder: Path) -> None:
    path = folder / "ours.key"
    key = load_pem_private_key(path.read_bytes(), password=None)
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"secret"))
    )


def exchange(folder: Path) -> None:
    trustme.CA().issue_cert("sluis.example").private_key_pem.write_to_path(str(folder / "ours.key"))


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda folder: (folder / "ca.pem").unlink(), AUTHORITIES),
        (lambda folder: (folder / "ca.pem").write_bytes(b"no certificate"), AUTHORITIES),
        (lambda folder: (folder / "ours.pem").unlink(), OURS),
        (exchange, OURS),
        (protect, OURS),
        (lambda folder: (folder / "ours.key").chmod(0o640), "0600"),
        (lambda folder: (folder / "ours.key").write_bytes(b""), "secret"),
    ],
    ids=["no CA", "torn CA", "no certificate", "another key", "pass-phrase", "open to others", "empty key"],
)
def test_a_file_that_can_not_be_used_is_named_by_its_setting(
    spoil: Callable[[Path], object], expected: str, folder: Path
) -> None:
    spoil(folder)
    with pytest.raises(SluisError) as refused:
        made(folder)

    assert (Code.SETTING_INVALID, WHERE) == (refused.value.code, refused.value.where)
    assert expected in refused.value.faults[0][1]
