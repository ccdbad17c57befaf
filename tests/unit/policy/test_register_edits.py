"""A fingerprint goes into an entry and out of it, and nothing else of what people wrote changes."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.package.states import Channel
from gateway.policy.register_edits import add_key, remove_key

OLD, NEW, DIGITS = Fingerprint("A" * 40), Fingerprint("B" * 40), Fingerprint("1" * 19 + "E" + "2" * 20)
FLOW = f"""\
# Onze gemeente.
id: gemeente
channels:
  - channel: secure-mail   # hier komt alles
    address: "a@gemeente.example"
    keys: ["{OLD}"]  # gebeld op 3 mei
  - {{channel: file-drop, address: gemeente, keys: [{OLD}]}}
permissions: []
"""
BLOCK = f"""\
channels:
- channel: secure-mail
  keys:
  - {OLD}   # de oude
  - {NEW}
  address: a@gemeente.example
"""


def keys_of(entry: bytes) -> list[list[str]]:
    return [each["keys"] for each in yaml.safe_load(entry)["channels"]]


def test_a_key_is_added_on_each_channel_and_every_comment_stays() -> None:
    after = add_key(FLOW.encode(), NEW)

    assert [[OLD, NEW], [OLD, NEW]] == keys_of(after)
    assert FLOW == after.decode().replace(f', "{NEW}"', "")


def test_a_key_is_added_on_the_named_channel_alone() -> None:
    assert [[OLD], [OLD, NEW]] == keys_of(add_key(FLOW.encode(), NEW, channel=Channel.FILE_DROP))


def test_a_key_that_stands_there_is_not_added_again() -> None:
    assert FLOW.encode() == add_key(FLOW.encode(), OLD)


def test_a_key_that_was_added_and_removed_leaves_the_entry_as_it_was() -> None:
    assert FLOW.encode() == remove_key(add_key(FLOW.encode(), NEW), NEW)


def test_a_list_of_lines_is_edited_too() -> None:
    assert [[OLD, NEW, DIGITS]] == keys_of(add_key(BLOCK.encode(), DIGITS))
    assert [[NEW]] == keys_of(remove_key(BLOCK.encode(), OLD))
    assert [[OLD]] == keys_of(remove_key(BLOCK.encode(), NEW))
    assert [[]] == keys_of(remove_key(remove_key(BLOCK.encode(), NEW), OLD))


def test_the_last_key_leaves_an_empty_list_to_which_one_can_be_added() -> None:
    empty = remove_key(FLOW.encode(), OLD)

    assert [[], []] == keys_of(empty)
    assert [[NEW], [NEW]] == keys_of(add_key(empty, NEW))


def test_a_fingerprint_that_looks_like_a_number_stays_text() -> None:
    assert [[OLD, DIGITS], [OLD, DIGITS]] == keys_of(add_key(FLOW.encode(), DIGITS))


@pytest.mark.parametrize(
    "entry",
    [
        f"channels: &c [{{channel: secure-mail, keys: &k [{OLD}]}}, {{channel: file-drop, keys: *k}}]",
        "channels: {}",
        "- een lijst",
        "channels: [",
        "\xff",
    ],
)
def test_an_entry_that_can_not_be_edited_with_certainty_is_left_to_a_person(entry: str) -> None:
    with pytest.raises(SluisError) as caught:
        add_key(entry.encode("latin-1"), NEW)

    assert Code.KEY_ENTRY_NOT_EDITED is caught.value.code


def test_a_channel_that_the_entry_does_not_have_is_said() -> None:
    with pytest.raises(SluisError) as caught:
        add_key(FLOW.encode(), NEW, channel=Channel.CHAIN_FACILITY)

    assert Code.CHANNEL_UNAVAILABLE is caught.value.code


_KEYS = st.lists(
    st.text("0123456789ABCDEF", min_size=40, max_size=40).map(Fingerprint), unique=True, min_size=1, max_size=5
)


@given(keys=_KEYS, flow=st.booleans(), indent=st.integers(0, 6))
def test_whatever_stands_there_adding_puts_a_key_behind_and_removing_takes_it_out(
    keys: list[Fingerprint], *, flow: bool, indent: int
) -> None:
    new, *old = keys
    pad = " " * indent
    lines = "".join(f"\n    {pad}- '{each}'" for each in old)
    listed = f" [{', '.join(repr(each) for each in old)}]" if flow or not old else lines
    entry = f"channels:\n  - channel: secure-mail\n    keys:{listed}\n    address: x\nid: y\n".encode()
    after = add_key(entry, new)

    assert [[*old, new]] == keys_of(after)
    assert keys_of(entry) == keys_of(remove_key(after, new))


@pytest.mark.parametrize(
    "written",
    [OLD.lower(), " ".join(OLD[start : start + 4] for start in range(0, len(OLD), 4))],
    ids=["small", "groups"],
)
def test_a_key_that_is_written_in_another_way_is_the_same_key(written: str) -> None:
    """A retirement that left the key in force would be told as done."""
    entry = FLOW.replace(OLD, written).encode()

    assert [[], []] == keys_of(remove_key(entry, OLD))
    assert entry == add_key(entry, OLD)


def test_a_key_is_put_beside_none_of_another_kind_and_nowhere_where_it_counts_for_nothing() -> None:
    pin = f"x509:{'ab' * 32}"
    entry = f"""\
channels:
  - {{channel: chain-facility, keys: []}}
  - {{channel: postbus, keys: []}}
  - {{channel: file-drop, keys: ["{pin}"]}}
  - {{channel: secure-mail, keys: ["{OLD}"]}}
"""

    assert [[], [], [pin], [OLD, NEW]] == keys_of(add_key(entry.encode(), NEW))


def test_a_key_that_no_channel_takes_is_refused_and_not_told_as_trusted() -> None:
    with pytest.raises(SluisError) as refused:
        add_key(b"channels: [{channel: postbus, keys: []}]", NEW)

    assert Code.KEY_ENTRY_NOT_EDITED is refused.value.code
