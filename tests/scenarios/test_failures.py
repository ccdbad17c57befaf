"""What fails around the service: a package waits, says why, and goes when it is mended. Nothing leaves meanwhile."""

import contextlib
import json
import os
import signal
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.audit_reading import verify_site_log
from tests.integration.deliver.scripted_relay import HOST, Fault
from tests.integration.seal.homes import hung, run
from tests.preloaded import sluis
from tests.scenarios.failing import Site
from tests.scenarios.faulty_mail import FaultyMail
from tests.scenarios.world import GUARDIAN, MUNICIPALITY, World, guardian_manifest, manifest, new_world, until

GIBIBYTE = 1024**3


@pytest.fixture(scope="module")
def built() -> Iterator[Site]:
    with new_world() as world:
        mail = FaultyMail(world.site.root / "relay-ca.pem")
        mail.start()
        world.set("mail", host=HOST, port=mail.relay.port, caFile="relay-ca.pem")
        world.set("seal", timeoutSeconds=2)
        world.start()
        try:
            yield Site(world, mail)
        finally:
            mail.stop()
        world.stop()


@pytest.fixture
def site(built: Site) -> Iterator[Site]:
    yield built
    built.mail.mend()


# ---- Mail --------------------------------------------------------------------------------------------------------


def logged(site: Site, event: str) -> list[str]:
    lines = (site.world.site.root / "log" / "service.jsonl").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if f'"{event}"' in line]


def test_a_package_waits_for_a_mail_server_that_is_down_also_through_a_restart(site: Site) -> None:
    site.mail.stop()
    site.world.drop_file("wacht.json", manifest())
    waiting = site.world.slip("wacht.json", "releasing")
    site.world.stop()
    site.world.start()
    during = site.get(f"/v1/packages/{waiting['id']}")
    health = until(lambda: told if (told := site.get("/health/ready"))["notices"] else None)
    (line,) = until(lambda: logged(site, "deliveries-wait"))

    site.mail.start()
    slip = site.world.slip("wacht.json", "done")
    until(lambda: logged(site, "deliveries-wait-no-more"))

    assert ("mail-unreachable", "releasing") == (waiting["code"], during["state"])
    assert (True, [], ["mail-unreachable"]) == (
        health["ready"],
        health["problems"],
        [each["code"] for each in health["notices"]],
    )
    assert health["notices"][0]["where"].startswith("secure-mail 1 20")
    assert health["notices"][0]["where"].endswith(json.loads(line)["event.start"])
    assert [] == logged(site, "log.dropped_keys")
    assert [] == site.get("/health/ready")["notices"]
    assert waiting["id"] == slip["id"]
    assert 1 == len(site.mail.copies_of(site.message_id(slip["id"])))
    assert 1 == len(site.world.slips("wacht.json"))


def without_starttls(mail: FaultyMail) -> None:
    mail.relay.script["STARTTLS"] = []


def with_a_foreign_certificate(mail: FaultyMail) -> None:
    mail.relay.context = mail.foreign


@pytest.mark.parametrize(
    ("fault", "code"),
    [(without_starttls, "mail-without-tls"), (with_a_foreign_certificate, "mail-certificate-invalid")],
)
def test_no_mail_goes_over_a_connection_that_is_not_protected(
    site: Site, fault: Callable[[FaultyMail], None], code: str
) -> None:
    site.mail.stop()
    fault(site.mail)
    site.mail.start()
    seen, in_clear = len(site.mail.relay.messages), len(site.mail.relay.in_clear)
    site.world.drop_file(f"{code}.json", manifest())
    waiting = site.world.slip(f"{code}.json", "releasing")
    said = {line.split()[0] for line in site.mail.relay.in_clear[in_clear:]}
    arrived = len(site.mail.relay.messages)

    site.mail.mend()
    slip = site.world.slip(f"{code}.json", "done")

    assert code == waiting["code"]
    assert seen == arrived
    assert said <= {"EHLO", "STARTTLS", "QUIT"}
    assert 1 == len(site.mail.copies_of(site.message_id(slip["id"])))


