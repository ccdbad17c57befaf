"""Texts are searched in normal form, and every span leads back to where it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.people.normalising import normalise

_HOSTILE = st.text(
    st.sampled_from("ab é\u0301-\n\r\t\u00ad\u200b\u00a0\u202e\ufffe\ufb01\uff21'\u2019\u2011 5\x00"), max_size=60
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Me\u00adron", "Meron"),
        ("Me\u200bron", "Meron"),
        ("Meron\u00a0Kidane", "Meron Kidane"),
        ("Mer-\nhawi", "Merhawi"),
        ("Al-\nMasri", "Al-Masri"),
        ("Mer\ufffehawi", "Merhawi"),
        ("S\u0327u\u0308kran", "Şükran"),
        ("06-\n12345678", "06-12345678"),
        ("d\u2019Hondt", "d'Hondt"),
        ("\ufb01lmon", "filmon"),
        ("Ka\u202erim", "Karim"),
    ],
)
def test_what_people_read_as_one_word_is_one_word(written: str, read: str) -> None:
    assert read == normalise(written).text


def test_the_span_of_a_broken_word_covers_the_break() -> None:
    text = "met Mer-\nhawi mee"

    normal = normalise(text)

    start = normal.text.index("Merhawi")
    assert "Mer-\nhawi" == text[slice(*normal.outside(start, start + len("Merhawi")))]


@given(st.one_of(st.text(max_size=80), _HOSTILE))
def test_every_character_of_the_normal_form_comes_from_inside_the_original_in_order(text: str) -> None:
    normal = normalise(text)

    assert len(normal.text) == len(normal.starts) == len(normal.ends)
    spans = list(zip(normal.starts, normal.ends, strict=True))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


@given(_HOSTILE, st.integers(0, 60), st.integers(0, 60))
def test_a_span_of_the_original_is_found_within_its_normal_form(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    normal = normalise(text)

    first, last = normal.inside(start, end)

    assert all(normal.ends[at] > start and normal.starts[at] < end for at in range(first, last))
