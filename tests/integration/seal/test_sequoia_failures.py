"""Every way in which pysequoia alone would send what it should not, with the gate of gpg in front of it."""

import time
from pathlib import Path

import pysequoia
import pytest
from pysequoia.packet import PacketPile, Tag

from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.seal.keyring import export_secret, import_pinned
from gateway.seal.sequoia import signing_key_of
from tests.integration.seal import homes
from tests.integration.seal.homes import KeyHouse

PLAINTEXT = b"FIRST LINE..\nsecond line of the plaintext\n"
_REFUSED = {
    "expired": Code.KEY_EXPIRED,
    "expired-subkey": Code.KEY_EXPIRED,
    "revoked": Code.KEY_REVOKED,
    "revoked-subkey": Code.KEY_REVOKED,
    "no-subkey": Code.KEY_UNUSABLE,
    "future": Code.KEY_UNUSABLE,
    "rsa-1024": Code.KEY_WEAK,
    "sha1": Code.KEY_WEAK,
    "sha1-subkey": Code.KEY_WEAK,
}
_TAKEN_BY_SEQUOIA_ALONE = ("expired", "expired-subkey", "revoked")


def _public(house: KeyHouse, kind: str) -> pysequoia.Cert:
    return pysequoia.Cert.from_bytes(homes.run(house.gateway, "--export", house.keys[kind]))


