"""Lines of the log that are not ours, with anything where a text or a list belongs, end no answer of the ledger."""

import csv
import io
import json
import os
from typing import Any

import orjson
import pytest

from gateway.audit.events import Event, EventAction
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.pseudonym_keys import PseudonymKeys
from tests.integration.audit.ledger_lines import PACKAGES, RECIPIENTS, append, lines_of_events
from tests.preloaded import CLI, preloaded

V_NUMBER = "2812345678"
ODD: tuple[Any, ...] = (
    None,
    7,
    1.5,
    True,
    "",
    "\x1b[2J",
    "=1+1",
    [],
    [None],
    [7],
    ["\x1b[2J"],
    {"a": 1},
    [[1]],
    "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01T00:00:00+14:00",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SiteLayout:
    """A site whose log says anything at every key of a disclosure, once each, after one disclosure of ours."""
    made = SiteLayout(tmp_path_factory.mktemp("site"))
    made.settings.touch()
    made.secrets.mkdir(mode=0o700)
    made.audit_log.mkdir(parents=True)
    subjects = PseudonymKeys.ready(made, random=os.urandom).searched("vnr", V_NUMBER)
    events = [
        Event(
            action=action,
            package=PACKAGES[0],
            recipient=RECIPIENTS[0],
            channel="secure-mail",
            codes=("ngo.rule",),
            categories=("ordinary",),
            warnings=("guard.first-time",),
            policy_digest="a" * 64,
            outcome="failure",
            attempt=1,
            subjects=subjects,
        )
        for action in (EventAction.PACKAGE_POLICY_EVALUATED, EventAction.PACKAGE_RELEASED)
    ]
    ours = lines_of_events(events, minutes=0)
    records = [orjson.loads(line) for _, line in ours]
    keys = sorted({key for record in records for key in record})
    odd = [(ours[0][0], orjson.dumps(each | {key: value})) for each in records for key in keys for value in ODD]
    append(made.audit_log, [*ours, *odd])
    return made


def ask(site: SiteLayout, *words: str) -> bytes:
    """Ask the log; give what is printed. No answer ends with an error, and each says that lines were left out."""
    done = preloaded(CLI).run("--site", site.root, "audit", *words, input=f"{V_NUMBER}\n".encode())
    assert 0 == done.returncode, done.stderr.decode()
    assert "--json" in words or "niet te lezen" in done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("words", [("search", "--limit", "9999"), ("stats",), ("who-received",)])
def test_an_attack_by_lines_with_anything_in_them_ends_no_answer(site: SiteLayout, words: tuple[str, ...]) -> None:
    table, told = ask(site, *words).decode(), json.loads(ask(site, *words, "--json"))
    rows = [*csv.reader(io.StringIO(ask(site, *words, "--csv").decode(), newline=""))]

    assert told["unreadable"] > len(ODD)
    assert len({len(row) for row in rows}) == 1
    assert "\x1b" not in table + "".join(map("".join, rows))
    assert not [cell for row in rows for cell in row if cell.startswith("=")]
    assert RECIPIENTS[0] in table


def test_an_attack_by_a_parcel_for_nobody_is_counted_by_none(site: SiteLayout) -> None:
    sent, told = json.loads(ask(site, "stats", "--json")), json.loads(ask(site, "who-received", "--json"))

    assert sum(sent["states"].values()) == sum(sent["recipients"].values()) == len(told["recipients"])


@pytest.mark.parametrize("form", ["jsonl", "csv", "json", "ecs", "ocsf", "cef", "syslog"])
def test_an_attack_by_lines_with_anything_in_them_ends_no_export(site: SiteLayout, form: str) -> None:
    assert RECIPIENTS[0].encode() in ask(site, "export", "--format", form)
