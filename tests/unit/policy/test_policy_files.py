import os
import time
from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from gateway.policy.policy_files import load_policy_set, sample_recipients
from tests.unit.policy.building import KEY, KEYS, SAMPLES, SHIPPED, Folders

GEMEENTE = "recipients/gemeente-voorbeeld.yaml"
IND = "recipients/ind-voorbeeld.yaml"
NIDOS = "recipients/nidos-voorbeeld.yaml"

# (file, text, its replacement, place without its line, expectation)
FAULTS = {
    "an unknown key": (
        "fields.yaml", "  - id: income\n", "  - id: income\n    colour: blue\n",
        "policies/fields.yaml", "colour", "a known key expected: this one is unknown",
    ),
    "a key twice": (
        GEMEENTE, "language: nl\n", "language: nl\nlanguage: en\n",
        GEMEENTE, "language", "each key once expected",
    ),
    "an alias of YAML": (
        GEMEENTE, "language: nl\n", "language: &nl nl\nname: *nl\n",
        GEMEENTE, "name", "no anchors and no deeper nesting expected: write the value out",
    ),
    "a missing key": (
        GEMEENTE, "    reviewOn: 2028-01-01\n", "",
        GEMEENTE, "permissions[0].reviewOn", "this key expected",
    ),
    "a date that does not exist": (
        GEMEENTE, "reviewOn: 2028-01-01", "reviewOn: 2028-02-30",
        GEMEENTE, "permissions[0].reviewOn", "day is out of range for month",
    ),
    "a date as a number of seconds": (
        GEMEENTE, "reviewOn: 2028-01-01", "reviewOn: 1830297600",
        GEMEENTE, "permissions[0].reviewOn", "a date as YYYY-MM-DD expected",
    ),
    "a yes where true or false is meant": (
        "organisations.yaml", "    kind: guardian\n    smallChain: false", "    kind: guardian\n    smallChain: no",
        "policies/organisations.yaml", "organisations[7].smallChain", "Input should be a valid boolean",
    ),
    "a hold that expires before it is escalated": (
        "rules.yaml", "expireAfterDays: 30", "expireAfterDays: 5",
        "policies/rules.yaml", "holds", "remindAfterDays below escalateAfterDays below expireAfterDays expected",
    ),
    "a hold that is told of after no days": (
        "rules.yaml", "remindAfterDays: 2", "remindAfterDays: 0",
        "policies/rules.yaml", "holds.remindAfterDays", "Input should be greater than or equal to 1",
    ),
    "a field twice": (
        "fields.yaml", "- id: income\n", "- id: occupation\n",
        "policies/fields.yaml", "fields[51]", "each of these once expected, but 'occupation' stands here again",
    ),
    "an alias of another field": (
        "fields.yaml", "aliases: [inkomen, Inkomen]", "aliases: [V-NUMMER]",
        "policies/fields.yaml", "fields[51]", "'V-NUMMER' belongs to the field 'vNumber' already",
    ),
    "an alias that no path can be": (
        "fields.yaml", "aliases: [inkomen, Inkomen]", "aliases: [ink.]",
        "policies/fields.yaml", "fields[51].aliases[0]",
        "a path such as address.street or familyMembers[].name expected; a dot inside a name is ~1",
    ),
    "a special field that does not say which": (
        "fields.yaml", "    special: genetics\n", "",
        "policies/fields.yaml", "fields[62]", "'special' expected with category special, and only there",
    ),
    "a purpose for a field that is not there": (
        "purposes.yaml", "        - suspicions\n", "        - shoeSize\n",
        "policies/purposes.yaml", "purposes.municipality[0].fields[22]",
        "a field of fields.yaml expected, not 'shoeSize'",
    ),
    "a purpose that asks for what a rule blocks": (
        "purposes.yaml", "        - suspicions\n", "        - facialImage\n",
        "policies/purposes.yaml", "purposes.municipality[0].fields[22]",
        "the rule 'field.biometrics' blocks 'facialImage' for municipality: change the rule or this list",
    ),
    "a purpose that asks for internal data": (
        "purposes.yaml", "        - suspicions\n", "        - caseworker\n",
        "policies/purposes.yaml", "purposes.municipality[0].fields[22]",
        "'caseworker' is internal and never leaves: take it out of the list",
    ),
    "a purpose for an internal document": (
        "purposes.yaml", "documents: [letter, identity-document, presentation-report]", "documents: [authorisation]",
        "policies/purposes.yaml", "purposes.chain_partner[1].documents[0]",
        "'authorisation' is internal and never leaves: take it out of the list",
    ),
    "a refused purpose with fields": (
        "purposes.yaml", "{nl: Huisvesting, en: Housing}\n", "{nl: Huis, en: House}\n      fields: [name]\n",
        "policies/purposes.yaml", "purposes.municipality[1]",
        "a refused purpose without fields and documents expected",
    ),
    "a kind that is not there": (
        "kinds.yaml", "  - id: lawyer\n", "  - id: ngo\n",
        "policies/kinds.yaml", "kinds", "the kind 'lawyer' expected",
    ),
    "the BVV for somebody outside the chain": (
        "kinds.yaml", "[representation]\n    channels: [secure-mail", "[representation]\n    channels: [chain-facility",
        "policies/kinds.yaml", "kinds[4].channels", "chain-facility only for chain_partner expected",
    ),
    "an organisation under another's name": (
        "organisations.yaml", 'aliases: ["Buitenlandse Zaken"]', "aliases: [ind]",
        "policies/organisations.yaml", "organisations[6]", "'ind' belongs to another organisation already",
    ),
    "a foundation in the small chain": (
        "organisations.yaml", "    kind: guardian\n    smallChain: false", "    kind: guardian\n    smallChain: true",
        "policies/organisations.yaml", "organisations[7]", "smallChain: true only for a chain_partner expected",
    ),
    "a rule of the program that is gone": (
        "rules.yaml", "- id: field.permitted\n", "- id: field.other\n",
        "policies/rules.yaml", "rules", "the rule 'field.permitted' expected, because the program applies it",
    ),
    "a rule without effect": (
        "rules.yaml", "    blocks: {special: [genetics]}\n", "",
        "policies/rules.yaml", "rules[51]", "'blocks', or the id of a program's rule, expected",
    ),
    "two rules that contradict each other": (
        "rules.yaml", "    blocks: {special: [genetics]}\n", "    blocks: {fields: [facialImage], for: [ngo]}\n",
        "policies/rules.yaml", ".blocks",
        "the rule 'field.genetics' before 'field.biometrics', which stops the same and counts first",
    ),
    "a rule about a field that is not there": (
        "rules.yaml", "blocks: {fields: [bsn], for", "blocks: {fields: [sofinummer], for",
        "policies/rules.yaml", "rules[52].blocks.fields", "a field of fields.yaml expected, not 'sofinummer'",
    ),
    "a permission that is wider than its purpose": (
        GEMEENTE, "fields: [name, ", "fields: [telephone, name, ",
        GEMEENTE, "permissions[0].fields[0]",
        "'telephone' is not in the purpose's list; a permission can not be wider",
    ),
    "a permission for more documents than the purpose": (
        GEMEENTE, "documents: [letter]", "documents: [decision]",
        GEMEENTE, "permissions[0].documents[0]",
        "'decision' is not in the purpose's list; a permission can not be wider",
    ),
    "a permission for a refused purpose": (
        GEMEENTE, "purpose: public-order", "purpose: housing",
        GEMEENTE, "permissions[0].purpose", "a purpose of purposes.yaml that municipality may have expected",
    ),
    "an NGO that calls itself a chain partner": (
        IND, "organisation: IND", "organisation: NCTV",
        IND, "organisation", "an organisation of kind chain_partner in organisations.yaml expected",
    ),
    "Nidos as an NGO": (
        NIDOS, "kind: guardian", "kind: ngo",
        NIDOS, "kind", "guardian expected, as organisations.yaml says of 'Nidos'",
    ),
    "a kind that does not exist": (
        GEMEENTE, "kind: municipality", "kind: intelligence",
        GEMEENTE, "kind", "Input should be 'chain_partner', 'municipality', 'ngo', 'guardian' or 'lawyer'",
    ),
    "the BVV in a municipality's entry": (
        GEMEENTE, "channel: secure-mail\n    address: openbareorde@gemeente-voorbeeld.example",
        'channel: chain-facility\n    address: "00000099000000002000"',
        GEMEENTE, "channels[0].channel", "a channel that is approved for municipality expected",
    ),
    "an exception that is none": (
        GEMEENTE, "language: nl\n", "language: nl\nexceptionChannels: [secure-mail]\n",
        GEMEENTE, "exceptionChannels[0]", "a channel that can be an exception for this kind expected",
    ),
    "a mail address that is none": (
        GEMEENTE, "address: openbareorde@gemeente-voorbeeld.example", "address: 'a@b.example, c@d.example'",
        GEMEENTE, "channels[0]", "an e-mail address expected for secure-mail",
    ),
    "a chain partner by its name": (
        IND, 'address: "00000099000000002000"', "address: ind-voorbeeld",
        IND, "channels[0]", "an OIN of 20 positions expected for chain-facility",
    ),
    "an OIN without its zeroes": (
        IND, 'address: "00000099000000002000"', "address: 99000000002000",
        IND, "channels[0]", "an OIN of 20 positions expected for chain-facility",
    ),
    "a drop folder outside the drop": (
        NIDOS, "address: nidos-voorbeeld", "address: ../nidos",
        NIDOS, "channels[0]",
        "FOLDER, sftp:SERVER/FOLDER, webdav:SERVER/FOLDER or bestandenpostbus:NAME@DOMAIN expected for file-drop",
    ),
    "a short key id": (
        GEMEENTE, KEY, "AAAAAAAAAAAAAAAA",
        GEMEENTE, "channels[0].keys[0]",
        "a fingerprint of 40 hexadecimal digits, x509: and the SHA-256 of a certificate, or an age1 key expected",
    ),
    "keys that no one container takes": (
        GEMEENTE, KEY, f'{KEY}", "x509:{"0a" * 32}',
        GEMEENTE, "channels[0]", "keys of one kind only expected: fingerprints, certificates (x509:) or age keys",
    ),
    "an age key for mail": (
        GEMEENTE, KEY, "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
        GEMEENTE, "channels[0]", "no age key expected for secure-mail: age knows no mail; it is for file-drop",
    ),
    "an age key with a slip of the pen": (
        NIDOS, KEYS["nidos-voorbeeld"], "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwq",
        NIDOS, "channels[0].keys[0]",
        "a fingerprint of 40 hexadecimal digits, x509: and the SHA-256 of a certificate, or an age1 key expected",
    ),
    "half a digest of a certificate": (
        NIDOS, KEYS["nidos-voorbeeld"], "x509:" + "0a" * 16,
        NIDOS, "channels[0].keys[0]",
        "a fingerprint of 40 hexadecimal digits, x509: and the SHA-256 of a certificate, or an age1 key expected",
    ),
    "an entry under another name": (
        GEMEENTE, "id: gemeente-voorbeeld\n", "id: gemeente-anders\n",
        GEMEENTE, "id", "the file's own name, without .yaml, expected",
    ),
}  # fmt: skip