def test_a_mail_whose_end_is_not_known_goes_again_under_the_same_message_id(site: Site) -> None:
    site.mail.relay.script["END"] = [Fault.DROP]
    site.world.drop_file("twijfel.json", manifest())

    package = site.world.slip("twijfel.json", "done")["id"]
    events = site.events(package)
    copies = site.mail.copies_of(site.message_id(package))

    assert (2, 1, 1) == tuple(
        events.count(f"package-{name}") for name in ("release-started", "release-uncertain", "released")
    )
    assert 2 == len(copies)
    assert copies[0] == copies[1]


def test_a_mail_in_doubt_waits_for_a_person_when_the_site_says_so_also_through_a_restart(site: Site) -> None:
    with site.changed("mail", whenUncertain="hold"):
        site.mail.relay.script["END"] = [Fault.DROP]
        site.world.drop_file("afwachten.json", manifest())
        slip = site.world.slip("afwachten.json", "releasing")
        site.world.stop()
        site.world.start()
        site.world.drop_file("daarna-zeker.json", manifest())
        site.world.slip("daarna-zeker.json", "done")
        events = site.events(slip["id"])
        state = site.get(f"/v1/packages/{slip['id']}")["recipients"][0]["state"]
    site.world.slip("afwachten.json", "done")

    assert ("mail-outcome-unknown", "uncertain") == (slip["code"], state)
    assert (1, 1, 0) == tuple(
        events.count(f"package-{name}") for name in ("release-started", "release-uncertain", "released")
    )


@pytest.mark.parametrize(("policy", "state", "copies"), [("resend", "done", 2), ("hold", "releasing", 1)])
def test_a_kill_between_the_final_dot_and_its_answer_leaves_a_doubt_that_is_settled_by_policy(
    site: Site, policy: str, state: str, copies: int
) -> None:
    entry = f"gedood-{policy}.json"
    with site.changed("mail", whenUncertain=policy):
        seen = len(site.mail.relay.messages)
        site.mail.relay.script["END"] = [Fault.HANG]
        site.world.drop_file(entry, manifest())
        until(lambda: len(site.mail.relay.messages) > seen)
        site.world.kill()
        site.world.start()
        slip = site.world.slip(entry, state)
        sent = site.mail.copies_of(site.message_id(slip["id"]))
    # Back under the setting that sends again; the doubt ends before another test counts mails.
    site.world.slip(entry, "done")

    assert copies == len(sent)
    assert 1 == len(set(sent))
    assert ("" if state == "done" else "mail-outcome-unknown") == (slip["code"] or "")
    assert 1 == len(site.world.slips(entry))


# ---- Audit log and disk ------------------------------------------------------------------------------------------


def test_no_record_no_release_and_it_resumes_by_itself(site: Site) -> None:
    log = site.world.site.audit_log
    aside = log.with_name("aside")
    before = len(site.mail.relay.messages)
    log.rename(aside)
    log.touch()
    site.world.drop_file("geen-verslag.json", manifest())
    site.world.drop_file("geen-verslag-nidos.json", guardian_manifest())
    until(lambda: "audit-unavailable" in site.problems())
    with site.world.client() as client:
        refused = client.post("/v1/packages", json=manifest())
    files = {path.name for path in (site.world.site.drop / GUARDIAN).iterdir()}
    shown = sluis(site.world.site.root, "status")
    sent = len(site.mail.relay.messages) - before

    log.unlink()
    aside.rename(log)
    slips = [site.world.slip(name, "done") for name in ("geen-verslag.json", "geen-verslag-nidos.json")]

    assert (503, "audit-unavailable") == (refused.status_code, refused.json()["code"])
    assert (1, True) == (shown.returncode, "audit-unavailable" in shown.stdout)
    assert 0 == sent
    assert not any(slip["id"] in name for slip in slips for name in files)
    assert verify_site_log(site.world.site).holds


