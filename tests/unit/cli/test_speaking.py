"""The command line speaks the reader's language, also in what its library says."""

import gettext
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import click
import pytest
from babel.messages.extract import extract

from gateway.bootstrap.layout import SiteLayout
from gateway.entrypoints.cli.console.invocation import Invocation
from gateway.entrypoints.cli.console.root import root
from gateway.entrypoints.cli.console.speaking import LIBRARY_TEXTS, speak, spoken, value_names
from gateway.entrypoints.cli.run import _tell_started
from gateway.package.states import Language
from tests.unit.cli.conftest import every_command, run


@pytest.mark.parametrize(
    ("words", "dutch", "english"),
    [
        (("show",), "Fout: Hier ontbreekt 'ID'.", "Error: Missing argument 'ID'."),
        (("submit",), "Fout: Hier ontbreekt 'PAKKET'.", "Error: Missing argument 'PACKAGE'."),
        (("submit",), "Gebruik: sluis submit [OPTIES] PAKKET", "Usage: sluis submit [OPTIONS] PACKAGE"),
        (("unheard-of",), "De opdracht 'unheard-of' bestaat niet.", "No such command 'unheard-of'."),
        (("stauts",), "bestaat niet. Bedoelt u 'status'?", "Did you mean 'status'?"),
        (("audit", "serach"), "bestaat niet. Bedoelt u 'search'?", "Did you mean 'search'?"),
        (("show", "x", "--jsno"), "bestaat niet. Bedoelt u '--json'?", "Did you mean '--json'?"),
        (("show", "x", "--colour"), "De optie '--colour' bestaat niet.", "No such option '--colour'."),
        (("audit", "search", "--action", "x"), "Kies uit: 'service-started'", "is not one of 'service-started'"),
        (("audit", "search", "--limit", "0"), "ligt niet binnen 1<=x<=100000", "is not in the range 1<=x<=100000"),
        (("policy", "diff", "."), "Noem twee mappen, of geen.", "Name two folders, or none."),
    ],
)
def test_wrong_usage_is_told_in_the_readers_language(words: tuple[str, ...], dutch: str, english: str) -> None:
    said, told = run(*words), run("--lang", "en", *words)

    assert (2, 2) == (said.exit_code, told.exit_code)
    assert dutch in said.err
    assert said.err.startswith("Gebruik: sluis")
    assert english in told.err
    assert told.err.startswith("Usage: sluis")


def test_help_names_every_command_and_option_in_the_readers_language() -> None:
    said, told = run("audit", "--help").out, run("--lang", "en", "audit", "--help").out
    option = run("audit", "who-received", "--help").out

    assert "Zeg wie wat kreeg over één persoon." in said
    assert "Tell who got what about one person" in told
    assert "Waarop te zoeken.  [standaard: v-number]" in option


@pytest.mark.parametrize(
    ("words", "dutch", "english"),
    [
        ((), "sluis [OPTIES] OPDRACHT [ARGUMENTEN]...", "sluis [OPTIONS] COMMAND [ARGS]..."),
        (("audit", "report"), "[OPTIES] BESTAND", "[OPTIONS] FILE"),
        (("audit", "report"), "--since DAG", "--since DAY"),
        (("audit", "search"), "--action GEBEURTENIS", "--action EVENT"),
        (("audit", "search"), "--proofs MAP", "--proofs DIRECTORY"),
        (("init",), "--smtp HOST:POORT", "--smtp HOST:PORT"),
        (("holds", "release"), "--reason [necessity-proven", "--reason [necessity-proven"),
        (("policy", "show"), "[SOORT|ONTVANGER|VELD]", "[KIND|RECIPIENT|FIELD]"),
        (("keys", "import"), "[BESTAND]", "[FILE]"),
    ],
)
def test_names_of_values_are_in_the_readers_language(words: tuple[str, ...], dutch: str, english: str) -> None:
    assert dutch in run(*words, "--help").out
    assert english in run("--lang", "en", *words, "--help").out


def test_no_help_in_dutch_names_a_value_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for words, command in every_command(root):
        with spoken(Language.NL):
            english = {each for each in value_names(command) if speak(each) != each}
        said = run(*words, "--help").out
        found += [(words, each) for each in english if re.search(rf"\b{each}\b", said)]

    assert [] == found