def faults_of(folders: Folders) -> list[tuple[str, str]]:
    with pytest.raises(SluisError) as refused:
        folders.load()
    assert refused.value.code is Code.POLICY_INVALID
    assert refused.value.detail == {"count": len(refused.value.faults)}
    return list(refused.value.faults)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_refused_with_its_file_line_key_and_what_is_expected(name: str, folders: Folders) -> None:
    file, old, new, shown, key, expectation = FAULTS[name]
    folders.replace(file, old, new)
    faults = faults_of(folders)
    where = next((place for place, said in faults if said == expectation), None)
    assert where is not None, faults
    assert where.partition(" ")[2].endswith(key), faults
    file_and_line, _, _ = where.partition(" ")
    assert file_and_line.rpartition(":")[0] == shown
    assert int(file_and_line.rpartition(":")[2]) > 1


def test_the_same_files_are_made_into_one_set_and_one_changed_byte_into_another(folders: Folders) -> None:
    first = folders.load()

    assert first is folders.load()
    folders.replace(GEMEENTE, "language: nl\n", "language: en\n")
    assert first.digest != folders.load().digest


def test_a_fault_names_the_very_line(folders: Folders) -> None:
    folders.replace(GEMEENTE, "language: nl", "language: fy")
    assert [place for place, _ in faults_of(folders)] == [f"{GEMEENTE}:8 language"]


