"""Every way in which gpg or python-gnupg was seen to fail or to lie, on real gpg; each ends in an error of ours."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.exchange import Traffic
from gateway.seal.hardened_gpg import HardenedGpg, SealResult, SignatureResult, sign_with
from gateway.seal.keyring import create_recipient_key, create_signing_key, import_pinned, stop_agent
from gateway.seal.openpgp import OpenPgpSealer
from gateway.seal.port import Sealer
from tests.integration.seal import homes
from tests.integration.seal.conftest import DISK_BYTES, file_size_limit
from tests.integration.seal.homes import KeyHouse

PLAINTEXT = b"FIRST LINE..\nsecond line of the plaintext\n"
_NOBODY = Fingerprint("F" * 40)
_REFUSED = {
    "expired": Code.KEY_EXPIRED,
    "expired-subkey": Code.KEY_EXPIRED,
    "revoked": Code.KEY_REVOKED,
    "revoked-subkey": Code.KEY_REVOKED,
    "no-subkey": Code.KEY_UNUSABLE,
    "future": Code.KEY_UNUSABLE,
    "missing": Code.KEY_MISSING,
    "rsa-1024": Code.KEY_WEAK,
    "sha1": Code.KEY_WEAK,
    "sha1-subkey": Code.KEY_WEAK,
}
_REFUSED_BY_GPG = sorted(set(_REFUSED) - {"rsa-1024", "sha1", "sha1-subkey"})


def _key(house: KeyHouse, kind: str) -> Fingerprint:
    return house.keys.get(kind, _NOBODY)


def _bare(house: KeyHouse) -> HardenedGpg:
    """The engine without the gate in front of it: what gpg itself says."""
    return HardenedGpg(home=house.gateway, patience_seconds=homes.PATIENCE_SECONDS)


def _encrypt(gpg: HardenedGpg, plaintext: bytes, *recipients: Fingerprint, signer: Fingerprint) -> SealResult:
    output = bytearray()
    traffic = Traffic(iter((plaintext,)), output.extend)
    result: SealResult = gpg.encrypt_file(traffic, recipients, sign=True, extra_args=sign_with(signer))
    return result


def _nothing_left(folder: Path) -> bool:
    return not list(folder.iterdir()) and not homes.gpg_children()


# ---- recipients ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(_REFUSED))
def test_a_key_that_can_not_be_used_is_refused_by_name_and_nothing_is_left_on_disk(
    kind: str, house: KeyHouse, tmp_path: Path
) -> None:
    with pytest.raises(SluisError) as refusal:
        house.sealer().encrypt_stream([PLAINTEXT], recipients=(_key(house, kind),), output=tmp_path / "out")

    assert _REFUSED[kind] is refusal.value.code
    assert _nothing_left(tmp_path)


@pytest.mark.parametrize("kind", _REFUSED_BY_GPG)
def test_what_gpg_refuses_is_never_believed_and_is_explained(kind: str, house: KeyHouse) -> None:
    result = _encrypt(_bare(house), PLAINTEXT, _key(house, kind), signer=house.signer)

    assert not result.proves(house.signer)
    assert result.refused_recipient() is not None


@pytest.mark.parametrize("kind", sorted(_REFUSED))
def test_one_bad_recipient_of_two_refuses_the_whole_message(kind: str, house: KeyHouse, tmp_path: Path) -> None:
    recipients = (house.keys["ok"], _key(house, kind))

    with pytest.raises(SluisError) as refusal:
        house.sealer().encrypt_stream([PLAINTEXT], recipients=recipients, output=tmp_path / "out")

    assert _REFUSED[kind] is refusal.value.code
    assert _nothing_left(tmp_path)


@pytest.mark.parametrize("kind", ["expired", "expired-subkey"])
def test_gpg_refuses_an_expired_key_even_when_our_own_clock_is_wrong(
    kind: str, house: KeyHouse, tmp_path: Path
) -> None:
    sealer = house.sealer(signer=house.signer_of_2020, clock=homes.in_2020)
    assert sealer.health(house.keys[kind]) is KeyHealth.USABLE

    with pytest.raises(SluisError) as refusal:
        sealer.encrypt_stream([PLAINTEXT], recipients=(house.keys[kind],), output=tmp_path / "out")

    assert refusal.value.code in {Code.KEY_EXPIRED, Code.KEY_UNUSABLE}
    assert _nothing_left(tmp_path)


def test_a_renewed_encryption_subkey_makes_the_key_usable_again(house: KeyHouse) -> None:
    sealed = house.sealer().encrypt_bytes(PLAINTEXT, recipients=(house.keys["renewed"],), armor=True)

    assert PLAINTEXT == house.decrypt(sealed)


def test_an_unknown_recipient_with_ten_megabytes_of_input_is_an_answer_and_no_broken_pipe(house: KeyHouse) -> None:
    result = _encrypt(_bare(house), bytes(10_000_000), _NOBODY, signer=house.signer)

    assert Code.KEY_MISSING is result.refused_recipient()
    assert not result.proves(house.signer)


@pytest.mark.parametrize("engine", [KeyHouse.sealer, KeyHouse.fast_sealer], ids=["gpg", "sequoia"])
def test_a_key_that_is_revoked_later_is_refused_from_then_on(
    engine: Callable[[KeyHouse], Sealer], own_house: KeyHouse
) -> None:
    sealer, key = engine(own_house), own_house.keys["ok"]
    assert sealer.encrypt_bytes(PLAINTEXT, recipients=(key,), armor=False)

    homes.revoke(own_house.recipients, key)
    import_pinned(own_house.gateway, homes.public(own_house.recipients, key), expected=key)

    with pytest.raises(SluisError, match="key-revoked"):
        sealer.encrypt_bytes(PLAINTEXT, recipients=(key,), armor=False)


def test_a_key_that_is_imported_later_is_known_from_then_on(own_house: KeyHouse) -> None:
    sealer = own_house.sealer()
    key = create_recipient_key(own_house.recipients, name="late", email="late@keys.example")
    assert sealer.health(key) is KeyHealth.MISSING

    import_pinned(own_house.gateway, homes.public(own_house.recipients, key), expected=key)

    assert sealer.health(key) is KeyHealth.USABLE


# ---- the wrong signer ------------------------------------------------------------------------------------------


def _bad_signer(house: KeyHouse, fault: str) -> Fingerprint:
    home = house.gateway
    if fault == "expired":
        return homes.quick_key(home, "expired-signer", "ed25519", "sign", "1y", faked=homes.LONG_AGO)
    if fault == "unknown":
        return _NOBODY
    signer = create_signing_key(home, name=f"{fault} signer", email="signer@keys.example")
    if fault == "revoked":
        homes.revoke(home, signer)
    else:
        homes.remove_secret(home, signer)
    return signer


@pytest.mark.parametrize("fault", ["expired", "revoked", "unknown", "secretless"])
def test_another_secret_key_never_signs_in_place_of_a_bad_signer(
    fault: str, own_house: KeyHouse, tmp_path: Path
) -> None:
    sealer = own_house.sealer(signer=_bad_signer(own_house, fault))

    with pytest.raises(SluisError) as refusal:
        sealer.encrypt_stream([PLAINTEXT], recipients=(own_house.keys["ok"],), output=tmp_path / "out")

    assert Code.SIGNING_KEY_UNUSABLE is refusal.value.code
    assert _nothing_left(tmp_path)
    for attempt in (sealer.check_signer, lambda: sealer.sign_detached(b"manifest")):
        with pytest.raises(SluisError, match="signing-key-unusable"):
            attempt()


@pytest.mark.parametrize("fault", ["expired", "revoked", "unknown", "secretless"])
def test_gpg_itself_refuses_the_bad_signer_that_we_ask_for(fault: str, own_house: KeyHouse) -> None:
    signer = _bad_signer(own_house, fault)

    result = _encrypt(_bare(own_house), PLAINTEXT, own_house.keys["ok"], signer=signer)

    assert not result.proves(signer)
    assert result.refused_signer()


@pytest.mark.parametrize("fault", ["expired", "revoked", "unknown", "secretless"])
def test_the_wrong_signer_trap_is_real_and_its_result_is_not_believed(fault: str, own_house: KeyHouse) -> None:
    """The library's own way of naming the signer succeeds with another key: exit status 0, `ok`."""
    signer = _bad_signer(own_house, fault)
    output = bytearray()
    traffic = Traffic(iter((PLAINTEXT,)), output.extend)

    result = _bare(own_house).encrypt_file(traffic, [own_house.keys["ok"]], sign=signer)

    assert (result.ok, result.returncode) == (True, 0)
    assert [own_house.signer] == result.signers()
    assert not result.proves(signer)


