"""A digital signature proves something only when it holds, covers what a person reads, and somebody vouches for it."""

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.sign.fields import SigSeedSubFilter

from gateway.evidence.signed_pdf import PdfSignatures
from gateway.package.errors import Code, SluisError
from gateway.package.facts import PaperSignature
from tests.preloaded import preloaded
from tests.signing import (
    NOW,
    PERSON,
    SIGNER,
    Party,
    certify,
    filled_in,
    issuer,
    note_over_it,
    other_text,
    person,
    plain_pdf,
    revocations,
    root,
    signed,
    state,
    trust_folder,
    updated,
    with_empty_field,
    with_revocations,
    without_signatures,
)

ORGANISATION = {
    NameOID.ORGANIZATION_NAME: "Ondertekendienst BV",
    NameOID.ORGANIZATION_IDENTIFIER: "NTRNL-12345678",
    NameOID.COMMON_NAME: "Ondertekendienst",
}
DAY = dt.timedelta(days=1)
LIST = revocations(by=issuer())
PEM_OF_NOTHING = b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    return trust_folder(tmp_path / "trust", state())


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork each verifying process from one that has loaded the parser; what it is given and does is the same."""

    def run(
        command: Sequence[str], *, stdout: int, stderr: int, check: bool, **more: Any
    ) -> subprocess.CompletedProcess[bytes]:
        return preloaded(command[-1]).run(**more)

    monkeypatch.setattr("gateway.evidence.signed_pdf.subprocess.run", run)


@pytest.fixture
def verify(trust: Path, loaded: None) -> Callable[..., PaperSignature]:
    def verified(paper: bytes, signed_by: str = SIGNER, at: dt.datetime = NOW) -> PaperSignature:
        return PdfSignatures(trust).verify(paper, signed_by=signed_by, at=at)

    return verified


Verify = Callable[..., PaperSignature]


# ---- Whose it is -------------------------------------------------------------------------------------------------


def test_a_signature_under_a_trusted_anchor_in_the_signers_name_is_valid(trust: Path) -> None:
    verifier, paper = PdfSignatures(trust), signed(plain_pdf(), person())

    assert PaperSignature.VALID is verifier.verify(paper, signed_by=SIGNER, at=NOW)
    assert PaperSignature.VALID is verifier.verify(paper, signed_by="BERG, Jose van den", at=NOW)


def test_an_rsa_signature_after_pades_is_valid_too(verify: Verify) -> None:
    party = certify(PERSON, by=issuer(), key=rsa.generate_private_key(65537, 2048))

    assert PaperSignature.VALID is verify(signed(plain_pdf(), party, subfilter=SigSeedSubFilter.PADES))


def test_an_issuer_may_be_the_anchor_itself(tmp_path: Path, loaded: None) -> None:
    verifier = PdfSignatures(trust_folder(tmp_path / "trust", issuer()))

    assert PaperSignature.VALID is verifier.verify(signed(plain_pdf(), person()), signed_by=SIGNER, at=NOW)


def test_a_signature_in_another_name_is_told_apart(verify: Verify) -> None:
    assert PaperSignature.OTHER_NAME is verify(signed(plain_pdf(), person()), "Fatima Yusuf")


def test_an_organisations_seal_proves_no_persons_signature(verify: Verify) -> None:
    paper = signed(plain_pdf(), certify(ORGANISATION, by=issuer()))

    assert PaperSignature.SEAL is verify(paper)
    assert PaperSignature.SEAL is verify(signed(plain_pdf(), person()), "")


def test_the_type_for_electronic_seals_makes_a_seal_too(verify: Verify) -> None:
    names = {NameOID.ORGANIZATION_NAME: "Ondertekendienst BV", NameOID.COMMON_NAME: "Ondertekendienst"}

    assert PaperSignature.SEAL is verify(signed(plain_pdf(), certify(names, by=issuer(), seals=True)))


def test_employee_of_a_company_is_no_seal_but_a_person_with_another_name(verify: Verify) -> None:
    names = {NameOID.ORGANIZATION_NAME: "Acme BV", NameOID.COMMON_NAME: "Mallory Mol"}
    paper = signed(plain_pdf(), certify(names, by=issuer()))

    assert PaperSignature.OTHER_NAME is verify(paper)
    assert PaperSignature.VALID is verify(paper, "Mallory Mol")


def test_among_two_signatures_one_has_to_be_the_signers(verify: Verify) -> None:
    seal = certify(ORGANISATION, by=issuer())
    paper = signed(signed(plain_pdf(), person(), field="Een"), seal, field="Twee")

    assert PaperSignature.VALID is verify(paper)
    assert PaperSignature.OTHER_NAME is verify(paper, "Fatima Yusuf")


# ---- Who vouches for it ------------------------------------------------------------------------------------------


def _stranger() -> Party:
    return certify(PERSON, by=root())


@pytest.mark.parametrize(
    "party",
    [
        _stranger,
        lambda: certify(PERSON),
        lambda: certify(PERSON, by=issuer(), ends=NOW - DAY),
        lambda: certify(PERSON, by=issuer(), begins=NOW + DAY),
        lambda: certify(PERSON, by=issuer(), signs=False),
        lambda: certify(PERSON, by=certify(PERSON, by=issuer())),
    ],
    ids=["other root", "self-signed", "expired", "not yet", "not meant for signing", "certified by a person"],
)
def test_a_signature_that_nobody_vouches_for_is_not_trusted(verify: Verify, party: Callable[[], Party]) -> None:
    assert PaperSignature.UNTRUSTED is verify(signed(plain_pdf(), party()))


def test_a_trusted_signature_does_not_vouch_for_one_beside_it(verify: Verify) -> None:
    paper = signed(signed(plain_pdf(), _stranger(), field="Een"), person(), field="Twee")

    assert PaperSignature.UNTRUSTED is verify(paper)


def test_without_anchors_nobody_vouches_for_anybody(tmp_path: Path, loaded: None) -> None:
    for folder in (tmp_path / "gone", trust_folder(tmp_path / "empty")):
        verifier = PdfSignatures(folder)
        assert PaperSignature.UNTRUSTED is verifier.verify(signed(plain_pdf(), person()), signed_by=SIGNER, at=NOW)
        with pytest.raises(SluisError) as caught:
            verifier.check()
        assert caught.value.code is Code.SETTING_INVALID


def test_a_file_among_the_anchors_that_is_no_certificate_vouches_for_nobody(trust: Path, loaded: None) -> None:
    (trust / "0.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", encoding="utf-8")
    (trust / "1.pem").write_bytes(b"\xff\xfe")

    assert PaperSignature.UNTRUSTED is PdfSignatures(trust).verify(
        signed(plain_pdf(), person()), signed_by=SIGNER, at=NOW
    )


def test_a_revoked_certificate_is_not_trusted_from_the_moment_that_the_list_lies_there(
    verify: Verify, trust: Path
) -> None:
    paper = signed(plain_pdf(), person())
    before = verify(paper)
    (trust / "uitgever.crl").write_bytes(revocations(person(), by=issuer()))

    assert (PaperSignature.VALID, PaperSignature.UNTRUSTED) == (before, verify(paper))


def test_a_certificate_that_a_list_in_the_paper_revokes_is_not_trusted(verify: Verify) -> None:
    paper = signed(plain_pdf(), person())
    other = certify(PERSON, by=issuer())

    assert PaperSignature.VALID is verify(with_revocations(paper, revocations(other, by=issuer())))
    assert PaperSignature.UNTRUSTED is verify(with_revocations(paper, revocations(person(), by=issuer())))


def _of_seventeen_mebibytes(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n" * 17 * 1024 * 1024)


def _behind_a_large_one(path: Path) -> None:
    path.with_name("a.crl").write_bytes(b"0" * (16 * 1024 * 1024 - 200))


def _leading_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("/nowhere/list.crl")


def _with_another_ending(path: Path) -> None:
    path.rename(path.with_suffix(".CRL"))


@pytest.mark.parametrize("hide", [_of_seventeen_mebibytes, _behind_a_large_one, _leading_nowhere, _with_another_ending])
def test_hidden_revocation_a_list_that_is_not_read_leaves_nobody_trusted(
    verify: Verify, trust: Path, hide: Callable[[Path], None]
) -> None:
    (trust / "z.crl").write_bytes(revocations(person(), by=issuer()))
    hide(trust / "z.crl")
    assert PaperSignature.UNTRUSTED is verify(signed(plain_pdf(), person()))


@pytest.mark.parametrize("hide", [_of_seventeen_mebibytes, _leading_nowhere])
def test_the_check_names_a_revocation_list_that_is_not_read(trust: Path, hide: Callable[[Path], None]) -> None:
    (trust / "z.crl").write_bytes(revocations(person(), by=issuer()))
    PdfSignatures(trust).check()
    hide(trust / "z.crl")
    with pytest.raises(SluisError) as raised:
        PdfSignatures(trust).check()
    assert ["z.crl"] == [name for name, _ in raised.value.faults]


@pytest.mark.parametrize("content", [b"", b"gone", PEM_OF_NOTHING, LIST[:-1]], ids=["empty", "text", "pem", "cut off"])
def test_a_corrupt_revocation_list_makes_a_good_signature_untrusted_and_not_broken(
    verify: Verify, trust: Path, content: bytes
) -> None:
    (trust / "uitgever.crl").write_bytes(content)

    assert PaperSignature.UNTRUSTED is verify(signed(plain_pdf(), person()))
    with pytest.raises(SluisError) as raised:
        PdfSignatures(trust).check()
    assert ["uitgever.crl"] == [name for name, _ in raised.value.faults]


def test_every_list_of_a_file_in_pem_counts(verify: Verify, trust: Path) -> None:
    lists = (revocations(by=issuer()), revocations(person(), by=issuer()))
    (trust / "uitgever.crl").write_bytes(b"".join(pem.armor("X509 CRL", each) for each in lists))

    PdfSignatures(trust).check()
    assert PaperSignature.UNTRUSTED is verify(signed(plain_pdf(), person()))


def test_what_was_signed_with_a_certificate_that_has_expired_since_needs_a_trusted_time_stamp(
    verify: Verify, trust: Path
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    clock = certify({NameOID.COMMON_NAME: "Klok"}, by=issuer(), stamps=True, key=key)
    strange_clock = certify({NameOID.COMMON_NAME: "Klok"}, by=root(), stamps=True, key=key)
    short = certify(PERSON, by=issuer(), begins=NOW - 30 * DAY, ends=NOW - 29 * DAY)
    then = NOW - 30 * DAY + dt.timedelta(hours=1)

    assert PaperSignature.VALID is verify(signed(plain_pdf(), short, stamp=(clock, then)))
    assert PaperSignature.UNTRUSTED is verify(signed(plain_pdf(), short, stamp=(clock, NOW - DAY)))
    assert PaperSignature.UNTRUSTED is verify(signed(plain_pdf(), short, stamp=(strange_clock, then)))
    (trust / "uitgever.crl").write_bytes(revocations(short, by=issuer()))
    assert PaperSignature.UNTRUSTED is verify(signed(plain_pdf(), short, stamp=(clock, then)))


# ---- Attacks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attack", [other_text, filled_in, note_over_it, without_signatures])
def test_shadow_attack_what_comes_after_the_signature_breaks_it(verify: Verify, attack: Callable[..., object]) -> None:
    assert PaperSignature.BROKEN is verify(updated(signed(plain_pdf(), person()), attack))


def test_a_second_signature_does_not_launder_a_change_after_the_first(verify: Verify) -> None:
    first = signed(plain_pdf(), person(), field="Een")
    second = certify(ORGANISATION, by=issuer())

    assert PaperSignature.BROKEN is verify(signed(updated(first, filled_in), second, field="Twee"))
    assert PaperSignature.BROKEN is verify(signed(updated(first, other_text), second, field="Twee"))


def test_a_changed_letter_breaks_the_signature(verify: Verify) -> None:
    paper = signed(plain_pdf(), person())

    assert PaperSignature.BROKEN is verify(paper.replace(b"Ik machtig", b"Ik negeer "))


def test_signature_wrapping_a_signature_over_part_of_the_file_is_broken(verify: Verify) -> None:
    paper = signed(plain_pdf(), person())
    begin, gap, second, length = map(int, _byte_range(paper))
    shorter = b"/ByteRange [%d %d %d %d]" % (begin, gap, second, length - 40)

    assert PaperSignature.BROKEN is verify(_with_byte_range(paper, shorter))


def test_universal_signature_forgery_a_signature_without_its_bytes_is_broken(verify: Verify) -> None:
    paper = signed(plain_pdf(), person())

    assert PaperSignature.BROKEN is verify(_with_byte_range(paper, b"/ByteRange [0 0 0 0]"))
    assert PaperSignature.BROKEN is verify(paper.replace(b"/Contents <30", b"/Contents <00"))
    assert PaperSignature.BROKEN is verify(paper.replace(b"/Contents <", b"/Contentz <"))


def test_bytes_put_before_the_paper_break_the_signature(verify: Verify) -> None:
    assert PaperSignature.BROKEN is verify(
        b"%PDF-1.7\n" + plain_pdf("Ik machtig iedereen") + signed(plain_pdf(), person())
    )


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_paper_is_broken(verify: Verify, share: float) -> None:
    paper = signed(plain_pdf(), person())

    assert PaperSignature.BROKEN is verify(paper[: int(len(paper) * share)] + b"\n%%EOF\n")


@pytest.mark.parametrize(
    "paper",
    [
        b"",
        b"%PDF-1.7 /ByteRange %%EOF",
        b"%PDF-1.7\n/ByteRange\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\n/ByteRange\n1 0 obj" + b"[" * 100_000 + b"\nstartxref\n20\n%%EOF",
        b"%PDF-1.7\nxref\n0 1\ntrailer<</Size 1/Prev 9/Root 1 0 R>>/ByteRange\nstartxref\n9\n%%EOF",
    ],
    ids=["nothing", "no structure", "no table", "deep", "tables in a ring"],
)
def test_a_hostile_paper_is_broken_and_the_parser_ends(verify: Verify, paper: bytes) -> None:
    assert PaperSignature.BROKEN is verify(paper)


def test_a_field_for_a_signature_without_one_is_no_signature(verify: Verify) -> None:
    paper = with_empty_field(plain_pdf())

    assert b"/ByteRange" not in paper
    assert PaperSignature.BROKEN is verify(paper)


def test_a_large_paper_is_verified_within_the_bounds(trust: Path) -> None:
    paper = signed(plain_pdf(filler=20 * 1024 * 1024), person())

    assert PaperSignature.VALID is PdfSignatures(trust).verify(paper, signed_by=SIGNER, at=NOW)


def test_a_verifier_that_can_not_start_is_our_fault_and_tried_again(
    trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.evidence.signed_pdf._COMMAND", (sys.executable, "-c", "import of_nothing"))

    with pytest.raises(SluisError) as caught:
        PdfSignatures(trust).verify(signed(plain_pdf(), person()), signed_by=SIGNER, at=NOW)

    assert caught.value.code is Code.WORKER_LOST


ATTEMPTS = (
    "socket.create_connection(('127.0.0.1', 9))",
    "socket.getaddrinfo('crl.example', 80)",
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "subprocess.run(['true'])",
    "os.system('true')",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.remove('/nowhere')",
    "open('kept', 'wb', buffering=0).write(b'x')",
)


def test_the_process_that_reads_a_paper_reaches_nobody_and_leaves_nothing(tmp_path: Path) -> None:
    program = f"""
