"""Reads a policy file as plain data that remembers its lines, so that a fault can name file, line and key.

Rules:
1. Only mappings, lists and plain values: no anchors (one line must never mean two places), no duplicate keys.
2. A value is the text that stands there. Only `true` and `false` are truth values and an empty value is nothing, so
   `no` is a word, a fingerprint of digits stays text, and a date is read by whoever expects one.
3. Nothing is repaired: each fault is written down, and all of them are reported together.
4. Depth and length are counted before the file becomes a tree: the library goes down by recursion in C, and a file of
   brackets would take the process along; a file of a million values would keep it busy for minutes.
5. A set with a hundred faults is not read any further: nobody mends more at a time, and who may write one file into
   `recipients/` could else keep the service from its work.
"""

from dataclasses import dataclass, field

import yaml

Loc = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 12
# Starts, ends and values together: fifteen times what the longest of the shipped policy files has.
_MAX_EVENTS = 30_000
_MAX_FAULTS = 100
_SHALLOW = "no anchors and no deeper nesting expected: write the value out"
_SHORT = "a file with fewer values expected"
_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(_TAG + name for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp"))


@dataclass(slots=True)
class Faults:
    """The faults found so far, each once as (file:line key, expectation), in order; a hundred at most.

    `forbidden` are the places nobody let us read.
    """

    _found: dict[tuple[str, str], None] = field(default_factory=dict)
    forbidden: list[str] = field(default_factory=list)

    @property
    def found(self) -> tuple[tuple[str, str], ...]:
        """Give them in the order in which they were found."""
        return tuple(self._found)

    def add(self, place: str, expectation: str) -> None:
        """Write down one fault, once; what comes after the hundredth is not kept."""
        if not self.full():
            self._found[place, expectation] = None

    def full(self) -> bool:
        """Tell whether there are so many that reading on helps nobody."""
        return len(self._found) >= _MAX_FAULTS

    def unreadable(self, place: str, expectation: str, error: OSError) -> None:
        """Write down what could not be read, and whether that is for want of a right to."""
        self.add(place, expectation)
        if isinstance(error, PermissionError):
            self.forbidden.append(place)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFile:
    """One file as plain data; `lines` maps the place of every value to its line, counted from 1."""

    name: str
    value: object
    lines: dict[Loc, int]
    faults: Faults

    def fault(self, loc: Loc, expectation: str) -> None:
        """Write down a fault at a place, or at the nearest place around it that has a line."""
        known = loc
        while known and known not in self.lines:
            known = known[:-1]
        self.faults.add(f"{self.name}:{self.lines.get(known, 1)} {_dotted(loc)}".rstrip(), expectation)


def read_plain(name: str, content: bytes, *, faults: Faults) -> PlainFile:
    """Read one file; what can not be read gives the value None and at least one fault."""
    read = PlainFile(name=name, value=None, lines={}, faults=faults)
    if faults.full():
        return read
    try:
        text = content.decode("utf-8-sig")
        if (too_much := _too_much(text)) is not None:
            line, expectation = too_much
            faults.add(f"{name}:{line}", expectation)
            return read
        node = yaml.compose(text, Loader=_LOADER)
    except UnicodeDecodeError:
        read.fault((), "text in UTF-8 expected")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.add(f"{name}:{mark.line + 1 if mark else 1}", "correct YAML expected")
    except yaml.YAMLError:
        read.fault((), "correct YAML expected")
    else:
        if node is not None:
            value = _Walk(read, set()).plain(node, ())
            return PlainFile(name=name, value=value, lines=read.lines, faults=faults)
        read.fault((), "a file that is not empty expected")
    return read


def _too_much(text: str) -> tuple[int, str] | None:
    """Find the line from which a file is deeper or longer than any of ours, and say so; raises as the library does."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if number > _MAX_EVENTS:
            return line, _SHORT
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > 2 * _MAX_DEPTH:
                return line, _SHALLOW
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


@dataclass(frozen=True, slots=True)
class _Walk:
    file: PlainFile
    seen: set[int]

    def plain(self, node: yaml.Node, loc: Loc) -> object:
        self.file.lines[loc] = node.start_mark.line + 1
        if id(node) in self.seen or len(loc) > _MAX_DEPTH:
            # A node met twice is an anchor's alias; following it could go round for ever.
            self.file.fault(loc, _SHALLOW)
            return None
        self.seen.add(id(node))
        if node.tag not in _PLAIN_TAGS:
            self.file.fault(loc, "a plain value without a tag expected")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*loc, index)) for index, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                self.file.fault(loc, "a plain word as key expected")
                continue
            place = (*loc, key)
            value = self.plain(value_node, place)
            self.file.lines[place] = key_node.start_mark.line + 1
            if key in result:
                self.file.fault(place, "each key once expected")
            result[key] = value
        return result


def _scalar(node: yaml.Node) -> object:
    text = node.value
    if node.tag == _TAG + "null":
        return None
    if text in {"true", "false"} and node.tag == _TAG + "bool":
        return bool(text == "true")
    return text


def _dotted(loc: Loc) -> str:
    dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return dotted.removeprefix(".")
