"""An authorisation that was signed digitally: what holds goes and is recorded as such, what does not hold waits."""

import hashlib
import json
from typing import Any

from tests.scenarios.world import World, manifest
from tests.signing import SIGNER, other_text, person, plain_pdf, signed, state, trust_folder, updated

NGO = "vluchtelingenhulp-voorbeeld"


def _package(world: World, paper: bytes) -> dict[str, Any]:
    """Make a package with this authorisation, and file it in the case system."""
    case = world.site.root / "registers" / "cases" / "IS-TV" / "2026" / "118"
    (case / f"{hashlib.sha256(paper).hexdigest()}.pdf").write_bytes(paper)
    said = manifest(
        recipients=[NGO],
        purpose="legal-support",
        subject={"name": SIGNER, "dateOfBirth": "1990-05-01"},
        data={"name": SIGNER},
        consent={
            "document": "machtiging.pdf",
            "signedOn": "2026-11-01",
            "signedBy": SIGNER,
            "signerRole": "subject",
            "recipient": "Stichting Vluchtelingenhulp Voorbeeld",
            "caseReference": "IS-TV/2026/118",
        },
    )
    return {"package.json": said, "machtiging.pdf": paper}


def _proofs(world: World, package: str) -> list[str | None]:
    lines = [
        json.loads(line) for path in sorted(world.site.audit_log.iterdir()) for line in path.read_bytes().splitlines()
    ]
    return [
        each.get("gateway.proof")
        for each in lines
        if each.get("gateway.package.id") == package and each["event.action"] == "package-policy-evaluated"
    ]


def test_the_log_tells_a_signature_from_a_scan_and_what_was_changed_after_signing_waits(quiet_world: World) -> None:
    world = quiet_world
    trust_folder(world.site.root / "registers" / "trust", state())
    world.set("registers", signatureTrust="registers/trust")
    world.start()
    papers = {"scan": plain_pdf(), "getekend": signed(plain_pdf(), person())}
    papers["veranderd"] = updated(papers["getekend"], other_text)
    for name, paper in papers.items():
        world.drop(name, _package(world, paper))
    slips = {name: world.slip(name) for name in papers}
    world.stop()

    assert {
        "scan": ("done", "", ["statement"]),
        "getekend": ("done", "", ["signature"]),
        "veranderd": ("held", "consent.signature-broken", [None]),
    } == {name: (slip["state"], slip["code"], _proofs(world, slip["id"])) for name, slip in slips.items()}


def test_without_trust_anchors_a_signed_paper_waits_and_a_scan_goes(quiet_world: World) -> None:
    world = quiet_world
    world.start()
    world.drop("scan", _package(world, plain_pdf()))
    world.drop("getekend", _package(world, signed(plain_pdf(), person())))
    scan, held = world.slip("scan"), world.slip("getekend")
    world.stop()

    assert ("done", "") == (scan["state"], scan["code"])
    assert ("held", "consent.signature-untrusted") == (held["state"], held["code"])


def test_a_preview_verifies_the_signature_too(quiet_world: World) -> None:
    world = quiet_world
    world.start()
    files = _package(world, signed(plain_pdf(), person()))
    with world.client() as client:
        answer = client.post(
            "/v1/previews",
            files={
                "manifest": ("package.json", json.dumps(files["package.json"]), "application/json"),
                "1": ("machtiging.pdf", files["machtiging.pdf"], "application/pdf"),
            },
        )
    world.stop()

    assert 200 == answer.status_code
    assert "consent.signature-untrusted" in answer.text
