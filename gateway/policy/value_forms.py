"""Whether the value of a field can be what the field's name says: numbers with a public form or proof, and dates.

Rules:
1. A value that does not fit is something else, perhaps a field that was not permitted: it does not leave so.
2. A value that fits is not proved right. One in eleven numbers passes the proof of a BSN.
3. Nothing at all fits: an empty field tells nobody anything.
4. What is longer than anything of these forms is not looked at: a check must not take longer than its value is worth.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Final

from pydantic import JsonValue
from stdnum import iban
from stdnum.nl import bsn, postcode

from gateway.package.manifest import PartialDate
from gateway.package.paths import Leaves


class ValueForm(StrEnum):
    """The forms that a field of the catalogue may name as its `validator`."""

    BSN = "bsn"
    V_NUMBER = "v-number"
    IBAN = "iban"
    POSTCODE = "postcode"
    DATE = "date"


SPECIMENS: Final[Mapping[ValueForm, str]] = {
    ValueForm.BSN: "123456782",
    ValueForm.V_NUMBER: "0991234501",
    ValueForm.IBAN: "NL91ABNA0417164300",
    ValueForm.POSTCODE: "3511 AB",
    ValueForm.DATE: "1990-05-01",
}
"""For each form a value that fits and belongs to nobody."""

# An IBAN has up to 34 signs, and people put signs between the groups.
_LONGEST: Final = 100
_BEYOND_EVERY_BSN: Final = 10**9
# Text, because a number has lost the zeros that it began with.
_V_NUMBER = re.compile(r"[0-9]{10}")
# A postcode abroad: short, with a digit, and not one of the numbers that name a person.
_POSTCODE_ABROAD = re.compile(r"(?=.*[0-9])(?!(?:.*[0-9]){8})[A-Za-z0-9][A-Za-z0-9 -]{1,8}[A-Za-z0-9]")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_WHOLE_DATE = re.compile(r"[0-9]{4}-(?!00)[0-9]{2}-(?!00)[0-9]{2}")
_YEAR = re.compile(r"[12][0-9]{3}")


def misfits(rows: Iterable[Leaves], *, forms: Mapping[str, ValueForm]) -> frozenset[str]:
    """Give the paths that hold a value which their form refuses; `forms` has the form of each path that has one."""
    return frozenset(
        path
        for row in rows
        for path, value in row
        if (form := forms.get(path)) is not None and not fits(value, form=form)
    )


def fits(value: JsonValue, *, form: ValueForm) -> bool:
    """Tell whether a value can be what its field says."""
    if value is None or value in ("", [], {}):
        return True
    if form is ValueForm.BSN and type(value) is int:
        # Numbers of thousands of digits can not even be written as text.
        return 0 <= value < _BEYOND_EVERY_BSN and bsn.is_valid(str(value))
    return isinstance(value, str) and len(value) <= _LONGEST and _CHECKS[form](value.strip())


def bsn_digits(value: JsonValue) -> str:
    """Give a BSN as its 9 digits, however it was written; empty for nothing and for what can not be one."""
    if not isinstance(value, str | int) or not value or not fits(value, form=ValueForm.BSN):
        return ""
    return bsn.compact(str(value))


def _is_postcode(text: str) -> bool:
    return postcode.is_valid(text) or _POSTCODE_ABROAD.fullmatch(text) is not None


def days_meant(text: str) -> tuple[dt.date, dt.date] | None:
    """Give the first and the last day that a date can mean; None for a text that is no date."""
    if _YEAR.fullmatch(text):
        text = f"{text}-00-00"
    try:
        if _WHOLE_DATE.fullmatch(text):
            date = dt.date.fromisoformat(text)
            return date, date
        if found := _DAY_FIRST.fullmatch(text):
            day, month, year = map(int, found.groups())
            return dt.date(year, month, day), dt.date(year, month, day)
        partial = PartialDate.parse(text)
        return partial.earliest(), partial.latest()
    except (ValueError, OverflowError):
        return None


def _is_date(text: str) -> bool:
    return days_meant(text) is not None


def _is_bsn(text: str) -> bool:
    return bsn.is_valid(text)


def _is_v_number(text: str) -> bool:
    return _V_NUMBER.fullmatch(text) is not None


def _is_iban(text: str) -> bool:
    return iban.is_valid(text)


_CHECKS: Final[Mapping[ValueForm, Callable[[str], bool]]] = {
    ValueForm.BSN: _is_bsn,
    ValueForm.V_NUMBER: _is_v_number,
    ValueForm.IBAN: _is_iban,
    ValueForm.POSTCODE: _is_postcode,
    ValueForm.DATE: _is_date,
}
