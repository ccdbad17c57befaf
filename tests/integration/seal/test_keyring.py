"""The gateway's own home, on real gpg."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.keyring import (
    create_home,
    create_recipient_key,
    create_signing_key,
    export_public,
    import_all,
    import_pinned,
    stop_agent,
)
from tests.integration.seal import homes
from tests.integration.seal.homes import KeyHouse, new_home

Bundle = Callable[[KeyHouse], bytes]
_SUBKEY = 14


def _secret(house: KeyHouse) -> bytes:
    return homes.run(house.recipients, "--armor", "--export-secret-keys", house.keys["ok"])


def _binary_secret(house: KeyHouse) -> bytes:
    return homes.run(house.recipients, "--export-secret-keys", house.keys["ok"])


def _secret_besides(house: KeyHouse) -> bytes:
    return export_public(house.recipients, house.keys["ok"]) + _secret(house)


def _other_key(house: KeyHouse) -> bytes:
    return export_public(house.recipients, house.keys["other"])


def _one_too_many(house: KeyHouse) -> bytes:
    return export_public(house.recipients, house.keys["ok"]) + _other_key(house)


def _cut_short(house: KeyHouse) -> bytes:
    whole = export_public(house.recipients, house.keys["ok"])
    return whole[: len(whole) // 2]


def _garbage(_: KeyHouse) -> bytes:
    return b"this is no key\n"


def _nothing(_: KeyHouse) -> bytes:
    return b""


def test_the_home_is_private_and_its_agent_is_tuned() -> None:
    with new_home() as home:
        assert 0o700 == home.stat().st_mode & 0o777
        assert {"auto-expand-secmem", "s2k-count 65536"} == set(
            (home / "gpg-agent.conf").read_text(encoding="ascii").splitlines()
        )


def test_a_home_that_others_could_enter_is_closed(tmp_path: Path) -> None:
    (tmp_path / "g").mkdir(mode=0o755)

    create_home(tmp_path / "g")

    assert 0o700 == (tmp_path / "g").stat().st_mode & 0o777


def test_a_path_too_long_for_the_agents_socket_is_refused_before_anything_is_made() -> None:
    home = Path("/tmp") / ("x" * 82)

    with pytest.raises(SluisError) as refusal:
        create_home(home)

    ((where, expected),) = refusal.value.faults
    assert (Code.SETTING_INVALID, "gnupg") == (refusal.value.code, where)
    assert "a path of at most 86 bytes expected" == expected
    assert not home.exists()


def test_the_longest_path_allowed_still_works() -> None:
    with new_home() as parent:
        home = parent / ("x" * (86 - len(str(parent)) - 1))
        create_home(home)

        assert create_signing_key(home, name="Sluis", email="sluis@keys.example")
        stop_agent(home)


def test_the_signing_key_signs_for_two_years_and_can_not_be_encrypted_to(house: KeyHouse) -> None:
    listing = homes.run(house.gateway, "--list-keys", "--with-colons", house.signer).decode().splitlines()
    record = next(line.split(":") for line in listing if line.startswith("pub"))

    assert "ed25519" == record[16]
    assert 2 * 365 <= (int(record[6]) - int(record[5])) / 86_400 <= 2 * 365 + 1
    assert not [line for line in listing if line.startswith("sub")]
    assert house.sealer().health(house.signer) is KeyHealth.UNUSABLE


@pytest.mark.parametrize("field", ["name", "email"])
def test_a_line_break_in_a_name_does_not_become_a_command_to_gpg(field: str) -> None:
    given = {"name": "Sluis", "email": "sluis@keys.example", field: "x\n%ask-passphrase"}

    with new_home() as home, pytest.raises(ValueError, match="control"):
        create_signing_key(home, name=given["name"], email=given["email"])


def test_a_pinned_key_is_imported_and_given_back(own_house: KeyHouse) -> None:
    key = create_recipient_key(own_house.recipients, name="nieuw é", email="nieuw@keys.example")

    import_pinned(own_house.gateway, export_public(own_house.recipients, key), expected=key)

    assert own_house.sealer().health(key) is KeyHealth.USABLE
    assert export_public(own_house.gateway, key).startswith(b"-----BEGIN PGP PUBLIC KEY BLOCK-----")


def test_many_keys_come_in_by_one_call(own_house: KeyHouse) -> None:
    keys = [
        create_recipient_key(own_house.recipients, name=f"many {n}", email=f"many{n}@keys.example") for n in range(5)
    ]

    import_all(own_house.gateway, {key: export_public(own_house.recipients, key) for key in keys})

    assert {KeyHealth.USABLE} == {own_house.sealer().health(key) for key in keys}


def test_no_keys_at_all_are_imported_without_a_word(own_house: KeyHouse) -> None:
    before = homes.fingerprints(own_house.gateway)

    import_all(own_house.gateway, {})

    assert before == homes.fingerprints(own_house.gateway)


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        (_secret, Code.KEY_SECRET_REFUSED),
        (_binary_secret, Code.KEY_SECRET_REFUSED),
        (_secret_besides, Code.KEY_SECRET_REFUSED),
        (_other_key, Code.KEY_MISSING),
        (_one_too_many, Code.KEY_UNUSABLE),
        (_cut_short, Code.KEY_UNUSABLE),
        (_garbage, Code.KEY_UNUSABLE),
        (_nothing, Code.KEY_UNUSABLE),
    ],
)
def test_anything_but_exactly_the_pinned_public_key_is_refused_and_not_stored(
    bundle: Bundle, expected: Code, house: KeyHouse
) -> None:
    with new_home() as home:
        with pytest.raises(SluisError) as refusal:
            import_pinned(home, bundle(house), expected=house.keys["ok"])

        assert expected is refusal.value.code
        assert [] == homes.fingerprints(home)
        assert not list((home / "private-keys-v1.d").glob("*.key"))


def test_a_key_from_the_future_is_refused(house: KeyHouse) -> None:
    future = house.keys["future"]

    with new_home() as home, pytest.raises(SluisError, match="key-unusable"):
        import_pinned(home, homes.public(house.recipients, future), expected=future)


def _packets(key: bytes) -> list[tuple[int, bytes]]:
    """Cut a key into its packets, each with its tag (RFC 9580 section 4.2.2: gpg writes keys with the older header)."""
    found, start = [], 0
    while start < len(key):
        length = (1, 2, 4)[key[start] & 3]
        end = start + 1 + length + int.from_bytes(key[start + 1 : start + 1 + length], "big")
        found.append(((key[start] >> 2) & 15, key[start:end]))
        start = end
    return found


def _subkeys(home: Path, primary: Fingerprint) -> list[str]:
    listing = homes.run(home, "--list-keys", "--with-colons", primary).decode().splitlines()
    return [line.split(":")[4] for line in listing if line.startswith("sub:")]


def test_a_subkey_of_somebody_else_spliced_into_the_pinned_key_is_not_taken(house: KeyHouse) -> None:
    """The pin binds the primary key; what hangs under it counts only with that key's own signature."""
    own, attacker = house.keys["ok"], house.keys["other"]
    theirs = _packets(homes.run(house.recipients, "--export", attacker))
    place = [tag for tag, _ in theirs].index(_SUBKEY)
    spliced = homes.run(house.recipients, "--export", own) + b"".join(packet for _, packet in theirs[place:])
    assert (
        _subkeys(house.recipients, attacker)[0] in homes.run(house.recipients, "--list-packets", stdin=spliced).decode()
    )

    with new_home() as by_hand:
        homes.run(by_hand, "--import", stdin=spliced)
        assert _subkeys(house.recipients, own) == _subkeys(by_hand, own)