def test_all_faults_of_all_files_are_reported_at_once(folders: Folders) -> None:
    folders.replace("kinds.yaml", "  - id: lawyer\n", "  - id: sailor\n")
    folders.replace("fields.yaml", "  - id: income\n", "  - id: Income\n")
    folders.replace(GEMEENTE, "language: nl", "language: fy")
    files = {place.partition(":")[0] for place, _ in faults_of(folders)}
    assert {"policies/kinds.yaml", "policies/fields.yaml", GEMEENTE} == files


@pytest.mark.parametrize(
    ("content", "expectation"),
    [
        (b"", "a file that is not empty expected"),
        (b"fields: [", "correct YAML expected"),
        (b"fields: \xff\xfe", "text in UTF-8 expected"),
        (b"a: 1\n---\nb: 2\n", "correct YAML expected"),
        (b"a: \x07\n", "correct YAML expected"),
        (b"? [a]\n: b\n", "a plain word as key expected"),
        (b"- 1\n", "Input should be a valid dictionary or instance of FieldsForm"),
        (b"a: &a [*a]\n", "no anchors and no deeper nesting expected: write the value out"),
        (b"fields: !!python/object:os.system []\n", "a plain value without a tag expected"),
    ],
)
def test_a_file_that_is_no_policy_is_refused(content: bytes, expectation: str, folders: Folders) -> None:
    (folders.policies / "fields.yaml").write_bytes(content)
    faults = faults_of(folders)
    assert expectation in [said for _, said in faults]
    assert all(place.startswith("policies/fields.yaml") for place, _ in faults)


