"""Short names for elements and attributes of XML with namespaces: `w:p` instead of an address and a name.

A namespace may have several addresses (the dialects of OOXML). What is in a namespace that is not listed is `?`.
"""

from collections.abc import Iterator, Mapping

from lxml import etree


class Vocabulary:
    """The namespaces of one file format."""

    __slots__ = ("_full", "_prefixes", "_short", "_uris")

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes
        self._uris: dict[str, list[str]] = {}
        for uri, prefix in prefixes.items():
            self._uris.setdefault(prefix, []).append(uri)
        self._full: dict[str, tuple[str, ...]] = {}
        self._short: dict[str, str] = {}

    def tag_of(self, element: etree._Element) -> str:
        """Give the short name of an element."""
        tag = str(element.tag)
        found = self._short.get(tag)
        if found is None:
            uri, brace, name = tag[1:].partition("}") if tag[:1] == "{" else ("", "", tag)
            found = f"{self._prefixes.get(uri, '?')}:{name}" if brace else name
            # A hostile file may invent names without end; those are not worth remembering.
            if not found.startswith("?"):
                self._short[tag] = found
        return found

    def child(self, element: etree._Element | None, name: str) -> etree._Element | None:
        """Give the first child of that short name."""
        if element is not None:
            for full in self._full_names(name):
                found = element.find(full)
                if found is not None:
                    return found
        return None

    def value(self, element: etree._Element | None, name: str) -> str:
        """Give an attribute by its short name; empty when there is none."""
        if element is not None:
            for full in self._full_names(name):
                found = element.get(full)
                if found is not None:
                    return str(found)
        return ""

    def descendants(self, element: etree._Element, *names: str) -> Iterator[etree._Element]:
        """Give everything below an element, and itself, that has one of the short names."""
        return element.iter(*[full for name in names for full in self._full_names(name)])

    def _full_names(self, name: str) -> tuple[str, ...]:
        found = self._full.get(name)
        if found is None:
            prefix, _, local = name.rpartition(":")
            found = tuple(f"{{{uri}}}{local}" for uri in self._uris[prefix]) if prefix else (local,)
            self._full[name] = found
        return found


def number(text: str) -> int | None:
    """Read a whole number of at most nine digits, so that it stays below 2**31; None for anything else."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None  # noqa: PLR2004 -- see above