# ---- the agent -------------------------------------------------------------------------------------------------


def test_a_killed_agent_is_started_again(own_house: KeyHouse) -> None:
    sealer = own_house.sealer()
    sealer.check_signer()
    os.kill(own_house.agent(), signal.SIGKILL)

    sealed = sealer.encrypt_bytes(PLAINTEXT, recipients=(own_house.keys["ok"],), armor=False)

    assert PLAINTEXT == own_house.decrypt(sealed)


def test_no_agent_at_all_is_an_unusable_signer(own_house: KeyHouse) -> None:
    stop_agent(own_house.gateway)
    gpg = _bare(own_house)
    gpg.options.append("--no-autostart")

    result = _encrypt(gpg, PLAINTEXT, own_house.keys["ok"], signer=own_house.signer)

    assert not result.proves(own_house.signer)
    assert result.refused_signer()


def test_a_hung_agent_ends_in_a_timeout_with_gpg_killed_and_no_thread_left(own_house: KeyHouse, tmp_path: Path) -> None:
    sealer = own_house.sealer(timeout_seconds=2)
    sealer.check_signer()
    threads = threading.active_count()
    with homes.hung(own_house.agent()):
        with pytest.raises(SluisError) as refusal:
            sealer.encrypt_stream([PLAINTEXT], recipients=(own_house.keys["ok"],), output=tmp_path / "out")
        with pytest.raises(SluisError, match="seal-timeout"):
            sealer.encrypt_bytes(PLAINTEXT, recipients=(own_house.keys["ok"],), armor=True)

    assert Code.SEAL_TIMEOUT is refusal.value.code
    assert {"limit": 2} == refusal.value.detail
    assert threads == threading.active_count()
    assert _nothing_left(tmp_path)


