"""Who is who: from an operating-system user to a person or application, and from a person to what it may see."""

import datetime as dt

from gateway.bootstrap.settings import People, Person
from gateway.package.holding import HoldStage
from gateway.package.ids import PersonId
from gateway.package.states import Submitter
from gateway.receipt.notices import HoldNotice

_SEE_ALL = frozenset({"privacy-officer", "security", "administrator"})


class PeopleRegister:
    """The people of people.yaml.

    `one_user_plays_all` lets the service's own user log in as anybody: for demonstrations and tests only, since
    it would let one person review what that same person has sent.
    """

    def __init__(self, people: People, *, one_user_plays_all: bool) -> None:
        self._one_user_plays_all = one_user_plays_all
        self._by_id = {person.id: person for person in people.people}
        self._by_uid: dict[int, list[Person]] = {}
        for person in people.people:
            if person.uid is not None:
                self._by_uid.setdefault(person.uid, []).append(person)

    def of_uid(self, uid: int) -> Submitter | None:
        """Find the one person of an operating-system user; None when there is none, or several play one user."""
        found = self._by_uid.get(uid, [])
        return submitter_of(found[0]) if len(found) == 1 else None

    def submitting(self, uid: int) -> Submitter | None:
        """Find who hands in a package under this user: the first of its people, in the file's order.

        Several people share a user only in demonstrations and tests; the outbox can not tell them apart.
        """
        found = self._by_uid.get(uid, [])
        return submitter_of(found[0]) if found else None

    def may_be(self, person: str, *, uid: int, service_uid: int) -> Submitter | None:
        """Find a person whom this user may be: one of its own people, or anybody in a demonstration."""
        known = self._by_id.get(person)
        plays = self._one_user_plays_all and uid == service_uid
        if known is None or (known.uid != uid and not plays):
            return None
        return submitter_of(known)

    def are_one_user(self, first: PersonId, second: PersonId, *, uid: int | None) -> bool:
        """Tell whether a second person may be who acted first: then nobody else looked at it.

        `uid` is the operating-system user under which the first one acted, as far as it was kept. People get other
        ids (a marriage, a new staff number), and an id may be given to somebody else; the user that was kept tells them
        apart. Who is not known any more, and left no user to compare, may be anybody.
        """
        if self._one_user_plays_all:
            return False
        earlier, later = self._by_id.get(first), self._by_id.get(second)
        users = {each for each in (uid, earlier.uid if earlier else None) if each is not None}
        if later is None or not users or later.uid is None:
            return earlier is None or later is None
        return later.uid in users

    def deputised_by(self, person: PersonId, *, on: dt.date) -> tuple[PersonId, ...]:
        """Give the privacy officers in whose place a person may decide on a day, in the file's order."""
        return tuple(
            PersonId(officer.id)
            for officer in self._by_id.values()
            if any(deputy.id == person and deputy.stands_in(on) for deputy in officer.deputies)
        )

    def told_of_hold(self, notice: HoldNotice, *, on: dt.date) -> tuple[str, ...]:
        """Give the addresses of those who are told of a hold, each once; without an address nobody is told by mail."""
        home = notice.organisation.casefold()
        officers = [each for each in self._by_id.values() if _decides(each) and each.organisation.casefold() == home]
        told = [PersonId(each.id) for each in officers]
        if notice.stage is HoldStage.ESCALATED:
            told += [PersonId(each.id) for officer in officers for each in officer.deputies if each.stands_in(on)]
            told += [PersonId(each.id) for each in self._by_id.values() if "administrator" in each.roles]
        addresses = [
            self._by_id[each].email
            for each in dict.fromkeys(told)
            if each != notice.sender and not self.share_a_user(each, notice.sender)
        ]
        return tuple(dict.fromkeys(address for address in addresses if address is not None))

    def address_of(self, person: PersonId) -> str | None:
        """Give where a person gets mail, if that is known."""
        found = self._by_id.get(person)
        return found.email if found else None

    def share_a_user(self, one: PersonId, other: PersonId) -> bool:
        """Tell whether two people who are known now have one operating-system user; who is not known has none."""
        first, second = self._by_id.get(one), self._by_id.get(other)
        if first is None or second is None or self._one_user_plays_all:
            return False
        return first.uid is not None and first.uid == second.uid

    def get(self, person: PersonId) -> Submitter | None:
        """Find a person by id."""
        known = self._by_id.get(person)
        return submitter_of(known) if known else None


def _decides(person: Person) -> bool:
    return "privacy-officer" in person.roles and "application" not in person.roles


def submitter_of(person: Person) -> Submitter:
    """Give a person as the submitter of packages."""
    return Submitter(
        person=PersonId(person.id),
        organisation=person.organisation,
        roles=tuple(person.roles),
        application="application" in person.roles,
        uid=person.uid,
    )


def sees_all(submitter: Submitter) -> bool:
    """Tell whether somebody may look at other people's packages."""
    return not _SEE_ALL.isdisjoint(submitter.roles)
