"""`sluis keys list` says of each key who verified it, as an alert sends people there to see."""

from collections.abc import Iterable
from typing import Any

import pytest
from rich.text import Text

from gateway.entrypoints.cli.console.invocation import Invocation
from gateway.entrypoints.cli.console.printing import Rows
from gateway.entrypoints.cli.key_commands import telling
from gateway.entrypoints.cli.key_commands.telling import tell_keys, warnings_of
from gateway.package.states import Language

_KEY: dict[str, Any] = {
    "recipient": "gemeente-voorbeeld",
    "fingerprint": "0123456789ABCDEF0123456789ABCDEF01234567",
    "type": "openpgp",
    "algorithm": "cv25519",
    "bits": 255,
    "expires": "2028-11-20T09:00:00Z",
    "state": "trusted",
    "health": "usable",
    "channels": ["secure-mail"],
    "verifiedBy": "privacy-1",
    "verifiedAt": "2026-11-20T09:00:00Z",
}


def _told(capsys: pytest.CaptureFixture[str], language: Language = Language.EN, **changed: Any) -> str:
    tell_keys(Invocation(language=language), [_KEY | changed], name="list")
    return capsys.readouterr().out


def test_a_list_of_keys_says_who_verified_each_and_when(capsys: pytest.CaptureFixture[str]) -> None:
    assert "privacy-1, 2026-11-20" in _told(capsys)


def test_a_key_in_force_that_nobody_is_known_to_have_verified_is_told_as_such(
    capsys: pytest.CaptureFixture[str],
) -> None:
    nobody: dict[str, Any] = {"verifiedBy": "", "verifiedAt": None}

    assert "not recorded" in _told(capsys, **nobody)
    assert "niet vastgelegd" in _told(capsys, Language.NL, **nobody)
    assert "not recorded" not in _told(capsys, **nobody, recipient="") + _told(capsys, **nobody, state="proposed")


def test_a_narrow_terminal_shows_who_verified_a_key_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.entrypoints.cli.console.printing._PLAIN_WIDTH", 80)
    lines = _told(capsys).splitlines()

    assert "Verified: privacy-1, 2026-11-20" in lines
    assert 80 >= max(map(len, lines))


@pytest.mark.parametrize(
    ("state", "health", "expected"),
    [
        ("trusted", "usable", "green"),
        ("trusted", "expired", "red"),
        ("proposed", "revoked", "red"),
        ("proposed", "usable", "magenta"),
        ("retired", "expired", ""),
    ],
)
def test_a_key_that_can_not_be_used_is_red_also_when_it_is_trusted(
    monkeypatch: pytest.MonkeyPatch, state: str, health: str, expected: str
) -> None:
    kept: list[Text] = []

    def keep(*_: str, rows: Iterable[list[Text]]) -> Rows:
        kept.extend(row[4] for row in rows)
        return Rows((), ())

    monkeypatch.setattr(telling, "table", keep)
    tell_keys(Invocation(language=Language.EN), [_KEY | {"state": state, "health": health}], name="list")

    assert [expected] == [str(each.style) for each in kept]


@pytest.mark.parametrize(
    ("days", "nl", "en"),
    [(1, "verloopt over 1 dag", "ends in 1 day"), (2, "verloopt over 2 dagen", "ends in 2 days")],
)
def test_the_days_that_a_key_has_left_are_counted_in_words_that_fit_their_number(days: int, nl: str, en: str) -> None:
    key = _KEY | {"daysLeft": days, "small": False, "namesAnother": False, "recordDiffers": False}

    assert [f"key-expires-soon: {nl}"] == list(warnings_of(key, language=Language.NL))
    assert [f"key-expires-soon: {en}"] == list(warnings_of(key, language=Language.EN))