def test_a_sealer_works_again_after_its_agent_hung(own_house: KeyHouse) -> None:
    sealer = own_house.sealer(timeout_seconds=2)
    sealer.check_signer()
    with homes.hung(own_house.agent()), pytest.raises(SluisError, match="seal-timeout"):
        sealer.sign_detached(b"manifest")

    sealed = sealer.encrypt_bytes(PLAINTEXT, recipients=(own_house.keys["ok"],), armor=False)

    assert PLAINTEXT == own_house.decrypt(sealed)


# ---- pass-phrases ----------------------------------------------------------------------------------------------


def test_a_signing_key_whose_pass_phrase_nobody_gives_is_an_unusable_signer(
    own_house: KeyHouse, tmp_path: Path
) -> None:
    signer = homes.quick_key(own_house.gateway, "locked", "ed25519", "sign", "2y", passphrase="geheim")
    stop_agent(own_house.gateway)
    sealer = own_house.sealer(signer=signer)

    with pytest.raises(SluisError) as refusal:
        sealer.encrypt_stream([PLAINTEXT], recipients=(own_house.keys["ok"],), output=tmp_path / "out")

    assert Code.SIGNING_KEY_UNUSABLE is refusal.value.code
    assert _nothing_left(tmp_path)


@pytest.mark.parametrize("passphrase", ["wrong", ""])
def test_no_pass_phrase_can_be_handed_over_not_even_an_empty_one(passphrase: str, house: KeyHouse) -> None:
    with pytest.raises(TypeError):
        _bare(house).encrypt(PLAINTEXT, [house.keys["ok"]], sign=True, passphrase=passphrase)


def test_the_first_line_of_the_plaintext_survives(house: KeyHouse) -> None:
    """An empty pass-phrase made python-gnupg's gpg take the first line for it, with `ok`."""
    sealed = house.sealer().encrypt_bytes(PLAINTEXT, recipients=(house.keys["ok"],), armor=True)

    assert house.decrypt(sealed).startswith(b"FIRST LINE..\n")


