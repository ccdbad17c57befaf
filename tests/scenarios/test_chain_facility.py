"""A package to a chain partner, over a real connection with mutual TLS, opened by a program that is not ours."""

import base64
import hashlib
import io
import json
import random
import secrets
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509 import load_der_x509_certificate

from tests.chain_partner import Partner
from tests.chain_pki import DAY, OWN, PARTNER
from tests.integration.deliver.test_chain_receiver import cutting
from tests.preloaded import sluis
from tests.scenarios.canary import Canary, Search, data_of, make_canary, subject_of
from tests.scenarios.wire import in_a_thread
from tests.scenarios.world import World, manifest, new_world, until
from tests.unit.seal.test_jose import by_jose, decoded, jwk, opened_by_another

IND = "ind-voorbeeld"
_LETTER = "Hierbij de gegevens voor de terugkeer.\n" * 2_000


def waiting_with(world: World, code: str) -> list[dict[str, Any]]:
    """Give the packages that wait with a code."""
    with world.client() as client:
        found = client.get("/v1/packages").json()["packages"]
    return [each for each in found if each.get("code") == code]


def connect(world: World, partner: Partner, *, url: str, **changes: Any) -> None:
    """Connect a site to the partner: settings, the pin in the register and the certificate among the keys."""
    files = {
        "certificateFile": str(partner.own_certificate),
        "keyFile": str(partner.own_key),
        "rootFile": str(partner.root),
        "crlFolder": str(partner.crls),
    }
    world.set("chain", ownOin=OWN, peers={PARTNER: {"url": url, "serviceName": "sluis"}}, **files, **changes)
    entry = world.site.recipients / f"{IND}.yaml"
    content = yaml.safe_load(entry.read_text(encoding="utf-8"))
    content["channels"][0]["keys"] = [partner.partner.pin]
    entry.write_text(yaml.safe_dump(content), encoding="utf-8")
    digest = partner.partner.pin.removeprefix("x509:")
    (world.site.keys / f"x509-{digest}.pem").write_bytes(partner.partner.pem)


@contextmanager
def chained(**changes: Any) -> Iterator[tuple[World, Partner]]:
    """Make a site with a partner that is not there yet; its port is taken, so that nobody else answers."""
    with new_world() as world:
        folder = world.site.root / "chain"
        folder.mkdir()
        partner = Partner(folder)
        with partner.running():
            pass
        connect(world, partner, url=partner.url, **changes)
        yield world, partner


def to_the_ind(**changes: Any) -> dict[str, Any]:
    data = {"name": "Amina Yusuf", "departureDate": "2026-12-01", "internalNotes": "niet doorsturen"}
    return manifest(**{"recipients": [IND], "purpose": "return", "data": data, **changes})


def delivery(world: World, package: str) -> Mapping[str, Any]:
    with world.client() as client:
        (found,) = client.get(f"/v1/packages/{package}").json()["recipients"]
    result: Mapping[str, Any] = found
    return result


@dataclass
class Sent:
    """One package on its whole way, and everything that could be seen of it."""

    world: World
    partner: Partner
    canary: Canary
    slip: dict[str, Any]
    sealed: bytes


@pytest.fixture(scope="module")
def sent() -> Iterator[Sent]:
    canary = make_canary(random.Random(secrets.token_bytes(16)))
    with new_world() as world:
        folder = world.site.root / "chain"
        folder.mkdir()
        partner = Partner(folder)
        with partner.running(opens=True):
            connect(world, partner, url=partner.url)
            world.start()
            document: dict[str, Any] = {
                "file": f"{canary['file']}.txt",
                "kind": "letter",
                "declaredCategories": ["ordinary"],
            }
            whole = to_the_ind(subject=subject_of(canary), data=data_of(canary), documents=[document])
            whole["data"].pop(canary["field"])
            world.drop("pakket", {"package.json": whole, document["file"]: _LETTER})
            slip = world.slip("pakket", "done", "held", "refused", "rejected")
            (sealed,) = partner.arrived()
            yield Sent(world, partner, canary, slip, sealed)
            world.stop()


def test_the_package_is_delivered_and_not_only_sent(sent: Sent) -> None:
    found = delivery(sent.world, sent.slip["id"])

    assert ("done", "delivered", "chain-facility", 1) == (
        sent.slip["state"],
        found["state"],
        found["channel"],
        found["attempts"],
    )


def test_another_program_opens_it_and_finds_what_went(sent: Sent, tmp_path: Path) -> None:
    signed = opened_by_another(tmp_path, sent.partner.partner, sent.sealed)
    assert signed is not None
    verified = by_jose(tmp_path, "jws", "ver", key=jwk(sent.partner.own, private=False), content=signed)
    with tarfile.open(fileobj=io.BytesIO(verified.stdout)) as tar:
        files = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]  # files only

    (receiver,) = (sent.partner.store / OWN).glob("*.tar")
    (letter,) = (content for name, content in files.items() if name.startswith("documents/"))
    assert 0 == verified.returncode
    assert receiver.read_bytes() == verified.stdout
    assert {"letter.txt", "data.json"} <= set(files)
    assert _LETTER.encode() == letter
    assert sent.canary["name"] == json.loads(files["data.json"])["name"]


