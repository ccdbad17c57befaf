"""Whether a package's data is about its subject: age, consent and guardianship are the subject's, and nobody else's.

Rules:
1. A row says who it is about by name, V-number and date of birth, under any spelling that the catalogue knows. Each of
   these that the row and the manifest both say has to be the same, in every row; the rest of a row is not looked at.
2. A row that says any of them has one that is the subject's. What the manifest leaves out can not be compared, and is
   not taken for equal.
3. Of several rows each says by a name or a V-number that it is about the subject.
4. Names are equal but for case, diacritics, order and spelling of characters, or are a variant that the manifest gives.
   A part of a name holds no word that the name has not. A date that is partly unknown is equal to those it can mean.
5. Nothing at all says nothing, and neither does what can not be read: a field's form holds that (`value_forms.py`).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from gateway.package.folding import words_of
from gateway.package.manifest import Subject
from gateway.package.paths import Leaves
from gateway.policy.value_forms import ValueForm, days_meant, fits


class Identifying(StrEnum):
    """The fields of the catalogue, by their ids, that say whom a row is about."""

    NAME = "name"
    GIVEN_NAMES = "givenNames"
    FAMILY_NAME = "familyName"
    NAME_PREFIX = "namePrefix"
    V_NUMBER = "vNumber"
    DATE_OF_BIRTH = "dateOfBirth"


_NAMES_ONE_PERSON = frozenset({Identifying.NAME, Identifying.V_NUMBER})
_SPLIT_NAME = frozenset({Identifying.GIVEN_NAMES, Identifying.FAMILY_NAME})
_FORMS = {Identifying.V_NUMBER: ValueForm.V_NUMBER, Identifying.DATE_OF_BIRTH: ValueForm.DATE}
_Said = tuple[Identifying, bool | None]


def all_about(rows: Sequence[Leaves], *, subject: Subject, identifying: Mapping[str, Identifying]) -> bool:
    """Tell whether every row is about the subject; `identifying` has every spelling of the fields that say so."""
    person = _Person(subject)
    return all(
        _is_about(dict.fromkeys(_said(row, person=person, identifying=identifying)), alone=len(rows) == 1)
        for row in rows
    )


def _is_about(said: Iterable[_Said], *, alone: bool) -> bool:
    found = list(said)
    same = {what for what, equal in found if equal}
    if any(equal is False for _, equal in found):
        return False
    if alone:
        return bool(same) or not found
    return not same.isdisjoint(_NAMES_ONE_PERSON) or same >= _SPLIT_NAME


def _said(row: Leaves, *, person: "_Person", identifying: Mapping[str, Identifying]) -> Iterator[_Said]:
    """Give what a row says, and whether it is the subject's; None for what the manifest does not say."""
    for path, value in row:
        what = identifying.get(path)
        text = "" if what is None or value is None or isinstance(value, bool | dict | list) else str(value)
        if what is not None and words_of(text) and _can_be_read(text, what):
            yield what, person.has(what, text)


def _can_be_read(text: str, what: Identifying) -> bool:
    return what not in _FORMS or fits(text, form=_FORMS[what])


class _Person:
    """The subject, as far as a row can be compared with it."""

    def __init__(self, subject: Subject) -> None:
        self._names = [sorted(words_of(name)) for name in (subject.name, *subject.name_variants)]
        self._v_number = subject.v_number
        self._born = days_meant(subject.date_of_birth) if subject.date_of_birth is not None else None

    def has(self, what: Identifying, text: str) -> bool | None:
        if what is Identifying.V_NUMBER:
            return None if self._v_number is None else text.strip() == self._v_number
        if what is Identifying.DATE_OF_BIRTH:
            return self._was_born(days_meant(text.strip()))
        words = sorted(words_of(text))
        if what is Identifying.NAME:
            return words in self._names
        return any(set(words) <= set(name) for name in self._names)

    def _was_born(self, days: tuple[dt.date, dt.date] | None) -> bool | None:
        if days is None or self._born is None:
            return None
        return days[0] <= self._born[1] and self._born[0] <= days[1]
