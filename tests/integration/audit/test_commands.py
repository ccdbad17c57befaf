"""What a newcomer meets at `sluis audit`: bad input is told apart from a changed log, and an empty answer says so."""

import contextlib
import datetime as dt
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.audit.events import Event, EventAction
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import Note
from gateway.audit.segments import Segments
from gateway.audit.tree_files import TreeFiles, checkpoints_of
from gateway.bootstrap.audit_keys import create_audit_key, read_audit_signer
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.pseudonym_keys import PseudonymKeys, create_pseudonym_key
from gateway.package.ids import PackageId, PersonId, RecipientId
from tests.integration.audit.attacking import deletion_event
from tests.integration.audit.signing import SIGNER
from tests.integration.audit.spoiling import spoil
from tests.unit.cli.conftest import Said, run


@pytest.fixture
def site(tmp_path: Path) -> SiteLayout:
    """A site whose service never ran."""
    made = SiteLayout(tmp_path / "site")
    made.secrets.mkdir(mode=0o700, parents=True)
    made.audit_keys.parent.mkdir()
    made.settings.write_text(
        f'format: sluis-site/1\norganisation: "DT&V"\nseal: {{signingKey: {"A" * 40}}}\n', encoding="utf-8"
    )
    create_audit_key(made, origin="sluis.example/audit/node-1", random=secrets.token_bytes)
    create_pseudonym_key(made, 1, random=secrets.token_bytes)
    return made


@contextlib.contextmanager
def writing(site: SiteLayout, *, at: dt.datetime) -> Iterator[AuditLogFiles]:
    log = AuditLogFiles(
        directory=site.audit_log,
        signer=read_audit_signer(site, credentials=None),
        clock=lambda: at,
        random=os.urandom,
        version="0.1.0",
        host="gateway-1",
    )
    log.open()
    yield log
    log.close()


def write(site: SiteLayout, *events: Event, at: dt.datetime = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)) -> None:
    with writing(site, at=at) as log:
        log.write([(each,) for each in events])


def audit(site: SiteLayout, *words: object) -> Said:
    return run("--site", site.root, "audit", *words)


@pytest.mark.parametrize("event", ["0", "7", "9" * 20, "9" * 5000, "0198f0de-7e21-7c3a-9d52-0000000a0000"])
@pytest.mark.parametrize("is_empty", [True, False])
def test_an_event_that_is_not_in_the_log_is_told_as_such(site: SiteLayout, event: str, *, is_empty: bool) -> None:
    if not is_empty:
        write(site, Event(action=EventAction.SERVICE_STARTED))
    said = audit(site, "show", event)

    assert (0 if event == "0" and not is_empty else 1) == said.exit_code
    assert ("[event-unknown]" in said.err) is (said.exit_code == 1)


