from collections.abc import Callable

import pytest

from gateway.package.ids import PackageId, RecipientId
from gateway.package.tracing import Trace, begin_trace, trace_of

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
NGO, LAWYER = RecipientId("ngo"), RecipientId("lawyer")


def drawn(*, start: int = 1) -> Callable[[int], bytes]:
    """Give random bytes that a test knows: all 1, then all 2, and so on."""
    numbers = iter(range(start, 256))
    return lambda count: bytes([next(numbers)]) * count


@pytest.mark.parametrize(
    "said",
    [
        f"00-{ID}-{SPAN}-01",
        f"00-{ID}-{SPAN}-00",
        f"00-{ID}-{SPAN}-ff",
        f"cc-{ID}-{SPAN}-01",
        f"cc-{ID}-{SPAN}-01-what-the-future-will-be-like",
    ],
)
def test_a_trace_that_the_standard_allows_is_taken_over_whatever_its_flags_say(said: str) -> None:
    trace = begin_trace(said, random=drawn())

    assert (ID, SPAN) == (trace.id, trace.parent_span)


@pytest.mark.parametrize(
    "said",
    [
        "",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{ID}-{'0' * 16}-01",
        f"ff-{ID}-{SPAN}-01",
        f"00-{ID.upper()}-{SPAN}-01",
        f"00-{ID}-{SPAN}-01-more",
        f"cc-{ID}-{SPAN}-01.more",
        f"00-{ID}-{SPAN}-1",
        f"00-{ID[:-1]}-{SPAN}-01",
        f"0-{ID}-{SPAN}-01",
        f"00-{ID}-{SPAN}",
        f"00-{ID}-{SPAN}-01\n",
        f"00-{ID}-{SPAN}-0\uff11",
    ],
)
def test_one_that_it_does_not_allow_is_not_there_and_a_trace_is_begun(said: str) -> None:
    trace = begin_trace(said, random=drawn())

    assert ("02" * 16, "") == (trace.id, trace.parent_span)


def test_a_broken_source_of_chance_gives_no_id_of_zeros() -> None:
    assert "0" * 31 + "1" == begin_trace("", random=bytes).id


def test_an_attempt_has_one_span_and_no_other_attempt_or_recipient_or_package_has_it() -> None:
    one, other = (begin_trace(f"00-{ID}-{SPAN}-01", random=drawn(start=start)) for start in (1, 2))

    spans = {one.span(NGO, 1), one.span(NGO, 2), one.span(LAWYER, 1), other.span(NGO, 1)}
    assert (4, {16}) == (len(spans), {len(each) for each in spans})
    assert one.span(NGO, 1) in spans


def test_a_request_says_the_trace_and_the_span_of_its_attempt() -> None:
    trace = begin_trace(f"00-{ID}-{SPAN}-00", random=drawn())

    assert f"00-{ID}-{trace.span(NGO, 2)}-01" == trace.parent_of(NGO, 2)


def test_a_package_from_before_there_were_traces_goes_by_its_own_id() -> None:
    package = PackageId("0198f0de-7e21-7c3a-9d52-0123456789ab")

    assert "0198f0de7e217c3a9d520123456789ab" == trace_of(package, None).id
    assert ID == trace_of(package, Trace(id=ID)).id


def test_what_spans_follow_from_is_not_printed() -> None:
    assert "0101" not in repr(begin_trace("", random=drawn()))