def test_signatures_of_strangers_on_a_key_are_left_behind(own_house: KeyHouse) -> None:
    """A key that strangers have flooded with signatures makes every gpg run slow (CVE-2019-13050)."""
    stranger, key = own_house.keys["other"], own_house.keys["ok"]
    homes.run(own_house.recipients, "--local-user", stranger, "--quick-sign-key", key)

    with new_home() as home:
        import_pinned(home, export_public(own_house.recipients, key), expected=key)
        listing = homes.run(home, "--list-sigs", "--with-colons").decode()

    signers = {line.split(":")[4] for line in listing.splitlines() if line.startswith("sig")}
    assert {key[-16:]} == signers


def test_exporting_a_key_that_is_not_there_is_said(house: KeyHouse) -> None:
    with pytest.raises(SluisError, match="key-missing"):
        export_public(house.gateway, Fingerprint("F" * 40))


def test_a_stopped_agent_is_gone_and_stopping_it_again_is_fine(own_house: KeyHouse) -> None:
    own_house.sealer().check_signer()
    own_house.agent()

    stop_agent(own_house.gateway)
    stop_agent(own_house.gateway)

    with pytest.raises((subprocess.CalledProcessError, IndexError)):
        own_house.agent()


def test_stopping_does_not_wait_for_a_hung_agent(own_house: KeyHouse) -> None:
    own_house.sealer().check_signer()
    agent = own_house.agent()

    with homes.hung(agent):
        stop_agent(own_house.gateway, patience_seconds=0.3)

        assert Path(f"/proc/{agent}").exists()
