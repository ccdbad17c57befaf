"""Promises of what goes out of documents because this recipient does not get it as data."""

from typing import Any

import pytest

from gateway.minimise.leaving import withheld_from
from gateway.package.known import Known
from gateway.package.states import Data

ROW: dict[str, Any] = {"name": "Amina Yusuf", "address": "Voorbeeldweg 12", "strategy": "via Brussel"}


def withheld(*released: str, names: tuple[str, ...] = ("Amina Yusuf",), **more: Any) -> tuple[str, ...]:
    data = Data(shape="record", rows=({**ROW, **more},))
    return withheld_from(data, released=frozenset(released), known=Known(names=names))


def test_every_value_that_no_verdict_released_goes_out_of_documents() -> None:
    assert ("Voorbeeldweg 12", "via Brussel") == withheld("name")
    assert ("via Brussel",) == withheld("name", "address")


def test_a_value_that_a_permitted_field_says_as_well_stays() -> None:
    assert ("via Brussel",) == withheld("name", "address", remark="VOORBEELDWEG 12")


def test_the_subjects_name_stays_also_where_the_field_does_not_go() -> None:
    assert "Amina Yusuf" not in withheld()
    assert "Amina Yusuf" in withheld(names=("Iemand Anders",))


@pytest.mark.parametrize("value", ["ja", "man", "", True, 0, None])
def test_what_tells_nobody_anything_takes_no_ordinary_word_out(value: Any) -> None:
    assert ("Voorbeeldweg 12", "via Brussel") == withheld("name", extra=value)
