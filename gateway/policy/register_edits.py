"""Adds a key to an entry of the recipient register or takes one out, and leaves everything else as people wrote it.

Pure: text in, text out. Rules:
1. Only the list `keys` of a channel changes; comments, order and spacing of the rest stay byte for byte.
2. The result is read again, and has to be the entry of before with exactly that list changed. What can not be edited
   so is refused, and a person writes it.
3. A key is known by what it is, however it is written: in groups or in small letters it is the same.
4. Nothing is put where it could never be used: beside keys of another kind, or on a channel that uses none.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import yaml

from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint, KeyKind, kind_of, parse_key
from gateway.package.states import Channel

_LINE_END: Final = "\n"
_Edit = Callable[[str, yaml.SequenceNode], str]


def add_key(entry: bytes, key: Fingerprint, *, channel: Channel | None = None) -> bytes:
    """Add a key behind those of each channel that takes its kind, or of the one that is named, where it is not yet.

    Raises SluisError `key-entry-not-edited`, `channel-unavailable` when the entry has no such channel.
    """

    def becomes(place: Mapping[str, Any]) -> list[str]:
        keys: list[str] = place["keys"]
        takes = channel is not None or _takes(place, key)
        return [*keys, key] if takes and not any(_is(each, key) for each in keys) else keys

    edited = _edit(entry, key, channel, becomes=becomes, edit=_with(key))
    if not any(_is(each.value, key) for node in _key_lists(edited.decode("utf-8")) for each in node.value):
        raise SluisError(Code.KEY_ENTRY_NOT_EDITED, where=key)
    return edited


def remove_key(entry: bytes, key: Fingerprint, *, channel: Channel | None = None) -> bytes:
    """Take a key out of each channel, or of the one that is named. Raises as `add_key`."""

    def becomes(place: Mapping[str, Any]) -> list[str]:
        return [each for each in place["keys"] if not _is(each, key)]

    return _edit(entry, key, channel, becomes=becomes, edit=_without(key))


def _edit(
    entry: bytes,
    key: Fingerprint,
    channel: Channel | None,
    *,
    becomes: Callable[[Mapping[str, Any]], list[str]],
    edit: _Edit,
) -> bytes:
    try:
        text = entry.decode("utf-8")
        wanted = yaml.safe_load(text)
        places = [
            place
            for place, each in enumerate(wanted["channels"])
            if (channel is None or each["channel"] == channel.value) and becomes(each) != each["keys"]
        ]
        named = [each["channel"] for each in wanted["channels"]]
        nodes = list(_key_lists(text))
        # From the last to the first, so that the places of those before it stay what they are.
        for place in reversed(places):
            text = edit(text, nodes[place])
            wanted["channels"][place]["keys"] = becomes(wanted["channels"][place])
        same = yaml.safe_load(text) == wanted
    except (UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise SluisError(Code.KEY_ENTRY_NOT_EDITED, where=key) from error
    if channel is not None and channel.value not in named:
        raise SluisError(Code.CHANNEL_UNAVAILABLE, where=channel.value)
    if not same or not named:
        raise SluisError(Code.KEY_ENTRY_NOT_EDITED, where=key)
    return text.encode("utf-8")


def _is(written: str, key: Fingerprint) -> bool:
    """Tell whether this is how somebody wrote a key. Raises AttributeError for what YAML took for a number."""
    try:
        return parse_key(written) == key
    except SluisError:
        return False


def _takes(place: Mapping[str, Any], key: Fingerprint) -> bool:
    """Tell whether a channel could be used with a key: of the kind of those that are there, and where keys count."""
    channel, kind = place["channel"], kind_of(key)
    if channel == Channel.POSTBUS or (channel == Channel.CHAIN_FACILITY and kind is not KeyKind.X509):
        return False
    # There is no form of mail for age; rules with such an entry are not taken.
    if channel == Channel.SECURE_MAIL and kind is KeyKind.AGE:
        return False
    return all(kind_of(Fingerprint(each)) is kind for each in place["keys"])


def _key_lists(text: str) -> Iterator[yaml.SequenceNode]:
    """Give the list of keys of each channel, as it lies in the text."""
    for channel in _value(yaml.compose(text, Loader=yaml.SafeLoader), "channels").value:
        yield _value(channel, "keys")


def _value(mapping: Any, name: str) -> Any:
    return next(value for key, value in mapping.value if key.value == name)


def _with(key: Fingerprint) -> _Edit:
    def edit(text: str, node: yaml.SequenceNode) -> str:
        if node.flow_style:
            end = node.end_mark.index - 1
            before = text[:end].rstrip() if node.value else text[:end]
            return f"{before}{', ' if node.value else ''}{_quoted(key)}{text[end:]}"
        last = node.value[-1]
        indent = " " * node.start_mark.column
        return f"{text[: last.end_mark.index]}{_LINE_END}{indent}- {_quoted(key)}{text[last.end_mark.index :]}"

    return edit


def _without(key: Fingerprint) -> _Edit:
    def edit(text: str, node: yaml.SequenceNode) -> str:
        place = next(number for number, each in enumerate(node.value) if _is(each.value, key))
        gone = node.value[place]
        if len(node.value) == 1:
            # An empty list can only be written in brackets.
            end = node.end_mark.index if node.flow_style else gone.end_mark.index
            return f"{text[: node.start_mark.index].rstrip()} []{text[end:]}"
        if node.flow_style:
            start = node.value[place - 1].end_mark.index if place else gone.start_mark.index
            end = gone.end_mark.index if place else node.value[1].start_mark.index
            return text[:start] + text[end:]
        start = text.rfind(_LINE_END, 0, gone.start_mark.index) + 1
        end = text.find(_LINE_END, gone.end_mark.index) + 1 or len(text)
        return text[:start] + text[end:]

    return edit


def _quoted(key: Fingerprint) -> str:
    """Write a fingerprint so that no reader of YAML takes it for a number: 40 digits, or digits around one E."""
    return f'"{key}"'