def test_a_missing_file_is_refused_by_name(folders: Folders) -> None:
    (folders.policies / "rules.yaml").unlink()
    assert faults_of(folders) == [("policies/rules.yaml", "a file that can be read expected")]


def test_a_misspelt_policy_file_is_not_silently_left_out(folders: Folders) -> None:
    (folders.policies / "purpose.yaml").write_text("purposes: {}\n", encoding="utf-8")
    assert ["policies/purpose.yaml"] == [place for place, _ in faults_of(folders)]


def test_a_recipient_with_the_wrong_ending_is_not_silently_left_out(folders: Folders) -> None:
    (folders.recipients / "gemeente-voorbeeld.yaml").rename(folders.recipients / "gemeente-voorbeeld.yml")
    assert faults_of(folders) == [("recipients/gemeente-voorbeeld.yml", "a name that ends in .yaml expected")]


def test_a_missing_register_is_refused_and_not_taken_for_an_empty_one(folders: Folders, tmp_path: Path) -> None:
    with pytest.raises(SluisError) as refused:
        load_policy_set(folders.policies, recipients=tmp_path / "nowhere")
    assert refused.value.faults == (("recipients", "a folder that can be read expected"),)


def test_an_empty_register_loads_and_knows_nobody(folders: Folders) -> None:
    for path in folders.recipients.iterdir():
        path.unlink()
    assert folders.load().recipients == {}


def test_two_recipients_can_not_share_a_drop_folder(folders: Folders) -> None:
    text = (folders.recipients / "nidos-voorbeeld.yaml").read_text(encoding="utf-8")
    (folders.recipients / "nidos-twee.yaml").write_text(
        text.replace("id: nidos-voorbeeld", "id: nidos-twee"), encoding="utf-8"
    )
    assert [said for _, said in faults_of(folders)] == ["a drop folder that no other recipient has expected"]


def test_the_key_of_another_organisations_recipient_is_refused_and_both_are_named(folders: Folders) -> None:
    folders.replace(NIDOS, KEYS["nidos-voorbeeld"], KEY)
    expectation = "a key of the organisation of 'nidos-voorbeeld' alone expected, but 'gemeente-voorbeeld' has this one"
    assert [(f"{NIDOS}:12 channels[0].keys[0]", expectation)] == faults_of(folders)


def test_two_recipients_of_one_organisation_may_have_one_key_by_whichever_name_it_is_called(folders: Folders) -> None:
    text = (folders.recipients / "nidos-voorbeeld.yaml").read_text(encoding="utf-8")
    text = text.replace("nidos-voorbeeld", "nidos-twee").replace("organisation: Nidos", "organisation: stichting nidos")
    (folders.recipients / "nidos-twee.yaml").write_text(text, encoding="utf-8")
    assert {"nidos-twee", "nidos-voorbeeld"} <= set(folders.load().recipients)


def test_the_word_no_and_digits_stay_text(folders: Folders) -> None:
    folders.replace(GEMEENTE, KEY, "1" * 40)
    folders.replace(GEMEENTE, "organisation: Gemeente Voorbeeld", "organisation: no")
    entry = next(each for name, each in folders.load().recipients.items() if name == "gemeente-voorbeeld")
    assert entry.organisation == "no"
    assert entry.channels[0].keys == ("1" * 40,)


