import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deliver.envelope import (
    check_mailbox,
    mail_arguments,
    rcpt_arguments,
    result_of_message,
    result_of_refusal,
    too_large,
)
from gateway.package.delivery_results import DeliveryOutcome
from gateway.package.errors import Code, SluisError


@pytest.mark.parametrize("address", ["loket@ngo.example", "a.b+c@sub.ngo.example", "o'neil-x_y@x1.example", "a@b"])
def test_a_plain_mailbox_is_an_address(address: str) -> None:
    assert check_mailbox(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "loket",
        "@ngo.example",
        "loket@",
        "loket@ngo.example\r\nRCPT TO:<thief@evil.example>",
        "loket@ngo.example\n",
        "loket@ngo.example\x00",
        "loket@ngo.example> NOTIFY=NEVER",
        "loket@ngo.example,thief@evil.example",
        "Loket <loket@ngo.example>",
        "thief%evil.example@relay.example",
        "evil.example!thief@relay.example",
        "@relay.example:thief@evil.example",
        '"lo ket"@ngo.example',
        "lokét@ngo.example",
        "loket@ngö.example",
        "loket@[127.0.0.1]",
        "a..b@ngo.example",
        ".a@ngo.example",
        "a.@ngo.example",
        "a@-ngo.example",
        "a@ngo..example",
        "a@b@ngo.example",
        "a" * 65 + "@ngo.example",
        "a@" + "b." * 130 + "example",
    ],
)
def test_anything_else_is_no_address_and_is_not_repeated_in_the_error(address: str) -> None:
    with pytest.raises(SluisError) as caught:
        check_mailbox(address)

    assert caught.value.code is Code.ADDRESS_INVALID
    assert str(caught.value) == "address-invalid"


@given(st.text(st.characters(max_codepoint=0x2FF), max_size=40))
def test_an_address_never_holds_what_could_end_or_extend_a_command(text: str) -> None:
    address = f"{text}@ngo.example"
    try:
        check_mailbox(address)
    except SluisError:
        return

    assert address.isascii()
    assert address.isprintable()
    assert set(address).isdisjoint(' <>,;:"()[]\\%!')


def test_extensions_are_used_only_where_the_relay_offers_them() -> None:
    assert mail_arguments("a@x.example", name="n@x", size=7, extensions={}) == (b"FROM:<a@x.example>",)
    assert rcpt_arguments("b@y.example", extensions={"size": ""}) == (b"TO:<b@y.example>",)


def test_delivery_notices_and_the_size_are_asked_for_where_offered() -> None:
    offered = {"size": "1000", "dsn": ""}

    assert mail_arguments("a@x.example", name="1+2=3@x", size=7, extensions=offered) == (
        b"FROM:<a@x.example>", b"SIZE=7", b"RET=HDRS", b"ENVID=1+2B2+3D3@x",
    )  # fmt: skip
    assert rcpt_arguments("b@y.example", extensions=offered) == (b"TO:<b@y.example>", b"NOTIFY=SUCCESS,FAILURE,DELAY")


@pytest.mark.parametrize(
    ("offered", "wanted", "expected"),
    [
        ({"requiretls": ""}, True, (b"FROM:<a@x.example>", b"REQUIRETLS")),
        ({"requiretls": ""}, False, (b"FROM:<a@x.example>",)),
        ({}, True, (b"FROM:<a@x.example>",)),
    ],
)
def test_tls_on_every_further_hop_is_asked_for_where_it_is_offered_and_wanted(
    offered: dict[str, str], wanted: bool, expected: tuple[bytes, ...]
) -> None:
    arguments = mail_arguments("a@x.example", name="n@x", size=7, extensions=offered, require_tls=wanted)

    assert expected == arguments


@pytest.mark.parametrize("name", ["", "a b", "a\r\nDATA", "é@x", "x" * 101, "=" * 40])
def test_a_name_that_fits_no_envelope_id_is_left_out(name: str) -> None:
    arguments = mail_arguments("a@x.example", name=name, size=7, extensions={"dsn": ""})

    assert arguments == (b"FROM:<a@x.example>", b"RET=HDRS")


@pytest.mark.parametrize(
    ("limit", "expected"),
    [({"size": "9"}, True), ({"size": "10"}, False), ({"size": "0"}, False), ({"size": ""}, False), ({}, False),
     ({"size": "-1"}, False), ({"size": "big"}, False)],
)  # fmt: skip
def test_a_message_is_too_large_only_above_a_limit_that_the_relay_named(limit: dict[str, str], expected: bool) -> None:
    assert too_large(10, extensions=limit) is expected


@given(st.integers(500, 599).filter(lambda status: status not in {530, 534, 535, 538}))
def test_a_refusal_with_5xx_is_for_good(status: int) -> None:
    result = result_of_refusal(status)

    assert (result.outcome, result.code, result.status) == (DeliveryOutcome.PERMANENT, Code.MAIL_REFUSED, status)


@given(st.one_of(st.integers(-1, 499), st.sampled_from([530, 534, 535, 538])))
def test_any_other_refusal_is_worth_another_try(status: int) -> None:
    result = result_of_refusal(status)

    assert (result.outcome, result.code, result.status) == (DeliveryOutcome.TRANSIENT, Code.MAIL_DEFERRED, status)


@given(st.integers(-1, 999))
def test_the_message_counts_as_sent_only_on_2xx_and_as_unknown_on_nonsense(status: int) -> None:
    expected = {2: DeliveryOutcome.SENT, 4: DeliveryOutcome.TRANSIENT, 5: DeliveryOutcome.PERMANENT}
    if status in {530, 534, 535, 538}:
        expected[5] = DeliveryOutcome.TRANSIENT

    assert result_of_message(status).outcome == expected.get(status // 100, DeliveryOutcome.UNCERTAIN)
