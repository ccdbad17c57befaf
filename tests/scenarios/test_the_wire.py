"""What somebody on the network between the service and its mail server sees of a package, and what the server keeps."""

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.entrypoints.demo.opening import open_mail
from tests.integration.deliver.recording_proxy import Recording
from tests.scenarios.canary import Canary, Search, data_of, make_canary, subject_of
from tests.scenarios.wire import tapped, tls_records
from tests.scenarios.world import MUNICIPALITY, World, manifest, new_world

_BEFORE_TLS = b"EHLO afzender.example\r\nSTARTTLS\r\n"
_PACKAGES = 3
_APPLICATION_DATA = 23


@dataclass
class Tapped:
    """A whole session: the canary, every byte of both directions, and the mails that the server took."""

    world: World
    canary: Canary
    wire: Recording
    mails: list[bytes]


@pytest.fixture(scope="module")
def session() -> Iterator[Tapped]:
    canary = make_canary(random.Random(secrets.token_bytes(16)))
    with new_world() as world, tapped(world.mail.port) as wire:
        world.set("mail", port=wire.port, connections=1)
        world.start()
        for number in range(_PACKAGES):
            document: dict[str, Any] = {
                "file": f"{canary['file']}.txt",
                "kind": "letter",
                "declaredCategories": ["ordinary"],
            }
            whole = manifest(subject=subject_of(canary), data=data_of(canary), documents=[document])
            whole["data"].pop(canary["field"])
            letter = f"Hierbij de gegevens van {canary['name']}.\n" * 2_000
            world.drop(f"pakket-{number}", {"package.json": whole, document["file"]: letter})
        for number in range(_PACKAGES):
            assert "done" == world.slip(f"pakket-{number}", "done", "held", "refused", "rejected")["state"]
        world.stop()
        yield Tapped(world, canary, wire, [mail.content for mail in world.mail.messages()])


def test_no_byte_of_the_person_passes_in_clear(session: Tapped) -> None:
    search = Search(session.canary.everything())

    assert len(session.wire.to_server) > sum(map(len, session.mails)) > 0
    assert set() == search.of(bytes(session.wire.to_server))
    assert set() == search.of(bytes(session.wire.to_client))


def test_no_address_and_no_mail_command_passes_in_clear(session: Tapped) -> None:
    both = bytes(session.wire.to_server + session.wire.to_client)

    assert not [
        secret for secret in (b"openbareorde@", b"sluis@", b"MAIL FROM", b"Message-ID", b"BEGIN PGP") if secret in both
    ]


def test_after_starttls_only_tls_records_pass(session: Tapped) -> None:
    in_clear, starttls, to_server = bytes(session.wire.to_server).partition(b"STARTTLS\r\n")
    greeting, ready, to_client = bytes(session.wire.to_client).partition(b"220 Ready to start TLS\r\n")

    assert _BEFORE_TLS == in_clear + starttls
    assert ready
    assert b"250-STARTTLS" in greeting or b"250 STARTTLS" in greeting
    for records in (tls_records(to_server), tls_records(to_client)):
        assert _APPLICATION_DATA in records


def test_what_the_mail_server_has_after_tls_holds_no_trace_either(session: Tapped) -> None:
    search = Search(session.canary.everything())

    assert _PACKAGES == len(session.mails)
    assert [set()] * _PACKAGES == [search.of(mail) for mail in session.mails]


def test_the_recipient_and_nobody_on_the_way_finds_the_person(session: Tapped) -> None:
    opened = open_mail(session.mails[0], home=session.world.home(MUNICIPALITY))
    found = Search(session.canary.values).of(b"".join(opened.parts.values()))

    assert {"name (raw)", "v-number (raw)", "birth date (raw)"} <= found
    assert not {label for label in found if label.startswith(("bsn", "e-mail", "telephone", "free text"))}


def test_a_stream_with_anything_in_clear_is_not_taken_for_tls(session: Tapped) -> None:
    _, _, to_server = bytes(session.wire.to_server).partition(b"STARTTLS\r\n")

    with pytest.raises(AssertionError):
        tls_records(to_server + b"MAIL FROM:<sluis@afzender.example>\r\n")
    with pytest.raises(AssertionError):
        tls_records(to_server[:-1])
