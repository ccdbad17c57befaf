import dataclasses
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.evidence.data_bounds import MAX_DATA_BYTES
from gateway.evidence.examining import examine
from gateway.evidence.port import FileReader, NotConnected, Registers
from gateway.package.errors import Code, SluisError
from gateway.package.facts import ConsentFacts, Filing, KeyHealth, Paper, Searchability
from gateway.package.ids import Fingerprint
from gateway.package.manifest import FileRole
from gateway.package.states import Channel, Contents, Document, Evidence, Package
from tests.unit.documents import PLAIN_TEXT_ONLY, READ_HERE, nobody_known
from tests.unit.evidence.building import make_package

NOBODY = Registers(cases=NotConnected(), withdrawals=NotConnected(), bar=NotConnected())
_ZONE = ZoneInfo("Europe/Amsterdam")
_NOON = dt.datetime(2026, 11, 23, 11, 0, tzinfo=dt.UTC)
_MAIL = frozenset({Channel.SECURE_MAIL})


def _evidence(
    package: Package,
    contents: Contents,
    *,
    now: dt.datetime = _NOON,
    keys: dict[Fingerprint, KeyHealth] | None = None,
    files: FileReader = READ_HERE,
) -> Evidence:
    health = keys or {}
    examined = examine(
        package,
        contents=contents,
        fingerprints=tuple(health),
        key_health=health.__getitem__,
        open_channels=_MAIL,
        now=now,
        zone=_ZONE,
        files=files,
        searching=PLAIN_TEXT_ONLY,
        known_of=nobody_known,
        registers=NOBODY,
        bar_numbers={},
    )
    assert examined.package is package
    return examined.evidence


def test_data_in_the_manifest_is_one_record() -> None:
    package, contents = make_package(data={"name": "Jan", "familyMembers": [{"name": "Piet"}]})

    data = _evidence(package, contents).data

    assert data is not None
    assert data.shape == "record"
    assert data.rows == ({"name": "Jan", "familyMembers": [{"name": "Piet"}]},)


@pytest.mark.parametrize(
    ("name", "content", "shape"),
    [
        ("gegevens.json", b'{"name": "Jan"}', "record"),
        ("gegevens.json", b'[{"name": "Jan"}]', "list"),
        ("gegevens.CSV", b"name\nJan\n", "table"),
        ("gegevens.yaml", b"name: Jan", "record"),
        ("gegevens.YML", b"- name: Jan", "list"),
        ("gegevens.xml", b"<gegevens><name>Jan</name></gegevens>", "record"),
    ],
)
def test_the_name_of_the_data_file_says_how_it_is_read(name: str, content: bytes, shape: str) -> None:
    package, contents = make_package({1: content}, dataFile=name)

    evidence = _evidence(package, contents)

    assert evidence.data is not None
    assert evidence.data.shape == shape
    assert evidence.data.rows == ({"name": "Jan"},)
    assert evidence.documents == {}
    assert all(reader.closed for reader in contents.opened)


@pytest.mark.parametrize("name", ["gegevens.xlsm", "gegevens.ods", "gegevens", "json"])
def test_a_data_file_of_another_kind_is_unreadable(name: str) -> None:
    package, contents = make_package({1: b'{"name": "Jan"}'}, dataFile=name)

    with pytest.raises(SluisError) as caught:
        _evidence(package, contents)

    assert caught.value.code is Code.DATA_UNREADABLE
    assert contents.opened == []


class _Dies:
    """A sandbox in which whatever reads a file dies of it."""

    def read_file(self, _content: bytes, _question: str, /) -> bytes | None:
        return None


