import email
import io
import itertools
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, PackageId, RecipientId
from gateway.package.labels import NO_LABELS, Label, Labels
from gateway.package.manifest import Category
from gateway.package.states import (
    Channel,
    DocumentVerdict,
    FieldVerdict,
    Language,
    Minimised,
    Outcome,
    Parcel,
    Reason,
    Sealed,
    Verdict,
)
from gateway.seal.sealing import MailSettings, seal
from tests.contract.seal.memory_sealer import MemorySealer
from tests.unit.seal.parcels import KEY, NOW, PACKAGE, RELEASED, SETTINGS, STRIPPED, document, minimised, parcel

BAD_KEY = Fingerprint("B" * 40)
MIB = 1024 * 1024
_CONTEXT = {
    "package_id",
    "purpose",
    "recipient_name",
    "recipient_organisation",
    "sender_organisation",
    "sender_unit",
    "reference",
    "released",
    "left_out",
    "unnamed",
    "unnamed_documents",
    "redacted_documents",
    "documents",
    "has_data",
    "date",
}


class Letters:
    """Writes a letter that shows its context."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Language, Mapping[str, object]]] = []

    def render(self, template: str, /, *, language: Language, context: Mapping[str, object]) -> str:
        if template == "data.html.j2":
            return "<table>"
        self.asked.append((template, language, context))
        return f"Brief aan {context['recipient_name']}, é\n"


class Stage:
    """The stage with an honest sealer and everything else that it needs."""

    def __init__(self, staging: Path, settings: MailSettings = SETTINGS) -> None:
        self.sealer = MemorySealer({KEY: KeyHealth.USABLE, BAD_KEY: KeyHealth.EXPIRED})
        self.letters = Letters()
        self.staging = staging
        self._settings = settings
        self._numbers = itertools.count(1)

    def seal(self, package: Minimised, *, labels: Labels = NO_LABELS) -> Sealed:
        return seal(
            package,
            sealer=self.sealer,
            letters=self.letters,
            now=NOW,
            random=self._random,
            staging=self.staging,
            settings=self._settings,
            labels=labels,
        )

    def opened(self, sealed: Sealed, number: int = 0) -> bytes:
        content = b"".join(sealed.parcels[number].ciphertext.chunks())
        if sealed.parcels[number].channel is Channel.SECURE_MAIL:
            content = content[content.index(b"-----BEGIN PGP") : content.rindex(b"\r\n--")].replace(b"\r\n", b"\n")
        return self.sealer.open_sealed(content, KEY)

    def context(self) -> Mapping[str, object]:
        return self.letters.asked[-1][2]

    def _random(self, size: int) -> bytes:
        return next(self._numbers).to_bytes(size, "big")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def drop(recipient: str = "ind-voorbeeld", **changes: object) -> Parcel:
    return parcel(recipient, channel=Channel.FILE_DROP, address="ind", **changes)  # type: ignore[arg-type]  # passes on the builder's own arguments.


def files_of(tar: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive.getmembers()}  # type: ignore[union-attr]  # each member is a plain file.


# ---- mail ------------------------------------------------------------------------------------------------------


def test_a_mail_holds_letter_data_what_was_left_out_and_documents(stage: Stage) -> None:
    sealed = stage.seal(minimised(parcel(documents=(document("verslag é.txt", b"tekst"),))))

    _, letter, *attachments = email.message_from_bytes(stage.opened(sealed)).walk()
    assert "Brief aan J. de Vries, é\r\n".encode() == letter.get_payload(decode=True)
    assert {
        "data.json": b'{"name": "A. Voorbeeld"}',
        "data.html": b"<table>",
        "left-out.json": b'[{"path": "bsn"}]',
        "01-verslag é.txt": b"tekst",
    } == {part.get_filename(): part.get_payload(decode=True) for part in attachments}


def test_a_mail_is_addressed_to_its_recipient_alone_and_named_by_its_message_id(stage: Stage) -> None:
    sealed = stage.seal(minimised(parcel()))

    found = sealed.parcels[0]
    message = email.message_from_bytes(b"".join(found.ciphertext.chunks()))
    assert (PACKAGE, RecipientId("gemeente-voorbeeld"), Channel.SECURE_MAIL) == (
        sealed.id,
        found.recipient,
        found.channel,
    )
    assert (f"<{found.name}>", "post@gemeente.example", "[...]") == (
        message["Message-ID"],
        message["To"],
        message["Subject"],
    )
    assert "post@gemeente.example" == found.address
    assert (b"", b"") == (found.manifest, found.signature)


@pytest.mark.parametrize(("language", "subject"), [(Language.NL, "kenmerk"), (Language.EN, "reference")])
def test_the_subject_inside_speaks_the_recipients_language(language: Language, subject: str, stage: Stage) -> None:
    inner = email.message_from_bytes(stage.opened(stage.seal(minimised(parcel(language=language)))))

    assert f"{subject} 456789ab" in inner["Subject"]
    assert language is stage.letters.asked[0][1]


@given(first=st.tuples(st.text(), st.text()), second=st.tuples(st.text(), st.text()))
def test_a_message_id_is_the_same_for_the_same_delivery_only(first: tuple[str, str], second: tuple[str, str]) -> None:
    names = [SETTINGS.message_id(PackageId(package), RecipientId(recipient)) for package, recipient in (first, second)]

    assert (names[0] == names[1]) == ("\x00".join(first) == "\x00".join(second))


def test_sealing_again_gives_the_same_message_id_and_another_sites_key_another_one(tmp_path: Path) -> None:
    other = MailSettings(
        from_address="sluis@afzender.example", from_name="", domain="afzender.example", message_id_key=bytes(32)
    )
    stages = (Stage(tmp_path), Stage(tmp_path), Stage(tmp_path, other))

    first, again, elsewhere = (each.seal(minimised(parcel())).parcels[0].name for each in stages)

    assert first == again
    assert first != elsewhere
    assert PACKAGE not in first


@pytest.mark.parametrize("size", [100_000, 74_000], ids=["by its plaintext", "only once armored"])
def test_a_mail_over_the_limit_is_refused_with_the_limit(size: int, tmp_path: Path) -> None:
    settings = MailSettings(
        from_address="a@b.example", from_name="", domain="b.example", message_id_key=bytes(32), max_mail_bytes=100_000
    )
    stage = Stage(tmp_path, settings)

    with pytest.raises(SluisError) as refusal:
        stage.seal(minimised(parcel(documents=(document(content=bytes(size)),))))

    assert (Code.PACKAGE_TOO_LARGE, {"limit": 100_000}) == (refusal.value.code, refusal.value.detail)
    assert stage.sealer.calls == (1 if size == 74_000 else 0)


def test_a_site_without_mail_has_no_mail_channel(tmp_path: Path) -> None:
    stage = Stage(tmp_path, MailSettings(from_address="", from_name="", domain="", message_id_key=bytes(32)))

    with pytest.raises(SluisError, match="channel-unavailable"):
        stage.seal(minimised(parcel()))
    assert Channel.FILE_DROP is stage.seal(minimised(drop())).parcels[0].channel


# ---- the drop --------------------------------------------------------------------------------------------------


def test_a_small_drop_stays_in_memory_with_manifest_and_signature(stage: Stage) -> None:
    sealed = stage.seal(minimised(drop(documents=(document("a.txt", b"1"), document("b.txt", b"2")))))

    found = sealed.parcels[0]
    manifest = json.loads(found.manifest)
    assert f"{PACKAGE}.ind-voorbeeld.tar.pgp" == found.name == manifest["name"]
    assert (found.ciphertext.size, found.ciphertext.sha256) == (manifest["size"], manifest["sha256"])
    assert ("sluis-manifest/1", "ind-voorbeeld", "2026-11-20T09:30:00Z") == (
        manifest["format"],
        manifest["recipient"],
        manifest["sealedAt"],
    )
    assert stage.sealer.sign_detached(found.manifest) == found.signature
    assert [
        "letter.txt",
        "data.json",
        "data.html",
        "left-out.json",
        "documents/01-a.txt",
        "documents/02-b.txt",
    ] == list(files_of(stage.opened(sealed)))
    assert [] == list(stage.staging.iterdir())


def test_a_large_drop_goes_to_a_file_of_its_own(stage: Stage) -> None:
    sealed = stage.seal(minimised(drop(documents=(document(content=bytes(MIB)),))))

    (file,) = stage.staging.iterdir()
    assert file.read_bytes() == b"".join(sealed.parcels[0].ciphertext.chunks())
    assert bytes(MIB) == files_of(stage.opened(sealed))["documents/01-verslag.txt"]
    assert PACKAGE not in file.name


def test_what_is_not_there_is_not_in_the_container(stage: Stage) -> None:
    sealed = stage.seal(minimised(drop(data=None, left_out=None)))

    assert ["letter.txt"] == list(files_of(stage.opened(sealed)))


# ---- all or none -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        (lambda: parcel(keys=(BAD_KEY,)), Code.KEY_EXPIRED),
        (lambda: parcel(keys=(KEY, BAD_KEY)), Code.KEY_EXPIRED),
        (lambda: parcel(keys=()), Code.KEY_MISSING),
        (lambda: parcel(address="post@gemeente.example\r\nBcc: x@y.example"), Code.ADDRESS_INVALID),
        (lambda: parcel(channel=Channel.POSTBUS), Code.CHANNEL_UNAVAILABLE),
        (lambda: parcel(channel=Channel.CHAIN_FACILITY), Code.CHANNEL_UNAVAILABLE),
        (lambda: parcel(channel=None), Code.CHANNEL_UNAVAILABLE),
        (lambda: drop(documents=(document(content=b"x", size=2),)), Code.PAYLOAD_CORRUPT),
        (lambda: drop(documents=(document(content=b"x", size=2 * MIB),)), Code.PAYLOAD_CORRUPT),
        (lambda: drop(documents=(document("../../etc/passwd"),)), Code.NAME_UNSAFE),
    ],
)
def test_one_parcel_that_fails_stops_all_and_removes_what_was_made(
    failing: Callable[[], Parcel], expected: Code, stage: Stage
) -> None:
    large = drop(documents=(document(content=bytes(2 * MIB)),))

    with pytest.raises(SluisError) as failure:
        stage.seal(minimised(large, failing()))

    assert expected is failure.value.code
    assert [] == list(stage.staging.iterdir())


def test_a_manifest_that_can_not_be_signed_removes_its_own_file_too(stage: Stage) -> None:
    class Unsigning(MemorySealer):
        def sign_detached(self, content: bytes, /, *, readers: tuple[Fingerprint, ...] = ()) -> bytes:
            if content.startswith(b"{"):
                raise SluisError(Code.SEAL_TIMEOUT, detail={"limit": 1})
            return super().sign_detached(content, readers=readers)

    stage.sealer = Unsigning({KEY: KeyHealth.USABLE})

    with pytest.raises(SluisError, match="seal-timeout"):
        stage.seal(minimised(drop(documents=(document(content=bytes(2 * MIB)),))))

    assert [] == list(stage.staging.iterdir())


def test_what_was_not_cleared_is_never_sealed(stage: Stage) -> None:
    with pytest.raises(ValueError, match="cleared"):
        stage.seal(minimised(parcel(outcome=Outcome.HELD)))

    assert 0 == stage.sealer.calls


def test_documents_that_do_not_match_the_decision_are_never_sealed(stage: Stage) -> None:
    with pytest.raises(ValueError, match="zip"):
        stage.seal(minimised(parcel(documents=(document(),), verdicts=())))

    assert 0 == stage.sealer.calls


# ---- the letter ------------------------------------------------------------------------------------------------


def test_the_letter_is_told_exactly_what_its_template_knows(stage: Stage) -> None:
    stage.seal(minimised(parcel(documents=(document("a.txt"),)), request={"reference": "Z-1"}))

    assert "letter.txt.j2" == stage.letters.asked[0][0]
    assert {
        "package_id": PACKAGE,
        "purpose": "return-support",
        "recipient_name": "J. de Vries",
        "recipient_organisation": "Gemeente Voorbeeld",
        "sender_organisation": "DT&V",
        "sender_unit": "Team Noord",
        "reference": "Z-1",
        "released": ["name"],
        "left_out": [{"path": "bsn", "reason": "Niet toegestaan."}],
        "unnamed": 0,
        "unnamed_documents": 0,
        "redacted_documents": 0,
        "documents": [{"number": 1, "kind": "report", "name": "01-a.txt"}],
        "has_data": True,
        "date": NOW.date(),
    } == stage.context()


def test_every_variable_is_there_when_there_is_little_to_say(stage: Stage) -> None:
    stage.seal(minimised(parcel(data=None, left_out=None, tell_left_out=False)))

    context = stage.context()
    assert _CONTEXT == set(context)
    assert ("", [], [], False) == (
        context["reference"],
        context["left_out"],
        context["documents"],
        context["has_data"],
    )


def test_reasons_are_told_in_the_recipients_language(stage: Stage) -> None:
    stage.seal(minimised(parcel(language=Language.EN)))

    assert [{"path": "bsn", "reason": "Not permitted."}] == stage.context()["left_out"]


def test_a_letter_calls_fields_and_purpose_by_their_labels_with_the_key_of_the_data_where_it_is_another_word(
    stage: Stage,
) -> None:
    made = parcel(language=Language.EN)
    released = next(each.path for each in made.recipient.fields if each.verdict is Verdict.RELEASE)
    labels = Labels(
        fields={released: Label("Naam", "Full name"), "bsn": Label("Burgerservicenummer", "Citizen service number")},
        purposes={(made.recipient.kind, "return-support"): Label("Hulp bij terugkeer", "Help with return")},
    )
    stage.seal(minimised(made), labels=labels)

    context = stage.context()
    assert "Help with return" == context["purpose"]
    assert f"Full name ({released})" in context["released"]  # type: ignore[operator]  # the context holds a list here.
    assert [{"path": "Citizen service number", "reason": "Not permitted."}] == context["left_out"]


def test_what_the_recipient_may_not_know_to_exist_is_counted_and_not_named(stage: Stage) -> None:
    unknown = Reason(rule_id="field.unclassified", nl="Onbekend veld.", en="Unknown field.", step=2)
    made = parcel()
    fields = (
        FieldVerdict(path="Amina Yusuf", verdict=Verdict.STRIP, reason=unknown),
        FieldVerdict(path="religion", verdict=Verdict.STRIP, reason=STRIPPED, category=Category.SPECIAL),
        FieldVerdict(path="address", verdict=Verdict.BLOCK, reason=STRIPPED, category=Category.ORDINARY),
    )
    recipient = replace(made.recipient, fields=(*made.recipient.fields, *fields))
    stage.seal(minimised(replace(made, recipient=recipient)))

    context = stage.context()
    assert ([{"path": "bsn", "reason": "Niet toegestaan."}], 3) == (context["left_out"], context["unnamed"])


def test_documents_keep_the_numbers_of_the_manifest_when_one_stays_behind(stage: Stage) -> None:
    not_needed = replace(STRIPPED, rule_id="document.not-needed")
    verdicts = (
        DocumentVerdict(number=1, kind="holiday", verdict=Verdict.STRIP, reason=not_needed),
        DocumentVerdict(number=2, kind="report", verdict=Verdict.RELEASE, reason=RELEASED),
        DocumentVerdict(number=3, kind="photo", verdict=Verdict.REDACT, reason=RELEASED),
    )
    sealed = stage.seal(minimised(drop(documents=(document("a"), document("03-b")), verdicts=verdicts)))

    assert {"documents/02-a", "documents/03-b"} <= set(files_of(stage.opened(sealed)))
    assert {"path": "Document 1", "reason": "Niet toegestaan."} in stage.context()["left_out"]  # type: ignore[operator]  # the context holds a list here.


def test_a_document_that_stayed_behind_is_called_by_its_kind_in_words(stage: Stage) -> None:
    assert ["Document 1 (Vakantiefoto)"] == _left_out_documents(stage, ordinary=frozenset({"holiday"}))


def test_attack_the_letter_tells_by_its_kind_that_there_is_a_medical_report(stage: Stage) -> None:
    assert ["Document 1"] == _left_out_documents(stage, ordinary=frozenset())


def _left_out_documents(stage: Stage, *, ordinary: frozenset[str]) -> list[str]:
    not_needed = replace(STRIPPED, rule_id="document.not-needed")
    verdicts = (
        DocumentVerdict(number=1, kind="holiday", verdict=Verdict.STRIP, reason=not_needed),
        DocumentVerdict(number=2, kind="report", verdict=Verdict.RELEASE, reason=RELEASED),
    )
    labels = Labels(documents={"holiday": Label("Vakantiefoto", "Holiday photo")}, ordinary=ordinary)
    stage.seal(minimised(drop(documents=(document("a"),), verdicts=verdicts)), labels=labels)
    left_out: Any = stage.context()["left_out"]
    return [each["path"] for each in left_out if each["path"].startswith("Document")]


def test_attack_the_letter_tells_that_a_document_holds_criminal_data(stage: Stage) -> None:
    criminal = replace(STRIPPED, rule_id="criminal.no-necessity")
    verdicts = (
        DocumentVerdict(number=1, kind="extract", verdict=Verdict.STRIP, reason=criminal),
        DocumentVerdict(number=2, kind="report", verdict=Verdict.RELEASE, reason=RELEASED),
    )
    stage.seal(minimised(drop(documents=(document("a"),), verdicts=verdicts)))

    context = stage.context()
    assert 1 == context["unnamed_documents"]
    assert "documents[1]" not in str(context["left_out"])


# ---- settings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"from_address": "a@b.example\r\nBcc: c@d.example"},
        {"from_name": "x\r\ny"},
        {"domain": "b.example>"},
        {"domain": ""},
        {"subjects": {Language.NL: "x\ny", Language.EN: "x"}},
    ],
)
def test_settings_that_could_break_a_header_field_are_refused_at_once(change: dict[str, object]) -> None:
    good: dict[str, object] = {
        "from_address": "a@b.example",
        "from_name": "x",
        "domain": "b.example",
        "message_id_key": bytes(32),
    }
    with pytest.raises(SluisError, match="address-invalid"):
        MailSettings(**(good | change))  # type: ignore[arg-type]  # a table of changes.


@pytest.mark.parametrize("change", [{"message_id_key": bytes(31)}, {"subjects": {Language.NL: "x"}}])
def test_settings_of_our_own_making_are_whole(change: dict[str, object]) -> None:
    good: dict[str, object] = {
        "from_address": "a@b.example",
        "from_name": "x",
        "domain": "b.example",
        "message_id_key": bytes(32),
    }
    with pytest.raises(ValueError, match="expected"):
        MailSettings(**(good | change))  # type: ignore[arg-type]  # a table of changes.


def test_no_key_and_no_letter_is_shown_by_repr(stage: Stage) -> None:
    sealed = stage.seal(minimised(parcel()))

    assert "post@gemeente" not in repr(sealed)
    assert "BEGIN PGP" not in repr(sealed)
    assert "message_id_key" not in repr(SETTINGS)