# ---- Digest --------------------------------------------------------------------------------------------------


def test_the_same_files_give_the_same_digest(folders: Folders) -> None:
    assert folders.load().digest == folders.load().digest


@pytest.mark.parametrize("name", ["fields.yaml", "rules.yaml", "purposes.yaml", GEMEENTE])
def test_any_change_of_a_byte_gives_another_digest(name: str, folders: Folders) -> None:
    before = folders.load().digest
    folder = folders.recipients if "/" in name else folders.policies
    path = folder / Path(name).name
    path.write_bytes(path.read_bytes() + b"# one more line of comment\n")
    assert before != folders.load().digest


def test_another_recipient_gives_another_digest(folders: Folders) -> None:
    before = folders.load().digest
    (folders.recipients / "nidos-voorbeeld.yaml").unlink()
    assert before != folders.load().digest


# ---- Samples -------------------------------------------------------------------------------------------------


def test_each_sample_recipient_gets_its_own_key_and_mail_stays_on_example() -> None:
    keys = {name: f"{number:040X}" for number, name in enumerate(SAMPLES, 1)}
    samples = sample_recipients(SHIPPED, fingerprints=keys)
    assert {f"{name}.yaml" for name in SAMPLES} == set(samples)
    for name, content in samples.items():
        assert keys[name.removesuffix(".yaml")].encode() in content
        assert b"@FPR@" not in content
        assert all(word.endswith(b".example") for word in content.split() if b"@" in word)


@pytest.mark.parametrize("deep", ["[" * 100_000, "- " * 50_000, "a: " + "{a: " * 100_000], ids=["list", "block", "map"])
def test_a_file_of_brackets_is_a_fault_and_does_not_end_the_process(folders: Folders, deep: str) -> None:
    (folders.recipients / "diep.yaml").write_text(deep, encoding="ascii")
    (place, expected), *_ = faults_of(folders)
    assert place == "recipients/diep.yaml:1"
    assert "nesting" in expected


BOMBS = {
    "a million wrong keys": "\n".join(f"k{number}: v" for number in range(90_000)),
    "wrong keys below the limit of values": "\n".join(f"k{number}: v" for number in range(14_000)),
    "a list without end": "[" + "a," * 500_000 + "a]",
    "entries that are each wrong": "id: x\nchannels:\n" + "- {a: 1}\n" * 90_000,
    "one name again and again": "id: x\npermissions:\n" + "- {purpose: zorg}\n" * 7_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_file_of_nothing_but_faults_keeps_nobody_busy_and_is_told_in_a_hundred(folders: Folders, bomb: str) -> None:
    (folders.recipients / "zz.yaml").write_text(bomb, encoding="ascii")
    before = time.process_time()
    faults = faults_of(folders)
    assert 10 > time.process_time() - before
    assert 0 < len(faults) <= 100
    assert {"recipients/zz.yaml"} == {place.partition(":")[0] for place, _ in faults}


def test_many_files_of_nothing_but_faults_are_not_all_read(folders: Folders) -> None:
    for number in range(40):
        (folders.recipients / f"zz{number}.yaml").write_text(
            BOMBS["wrong keys below the limit of values"], encoding="ascii"
        )
    before = time.process_time()
    assert 100 == len(faults_of(folders))
    assert 10 > time.process_time() - before


def test_what_is_no_ordinary_file_keeps_nobody_waiting(folders: Folders) -> None:
    os.mkfifo(folders.recipients / "pijp.yaml")
    with (folders.recipients / "groot.yaml").open("wb") as large:
        large.truncate(1024 * 1024 + 1)
    assert {place for place, _ in faults_of(folders)} == {"recipients/pijp.yaml", "recipients/groot.yaml"}


def test_rules_from_before_there_were_days_for_holds_count_with_the_shipped_days(folders: Folders) -> None:
    shipped = folders.load().holds
    text = (folders.policies / "rules.yaml").read_text(encoding="utf-8")
    head, days, rest = text.partition("holds:\n")
    (folders.policies / "rules.yaml").write_text(head + rest[rest.index("\n\n") :], encoding="utf-8")

    assert days
    assert (2, 5, 30) == (shipped.remind_days, shipped.escalate_days, shipped.expire_days)
    assert shipped == folders.load().holds