def test_a_disk_without_room_takes_nothing_and_what_was_dropped_goes_after_the_restart(site: Site) -> None:
    with site.changed(None, minFreeBytes=1 << 60):
        site.world.drop_file("geen-ruimte.json", manifest())
        until(lambda: "disk-full" in site.problems())
        with site.world.client() as client:
            refused = client.post("/v1/packages", json=manifest())
        kept = [path for path in site.world.outbox.rglob("geen-ruimte.json*") if path.suffix != ".txt"]
        contents = {path.read_bytes() for path in kept}
        counts = site.get("/health/ready")["packages"]

    assert (507, "disk-full") == (refused.status_code, refused.json()["code"])
    assert 1 == len(kept)
    assert 1 == len(contents)
    assert 0 == counts["received"]
    assert "done" == site.world.slip("geen-ruimte.json", "done")["state"]


# ---- Keys and agent ----------------------------------------------------------------------------------------------


def remove_key(site: Site) -> None:
    run(site.world.site.gnupg, "--delete-keys", site.fingerprint())


def revoke_key(site: Site) -> None:
    fingerprint = site.fingerprint()
    certificate = (site.world.home(MUNICIPALITY) / "openpgp-revocs.d" / f"{fingerprint}.rev").read_bytes()
    run(site.world.site.gnupg, "--import", stdin=certificate.replace(b":-----BEGIN", b"-----BEGIN"))


def expire_key(site: Site) -> None:
    home, fingerprint = site.world.home(MUNICIPALITY), site.fingerprint()
    run(home, "--quick-set-expire", fingerprint, "seconds=1")
    expired = run(home, "--armor", "--export", fingerprint)
    run(site.world.site.gnupg, "--import", stdin=expired)
    time.sleep(2)


@pytest.mark.parametrize(
    ("fault", "code"),
    [(remove_key, "key-missing"), (revoke_key, "key-revoked"), (expire_key, "key-expired")],
)
def test_a_package_is_held_when_its_recipient_has_no_usable_key(
    site: Site, fault: Callable[[Site], None], code: str
) -> None:
    pinned = (site.world.site.keys / f"{site.fingerprint()}.asc").read_bytes()
    before = len(site.mail.relay.messages)
    fault(site)
    site.world.drop_file(f"{code}.json", manifest())
    slip = site.world.slip(f"{code}.json", "held")
    if code != "key-missing":
        remove_key(site)
    run(site.world.site.gnupg, "--import", stdin=pinned)
    site.world.drop_file(f"na-{code}.json", manifest())

    assert code == slip["code"]
    assert "done" == site.world.slip(f"na-{code}.json", "done", "held")["state"]
    assert before + 1 == len(site.mail.relay.messages)


def test_the_next_package_goes_when_gpg_agent_was_killed(site: Site) -> None:
    site.world.drop_file("voor-de-agent.json", manifest())
    site.world.slip("voor-de-agent.json", "done")
    agent = site.agent()
    os.kill(agent, signal.SIGKILL)
    site.world.drop_file("na-de-agent.json", manifest())

    assert "done" == site.world.slip("na-de-agent.json", "done", "held")["state"]
    assert agent != site.agent()


@pytest.mark.parametrize("ending", [signal.SIGCONT, signal.SIGKILL], ids=lambda each: each.name)
def test_a_package_waits_for_a_gpg_agent_that_hangs(site: Site, ending: signal.Signals) -> None:
    entry = f"hangt-{ending.name}.json"
    before = len(site.mail.relay.messages)
    agent = site.agent()
    with contextlib.suppress(ProcessLookupError), hung(agent):
        site.world.drop_file(entry, manifest())
        package = site.received("seal-timeout")
        sent = len(site.mail.relay.messages) - before
        os.kill(agent, ending)

    slip = site.world.slip(entry, "done", "held")
    assert ("done", package, 0) == (slip["state"], slip["id"], sent)