@pytest.mark.parametrize("change", [(b"service-stopped", b"service-started"), (b'{"', b"geen"), (b"\n", b"\n\n")])
@pytest.mark.parametrize("words", [(), ("--json",), ("--proof", "bewijs")])
def test_an_attack_that_changes_a_line_gets_neither_shown_nor_vouched_for(
    site: SiteLayout, change: tuple[bytes, bytes], words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(site, *(Event(action=each) for each in (EventAction.SERVICE_STOPPED, EventAction.SERVICE_STOPPED)))
    monkeypatch.chdir(site.root)
    [day] = site.audit_log.iterdir()
    first, second, _ = day.read_bytes().split(b"\n")
    day.write_bytes((first + b"\n" + second + b"\n").replace(*change))
    said = audit(site, "show", "1", *words)

    assert (4, True) == (said.exit_code, "audit-changed" in said.out + said.err)
    assert "service-" not in said.out
    assert not (site.root / "bewijs").exists()


@pytest.mark.parametrize("event", ["1", "0198f0de-7e21-7c3a-9d52-0000000a0000"])
def test_an_attack_that_takes_lines_away_does_not_make_an_event_one_that_never_was(
    site: SiteLayout, event: str
) -> None:
    write(site, *(Event(action=each) for each in (EventAction.SERVICE_STARTED, EventAction.SERVICE_STOPPED)))
    [day] = site.audit_log.iterdir()
    first, *_ = day.read_bytes().split(b"\n")
    day.write_bytes(first + b"\n")
    shorter = audit(site, "show", event)
    shutil.rmtree(site.audit_log)
    gone = audit(site, "show", event)

    assert [(4, True), (4, True)] == [(each.exit_code, "[audit-changed]" in each.err) for each in (shorter, gone)]


@pytest.mark.parametrize("is_indexed", [True, False])
@pytest.mark.parametrize("words", [("search",), ("search", "--anew"), ("export", "--format", "json")])
def test_an_attack_that_changes_a_line_that_is_told_is_said_with_the_answer(
    site: SiteLayout, words: tuple[str, ...], *, is_indexed: bool
) -> None:
    write(site, *(Event(action=each) for each in (EventAction.SERVICE_STARTED, EventAction.SERVICE_STOPPED)))
    honest = audit(site, *words) if is_indexed else None
    [day] = site.audit_log.iterdir()
    day.write_bytes(day.read_bytes().replace(b"service-started", b"service-stopped"))
    told, untouched = audit(site, *words), audit(site, *words, "--since", "2026-11-21")

    assert "Niet elke regel is nog zoals die is gelezen of ondertekend." in told.err
    assert "ondertekend" not in untouched.err + (honest.err if honest else "")


def test_an_attack_that_takes_the_tree_away_is_said_with_the_answer(site: SiteLayout) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    (site.root / "audit" / "tree").unlink()

    assert '"changed":true' in audit(site, "search", "--json").out


_QUESTIONS = (("search",), ("export",), ("stats",), ("who-received",), ("alerts",), ("search", "--anew"))


_DAYS = tuple(dt.datetime(2026, 11, day, 9, tzinfo=dt.UTC) for day in (18, 19, 20))


@pytest.fixture
def three_days(site: SiteLayout) -> SiteLayout:
    """A site whose log has a line for each of three days."""
    for day in _DAYS:
        write(site, Event(action=EventAction.SERVICE_STARTED), at=day)
    return site


def _prune(site: SiteLayout, until: str) -> None:
    """Have two people delete the days before this one."""
    with writing(site, at=_DAYS[-1]) as log:
        prefix = log.prefix(until)
        assert prefix is not None
        log.delete(deletion_event((prefix.first, prefix.end), prefix.root))


@pytest.mark.parametrize("command", [*_QUESTIONS, ("show", "0"), ("show", "0198f0de-7e21-7c3a-9d52-0000000a0000")])
@pytest.mark.parametrize("is_indexed", [True, False])
@pytest.mark.parametrize("is_pruned", [True, False])
def test_an_attack_that_removes_the_oldest_days_does_not_read_as_a_deletion_by_two_people(
    three_days: SiteLayout, command: tuple[str, ...], *, is_indexed: bool, is_pruned: bool
) -> None:
    if is_pruned:
        _prune(three_days, "2026-11-19")
    if is_indexed:
        audit(three_days, "search")
    min(three_days.audit_log.iterdir()).unlink()
    said = run("--site", three_days.root, "audit", *command, typed="1234567890\n")

    assert (4, True, "") == (said.exit_code, "[audit-changed]" in said.err, said.out)


@pytest.mark.parametrize("command", _QUESTIONS)
def test_what_two_people_had_deleted_is_told_as_deleted_also_while_it_is_under_way(
    three_days: SiteLayout, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Segments, "remove_before", lambda *_: 0)
        _prune(three_days, "2026-11-20")
    answers = []
    for _ in range(2):
        min(three_days.audit_log.iterdir()).unlink()
        answers.append(run("--site", three_days.root, "audit", *command, typed="1234567890\n"))

    assert [0, 0] == [each.exit_code for each in answers]
    if command != ("alerts",):
        told = ("2026-11-19 en later: wat voor regel 1 stond, is gewist", "2026-11-20 en later: wat voor regel 2 stond")
        assert [True, True] == [said in each.err for said, each in zip(told, answers, strict=True)]


def test_a_deletion_that_the_power_cut_short_before_it_was_signed_has_to_be_proposed_anew(
    three_days: SiteLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_fails(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        patch.setattr(TreeFiles, "grow", power_fails)
        _prune(three_days, "2026-11-20")
    said, lapsed = audit(three_days, "verify"), audit(three_days, "verify", "--json").json["lapsed"]

    assert (4, 2) == (said.exit_code, lapsed["end"])
    assert "Stel het dan opnieuw voor." in " ".join(said.out.split())
    assert "start Sluis opnieuw" not in " ".join(said.out.split())


@pytest.mark.parametrize("is_pruned", [True, False])
def test_a_report_says_that_older_lines_were_deleted_only_when_the_log_says_so(
    three_days: SiteLayout, tmp_path: Path, *, is_pruned: bool
) -> None:
    if is_pruned:
        _prune(three_days, "2026-11-19")
    else:
        min(three_days.audit_log.iterdir()).unlink()
    audit(three_days, "report", tmp_path / "rapport.html", "--since", "2026-11-18")
    page = (tmp_path / "rapport.html").read_text(encoding="utf-8")

    assert (is_pruned, not is_pruned) == ("Oudere regels zijn" in page, "Nee: het klopt niet." in page)


def test_an_attack_with_a_deletion_that_the_log_has_not_signed_for_deletes_nothing(three_days: SiteLayout) -> None:
    other = SiteLayout(Path(shutil.copytree(three_days.root, three_days.root.with_name("other"))))
    _prune(other, "2026-11-19")
    [*_, forged] = max(other.audit_log.iterdir()).read_bytes().splitlines(keepends=True)
    with max(three_days.audit_log.iterdir()).open("ab") as target:
        target.write(forged)
    min(three_days.audit_log.iterdir()).unlink()

    assert [4, 4] == [audit(three_days, *each).exit_code for each in (("search",), ("show", "0"))]


@pytest.mark.parametrize("command", _QUESTIONS)
@pytest.mark.parametrize("is_indexed", [True, False])
def test_an_attack_that_removes_the_lines_does_not_read_as_nobody_got_anything(
    site: SiteLayout, command: tuple[str, ...], *, is_indexed: bool
) -> None:
    write(site, *(Event(action=each) for each in (EventAction.SERVICE_STARTED, EventAction.SERVICE_STOPPED)))
    if is_indexed:
        audit(site, "search")
    [day] = site.audit_log.iterdir()
    first, *_ = day.read_bytes().split(b"\n")
    answers = []
    for take in (lambda: day.write_bytes(first + b"\n"), day.unlink, site.audit_log.rmdir):
        take()
        answers.append(run("--site", site.root, "audit", *command, typed="1234567890\n"))

    assert [(4, True, "")] * 3 == [(each.exit_code, "[audit-changed]" in each.err, each.out) for each in answers]


def test_a_report_on_a_log_without_its_lines_is_written_and_says_so(site: SiteLayout, tmp_path: Path) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    shutil.rmtree(site.audit_log)
    page = tmp_path / "verslag.html"

    assert 4 == audit(site, "report", page).exit_code
    assert page.exists()


def test_an_attack_on_the_count_of_an_index_is_no_changed_log(site: SiteLayout) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    audit(site, "search")
    spoil(site.audit_log, "UPDATE standing SET lines = 0, leaf = x''")

    assert 0 == audit(site, "search").exit_code


@pytest.mark.parametrize("content", [None, b"", b"geen checkpoint\n\n\n"])
def test_an_attack_that_removes_the_checkpoints_is_told_with_each_answer(
    site: SiteLayout, content: bytes | None
) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    signed = audit(site, "search", "--json").out
    (site.root / "audit" / "checkpoints").unlink()
    if content is not None:
        (site.root / "audit" / "checkpoints").write_bytes(content)
    said, for_a_program = audit(site, "search"), audit(site, "search", "--json").out

    assert "Er is geen checkpoint van dit logboek." in said.err
    assert [False, True] == ['"unsigned":true' in each for each in (signed, for_a_program)]


def test_a_line_that_no_checkpoint_covers_yet_is_told_as_such(site: SiteLayout) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    [day] = site.audit_log.iterdir()
    day.write_bytes(day.read_bytes() * 2)
    said = audit(site, "show", "1")

    assert (1, True) == (said.exit_code, "[event-unsigned]" in said.err)


def test_a_line_that_can_not_be_read_but_was_signed_for_is_told_as_unreadable(site: SiteLayout) -> None:
    site.audit_log.mkdir()
    (site.audit_log / "2026-11-19.jsonl").write_bytes(b"geen gebeurtenis\n")
    write(site, Event(action=EventAction.SERVICE_STARTED))
    said, for_a_program = audit(site, "show", "0"), audit(site, "show", "0", "--json")

    assert (0, "") == (said.exit_code, said.out)
    assert "niet te lezen als gebeurtenis" in said.err
    assert '"event":null' in for_a_program.out


def test_a_file_that_is_no_single_checkpoint_is_bad_input_and_not_a_changed_log(
    site: SiteLayout, tmp_path: Path
) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    write(site, Event(action=EventAction.SERVICE_STOPPED))
    kept = tmp_path / "kept"
    wrong = (b"geen checkpoint", b"", (site.root / "audit" / "checkpoints").read_bytes(), bytes(200_000))

    for content in wrong:
        kept.write_bytes(content)
        said = audit(site, "verify", "--checkpoint", kept)
        assert 2 == said.exit_code
        assert "[checkpoint-unreadable]" in said.err


def test_a_checkpoint_that_another_key_signed_is_not_verified(site: SiteLayout, tmp_path: Path) -> None:
    """Whoever begins a log anew with another key is found by a checkpoint that lies elsewhere."""
    write(site, Event(action=EventAction.SERVICE_STARTED))
    [*_, newest] = checkpoints_of(site.root / "audit")
    text = newest.partition(b"\n\n")[0] + b"\n"
    kept = tmp_path / "kept"
    kept.write_bytes(Note(text, (SIGNER.sign(text),)).as_bytes())
    said = audit(site, "verify", "--checkpoint", kept)

    assert 4 == said.exit_code
    assert "[checkpoint-invalid]" in said.err


@pytest.mark.parametrize("command", [("search",), ("stats",), ("search", "--csv"), ("export",)])
def test_a_question_that_finds_nothing_says_so_and_what_was_asked(site: SiteLayout, command: tuple[str, ...]) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    said = audit(site, *command, "--code", "mail-bounced", "--since", "2026-11-01")

    assert 0 == said.exit_code
    assert "Niets gevonden met --code mail-bounced, --since 2026-11-01T00:00:00Z." in said.err
    assert "Nr." not in said.out


def test_an_empty_log_is_told_as_empty(site: SiteLayout) -> None:
    assert "Het auditlogboek heeft nog geen gebeurtenissen." in audit(site, "search").err


def test_a_recipient_whom_nobody_knows_is_told_with_those_who_are_known(site: SiteLayout) -> None:
    site.recipients.mkdir()
    (site.recipients / "gemeente-voorbeeld.yaml").touch()
    write(site, Event(action=EventAction.PACKAGE_SEALED, recipient=RecipientId("nidos-voorbeeld")))

    known, unknown = (
        audit(site, "search", "--recipient", each).err for each in ("gemeente-voorbeeld", "gemeente-voorbeld")
    )
    assert "Bekend zijn" not in known
    assert "'gemeente-voorbeld' staat niet in het register en niet in dit logboek." in unknown
    assert "Bekend zijn: gemeente-voorbeeld, nidos-voorbeeld." in unknown


def test_a_colleague_or_code_that_is_nowhere_in_the_log_is_told_with_what_is_like_it(site: SiteLayout) -> None:
    write(
        site,
        Event(action=EventAction.PACKAGE_RELEASED, person=PersonId("j-jansen")),
        Event(action=EventAction.PACKAGE_RELEASE_FAILED, codes=("mail-bounced",)),
    )
    said = audit(site, "search", "--person", "j-janssen", "--code", "mail-bounce").err
    known = audit(site, "search", "--person", "j-jansen", "--code", "mail-bounced").err

    assert "--person 'j-janssen' komt in dit logboek niet voor. Het lijkt op: j-jansen." in said
    assert "--code 'mail-bounce' komt in dit logboek niet voor. Het lijkt op: mail-bounced." in said
    assert "komt in dit logboek niet voor" not in known
    said = audit(site, "search", "--code", "x").err
    assert "--code 'x' komt in dit logboek niet voor." in said
    assert "Het lijkt op" not in said


def test_the_first_eight_characters_of_a_package_find_nothing_and_the_answer_says_which_end_is_asked(
    site: SiteLayout,
) -> None:
    package = PackageId("0198f0de-7e21-7c3a-9d52-0000000a0001")
    write(site, Event(action=EventAction.PACKAGE_RELEASED, package=package))

    assert "vraagt de laatste acht tekens" in audit(site, "search", "--package", package[:8]).err
    assert "" == audit(site, "search", "--package", package[-8:]).err
    assert "laatste acht" not in audit(site, "search", "--package", package[:-1] + "2").err


@pytest.mark.parametrize("command", [("search",), ("stats",), ("export",)])
def test_what_an_event_never_says_is_not_answered_as_what_never_happened(
    site: SiteLayout, command: tuple[str, ...]
) -> None:
    write(site, Event(action=EventAction.PACKAGE_HELD, codes=("guard.first-time",)))
    asked = ("--recipient", "gemeente-voorbeeld", "--action")
    held, decided = (audit(site, *command, *asked, each) for each in ("package-held", "package-policy-evaluated"))
    english = audit(site, *command, *asked, "package-held", "--lang", "en")

    assert (
        "Een gebeurtenis package-held noemt nooit een ontvanger: met --recipient erbij wordt er nooit een" in held.err
    )
    assert "of vraag een gebeurtenis die dat wel noemt: --action package-policy-evaluated." in held.err
    assert "An event package-held never names a recipient" in english.err
    assert "noemt nooit" not in decided.err + audit(site, *command, "--action", "package-held").err


def test_counts_of_what_went_say_why_no_event_is_counted_beside_them(site: SiteLayout) -> None:
    package, to = PackageId("0198f0de-7e21-7c3a-9d52-0000000a0001"), RecipientId("gemeente-voorbeeld")
    released = Event(action=EventAction.PACKAGE_RELEASED, package=package, recipient=to)
    write(site, replace(released, action=EventAction.PACKAGE_POLICY_EVALUATED, categories=("ordinary",)), released)
    said = audit(site, "stats", "--category", "ordinary", "--action", "package-released")

    assert "gemeente-voorbeeld" in said.out
    assert "Een gebeurtenis package-released noemt nooit een categorie" in said.err


def test_counts_by_an_event_that_is_no_sending_do_not_read_as_nothing_went(site: SiteLayout) -> None:
    package, to = PackageId("0198f0de-7e21-7c3a-9d52-0000000a0001"), RecipientId("gemeente-voorbeeld")
    released = Event(action=EventAction.PACKAGE_RELEASED, package=package, recipient=to)
    write(site, Event(action=EventAction.PACKAGE_HELD), released)
    held, sent = (audit(site, "stats", *words).out for words in (("--action", "package-held"), ()))

    assert "Geteld is wat wegging" not in held
    assert "Bij package-held gaat niets weg: alleen de gebeurtenissen zelf zijn geteld." in held
    assert "Geteld is wat wegging" in sent


def test_counts_show_no_table_without_rows_and_say_when_nothing_went(site: SiteLayout) -> None:
    write(site, Event(action=EventAction.PACKAGE_HELD))
    asked, all_, csv = (audit(site, "stats", *words).out for words in (("--action", "package-held"), (), ("--csv",)))

    assert ["Gebeurtenis", "Aantal"] == asked.split()[:2]
    assert ["Gebeurtenis", "Aantal"] == all_.split()[:2]
    assert "Pakketten" not in asked + all_
    assert "Hiermee is niets gevonden dat wegging: alleen de gebeurtenissen zelf zijn geteld." in all_
    assert "events,package-held,1" in csv


@pytest.mark.parametrize("command", ["search", "stats", "export"])
def test_a_program_reads_by_which_filters_an_event_is_never_found(site: SiteLayout, command: str) -> None:
    asked = ("--recipient", "gemeente-voorbeeld", "--category", "ordinary", "--code", "mail-bounced", "--json")

    assert '"neverFound":["recipient","category"]' in audit(site, command, *asked, "--action", "package-held").out
    assert '"neverFound":[]' in audit(site, command, *asked).out


@pytest.mark.parametrize("command", ["search", "stats", "export"])
def test_a_line_that_says_more_than_ours_do_is_found_and_not_called_impossible(site: SiteLayout, command: str) -> None:
    to = RecipientId("gemeente-voorbeeld")
    write(site, Event(action=EventAction.PACKAGE_HELD, recipient=to))
    asked = ("--recipient", to, "--action", "package-held")

    assert '"neverFound":[]' in audit(site, command, *asked, "--json").out
    assert "noemt nooit" not in audit(site, command, *asked).err


def test_an_answer_for_a_program_says_nothing_beside_it(site: SiteLayout) -> None:
    for command in ("search", "stats", "export"):
        assert "" == audit(site, command, "--code", "mail-bounced", "--json").err


@pytest.mark.parametrize("command", [("search",), ("export",), ("show", "0")])
def test_proofs_that_are_written_are_told_with_their_place_and_names(
    site: SiteLayout, command: tuple[str, ...], tmp_path: Path
) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    said = audit(site, *command, "--proof" if command[0] == "show" else "--proofs", tmp_path / "bewijs")

    told = f"Regel (NUMMER.json) en bewijs (NUMMER.tlog-proof) van 1 gebeurtenis staan in {tmp_path / 'bewijs'}"
    assert told in said.err
    assert {"0.json", "0.tlog-proof"} == {each.name for each in (tmp_path / "bewijs").iterdir()}


@pytest.mark.parametrize(("by", "typed"), [("v-number", ""), ("name", "Samuel Tesfay\n")])
def test_a_question_that_names_nobody_is_told_and_not_ended_in_silence(site: SiteLayout, by: str, typed: str) -> None:
    said = run("--site", site.root, "audit", "who-received", "--by", by, typed=typed)

    assert (2, "") == (said.exit_code, said.out)
    assert "Er is naar niemand gevraagd" in said.err
    assert "Tesfay" not in said.err.rpartition("\n\n")[2]


def test_a_bsn_that_fails_the_eleven_test_is_told_as_perhaps_mistyped_and_never_repeated(site: SiteLayout) -> None:
    wrong, right, number = (
        run("--site", site.root, "audit", "who-received", "--by", kind, typed=typed)
        for kind, typed in (("bsn", "123456789"), ("bsn", "111222333"), ("v-number", "1234567890"))
    )

    assert [0, 0, 0] == [each.exit_code for each in (wrong, right, number)]
    assert "elfproef" in wrong.err
    assert "elfproef" not in right.err + number.err
    # The test's own terminal echoes what is typed behind the question.
    assert "123456789" not in (wrong.out + wrong.err).replace("BSN: 123456789", "")


def test_who_has_to_hear_of_a_correction_comes_with_the_packages_that_may_still_go(site: SiteLayout) -> None:
    pseudonyms = PseudonymKeys.ready(site, random=os.urandom).searched("vnr", "2812345678")
    held, sent = (PackageId(f"0198f0de-7e21-7c3a-9d52-0000000a000{number}") for number in (1, 2))
    to = RecipientId("gemeente-voorbeeld")
    evaluated = Event(action=EventAction.PACKAGE_POLICY_EVALUATED, package=held, recipient=to, subjects=pseudonyms)
    write(
        site,
        evaluated,
        Event(action=EventAction.PACKAGE_HELD, package=held),
        replace(evaluated, package=sent),
        Event(action=EventAction.PACKAGE_RELEASED, package=sent, recipient=to, subjects=pseudonyms),
    )
    said = run("--site", site.root, "audit", "who-received", "--notify", typed="2812345678")
    as_json = run("--site", site.root, "audit", "who-received", "--json", typed="2812345678").json

    assert "1 pakket over deze persoon kan nog weggaan." in said.err
    assert f"  {held} (aangehouden)" in said.err
    assert sent in said.out
    assert [{"package": held, "state": "held"}] == as_json["waiting"]


def test_a_second_log_key_is_refused_as_a_key_and_not_as_a_full_folder(site: SiteLayout) -> None:
    said = audit(site, "init")

    assert 1 == said.exit_code
    assert "[secret-exists]" in said.err
    assert "audit/vkeys" in said.err


def test_an_attack_by_a_report_over_another_file_leaves_that_as_it_was(site: SiteLayout, tmp_path: Path) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    before, empty = site.settings.read_bytes(), tmp_path / "leeg.html"
    empty.touch()
    (tmp_path / "pijp").symlink_to(os.devnull)

    for file in (site.settings, empty, tmp_path / "pijp"):
        said = audit(site, "report", file)
        assert 2 == said.exit_code
        assert "bestaat al en is geen eerder rapport" in said.err
    assert (before, b"") == (site.settings.read_bytes(), empty.read_bytes())


def test_an_earlier_report_is_replaced_also_one_by_a_template_of_the_site(site: SiteLayout, tmp_path: Path) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    site.templates.mkdir()
    (site.templates / "report.html.j2").write_text("eigen {{ made_at }}", encoding="utf-8")

    assert [0, 0] == [audit(site, "report", tmp_path / "rapport.html").exit_code for _ in range(2)]


@pytest.mark.parametrize("command", [("search",), ("stats",), ("export",), ("who-received",)])
def test_a_period_that_ends_before_it_begins_is_refused_with_its_ends(
    site: SiteLayout, command: tuple[str, ...]
) -> None:
    said = audit(site, *command, "--since", "2026-11-20", "--until", "2026-11-19")

    assert (2, "") == (said.exit_code, said.out)
    assert "begint op 2026-11-20T00:00:00Z en eindigt daarvóór, op 2026-11-19T23:59:59Z" in said.err


def test_a_report_that_would_begin_after_today_is_refused_with_both_days(site: SiteLayout, tmp_path: Path) -> None:
    today = dt.datetime.now(dt.UTC).date()
    said = audit(site, "report", tmp_path / "rapport.html", "--since", "9999-01-01")

    assert 2 == said.exit_code
    assert f"begint op 9999-01-01 en eindigt daarvóór, op {today}" in " ".join(said.err.split())


def test_who_received_nothing_in_a_period_is_told_with_that_period(site: SiteLayout) -> None:
    pseudonyms = PseudonymKeys.ready(site, random=os.urandom).searched("vnr", "2812345678")
    package, to = PackageId("0198f0de-7e21-7c3a-9d52-0000000a0001"), RecipientId("gemeente-voorbeeld")
    released = Event(action=EventAction.PACKAGE_RELEASED, package=package, recipient=to, subjects=pseudonyms)
    write(site, replace(released, action=EventAction.PACKAGE_POLICY_EVALUATED), released)

    def asked(*words: str) -> Said:
        return run("--site", site.root, "audit", "who-received", *words, typed="2812345678")

    before = ("--since", "2026-11-01", "--until", "2026-11-19T12:00:00Z")
    period = "vanaf 2026-11-01T00:00:00Z tot en met 2026-11-19T12:00:00Z"
    assert f"Niemand kreeg iets over deze persoon {period}, voor zover" in asked(*before).out
    assert f"Niemand heeft gegevens over deze persoon die zijn verstuurd {period}," in asked(*before, "--notify").out
    ends = ("since", "until")
    assert ["2026-11-01T00:00:00Z", "2026-11-19T12:00:00Z"] == [asked(*before, "--json").json[end] for end in ends]
    assert [None, None] == [asked("--json").json[end] for end in ends]
    assert package in asked("--until", "2026-11-20T09:00:00Z").out


def test_a_lost_file_of_public_keys_is_asked_for_out_of_the_back_up_and_not_called_a_setting(site: SiteLayout) -> None:
    write(site, Event(action=EventAction.SERVICE_STARTED))
    site.audit_keys.unlink()
    said = audit(site, "verify")

    assert 1 == said.exit_code
    assert "  audit/vkeys: hier hoort dit bestand uit een back-up; alleen een site die nog nooit" in said.err
    assert "of zet dat bestand terug" in said.err
