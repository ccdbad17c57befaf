"""A package travels the whole way: from both doors, over mail and drop, and is opened by programs that are not ours."""

import hashlib
import json
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from gateway.audit.reading import read_events
from gateway.entrypoints.demo.opening import open_drop, open_mail
from gateway.entrypoints.demo.stage import drop_into
from gateway.package.ids import PackageId
from tests.scenarios.world import GUARDIAN, MUNICIPALITY, World, guardian_manifest, manifest, until

LETTER = "Geachte heer, hierbij de gegevens. Met groet."


def mail_of(world: World, package: str) -> bytes:
    """Wait for the mail that belongs to a package; its Message-ID begins with nothing personal."""

    def look() -> bytes | None:
        event = released(world, package)
        found = [mail.content for mail in world.mail.messages() if event and event.encode() in mail.content]
        return found[0] if found else None

    content: bytes = until(look)
    return content


def released(world: World, package: str) -> str | None:
    events = read_events(world.site.audit_log, package=PackageId(package))
    return next((event["email.message_id"] for event in events if "email.message_id" in event), None)


def test_a_folder_with_a_letter_arrives_by_mail_without_what_is_not_permitted(world: World) -> None:
    document = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
    world.drop("met-brief", {"package.yaml": manifest(documents=[document]), "brief.txt": LETTER})

    slip = world.slip("met-brief", "done")
    opened = open_mail(mail_of(world, slip["id"]), home=world.home(MUNICIPALITY))

    assert "5-Verzonden" == slip["folder"]
    assert {"name": "Amina Yusuf", "town": "Voorbeeldstad"} == json.loads(opened.parts["data.json"])
    assert LETTER.encode() in b"".join(opened.parts.values())
    assert opened.good_signature
    assert b"Brussel" not in b"".join(opened.parts.values())
    assert "departureStrategy" in {field["path"] for field in slip["fields"] if field["verdict"] != "release"}


def test_a_single_manifest_arrives_on_the_drop_with_a_signed_manifest_beside_it(world: World) -> None:
    world.drop_file("kind.yaml", guardian_manifest())

    slip = world.slip("kind.yaml", "done")
    (file,) = (world.site.drop / GUARDIAN).glob(f"{slip['id']}.*.tar.pgp")
    opened = open_drop(file, home=world.home(GUARDIAN))

    assert opened.good_signature
    assert {"name": "Samuel Tesfay"} == json.loads(opened.parts["data.json"])


def test_a_marker_put_into_a_package_that_lies_there_already_sends_it_long_before_it_has_settled(
    quiet_world: World,
) -> None:
    quiet_world.set("outbox", settleSeconds=3600, scanSeconds=3600)
    entry = quiet_world.incoming / "met-merk"
    entry.mkdir()
    (entry / "package.json").write_text(json.dumps(manifest()), encoding="utf-8")
    quiet_world.start()
    # It is seen once without its marker: nothing but the marker can send it then.
    quiet_world.drop_file("later.yaml", guardian_manifest())
    (quiet_world.incoming / "later.yaml.klaar").touch()
    quiet_world.slip("later.yaml")
    (entry / "verzenden.klaar").touch()

    slip = quiet_world.slip("met-merk", "done")
    quiet_world.stop()

    assert "5-Verzonden" == slip["folder"]


def test_plain_gpg_in_another_home_and_notmuch_both_read_the_mail(world: World, tmp_path: Path) -> None:
    document = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
    world.drop("voor-notmuch", {"package.yaml": manifest(documents=[document]), "brief.txt": LETTER})
    message = mail_of(world, world.slip("voor-notmuch", "done")["id"])

    parts = shown_by_notmuch(message, home=world.home(MUNICIPALITY), folder=tmp_path)

    assert "good" == parts["encryption"]
    assert "good" == parts["signature"]
    assert "[...]" != parts["subject"]
    assert {"data.json", "01-letter.txt"} <= set(parts["names"])