# ---- People and bodies -------------------------------------------------------------------------------------------


def test_a_package_of_somebody_unknown_is_given_back_and_the_api_does_not_know_them_either(site: Site) -> None:
    people = site.world.site.people
    known = people.read_text(encoding="utf-8")
    people.write_text(known.replace(f"uid: {os.getuid()}", f"uid: {os.getuid() + 1}"), encoding="utf-8")
    with site.changed("outbox", scanSeconds=0.2):
        site.world.drop_file("van-wie.json", manifest())
        slip = site.world.slip("van-wie.json")
        with site.world.client() as client:
            answer = client.post("/v1/packages", json=manifest())
        people.write_text(known, encoding="utf-8")

    assert ("rejected", "submitter-unknown", "3-Actie nodig") == (slip["state"], slip["code"], slip["folder"])
    until((site.world.outbox / "3-Actie nodig" / "van-wie.json").exists)
    assert 401 == answer.status_code


def waiting_for_a_document(site: Site) -> str:
    document = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
    with site.world.client() as client:
        made = client.post("/v1/packages", json=manifest(id=str(uuid.uuid4()), documents=[document]))
    assert 201 == made.status_code
    return str(made.json()["id"])


def put_by_hand(site: Site, package: str, *, length: int | None, chunk: bytes = b"") -> tuple[bytes, int]:
    """Send a document over the bare socket until an answer comes; give its head and how many bytes were sent."""
    sizing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    head = (
        f"PUT /v1/packages/{package}/documents/1 HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/octet-stream\r\n{sizing}\r\n\r\n"
    )
    sent = 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(30)
        peer.connect(str(site.world.site.socket))
        peer.sendall(head.encode())
        with contextlib.suppress(ConnectionError):
            while chunk and sent < 3 * GIBIBYTE:
                peer.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                sent += len(chunk)
        return peer.recv(65_536), sent


def payload_files(world: World) -> list[Path]:
    return [path for path in (world.site.spool / "payloads").rglob("*") if path.is_file()]


def test_a_body_of_3_gib_is_refused_before_it_is_sent(site: Site) -> None:
    package = waiting_for_a_document(site)
    answer, _ = put_by_hand(site, package, length=3 * GIBIBYTE)

    assert b"413" == answer.split()[1]
    assert "incomplete" == site.get(f"/v1/packages/{package}")["state"]
    assert not payload_files(site.world)


def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_large(site: Site) -> None:
    with site.changed("limits", packageBytes=1_000_000):
        package = waiting_for_a_document(site)
        answer, sent = put_by_hand(site, package, length=None, chunk=bytes(65_536))
        state = site.get(f"/v1/packages/{package}")["state"]
        files = until(lambda: not payload_files(site.world))

    assert b"413" == answer.split()[1]
    assert sent < 64_000_000
    assert ("incomplete", True) == (state, files)


# ---- An orderly end ----------------------------------------------------------------------------------------------


def test_an_orderly_end_in_the_middle_of_the_work_loses_nothing(site: Site) -> None:
    makers = [manifest, guardian_manifest]
    names = [f"einde-{number:02}.json" for number in range(40)]
    for number, name in enumerate(names):
        site.world.drop_file(name, makers[number % 2]())
    until(lambda: any(site.world.slips(name) for name in names))
    site.world.stop()
    open_ones = [name for name in names if not site.world.slips(name)]
    site.world.start()
    slips = {name: site.world.slip(name, "done", "held", "rejected") for name in names}
    ids = [slip["id"] for slip in slips.values()]
    drops = {path.name.split(".")[0] for path in (site.world.site.drop / GUARDIAN).glob("*.tar.pgp")}

    assert open_ones
    assert {"done"} == {slip["state"] for slip in slips.values()}
    assert set(ids[1::2]) <= drops
    assert all(site.mail.copies_of(site.message_id(package)) for package in ids[::2])
    assert verify_site_log(site.world.site).holds
