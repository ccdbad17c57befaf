"""Sealing for a browser: RFC 8188 as an independent program reads it, and what link, code and service know."""

import base64
import datetime as dt
import hashlib
import io
import itertools
import json
import subprocess
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import http_ece  # type: ignore[import-untyped] # it comes without types.
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.package.errors import Code, SluisError
from gateway.package.pickup import CODE_ALPHABET, CODE_CHARACTERS, PickUp
from gateway.package.states import Channel, Language, Minimised, ParcelDocument, SealedParcel
from gateway.seal.landing import landed
from gateway.seal.pickup import derive, encrypted_pieces, new_code
from gateway.seal.sealing import PostbusTerms, seal
from gateway.seal.zipping import zip_pieces
from tests.contract.seal.memory_sealer import MemorySealer
from tests.unit.seal.parcels import NOW, SETTINGS, document, minimised, parcel

SECRET = bytes(range(32)).hex()
PARCEL = "ab" * 20
KEY, SALT = b"k" * 16, b"s" * 16
TERMS = PostbusTerms(lasting=dt.timedelta(days=14), downloads=3, land=landed)


class Letters:
    """Writes a letter with a sign that HTML would read."""

    def render(self, template: str, /, *, language: Language, context: Mapping[str, object]) -> str:
        if template == "data.html.j2":
            return "<table></table>"
        return f"Brief <{template} {language.value}> aan {context['recipient_name']}, é\nTweede regel\n"


def sealed_for_postbus(package: Minimised, staging: Path, *, terms: PostbusTerms | None = TERMS) -> SealedParcel:
    numbers = itertools.count(7)
    done = seal(
        package,
        sealer=MemorySealer({}),
        letters=Letters(),
        now=NOW,
        random=lambda size: hashlib.shake_256(str(next(numbers)).encode()).digest(size),
        staging=staging,
        settings=SETTINGS,
        postbus=terms,
    )
    return done.parcels[0]


def opened(sealed: SealedParcel) -> bytes:
    """Open a parcel as a recipient does who has link and code, by a program that is not ours."""
    assert sealed.pickup is not None
    key = derive(secret=sealed.pickup.secret, code=sealed.pickup.code, parcel=sealed.name).content
    plaintext: bytes = http_ece.decrypt(b"".join(sealed.ciphertext.chunks()), key=key, version="aes128gcm")
    return plaintext


def test_what_we_encrypt_is_the_example_of_rfc_8188_byte_for_byte() -> None:
    key = base64.urlsafe_b64decode("yqdlZ-tYemfogSmv7Ws5PQ==")
    salt = base64.urlsafe_b64decode("I1BsxtFttlv3u_Oo94xnmw==")
    expected = base64.urlsafe_b64decode("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg=")

    found = b"".join(encrypted_pieces([b"I am the walrus"], key=key, salt=salt, record_bytes=4096))

    assert expected == found


@settings(deadline=None)
@given(pieces=st.lists(st.binary(max_size=200), max_size=8), record=st.integers(min_value=18, max_value=120))
def test_an_independent_program_opens_whatever_we_encrypt(pieces: list[bytes], record: int) -> None:
    sealed = b"".join(encrypted_pieces(pieces, key=KEY, salt=SALT, record_bytes=record))

    assert b"".join(pieces) == http_ece.decrypt(sealed, key=KEY, version="aes128gcm")


@pytest.mark.parametrize("records", [1, 2])
def test_a_stream_cut_off_between_two_records_is_refused_by_an_independent_program(records: int) -> None:
    sealed = b"".join(encrypted_pieces([b"x" * 250], key=KEY, salt=SALT, record_bytes=100))

    with pytest.raises(http_ece.ECEException):
        http_ece.decrypt(sealed[: 21 + records * 100], key=KEY, version="aes128gcm")


def test_link_and_code_are_both_needed_and_what_the_service_gets_is_neither() -> None:
    right = derive(secret=SECRET, code="ABCDE23456", parcel=PARCEL)
    others = [
        derive(secret=SECRET, code="ABCDE23457", parcel=PARCEL),
        derive(secret="00" * 32, code="ABCDE23456", parcel=PARCEL),
        derive(secret=SECRET, code="ABCDE23456", parcel="cd" * 20),
    ]

    for other in others:
        assert right.content != other.content
        assert right.access != other.access
    assert hashlib.sha256(right.access).hexdigest() == right.verifier()
    assert right.content != right.access


def test_what_proves_the_link_needs_no_code_and_tells_nothing_of_code_or_key() -> None:
    right, wrong_code, other_link, other_parcel = (
        derive(secret=SECRET, code="ABCDE23456", parcel=PARCEL),
        derive(secret=SECRET, code="ABCDE23457", parcel=PARCEL),
        derive(secret="00" * 32, code="ABCDE23456", parcel=PARCEL),
        derive(secret=SECRET, code="ABCDE23456", parcel="cd" * 20),
    )

    assert right.link == wrong_code.link
    assert 3 == len({right.link, other_link.link, other_parcel.link})
    assert hashlib.sha256(right.link).hexdigest() == right.link_verifier()
    assert {right.link}.isdisjoint({right.content, right.access, bytes.fromhex(SECRET)})


def test_every_character_of_a_code_is_as_likely_as_any_other() -> None:
    # Each byte once: a remainder without rejection would favour the first characters of the alphabet.
    stream = iter([bytes(range(start, start + 10)) for start in range(0, 250, 10)] + [bytes(range(246, 256))] * 9)
    drawn = "".join(new_code(lambda _size: next(stream)) for _ in range(24))

    assert {8, 7} >= {drawn.count(each) for each in CODE_ALPHABET}