def shown_by_notmuch(message: bytes, *, home: Path, folder: Path) -> dict[str, Any]:
    maildir = folder / "mail"
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    (maildir / "cur" / "1:2,").write_bytes(message)
    config = folder / "notmuch-config"
    config.write_text(f"[database]\npath={maildir}\n[user]\nname=x\nprimary_email=x@x.example\n", encoding="utf-8")
    env = {"PATH": "/usr/bin:/bin", "NOTMUCH_CONFIG": str(config), "GNUPGHOME": str(home), "HOME": str(folder)}
    subprocess.run(["notmuch", "new"], env=env, check=True, capture_output=True)
    command = ["notmuch", "show", "--decrypt=true", "--format=json", "--entire-thread=false", "*"]
    shown = json.loads(subprocess.run(command, env=env, check=True, capture_output=True).stdout)
    envelope = shown[0][0][0]
    body = envelope["body"][0]
    names: list[str] = []
    pending = [body]
    while pending:
        part = pending.pop()
        names += [part["filename"]] if "filename" in part else []
        if isinstance(part.get("content"), list):
            pending += part["content"]
    return {
        "encryption": body["encstatus"][0]["status"],
        "signature": body["sigstatus"][0]["status"],
        "subject": envelope["headers"]["Subject"],
        "names": names,
    }


def test_two_recipients_get_all_or_none(world: World) -> None:
    both = guardian_manifest(recipients=[GUARDIAN, "ind-voorbeeld"])
    world.drop_file("allebei.json", both)

    slip = world.slip("allebei.json", "held", "refused")

    assert not list((world.site.drop / GUARDIAN).glob(f"{slip['id']}*"))


def test_a_submission_by_the_api_is_previewed_completed_and_sent(world: World) -> None:
    document = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
    body = manifest(documents=[document])
    with world.client() as client:
        preview = client.post("/v1/previews", json=body)
        made = client.post("/v1/packages", json=body)
        package = made.json()["id"]
        put = client.put(
            f"/v1/packages/{package}/documents/1",
            content=LETTER.encode(),
            headers={"Content-Type": "application/octet-stream"},
        )
        until(lambda: client.get(f"/v1/packages/{package}").json()["state"] == "done")
        slip = client.get(f"/v1/packages/{package}/slip").json()

    with world.client() as client:
        octets = {"Content-Type": "application/octet-stream"}
        again, other = (
            client.put(f"/v1/packages/{package}/documents/1", content=content, headers=octets)
            for content in (LETTER.encode(), b"iets anders")
        )

    assert (200, 409, "document-not-expected") == (again.status_code, other.status_code, other.json()["code"])
    assert (200, 201, 200) == (preview.status_code, made.status_code, put.status_code)
    assert "done" == slip["state"]
    assert mail_of(world, package)


def test_documents_of_any_size_arrive_whole_by_the_api(world: World) -> None:
    """Short ones are encrypted at once, longer ones in a thread, the longest into a file; the borders between them."""
    border, piece = 128 * 1024, 256 * 1024
    sizes = (0, 1, border - 1, border, border + 1, piece - 1, piece, piece + 1, 3 * piece)
    contents = [os.urandom(size) for size in sizes]
    declared = [
        {"file": f"{number}.txt", "kind": "letter", "sha256": hashlib.sha256(content).hexdigest()}
        for number, content in enumerate(contents, 1)
    ]
    with world.client() as client:
        package = client.post("/v1/packages", json=manifest(documents=declared)).json()["id"]
        octets = {"Content-Type": "application/octet-stream"}
        path = f"/v1/packages/{package}/documents"
        answers = [
            client.put(f"{path}/{number}", content=content, headers=octets)
            for number, content in enumerate(contents, 1)
        ]
        other = client.put(f"{path}/1", content=b"x", headers=octets)

    assert [200] * len(sizes) == [each.status_code for each in answers]
    assert "incomplete" != answers[-1].json()["state"]
    assert "document-digest-mismatch" == other.json()["code"]