@pytest.mark.parametrize("words", [(), ("audit",), ("policy",)])
def test_a_list_of_commands_breaks_no_sentence_off(words: tuple[str, ...]) -> None:
    assert "..." not in run(*words, "--help").out.replace("[ARGUMENTEN]...", "")
    assert "..." not in run(*words, "--help", "--lang", "en").out.replace("[ARGS]...", "")


@pytest.fixture
def english_site(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text("format: sluis-site/1\nlanguage: en\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "environment", "begins"),
    [
        ((), {}, "Usage:"),
        (("--lang", "nl"), {}, "Gebruik:"),
        (("--lang=nl",), {"SLUIS_LANG": "en"}, "Gebruik:"),
        ((), {"SLUIS_LANG": "nl"}, "Gebruik:"),
        ((), {"SLUIS_LANG": "NL_nl.UTF-8"}, "Gebruik:"),
        ((), {"SLUIS_LANG": "fr", "LANG": "nl_NL.UTF-8", "LC_ALL": "nl_NL.UTF-8"}, "Usage:"),
    ],
)
def test_a_command_speaks_the_language_of_its_site_unless_a_person_chose_another(
    english_site: Path, words: tuple[str, ...], environment: dict[str, str], begins: str
) -> None:
    before = run("--site", english_site, *words, "show", **environment)
    behind = run("show", f"--site={english_site}", *words, **environment)
    surrounding = run("show", *words, "--help", **environment, SLUIS_SITE=str(english_site))

    assert [begins] * 3 == [each[: len(begins)] for each in (before.err, behind.err, surrounding.out)]


@pytest.mark.parametrize(
    "content", [None, b"", b"language: fr\n", b"- en\n", b"language: [\n", b"\xff", b"organisation: x\n"]
)
def test_settings_that_name_no_language_leave_it_dutch(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "site.yaml").write_bytes(content)

    assert run("--site", tmp_path, "show").err.startswith("Gebruik:")


def test_what_a_command_does_is_told_in_the_language_of_its_site(english_site: Path) -> None:
    said, told = (run("--site", english_site, "check", *words).out for words in ((), ("--lang", "nl")))

    assert "settings" in said
    assert "instellingen" in told


@pytest.mark.parametrize(("language", "told"), [(Language.NL, "Sluis draait."), (Language.EN, "Sluis runs.")])
def test_a_service_that_began_says_so_in_the_language_of_its_site(
    language: Language, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = SimpleNamespace(outbox=SimpleNamespace(root=tmp_path / "outbox"), site=SiteLayout(tmp_path))
    _tell_started(Invocation(language=language), cast("Any", house))

    assert told in capsys.readouterr().out


def test_without_a_word_it_prints_its_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["sluis"])
    said = run()

    assert 2 == said.exit_code
    assert "Opdrachten:" in said.out + said.err


@pytest.mark.parametrize("command", [("alerts",), ("search",), ("stats",), ("report", "x.html")])
def test_every_command_says_in_the_same_words_how_a_day_is_written(command: tuple[str, ...]) -> None:
    said = run("audit", *command, "--since", "gisteren")

    assert 2 == said.exit_code
    assert "Schrijf een dag als 2026-11-20" in said.err


def test_a_command_leaves_the_language_of_its_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "fr")
    with spoken(Language.NL):
        assert "Schrijf een dag als 2026-11-20." == speak("Write a day as 2026-11-20.")
    assert "fr" == os.environ["LANGUAGE"]
    assert "Write a day as 2026-11-20." == gettext.gettext("Write a day as 2026-11-20.")


def test_every_text_that_is_translated_for_the_library_is_one_that_it_says() -> None:
    found: set[object] = set()
    for path in Path(click.__file__).parent.glob("*.py"):
        with path.open("rb") as source:
            found |= {message for _, message, _, _ in extract("python", source, {"_": None, "ngettext": (1, 2)})}

    # Marked where it is chosen, and not where it is said.
    assert {"required"} >= {text for text in LIBRARY_TEXTS if text not in found}