def test_a_code_holds_no_sign_that_ear_or_eye_mixes_up() -> None:
    code = new_code(lambda size: hashlib.shake_256(b"x").digest(size))

    assert CODE_CHARACTERS == len(code) >= 8
    assert set("01OIL").isdisjoint(CODE_ALPHABET)


def test_a_link_tells_by_itself_that_it_was_cut_off() -> None:
    secret = base64.urlsafe_b64decode(PickUp(secret=SECRET, code="", until=NOW).fragment())

    assert bytes.fromhex(SECRET) == secret[:32]
    assert hashlib.sha256(secret[:32]).digest()[:4] == secret[32:]


def test_neither_secret_nor_code_shows_in_a_repr() -> None:
    shown = repr(PickUp(secret=SECRET, code="ABCDE23456", until=NOW))

    assert SECRET not in shown
    assert "ABCDE" not in shown


def test_the_postbus_gets_one_zip_that_an_independent_program_opens_and_unzips(tmp_path: Path) -> None:
    files = (document("verslag é.txt", b"een verslag"), document("kaart.bin", bytes(range(256)) * 9000))
    sealed = sealed_for_postbus(minimised(parcel(channel=Channel.POSTBUS, keys=(), documents=files)), tmp_path)
    target = tmp_path / "pakket.zip"
    target.write_bytes(opened(sealed))
    subprocess.run(["unzip", "-tq", target], check=True, capture_output=True)
    with zipfile.ZipFile(target) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}

    assert {
        "letter.html",
        "letter.txt",
        "data.json",
        "data.html",
        "left-out.json",
        "documents/01-verslag é.txt",
        "documents/02-kaart.bin",
    } == set(found)
    assert b'{"name": "A. Voorbeeld"}' == found["data.json"]
    assert b"een verslag" == found["documents/01-verslag é.txt"]
    assert bytes(range(256)) * 9000 == found["documents/02-kaart.bin"]
    assert "\r\nTweede regel\r\n" in found["letter.txt"].decode("utf-8-sig")
    assert b"Brief &lt;letter.txt.j2 nl&gt; aan" in found["letter.html"]


def test_the_service_is_told_no_name_no_address_and_no_key(tmp_path: Path) -> None:
    sealed = sealed_for_postbus(minimised(parcel(channel=Channel.POSTBUS, keys=())), tmp_path)
    assert sealed.pickup is not None
    told = json.loads(sealed.manifest)

    assert {"format", "fileName", "size", "sha256", "verifier", "linkVerifier", "until", "downloads"} == set(told)
    assert (
        derive(secret=sealed.pickup.secret, code=sealed.pickup.code, parcel=sealed.name).verifier() == told["verifier"]
    )
    for secret in (sealed.pickup.secret, sealed.pickup.code, sealed.address, "Vries", "gemeente"):
        assert secret not in sealed.manifest.decode() + sealed.name


def test_a_large_parcel_is_written_to_a_file_and_a_document_of_another_size_leaves_none(tmp_path: Path) -> None:
    large = document("groot.bin", b"g" * 1_500_000, size=1_600_000)

    with pytest.raises(SluisError) as error:
        sealed_for_postbus(minimised(parcel(channel=Channel.POSTBUS, keys=(), documents=(large,))), tmp_path)

    assert Code.PAYLOAD_CORRUPT is error.value.code
    assert [] == list(tmp_path.iterdir())


def test_without_a_pick_up_service_nothing_is_sealed_for_the_postbus(tmp_path: Path) -> None:
    with pytest.raises(SluisError) as error:
        sealed_for_postbus(minimised(parcel(channel=Channel.POSTBUS, keys=())), tmp_path, terms=None)

    assert Code.CHANNEL_UNAVAILABLE is error.value.code


def test_only_the_postbus_goes_without_a_key(tmp_path: Path) -> None:
    with pytest.raises(SluisError) as error:
        sealed_for_postbus(minimised(parcel(channel=Channel.FILE_DROP, keys=())), tmp_path)

    assert Code.KEY_MISSING is error.value.code


def test_a_zip_is_the_same_each_time_it_is_made(tmp_path: Path) -> None:
    first, second = (
        sealed_for_postbus(minimised(parcel(channel=Channel.POSTBUS, keys=(), documents=(document(),))), tmp_path)
        for _ in range(2)
    )

    assert opened(first) == opened(second)
    with zipfile.ZipFile(io.BytesIO(opened(first))) as archive:
        assert {(1980, 1, 1, 0, 0, 0)} == {each.date_time for each in archive.infolist()}


def test_memory_stays_flat_however_large_a_document_is() -> None:
    size = 64 * 1024 * 1024
    large = ParcelDocument(name="groot.bin", media_type="text/plain", size=size, open=lambda: _Zeros(size))
    tracemalloc.start()
    try:
        pieces = encrypted_pieces(zip_pieces([], documents=[("documents/01-groot.bin", large)]), key=KEY, salt=SALT)
        written = sum(map(len, pieces))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert written > size
    assert peak < size // 4


class _Zeros:
    """A large document that takes no room."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        taken = self._left if size < 0 else min(size, self._left)
        self._left -= taken
        return bytes(taken)

    def close(self) -> None:
        """Nothing is open."""