@pytest.mark.parametrize(
    ("more", "code", "where"),
    [
        ({"dataFile": "lijst.xml"}, Code.DATA_READING_FAILED, "dataFile"),
        ({"consent": {"document": "stuk.pdf"}, "data": {"a": 1}}, Code.PAPER_READING_FAILED, "consent.document"),
        (
            {"mandate": {"document": "stuk.pdf"}, "data": {"a": 1}},
            Code.PAPER_READING_FAILED,
            "mandate.document",
        ),
    ],
)
def test_of_the_file_whose_parser_died_the_place_in_the_manifest_is_named(
    more: dict[str, Any], code: Code, where: str
) -> None:
    package, contents = make_package({1: b"%PDF-1.7 Merhawi"}, **more)

    with pytest.raises(SluisError) as caught:
        _evidence(package, contents, files=_Dies())

    assert (code, where) == (caught.value.code, caught.value.where)
    assert all(reader.closed for reader in contents.opened)


def test_a_csv_named_as_json_is_refused_and_its_stream_closed() -> None:
    package, contents = make_package({1: b"name\nJan\n"}, dataFile="gegevens.json")

    with pytest.raises(SluisError) as caught:
        _evidence(package, contents)

    assert caught.value.code is Code.DATA_UNREADABLE
    assert [reader.closed for reader in contents.opened] == [True]


def test_a_data_file_that_is_too_large_is_not_opened() -> None:
    package, contents = make_package({1: b"{}"}, dataFile="gegevens.json")
    large = Document(
        number=1, role=FileRole.DATA, kind="data", size=MAX_DATA_BYTES + 1, digest="", stream="1", name="gegevens.json"
    )
    package = dataclasses.replace(package, documents=(large,))

    with pytest.raises(SluisError) as caught:
        _evidence(package, contents)

    assert caught.value.code is Code.PACKAGE_TOO_LARGE
    assert contents.opened == []


def test_each_document_is_judged_and_every_stream_closed() -> None:
    package, contents = make_package(
        {1: b"Geachte heer", 2: b"%PDF-1.7", 3: b"x" * 1001, 4: b"scan"},
        documents=[
            {"file": "a.txt", "kind": "letter"},
            {"file": "b.pdf", "kind": "letter"},
            {"file": "c.txt", "kind": "letter"},
        ],
        consent={"document": "machtiging.pdf"},
    )

    evidence = _evidence(package, contents)

    assert evidence.documents == {
        1: Searchability.TEXT,
        2: Searchability.NOT_TEXT,
        3: Searchability.TOO_LARGE,
    }
    assert evidence.data is None
    assert evidence.consent == ConsentFacts(paper=Paper.UNREADABLE, filing=Filing.NOT_FILED, withdrawn=None)
    assert contents.opened
    assert all(reader.closed for reader in contents.opened)


@pytest.mark.parametrize(
    ("now", "today"),
    [
        (dt.datetime(2026, 11, 22, 22, 59, tzinfo=dt.UTC), dt.date(2026, 11, 22)),
        (dt.datetime(2026, 11, 22, 23, 0, tzinfo=dt.UTC), dt.date(2026, 11, 23)),
        (dt.datetime(2026, 7, 1, 22, 0, tzinfo=dt.UTC), dt.date(2026, 7, 2)),
    ],
)
def test_the_day_is_counted_in_amsterdam(now: dt.datetime, today: dt.date) -> None:
    package, contents = make_package(data={"name": "Jan"})

    assert _evidence(package, contents, now=now).today == today


def test_both_ages_of_a_partly_unknown_birth_date_are_evidence() -> None:
    package, contents = make_package(data={"a": 1}, subject={"name": "Iemand", "dateOfBirth": "2008-00-00"})

    evidence = _evidence(package, contents)

    assert (evidence.youngest, evidence.oldest) == (17, 18)


def test_the_health_of_each_key_and_the_open_channels_are_evidence() -> None:
    package, contents = make_package(data={"a": 1})
    keys = {Fingerprint("A" * 40): KeyHealth.USABLE, Fingerprint("B" * 40): KeyHealth.REVOKED}

    evidence = _evidence(package, contents, keys=keys)

    assert evidence.keys == keys
    assert evidence.open_channels == _MAIL


def test_a_time_without_a_zone_is_our_own_mistake() -> None:
    package, contents = make_package(data={"a": 1})

    with pytest.raises(ValueError, match="zone"):
        _evidence(package, contents, now=_NOON.replace(tzinfo=None))