# ---- the disk --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [DISK_BYTES - 300, 4 * 1024 * 1024], ids=["at the last block", "midway"])
def test_a_full_disk_is_said_and_leaves_no_truncated_file(size: int, house: KeyHouse, small_disk: Path) -> None:
    pieces = (bytes(each) for each in [65_536] * (size // 65_536) + [size % 65_536])

    with pytest.raises(SluisError) as refusal:
        house.sealer().encrypt_stream(pieces, recipients=(house.keys["ok"],), output=small_disk / "out")

    assert Code.DISK_FULL is refusal.value.code
    assert _nothing_left(small_disk)


def test_a_file_over_the_size_limit_is_a_full_disk(house: KeyHouse, tmp_path: Path) -> None:
    sealer = house.sealer()
    sealer.health(house.keys["ok"])

    with file_size_limit(DISK_BYTES), pytest.raises(SluisError) as refusal:
        sealer.encrypt_stream([bytes(1_000_000)], recipients=(house.keys["ok"],), output=tmp_path / "out")

    assert Code.DISK_FULL is refusal.value.code
    assert _nothing_left(tmp_path)


def test_a_missing_folder_is_an_error_and_is_not_made(house: KeyHouse, tmp_path: Path) -> None:
    with pytest.raises(SluisError, match="seal-failed"):
        house.sealer().encrypt_stream([PLAINTEXT], recipients=(house.keys["ok"],), output=tmp_path / "no" / "out")

    assert _nothing_left(tmp_path)


@pytest.mark.parametrize("name", ["out", "out.part"])
def test_a_file_that_is_there_already_is_never_overwritten(name: str, house: KeyHouse, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"somebody else's")

    with pytest.raises(SluisError, match="seal-failed"):
        house.sealer().encrypt_stream([PLAINTEXT], recipients=(house.keys["ok"],), output=tmp_path / "out")

    assert b"somebody else's" == (tmp_path / name).read_bytes()
    assert [name] == [each.name for each in tmp_path.iterdir()]


def test_a_file_that_appears_while_gpg_runs_is_never_overwritten(house: KeyHouse, tmp_path: Path) -> None:
    output = tmp_path / "out"

    def pieces() -> Iterator[bytes]:
        yield PLAINTEXT
        output.write_bytes(b"somebody else's")

    with pytest.raises(SluisError, match="seal-failed"):
        house.sealer().encrypt_stream(pieces(), recipients=(house.keys["ok"],), output=output)

    assert b"somebody else's" == output.read_bytes()
    assert [output] == list(tmp_path.iterdir())


def test_a_link_in_place_of_the_unfinished_file_is_not_followed(house: KeyHouse, tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / "out.part").symlink_to(target)

    with pytest.raises(SluisError, match="seal-failed"):
        house.sealer().encrypt_stream([PLAINTEXT], recipients=(house.keys["ok"],), output=tmp_path / "out")

    assert not target.exists()


# ---- interruptions ---------------------------------------------------------------------------------------------


def test_an_input_that_breaks_off_leaves_no_half_message_that_decrypts(house: KeyHouse, tmp_path: Path) -> None:
    """python-gnupg closed gpg's input then, and a truncated file with a good signature stayed."""

    def breaking() -> Iterator[bytes]:
        yield bytes(2_000_000)
        raise OSError("the spool broke off")

    with pytest.raises(OSError, match="broke off"):
        house.sealer().encrypt_stream(breaking(), recipients=(house.keys["ok"],), output=tmp_path / "out")

    assert _nothing_left(tmp_path)


def test_gpg_killed_midway_is_an_error_and_leaves_nothing(house: KeyHouse, tmp_path: Path) -> None:
    def killing() -> Iterator[bytes]:
        yield bytes(2_000_000)
        for child in homes.gpg_children():
            os.kill(child, signal.SIGKILL)
        yield bytes(8_000_000)

    with pytest.raises(SluisError, match="seal-failed"):
        house.sealer().encrypt_stream(killing(), recipients=(house.keys["ok"],), output=tmp_path / "out")

    assert _nothing_left(tmp_path)


def test_gpg_stopped_midway_ends_in_a_timeout(house: KeyHouse, tmp_path: Path) -> None:
    def stopping() -> Iterator[bytes]:
        yield bytes(2_000_000)
        for child in homes.gpg_children():
            os.kill(child, signal.SIGSTOP)
        yield bytes(8_000_000)

    with pytest.raises(SluisError, match="seal-timeout"):
        house.sealer(timeout_seconds=1).encrypt_stream(
            stopping(), recipients=(house.keys["ok"],), output=tmp_path / "out"
        )

    assert _nothing_left(tmp_path)


# ---- text, names, programs -------------------------------------------------------------------------------------


def test_text_is_refused_because_its_encoding_would_be_a_guess(house: KeyHouse, tmp_path: Path) -> None:
    text = "één €"
    with pytest.raises(TypeError):
        house.sealer().encrypt_bytes(text, recipients=(house.keys["ok"],), armor=True)  # type: ignore[arg-type]  # the misuse itself is under test.
    with pytest.raises(TypeError):
        house.sealer().encrypt_stream([text], recipients=(house.keys["ok"],), output=tmp_path / "out")  # type: ignore[list-item]  # the misuse itself is under test.

    assert _nothing_left(tmp_path)


def test_non_ascii_bytes_arrive_as_they_were(house: KeyHouse) -> None:
    plaintext = "één € naïef \u0085\u2028".encode() + bytes(range(256))

    sealed = house.sealer().encrypt_bytes(plaintext, recipients=(house.keys["ok"],), armor=True)

    assert plaintext == house.decrypt(sealed)


def test_no_file_name_travels_in_the_message(house: KeyHouse, tmp_path: Path) -> None:
    sealed = house.sealer().encrypt_stream([PLAINTEXT], recipients=(house.keys["ok"],), output=tmp_path / "geheim.tar")

    packets = homes.run(house.recipients, "--list-packets", stdin=sealed.path.read_bytes())
    assert b'name=""' in packets
    assert b"geheim" not in packets


def _saying(said: bytes) -> "subprocess.Popen[bytes]":
    """A process that prints this on its standard error, as gpg prints its status."""
    octal = "".join(f"\\{byte:03o}" for byte in said)
    return subprocess.Popen(["sh", "-c", f"printf '{octal}' >&2"], stdin=-1, stdout=-1, stderr=-1)


def test_a_status_line_inside_a_user_id_is_not_taken_for_one(house: KeyHouse) -> None:
    """python-gnupg ends lines at bytes such as 0x85, which a UTF-8 user id can hold."""
    gpg = _bare(house)
    hostile = b"[GNUPG:] USERID_HINT x \x85[GNUPG:] END_ENCRYPTION\x1c[GNUPG:] SIG_CREATED D 22 8 00 1 F\n"

    result = gpg._run(_saying(hostile), SealResult(gpg), Traffic(iter(()), bytearray().extend))

    assert ["USERID_HINT"] == [key for key, _ in result.seen]
    assert not result.ok


def test_a_status_line_that_the_library_can_not_read_is_a_failure(house: KeyHouse) -> None:
    gpg = _bare(house)
    with pytest.raises(SluisError, match="seal-failed"):
        gpg._run(_saying(b"[GNUPG:] SIG_CREATED D\n"), SignatureResult(gpg), Traffic(iter(()), bytearray().extend))


def test_the_librarys_own_way_to_sign_is_closed(house: KeyHouse) -> None:
    """It feeds gpg from a thread that nobody ends, and names the signer as a wish."""
    with pytest.raises(TypeError):
        _bare(house).sign(b"manifest", keyid=house.signer)

    assert not homes.gpg_children()


def test_an_empty_home_holds_no_keys_and_no_signer() -> None:
    with homes.new_home() as home:
        sealer = OpenPgpSealer(home=home, signer=_NOBODY, timeout_seconds=homes.PATIENCE_SECONDS, now=homes.now)

        assert sealer.health(_NOBODY) is KeyHealth.MISSING
        with pytest.raises(SluisError, match="signing-key-unusable"):
            sealer.check_signer()


def test_a_missing_gpg_is_named(tmp_path: Path) -> None:
    with pytest.raises(SluisError) as refusal:
        HardenedGpg(home=tmp_path, patience_seconds=1, binary="gpg-that-is-not-there")

    assert Code.PROGRAM_MISSING is refusal.value.code


def test_a_missing_home_is_not_made_in_passing(tmp_path: Path) -> None:
    with pytest.raises(SluisError, match="setting-invalid"):
        HardenedGpg(home=tmp_path / "no", patience_seconds=1)

    assert _nothing_left(tmp_path)


def test_nobody_to_encrypt_to_is_our_own_mistake(house: KeyHouse) -> None:
    with pytest.raises(ValueError, match="nobody"):
        house.sealer().encrypt_bytes(PLAINTEXT, recipients=(), armor=True)


def test_many_threads_at_once_all_get_their_own_message(house: KeyHouse) -> None:
    sealer, opened = house.sealer(), {}

    def work(number: int) -> None:
        plaintext = f"message {number}".encode()
        opened[number] = house.decrypt(sealer.encrypt_bytes(plaintext, recipients=(house.keys["ok"],), armor=False))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {number: f"message {number}".encode() for number in range(8)} == opened
