import datetime as dt
import io
import json
import tarfile
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.errors import Code, SluisError
from gateway.package.ids import RecipientId
from gateway.package.states import ParcelDocument
from gateway.seal.ciphertexts import BytesCiphertext
from gateway.seal.container import Entry, document_pieces, manifest_of, tar_pieces
from tests.unit.seal.parcels import File, document

MIB = 1024 * 1024
_NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="/"), min_size=1, max_size=60)


def opened(raw: bytes) -> dict[str, bytes]:
    """Read a container with Python's own reader, in the mode that refuses a damaged end."""
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
        return {member.name: archive.extractfile(member).read() for member in archive.getmembers()}  # type: ignore[union-attr]  # each member is a plain file.


class Endless:
    """A document of any size that is never in memory."""

    def __init__(self, size: int) -> None:
        self._left = size
        self.closed = False

    def read(self, size: int = -1, /) -> bytes:
        piece = bytes(min(size, self._left))
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self.closed = True


def test_everything_put_in_comes_out() -> None:
    entries = (Entry(name="letter.txt", content=b"Geachte"), Entry(name="data.json", content=b"{}"))
    documents = (
        ("documents/01-verslag é.txt", document(content=b"x" * 1000)),
        ("documents/02-leeg", document("e", b"")),
    )

    raw = b"".join(tar_pieces(entries, documents=documents))

    assert {
        "letter.txt": b"Geachte",
        "data.json": b"{}",
        "documents/01-verslag é.txt": b"x" * 1000,
        "documents/02-leeg": b"",
    } == opened(raw)


@given(files=st.dictionaries(_NAMES, st.binary(max_size=2000), max_size=5))
def test_any_names_and_contents_come_out_as_they_were(files: dict[str, bytes]) -> None:
    documents = [(f"documents/{name}", document(content=content)) for name, content in files.items()]

    raw = b"".join(tar_pieces((), documents=documents))

    assert {f"documents/{name}": content for name, content in files.items()} == opened(raw)
    assert 0 == len(raw) % 512


def test_the_same_content_gives_the_same_bytes_and_tells_nothing_of_the_machine() -> None:
    def raw() -> bytes:
        return b"".join(tar_pieces((Entry(name="a", content=b"1"),), documents=(("documents/é", document()),)))

    with tarfile.open(fileobj=io.BytesIO(raw())) as archive:
        metadata = {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode, m.isfile()) for m in archive.getmembers()}
    assert {(0, 0, 0, "", "", 0o600, True)} == metadata
    assert raw() == raw()


@pytest.mark.parametrize("said", [6, 8], ids=["longer than said", "shorter than said"])
def test_a_document_of_another_size_than_said_stops_the_container_and_is_closed(said: int) -> None:
    file = File(b"seven__")
    changed = ParcelDocument(name="x", media_type="text/plain", size=said, open=file.open)

    with pytest.raises(SluisError) as failure:
        list(tar_pieces((), documents=(("documents/x", changed),)))

    assert Code.PAYLOAD_CORRUPT is failure.value.code
    assert [True] == [reader.closed for reader in file.opened]


def test_a_container_that_is_given_up_closes_its_document() -> None:
    file = File(bytes(3 * MIB))
    pieces = tar_pieces(
        (), documents=(("documents/x", ParcelDocument(name="x", media_type="a/b", size=3 * MIB, open=file.open)),)
    )
    next(pieces)
    next(pieces)

    pieces.close()

    assert [True] == [reader.closed for reader in file.opened]


def test_memory_stays_flat_for_a_large_document() -> None:
    large = ParcelDocument(name="x", media_type="a/b", size=200 * MIB, open=lambda: Endless(200 * MIB))

    def sizes() -> Iterator[int]:
        for piece in tar_pieces((), documents=(("documents/x", large),)):
            yield len(piece)

    tracemalloc.start()
    total, largest = 0, 0
    for size in sizes():
        total, largest = total + size, max(largest, size)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert 200 * MIB + 512 + 1024 == total
    assert MIB == largest
    assert peak < 4 * MIB


def test_a_document_is_read_to_its_end_and_closed() -> None:
    file = File(b"a" * 10)

    content = b"".join(document_pieces(ParcelDocument(name="x", media_type="a/b", size=10, open=file.open)))

    assert b"a" * 10 == content
    assert [True] == [reader.closed for reader in file.opened]


def test_the_manifest_says_what_lies_beside_it_and_nothing_of_the_person() -> None:
    ciphertext = BytesCiphertext(b"ciphertext")
    amsterdam = dt.timezone(dt.timedelta(hours=1))

    manifest = manifest_of(
        name="p.r.tar.pgp",
        ciphertext=ciphertext,
        recipient=RecipientId("gemeente-voorbeeld"),
        sealed_at=dt.datetime(2026, 11, 20, 10, 30, tzinfo=amsterdam),
    )

    assert {
        "format": "sluis-manifest/1",
        "name": "p.r.tar.pgp",
        "size": 10,
        "sha256": "305531dcc50ebca31cf1d5b31e9fc76ed51f66b3b6dd5a030c6539ae6532f979",
        "recipient": "gemeente-voorbeeld",
        "sealedAt": "2026-11-20T09:30:00Z",
    } == json.loads(manifest)
    assert manifest.endswith(b"}\n")


@given(content=st.binary(max_size=100))
def test_ciphertext_in_memory_knows_its_size_and_digest_and_gives_itself_back(content: bytes) -> None:
    ciphertext = BytesCiphertext(content)

    assert content == b"".join(ciphertext.chunks())
    assert len(content) == ciphertext.size


def test_ciphertext_in_memory_comes_in_pieces_of_at_most_a_mebibyte() -> None:
    assert [MIB, MIB, 1] == [len(piece) for piece in BytesCiphertext(bytes(2 * MIB + 1)).chunks()]
