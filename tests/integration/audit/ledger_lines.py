"""Logs for tests of the ledger: events of a few people, packages and recipients in any order, over several days."""

import datetime as dt
import itertools
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from gateway.audit.events import Event, EventAction
from gateway.audit.records import record_of
from gateway.package.ids import PackageId, PersonId, RecipientId

PACKAGES = tuple(PackageId(f"0198f0de-7e21-7c3a-9d52-0000000a{number:04x}") for number in range(4))
RECIPIENTS = tuple(RecipientId(each) for each in ("nidos-voorbeeld", "gemeente-voorbeeld", "advocaat-voorbeeld"))
PEOPLE = tuple(PersonId(each) for each in ("medewerker", "collega"))
SUBJECTS = tuple(f"{kind}:k{key}:{number:032x}" for kind in ("vnr", "nbd") for key in (1, 2) for number in (1, 2))
POLICIES = ("a" * 64, "ab" * 32)
BEGUN = dt.datetime(2026, 11, 19, 22, 0, tzinfo=dt.UTC)
DOUBT = ("mail-outcome-unknown",)
UNREADABLE = (
    b"",
    b"{",
    b"[]",
    b"\xff\xfe",
    b'{"event.sequence":3}',
    b'{"@timestamp":"2026-11-20T09:00:00.000000Z","event.action":"package-held","event.sequence":18446744073709551615}',
    b'{"@timestamp":"2026-11-20T09:00:00","event.action":"package-held","event.sequence":1}',
    b'{"@timestamp":"2026-11-20T09:00:00.000000Z","event.action":{"a":1},"event.sequence":1}',
    b'{"@timestamp":"2026-11-20T09:00:00.000000Z","event.action":"x","event.sequence":1,"rule.id":[[1]]}',
    b'{"@timestamp":"2026-11-20T09:00:00.000000Z","event.action":"x","event.sequence":1,"user.id":7}',
    b'{"@timestamp":"2026-11-20T09:00:00.000000Z","event.action":"x","event.sequence":1,"user.id":null}',
    b'{"@timestamp":"2026-11-20T09:00:00.000000Z","event.action":"x","event.sequence":1,"rule.id":null}',
    b'{"@timestamp":"9999-12-31T23:59:59.999999-23:59","event.action":"x","event.sequence":1}',
    b'{"@timestamp":"0001-01-01T00:00:00.000000+14:00","event.action":"x","event.sequence":1}',
    b"[" * 5000,
)
"""Lines that are no events of ours, as somebody may write them who wants a reader to fall over them."""

_NAMES = st.sampled_from(
    (
        EventAction.PACKAGE_RECEIVED,
        EventAction.PACKAGE_POLICY_EVALUATED,
        EventAction.PACKAGE_POLICY_EVALUATED,
        EventAction.PACKAGE_HELD,
        EventAction.PACKAGE_RELEASE_STARTED,
        EventAction.PACKAGE_RELEASE_STARTED,
        EventAction.PACKAGE_RELEASED,
        EventAction.PACKAGE_RELEASED,
        EventAction.PACKAGE_RELEASE_FAILED,
        EventAction.PACKAGE_RELEASE_UNCERTAIN,
        EventAction.PACKAGE_COLLECTED,
        EventAction.PACKAGE_WITHDRAWN,
        EventAction.POLICY_APPROVED,
        EventAction.USER_LOGIN,
    )
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event, with more or less about it."""
    action = draw(_NAMES)
    parts: dict[str, Any] = {
        "person": draw(st.none() | st.sampled_from(PEOPLE)),
        "proposer": draw(st.none() | st.sampled_from(PEOPLE)) if action is EventAction.POLICY_APPROVED else None,
        "policy_digest": draw(st.sampled_from(("", *POLICIES))),
        "codes": draw(st.sampled_from(((), ("ngo.rule",), ("mail-bounced",), ("mail-bounced", "ngo.rule"), DOUBT))),
        "outcome": draw(st.sampled_from(("success", "failure"))),
    }
    if action.value.startswith("package-"):
        subjects = draw(st.lists(st.sampled_from(SUBJECTS), max_size=2, unique=True))
        parts |= {"package": draw(st.sampled_from(PACKAGES)), "subjects": tuple(subjects)}
        parts["categories"] = draw(st.sampled_from(((), ("ordinary",), ("ordinary", "special"))))
        if action not in (EventAction.PACKAGE_RECEIVED, EventAction.PACKAGE_HELD):
            parts |= {"recipient": draw(st.sampled_from(RECIPIENTS)), "channel": "secure-mail"}
            parts |= {"warnings": draw(st.sampled_from(((), ("guard.first-time",))))}
            parts |= {"verdicts": (("release", draw(st.integers(0, 9))),)}
    return Event(action=action, **parts)


def lines_of_events(found: Iterable[Event], *, first: int = 0, minutes: int = 7) -> list[tuple[str, bytes]]:
    """Give each event's line after the day of the file that it belongs in, so many minutes apart."""
    made = []
    for number, event in enumerate(found, first):
        at = BEGUN + number * dt.timedelta(minutes=minutes)
        chance = random.Random(number)
        line = record_of(
            event,
            sequence=number,
            at=at,
            event_id=f"00000000-0000-4000-8000-{number:012x}",
            salt=chance.randbytes(16),
            version="0.1.0",
            host="gateway-1",
            node="node-1",
        )
        made.append((at.date().isoformat(), line))
    return made


def append(folder: Path, lines: Iterable[tuple[str, bytes]]) -> None:
    """Write lines behind what is there, each into the file of its day."""
    folder.mkdir(parents=True, exist_ok=True)
    for day, each in itertools.groupby(lines, key=lambda line: line[0]):
        with (folder / f"{day}.jsonl").open("ab") as target:
            target.write(b"".join(line + b"\n" for _, line in each))


def cut_at(lines: Sequence[tuple[str, bytes]], places: Iterable[int]) -> Iterable[Sequence[tuple[str, bytes]]]:
    """Give the lines in pieces that end at these places."""
    begin = 0
    for end in (*sorted(places), len(lines)):
        yield lines[begin:end]
        begin = max(begin, end)