import os, socket, subprocess, warnings
from gateway.evidence import signed_pdf_process
warnings.simplefilter("ignore")
signed_pdf_process._bind()
for attempt in {ATTEMPTS}:
    try:
        exec(attempt)
        print("done")
    except OSError as error:
        print("refused" if isinstance(error, PermissionError) else error.strerror)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=tmp_path)

    assert [*["refused"] * (len(ATTEMPTS) - 1), "File too large"] == done.stdout.splitlines()
    assert [] == [path.name for path in tmp_path.iterdir() if path.stat().st_size]


def test_who_reads_no_signed_paper_does_not_load_the_parser() -> None:
    program = """
import sys
import gateway.bootstrap.worker
print([each for each in ("pyhanko", "asn1crypto", "aiohttp", "lxml") if each in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)

    assert "[]" == done.stdout.strip()


def _byte_range(paper: bytes) -> tuple[bytes, ...]:
    found = re.search(rb"/ByteRange \[ ?(\d+) (\d+) (\d+) (\d+) *\]", paper)
    assert found is not None
    return found.groups()


def _with_byte_range(paper: bytes, written: bytes) -> bytes:
    """Write another range over the one that is there, at the same length, so that nothing else moves."""
    found = re.search(rb"/ByteRange \[[^\]]*\] *", paper)
    assert found is not None
    return paper.replace(found[0], written.ljust(len(found[0])))