def _no_gpg(house: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every sealing by gpg fail the test: what comes out then, the second engine made."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("gpg sealed this")

    monkeypatch.setattr("gateway.seal.openpgp.OpenPgpSealer.encrypt_bytes", refuse)


@pytest.mark.parametrize("kind", _TAKEN_BY_SEQUOIA_ALONE)
def test_sequoia_alone_would_encrypt_to_a_key_that_is_over(kind: str, house: KeyHouse) -> None:
    """Why gpg judges: when this fails, pysequoia has learnt to refuse, and the gate may be looked at again."""
    assert pysequoia.encrypt(PLAINTEXT, [_public(house, kind)], armor=False)


@pytest.mark.parametrize("kind", sorted(_REFUSED))
def test_a_key_that_can_not_be_used_is_refused_by_its_reason(kind: str, house: KeyHouse) -> None:
    with pytest.raises(SluisError) as refusal:
        house.fast_sealer().encrypt_bytes(PLAINTEXT, recipients=(house.keys[kind],), armor=True)

    assert _REFUSED[kind] is refusal.value.code


@pytest.mark.parametrize("kind", sorted(_REFUSED))
def test_one_bad_recipient_of_two_refuses_the_whole_message(kind: str, house: KeyHouse) -> None:
    with pytest.raises(SluisError) as refusal:
        house.fast_sealer().encrypt_bytes(PLAINTEXT, recipients=(house.keys["ok"], house.keys[kind]), armor=True)

    assert _REFUSED[kind] is refusal.value.code


@pytest.mark.parametrize("kind", ["expired", "expired-subkey"])
def test_an_expired_key_is_refused_even_when_our_own_clock_is_wrong(kind: str, house: KeyHouse) -> None:
    sealer = house.fast_sealer(signer=house.signer_of_2020, clock=homes.in_2020)

    with pytest.raises(SluisError) as refusal:
        sealer.encrypt_bytes(PLAINTEXT, recipients=(house.keys[kind],), armor=True)

    assert refusal.value.code in {Code.KEY_EXPIRED, Code.KEY_UNUSABLE}


@pytest.mark.parametrize("kind", ["ok", "other", "rsa", "renewed"])
def test_a_good_key_is_sealed_for_by_sequoia_itself_and_gpg_opens_it(
    kind: str, house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_gpg(house, monkeypatch)

    sealed = house.fast_sealer().encrypt_bytes(PLAINTEXT, recipients=(house.keys[kind],), armor=True)

    assert PLAINTEXT == house.decrypt(sealed)


def test_of_several_subkeys_it_is_the_one_that_has_not_expired(house: KeyHouse) -> None:
    sealed = house.fast_sealer().encrypt_bytes(PLAINTEXT, recipients=(house.keys["renewed"],), armor=False)

    working = house.sealer().facts()[house.keys["renewed"]].at_work("e", homes.now())
    session_key, _ = PacketPile.from_bytes(sealed)
    assert session_key.tag == Tag.PKESK
    assert working.fingerprint.endswith(session_key.body[1:9].hex().upper())


def test_a_new_subkey_that_comes_later_is_used_from_then_on(own_house: KeyHouse) -> None:
    sealer, key = own_house.fast_sealer(), own_house.keys["ok"]
    before, _ = PacketPile.from_bytes(sealer.encrypt_bytes(PLAINTEXT, recipients=(key,), armor=False))
    time.sleep(1)  # gpg takes the newest by the second.
    homes.quick_subkey(own_house.recipients, key, "1y")
    import_pinned(own_house.gateway, homes.public(own_house.recipients, key), expected=key)

    sealed = sealer.encrypt_bytes(PLAINTEXT, recipients=(key,), armor=False)

    after, _ = PacketPile.from_bytes(sealed)
    assert before.body[1:9] != after.body[1:9]
    assert PLAINTEXT == own_house.decrypt(sealed)


def test_a_recipients_key_that_was_swapped_for_another_is_not_encrypted_to(
    own_house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exported key that is not the pinned one, as a keyring with a fault or an intruder would give it."""
    other = homes.public(own_house.recipients, own_house.keys["other"])
    monkeypatch.setattr("gateway.seal.sequoia.export_public", lambda *_, **__: other)
    sealer = own_house.fast_sealer(signing_files=_own_files(own_house))

    assert sealer._addressee(own_house.keys["ok"], homes.now()) is None


def _own_files(house: KeyHouse) -> dict[Fingerprint, pysequoia.Tsk]:
    content = export_secret(house.gateway, house.signer, primary=True)
    return {house.signer: signing_key_of(content, expected=house.signer)}


def test_a_message_for_somebody_else_than_was_asked_is_never_given_on(
    own_house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealer = own_house.fast_sealer()
    sealer.encrypt_bytes(PLAINTEXT, recipients=(own_house.keys["ok"],), armor=False)
    right, wrong = pysequoia.encrypt, _public(own_house, "other")
    monkeypatch.setattr(pysequoia, "encrypt", lambda data, _, signer, armor: right(data, [wrong], signer, armor=armor))

    with pytest.raises(SluisError, match="seal-failed"):
        sealer.encrypt_bytes(PLAINTEXT, recipients=(own_house.keys["ok"],), armor=False)


# ---- the own key -----------------------------------------------------------------------------------------------


def test_a_signer_that_has_expired_signs_nothing(house: KeyHouse) -> None:
    own = homes.quick_key(house.recipients, "own-expired", "ed25519", "sign", "1y", faked=homes.LONG_AGO)
    secret = signing_key_of(export_secret(house.recipients, own, primary=True), expected=own)
    homes.run(house.gateway, "--import", stdin=homes.public(house.recipients, own))
    sealer = house.fast_sealer(signer=own, signing_files={own: secret})

    for attempt in (
        lambda: sealer.encrypt_bytes(PLAINTEXT, recipients=(house.keys["ok"],), armor=True),
        lambda: sealer.sign_detached(b"manifest"),
        sealer.check_signer,
    ):
        with pytest.raises(SluisError, match="signing-key-unusable"):
            attempt()


def test_a_signer_that_is_revoked_while_the_engine_runs_signs_nothing_more(own_house: KeyHouse) -> None:
    sealer = own_house.fast_sealer()
    assert sealer.sign_detached(b"manifest")

    homes.revoke(own_house.gateway, own_house.signer)

    with pytest.raises(SluisError, match="signing-key-unusable"):
        sealer.sign_detached(b"manifest")


def test_a_file_that_lost_its_key_does_not_sign_in_its_place(house: KeyHouse) -> None:
    sealer = house.fast_sealer(signing_files={})

    with pytest.raises(SluisError, match="signing-key-unusable"):
        sealer.encrypt_bytes(PLAINTEXT, recipients=(house.keys["ok"],), armor=True)


def test_a_file_with_another_key_is_no_file_of_this_one(house: KeyHouse) -> None:
    other = export_secret(house.gateway, house.signer_of_2020, primary=True)

    with pytest.raises(ValueError, match="the key of this name expected"):
        signing_key_of(other, expected=house.signer)


@pytest.mark.parametrize("content", [b"", b"geheim", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n"])
def test_a_file_without_a_key_is_said_without_its_content(content: bytes, house: KeyHouse) -> None:
    with pytest.raises(ValueError, match="the key of this name expected") as refusal:
        signing_key_of(content, expected=house.signer)

    assert refusal.value.__cause__ is None


def test_a_public_key_in_the_file_signs_nothing(house: KeyHouse) -> None:
    with pytest.raises(ValueError, match="the key of this name expected"):
        signing_key_of(homes.public(house.gateway, house.signer), expected=house.signer)


def test_an_rsa_key_does_not_sign_here_since_its_timing_would_tell_of_it(own_house: KeyHouse) -> None:
    own = homes.quick_key(own_house.gateway, "rsa", "rsa3072", "sign", "2y")

    with pytest.raises(ValueError, match="not RSA"):
        signing_key_of(export_secret(own_house.gateway, own, primary=True), expected=own)


def test_a_signing_subkey_signs_and_its_primary_key_stays_behind(own_house: KeyHouse) -> None:
    own = homes.quick_key(own_house.gateway, "own", "ed25519", "cert", "2y")
    homes.quick_subkey(own_house.gateway, own, "1y", usage="sign")
    subkey = own_house.sealer(signer=own).signing_key(homes.now())
    secret = signing_key_of(export_secret(own_house.gateway, subkey, primary=False), expected=own)
    sealer = own_house.fast_sealer(signer=own, signing_files={own: secret})
    (own_house.gateway / "manifest.sig").write_bytes(sealer.sign_detached(b"manifest"))

    said = homes.run(
        own_house.gateway, "--status-fd", "1", "--verify", f"{own_house.gateway}/manifest.sig", "-", stdin=b"manifest"
    )

    assert subkey != own
    assert f"VALIDSIG {subkey}".encode() in said
    with pytest.raises(RuntimeError):
        secret.certifier()


def test_a_primary_key_does_not_sign_in_the_place_of_its_signing_subkey(own_house: KeyHouse) -> None:
    """Sequoia takes the first key that may sign, gpg the newest subkey; a reader would see two signers."""
    homes.quick_subkey(own_house.gateway, own_house.signer, "1y", usage="sign")
    sealer = own_house.fast_sealer(signing_files=_own_files(own_house))

    with pytest.raises(SluisError, match="signing-key-unusable"):
        sealer.check_signer()


def test_a_signature_is_verified_by_gpg(house: KeyHouse, tmp_path: Path) -> None:
    (tmp_path / "manifest").write_bytes(b"manifest")
    (tmp_path / "manifest.sig").write_bytes(house.fast_sealer().sign_detached(b"manifest"))

    said = homes.run(
        house.recipients, "--status-fd", "1", "--verify", str(tmp_path / "manifest.sig"), str(tmp_path / "manifest")
    )

    assert f"VALIDSIG {house.signer}".encode() in said


# ---- what goes by gpg ------------------------------------------------------------------------------------------


def test_what_is_too_large_for_it_goes_by_gpg(house: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    sealer = house.fast_sealer(largest=1000)

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("Sequoia sealed this")

    monkeypatch.setattr(pysequoia, "encrypt", refuse)

    sealed = sealer.encrypt_bytes(bytes(1001), recipients=(house.keys["ok"],), armor=True)
    assert bytes(1001) == house.decrypt(sealed)


def test_a_good_key_that_sequoia_lacks_a_curve_for_goes_by_gpg_with_the_rest(own_house: KeyHouse) -> None:
    curve = homes.quick_key(own_house.recipients, "brainpool", "brainpoolP256r1", "sign", "2y")
    loopback = ("--pinentry-mode", "loopback", "--passphrase", "")
    homes.run(own_house.recipients, *loopback, "--quick-add-key", curve, "brainpoolP256r1", "encr", "1y")
    import_pinned(own_house.gateway, homes.public(own_house.recipients, curve), expected=curve)
    sealer = own_house.fast_sealer()

    sealed = sealer.encrypt_bytes(PLAINTEXT, recipients=(own_house.keys["ok"], curve), armor=True)

    assert PLAINTEXT == own_house.decrypt(sealed)