def test_a_preview_never_clears_a_document_that_did_not_come_along(world: World) -> None:
    declared = [{"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}]
    with world.client() as client:
        found = client.post("/v1/previews", json=manifest(documents=declared)).json()
        alone = client.post("/v1/previews", json=manifest(data=None, documents=declared)).json()

    shown = [(each["number"], each["verdict"], each["ruleId"]) for each in found["recipients"][0]["documents"]]
    assert ("held", "held") == (found["outcome"], alone["outcome"])
    assert [(1, "hold", "document-missing")] == shown
    assert ["document-missing"] == [each["ruleId"] for each in alone["recipients"][0]["reasons"]]


def test_a_preview_without_its_data_file_names_the_file_instead_of_deciding_on_nothing(world: World) -> None:
    with world.client() as client:
        answer = client.post("/v1/previews", json=manifest(data=None, dataFile="gegevens.json"))

    assert (400, "document-missing") == (answer.status_code, answer.json()["code"])
    assert ["dataFile"] == [each["where"] for each in answer.json()["errors"]]


def test_the_same_id_and_content_is_one_package_and_other_content_a_conflict(world: World) -> None:
    body = manifest(id="0190a000-0000-4000-8000-0000000000aa")
    with world.client() as client:
        answers = [client.post("/v1/packages", json=body).status_code for _ in range(2)]
        other = client.post("/v1/packages", json={**body, "necessity": "iets anders"})

    assert [201, 200] == answers
    assert (409, "id-conflict") == (other.status_code, other.json()["code"])


def test_a_package_that_is_dropped_again_under_its_id_goes_back_with_a_slip_and_is_not_taken_away_without_a_word(
    world: World,
) -> None:
    body = manifest(id="0190a000-0000-4000-8000-0000000000ab", data={"name": "Amina Yusuf", "town": "Tweemaal"})
    world.drop_file("eerst.json", body)
    first = world.slip("eerst.json", "done")
    mails = len(world.mail.messages())
    world.drop_file("nog-eens.json", body)
    again = world.slip("nog-eens.json")

    assert ("rejected", "id-conflict", "3-Actie nodig") == (again["state"], again["code"], again["folder"])
    assert first["id"] != again["id"]
    until((world.outbox / "3-Actie nodig" / "nog-eens.json").is_file)
    assert mails == len(world.mail.messages())


def test_a_lawyer_on_the_register_and_an_ngo_with_a_filed_authorisation_get_their_package(world: World) -> None:
    folder = world.site.sample / "packages" / "outbox"
    for name in ("vluchtelingenhulp-machtiging.zip", "advocaat-beroep.yaml"):
        drop_into(world.outbox, folder / name)

    slips = [world.slip(name) for name in ("vluchtelingenhulp-machtiging.zip", "advocaat-beroep.yaml")]

    assert [("done", ""), ("done", "")] == [(slip["state"], slip["code"]) for slip in slips]


def test_an_authorisation_that_was_withdrawn_or_not_filed_lets_nothing_through(world: World) -> None:
    withdrawals = world.site.root / "registers" / "withdrawals.csv"
    known = withdrawals.read_text(encoding="utf-8")
    package = world.site.sample / "packages" / "outbox" / "vluchtelingenhulp-machtiging.zip"
    with zipfile.ZipFile(package) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    withdrawals.write_text(f"{known}IS-TV/2026/118,2026-11-01\n", encoding="utf-8")
    world.drop("ingetrokken", files)
    refused = world.slip("ingetrokken")
    withdrawals.write_text(known, encoding="utf-8")
    world.drop("niet-opgeslagen", {**files, "machtiging.pdf": files["machtiging.pdf"] + b"\n%%EOF\n"})
    held = world.slip("niet-opgeslagen")

    assert ("refused", "consent.withdrawn") == (refused["state"], refused["code"])
    assert ("held", "consent.not-filed") == (held["state"], held["code"])


def test_what_needs_consent_or_the_chain_facility_is_held_and_nothing_leaves(world: World) -> None:
    held = {
        "ngo": manifest(recipients=["vluchtelingenhulp-voorbeeld"], purpose="legal-support"),
        "keten": manifest(recipients=["ind-voorbeeld"], purpose="return"),
    }
    for name, body in held.items():
        world.drop_file(f"{name}.json", body)

    slips = {name: world.slip(f"{name}.json", "held", "done", "refused") for name in held}

    assert {"held"} == {slip["state"] for slip in slips.values()}
    assert {"3-Actie nodig"} == {slip["folder"] for slip in slips.values()}
    events = [event for slip in slips.values() for event in read_events(world.site.audit_log, package=slip["id"])]
    assert "package-held" in {event["event.action"] for event in events}
    assert "package-release-started" not in {event["event.action"] for event in events}


def test_an_adult_is_refused_for_nidos_and_housing_for_a_municipality(world: World) -> None:
    world.drop_file("oud.json", guardian_manifest(subject={"name": "Samuel Tesfay", "dateOfBirth": "1990-01-01"}))
    world.drop_file("wonen.json", manifest(purpose="housing"))

    slips = [world.slip(name, "refused", "held", "done") for name in ("oud.json", "wonen.json")]

    assert ["refused", "refused"] == [slip["state"] for slip in slips]
    assert {"4-Geweigerd"} == {slip["folder"] for slip in slips}
