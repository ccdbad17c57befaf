"""What is remembered of a keyring is never older than the keyring, and costs one reading for each change of it."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.hardened_gpg import HardenedGpg
from gateway.seal.openpgp import OpenPgpSealer, PinnedKeys
from tests.integration.seal import homes
from tests.integration.seal.homes import KeyHouse, new_home

PLAINTEXT = b"a message for one recipient\n"
_THREADS = 6


class _Watched(HardenedGpg):
    """Takes its time, and notes what it is asked to read."""

    def __init__(self, house: KeyHouse, *, seconds: float = 0.0) -> None:
        super().__init__(home=house.gateway, patience_seconds=homes.PATIENCE_SECONDS)
        self.asked: list[str] = []
        self._seconds = seconds

    def listing(self, *arguments: str, stdin: bytes = b"") -> str:
        self.asked.append(arguments[-1])
        time.sleep(self._seconds)
        return super().listing(*arguments, stdin=stdin)


class _Failing(_Watched):
    """Can not export; each attempt takes a while by a clock of ours."""

    def __init__(self, house: KeyHouse, *, takes_seconds: float) -> None:
        super().__init__(house)
        self.at = 1000.0
        self.works = False
        self._takes_seconds = takes_seconds

    def clock(self) -> float:
        return self.at

    def exported(self) -> bytes:
        if self.works:
            return super().exported()
        self.at += self._takes_seconds
        raise SluisError(Code.SEAL_TIMEOUT, detail={"limit": 20})


def _revoke(house: KeyHouse, kind: str) -> None:
    """The recipient revokes the key, and the administrator takes that in."""
    homes.revoke(house.recipients, house.keys[kind])
    homes.run(house.gateway, "--import", stdin=homes.public(house.recipients, house.keys[kind]))


def _refusal(sealing: Callable[[], object]) -> Code | None:
    try:
        sealing()
    except SluisError as error:
        return error.code
    return None


def _seal(sealer: OpenPgpSealer, recipient: Fingerprint) -> bytes:
    return sealer.encrypt_bytes(PLAINTEXT, recipients=(recipient,), armor=False)


def _at_once(call: Callable[[], object]) -> None:
    ready = threading.Barrier(_THREADS)

    def when_all_are_ready() -> None:
        ready.wait()
        call()

    with ThreadPoolExecutor(_THREADS) as pool:
        for each in [pool.submit(when_all_are_ready) for _ in range(_THREADS)]:
            each.result()


# ---- a keyring in another file ---------------------------------------------------------------------------------


def test_a_key_that_is_revoked_later_is_refused_in_a_home_with_a_keyring_of_the_older_format() -> None:
    with new_home() as gateway, new_home() as recipients:
        (gateway / "pubring.gpg").touch()
        house = KeyHouse(gateway=gateway, recipients=recipients, kinds=("ok",))
        assert not (gateway / "pubring.kbx").exists()
        sealer = house.sealer()
        assert PLAINTEXT == house.decrypt(_seal(sealer, house.keys["ok"]))

        _revoke(house, "ok")

        assert KeyHealth.REVOKED is sealer.health(house.keys["ok"])
        assert Code.KEY_REVOKED is _refusal(lambda: _seal(sealer, house.keys["ok"]))


def test_of_a_home_without_a_keyring_that_shows_its_changes_nothing_is_remembered(
    own_house: KeyHouse, tmp_path: Path
) -> None:
    gpg = _Watched(own_house)
    keys = PinnedKeys(home=tmp_path, gpg=gpg)
    key = own_house.keys["ok"]
    assert KeyHealth.USABLE is keys.current()[key].health(homes.now())

    _revoke(own_house, "ok")

    assert KeyHealth.REVOKED is keys.current()[key].health(homes.now())
    assert b"" == keys.verified().ring(own_house.signer)


def test_of_a_home_whose_keys_keyboxd_holds_nothing_is_verified_ahead(own_house: KeyHouse) -> None:
    """A keyring of ours is not looked at there: gpg would ask keyboxd, and believe what it says of a signature."""
    (own_house.gateway / "public-keys.d").mkdir()
    (own_house.gateway / "public-keys.d" / "pubring.db").touch()

    keys = PinnedKeys(home=own_house.gateway, gpg=_Watched(own_house))

    assert b"" == keys.verified().ring(own_house.signer)


# ---- waiting for a slot ----------------------------------------------------------------------------------------


def test_a_key_that_is_revoked_while_its_message_waits_for_a_slot_is_refused(
    own_house: KeyHouse, tmp_path: Path
) -> None:
    sealer = own_house.sealer()
    waiting = own_house.keys["ok"]
    begun, done = threading.Semaphore(0), threading.Event()

    def long_file() -> Iterator[bytes]:
        yield PLAINTEXT
        begun.release()
        assert done.wait(homes.PATIENCE_SECONDS)

    with ThreadPoolExecutor(3) as pool:
        for name in ("one", "two"):
            pool.submit(
                sealer.encrypt_stream, long_file(), recipients=(own_house.keys["other"],), output=tmp_path / name
            )
            assert begun.acquire(timeout=homes.PATIENCE_SECONDS)
        refusal = pool.submit(_refusal, lambda: _seal(sealer, waiting))
        time.sleep(0.3)
        _revoke(own_house, "ok")
        done.set()

        assert Code.KEY_REVOKED is refusal.result()


# ---- one reading, and one more after a failure -----------------------------------------------------------------


def test_threads_that_ask_at_once_have_the_keyring_listed_once(house: KeyHouse) -> None:
    gpg = _Watched(house, seconds=0.2)
    keys = PinnedKeys(home=house.gateway, gpg=gpg)

    _at_once(keys.current)

    assert 1 == len(gpg.asked)


def test_threads_that_ask_at_once_have_the_keyring_verified_once(house: KeyHouse) -> None:
    gpg = _Watched(house, seconds=0.2)
    keys = PinnedKeys(home=house.gateway, gpg=gpg)

    _at_once(keys.verified)

    assert ["--rebuild-keydb-caches"] == gpg.asked
    assert keys.verified().ring(house.signer)


def test_nobody_waits_for_another_thread_that_verifies(house: KeyHouse) -> None:
    gpg = _Watched(house, seconds=2.0)
    keys = PinnedKeys(home=house.gateway, gpg=gpg)

    with ThreadPoolExecutor(1) as pool:
        verifying = pool.submit(keys.verified)
        while not gpg.asked:
            time.sleep(0.01)

        assert b"" == keys.verified().ring(house.signer)
        assert not verifying.done()


@pytest.mark.parametrize(("takes", "pause"), [(0.0, 60.0), (30.0, 300.0)])
def test_what_could_not_be_verified_is_tried_again_after_a_pause(takes: float, pause: float, house: KeyHouse) -> None:
    gpg = _Failing(house, takes_seconds=takes)
    keys = PinnedKeys(home=house.gateway, gpg=gpg, clock=gpg.clock)
    assert b"" == keys.verified().ring(house.signer)
    gpg.works = True

    gpg.at += pause - 1
    assert b"" == keys.verified().ring(house.signer)
    gpg.at += 1
    assert keys.verified().ring(house.signer)
