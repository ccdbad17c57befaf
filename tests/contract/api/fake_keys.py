"""Keys in memory that take two people: brought by one, trusted by another; the own one rotates, a test is only told."""

import datetime as dt
from dataclasses import dataclass, field, replace

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.package.key_views import KeyImport, KeyView, PseudonymKeyView, RecipientTest, Rotation
from gateway.package.states import Submitter
from tests.contract.api.fake_rules import require_role

OWN, NEXT, PINNED, NEW = (Fingerprint(digit * 40) for digit in "ABCD")
MUNICIPALITY = "gemeente-voorbeeld"
_BRINGERS = ("privacy-officer", "administrator")
_FILE = b"PUBLIC KEY"


def _view(recipient: str, key: Fingerprint, **facts: object) -> KeyView:
    view = KeyView(
        recipient=recipient,
        fingerprint=key,
        type="openpgp",
        state="trusted",
        health=KeyHealth.USABLE,
        algorithm="cv25519",
        bits=255,
        expires=dt.datetime(2028, 11, 20, tzinfo=dt.UTC),
        days_left=700,
    )
    return replace(view, **facts)  # type: ignore[arg-type]  # The facts of a key, by name.


@dataclass
class FakeKeys:
    """Satisfies what `GatewayPort` promises of keys. A file that holds the words PUBLIC KEY holds the key NEW."""

    keys: dict[Fingerprint, KeyView] = field(
        default_factory=lambda: {
            OWN: _view("", OWN),
            PINNED: _view(MUNICIPALITY, PINNED, channels=("secure-mail",)),
        }
    )
    rotating: bool = False
    pseudonyms: int = 1

    def list(self, person: Submitter) -> tuple[KeyView, ...]:
        require_role(person, (*_BRINGERS, "security"))
        return tuple(self.keys.values())

    def bring(self, brought: KeyImport, person: Submitter) -> tuple[KeyView, bool]:
        require_role(person, _BRINGERS)
        if _FILE not in brought.content:
            raise SluisError(Code.KEY_UNREADABLE, detail={"limit": 1})
        if brought.recipient != MUNICIPALITY:
            raise SluisError(Code.KEY_OF_ANOTHER, where=NEW, detail={"name": MUNICIPALITY})
        if NEW in self.keys and self.keys[NEW].state != "retired":
            return self.keys[NEW], False
        waits = {"waits_for": "trust", "asked_by": person.person, "imported_by": person.person}
        self.keys[NEW] = _view(brought.recipient, NEW, state="proposed", source=brought.source, **waits)
        return self.keys[NEW], True

    def rotate_pseudonyms(self, person: Submitter, *, again: bool) -> PseudonymKeyView:
        require_role(person, ("administrator",))
        if self.pseudonyms > 1 and not again:
            raise SluisError(Code.PSEUDONYM_KEY_RECENT, detail={"key": f"k{self.pseudonyms}", "day": "2026-11-20"})
        self.pseudonyms += 1
        return PseudonymKeyView(key=f"k{self.pseudonyms}", file=f"secrets/pseudonym-{self.pseudonyms}.key")

    def trust(self, recipient: str, key: Fingerprint, how: str, person: Submitter) -> KeyView:
        require_role(person, ("privacy-officer",))
        found = self._find(recipient, key)
        if found.waits_for != "trust":
            raise SluisError(Code.KEY_NOT_PROPOSED, where=key)
        if found.asked_by == person.person:
            raise SluisError(Code.APPROVAL_OWN_PROPOSAL)
        facts = {"how": how, "verified_by": person.person, "waits_for": "", "asked_by": ""}
        self.keys[key] = _view(recipient, key, channels=("secure-mail",), **facts)
        return self.keys[key]

    def retire(self, recipient: str, key: Fingerprint, person: Submitter, *, leave_without: bool) -> KeyView:
        require_role(person, _BRINGERS)
        found = self._find(recipient, key)
        if found.state == "retired":
            raise SluisError(Code.KEY_UNKNOWN, where=key)
        used = [each for each in self.keys.values() if each.recipient == recipient and each.channels]
        if len(used) == 1 and not leave_without:
            raise SluisError(Code.KEY_LAST_OF_CHANNEL, where=key, detail={"channel": "secure-mail"})
        if found.waits_for != "retire":
            self.keys[key] = replace(found, waits_for="retire", asked_by=person.person)
        elif found.asked_by == person.person:
            raise SluisError(Code.APPROVAL_OWN_PROPOSAL)
        else:
            self.keys[key] = replace(found, state="retired", channels=(), waits_for="", asked_by="")
        return self.keys[key]

    def rotate(self, starts: dt.date | None, person: Submitter, *, finish: bool) -> Rotation:
        require_role(person, ("administrator",))
        if self.rotating != finish:
            raise SluisError(Code.ROTATION_UNDER_WAY)
        self.rotating = not finish
        day = starts or dt.date(2026, 12, 20)
        return Rotation(before=OWN, after=NEXT, starts=day, files=(f"keys/{NEXT}.asc",), done=finish)

    def test(self, recipient: str, person: Submitter) -> RecipientTest:
        require_role(person, _BRINGERS)
        if recipient != MUNICIPALITY:
            raise SluisError(Code.RECIPIENT_UNKNOWN, where="recipient")
        return RecipientTest(
            recipient=recipient,
            channel="secure-mail",
            reference="0000beef",
            keys=(PINNED,),
            signed_by=OWN,
            outcome="sent",
        )

    def _find(self, recipient: str, key: Fingerprint) -> KeyView:
        found = self.keys.get(key)
        if found is None or found.recipient != recipient:
            raise SluisError(Code.KEY_UNKNOWN, where=key)
        return found