def test_neither_transaction_log_holds_anything_of_the_person(sent: Sent) -> None:
    search = Search(sent.canary.everything())
    ours = sent.world.site.transaction_log.read_bytes()
    theirs = (sent.partner.store / "fsc-transactions.jsonl").read_bytes()
    (line,) = [json.loads(each) for each in ours.splitlines()]

    assert set() == search.of(ours + theirs)
    assert (OWN, PARTNER, "sluis") == (line["source"], line["destination"], line["service_name"])
    assert line["transaction_id"] in theirs.decode()


def test_the_receipt_is_kept_and_anybody_can_verify_it(sent: Sent) -> None:
    done = sluis(sent.world.site.root, "show", sent.slip["id"], "--json")
    receipt = json.loads(done.stdout)["receipts"][IND].encode()
    head, claims, signature = receipt.split(b".")
    certificate = load_der_x509_certificate(base64.b64decode(json.loads(decoded(head))["x5c"][0]))
    said, pair = json.loads(decoded(claims)), decoded(signature)
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(
        encode_dss_signature(int.from_bytes(pair[:32], "big"), int.from_bytes(pair[32:], "big")),
        head + b"." + claims,
        ec.ECDSA(hashes.SHA256()),
    )

    assert sent.partner.partner.certificate == certificate
    assert hashlib.sha256(sent.sealed).hexdigest() == said["sha256"]
    assert (OWN, PARTNER) == (said["sender"], said["receiver"])


def test_a_check_proves_that_the_partner_can_be_reached_and_sends_nothing(sent: Sent) -> None:
    done = sluis(sent.world.site.root, "check", "--json")
    checks = json.loads(done.stdout)["checks"]
    found = {(each["name"], each["where"]): each["code"] for each in checks}

    assert ["", "", ""] == [
        found[each] for each in (("chain-facility", ""), ("chain certificate", ""), ("recipient key", IND))
    ]
    assert 1 == len(sent.partner.arrived())


def test_a_package_waits_for_a_partner_that_is_down_and_arrives_once() -> None:
    with chained() as (world, partner):
        world.start()
        world.drop_file("wacht.json", to_the_ind())
        waiting = world.slip("wacht.json", "releasing")
        during = delivery(world, waiting["id"])
        with partner.running(port=partner.port):
            world.slip("wacht.json", "done")

            assert ("chain-unreachable", "chain-facility") == (during["code"], during["channel"])
            assert 1 == len(partner.arrived())
        assert "delivered" == delivery(world, waiting["id"])["state"]
        world.stop()


def cut_once(port: int) -> AbstractContextManager[int]:
    """Run the cutting wire between the service and its partner."""
    return in_a_thread(cutting(port, after_bytes=50_000))


def test_a_package_whose_receipt_got_lost_is_asked_after_and_not_sent_twice() -> None:
    with chained() as (world, partner), partner.running(port=partner.port), cut_once(partner.port) as port:
        connect(world, partner, url=f"https://127.0.0.1:{port}/sluis/v1")
        world.set("retry", firstSeconds=5)
        world.start()
        document = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
        world.drop("bon", {"package.json": to_the_ind(documents=[document]), "brief.txt": _LETTER})
        slip = world.slip("bon", "releasing")
        during = delivery(world, slip["id"])
        world.slip("bon", "done")
        after = delivery(world, slip["id"])

        assert ("uncertain", "chain-outcome-unknown") == (during["state"], during["code"])
        assert ("delivered", 1) == (after["state"], after["attempts"])
        assert after["receipt"]
        assert 1 == len(partner.arrived())
        lines = (partner.store / "fsc-transactions.jsonl").read_text().splitlines()
        assert ["POST", "GET"] == [json.loads(line)["method"] for line in lines]
        world.stop()


def test_stale_lists_stop_a_package_until_they_are_fresh_again() -> None:
    with chained() as (world, partner):
        fresh = partner.authority.revocation_list()
        stale = partner.authority.revocation_list(since=-9 * DAY, until=-DAY)
        with partner.running(port=partner.port):
            partner.authority.write(partner.folder, stale)
            world.start()
            world.drop_file("lijst.json", to_the_ind())
            waiting = until(lambda: waiting_with(world, "key-revocation-unknown"))
            before = len(partner.arrived())
            partner.authority.write(partner.folder, fresh)
            world.slip("lijst.json", "done")

            assert ["received"] == [each["state"] for each in waiting]
            assert (0, 1) == (before, len(partner.arrived()))
        world.stop()


def test_more_than_one_message_may_hold_is_held() -> None:
    with chained(maxContentBytes=50_000) as (world, partner):
        world.start()
        document = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
        world.drop("groot", {"package.json": to_the_ind(documents=[document]), "brief.txt": _LETTER})

        slip = world.slip("groot", "held")

        assert "package-too-large" == slip["code"]
        assert not partner.transactions.exists()
        world.stop()
