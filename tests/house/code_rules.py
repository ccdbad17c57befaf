"""Rules of the house that no linter knows, each a function from one parsed file to its findings.

1. Names say what a thing is: no module or class that is named after having no name.
2. Nothing is half done: no notes to a later self, no method that only says that it is not there.
3. Sizes stay readable: a function fits a screen, a file fits a sitting.
4. Whoever calls it can read what it promises: a docstring on everything public.
5. A pure module takes time and random bytes as arguments, and neither opens, prints nor asks.
6. A silenced check says which one, and why.
"""

import ast
import gc
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[2]
MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 400

_NAMELESS_MODULES = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "core", "base", "lib"}
_NAMELESS_CLASS = re.compile(r"(?:Manager|Service|Utils?|(?<=\w)Helpers?)\Z")
_LATER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
_SILENCED = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no cover).*")
_WITH_CODE_AND_REASON = re.compile(
    r"#\s*(?:noqa:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*|type:\s*ignore\[[a-z-]+(?:,\s*[a-z-]+)*\]|pragma:\s*no cover)"
    r"\W+(?P<reason>\w.*)"
)
_SHORTEST_REASON = 8
_CLOCKS_AND_CHANCE = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "dt.date.today",
    "uuid.uuid1", "uuid.uuid4", "uuid.uuid7", "os.urandom",
}  # fmt: skip
_WORLD_BUILTINS = {"open", "print", "input", "breakpoint"}
_PURE_PACKAGES = {
    "package", "formats", "intake", "evidence", "policy", "minimise", "seal", "deliver", "receipt", "audit", "spool",
}  # fmt: skip

_Node = TypeVar("_Node", bound=ast.AST)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class SourceFile:
    """One Python file: its path below the root, its text and its tree."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """Give the dotted name."""
        return ".".join(self.path.with_suffix("").parts).removesuffix(".__init__")

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Give what is in it; every rule goes through all of that."""
        return tuple(ast.walk(self.tree))


Rule = Callable[[SourceFile], Iterator[str]]


def read_sources(root: Path, *folders: str) -> list[SourceFile]:
    """Parse every Python file below the folders of a tree, each tree once."""
    return [source for folder in folders for source in _parsed(root, folder)]


@cache
def _parsed(root: Path, folder: str) -> tuple[SourceFile, ...]:
    texts = ((path, path.read_text(encoding="utf-8")) for path in sorted((root / folder).rglob("*.py")))
    # Two million nodes come and none goes: to look for garbage among them takes as long as to make them.
    gc.disable()
    try:
        return tuple(SourceFile(path.relative_to(root), text, ast.parse(text)) for path, text in texts)
    finally:
        gc.enable()


def adapters(root: Path) -> set[str]:
    """Read from pyproject.toml which modules touch the world."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    return {name for contract in contracts for name in contract.get("protected_modules", [])}


def findings(sources: list[SourceFile], *rules: Rule) -> list[str]:
    """Apply rules to files; each finding starts with its place."""
    return [f"{source.path}:{found}" for source in sources for rule in rules for found in rule(source)]


def names_say_something(source: SourceFile) -> Iterator[str]:
    """Rule 1."""
    if source.path.stem in _NAMELESS_MODULES or source.path.parent.name in _NAMELESS_MODULES:
        yield "1: a module is named after what is in it"
    for node in _nodes(source, ast.ClassDef):
        if _NAMELESS_CLASS.search(node.name):
            yield f"{node.lineno}: class {node.name}: a class is named after the thing that it is"


def nothing_is_half_done(source: SourceFile) -> Iterator[str]:
    """Rule 2."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if _LATER.search(line):
            yield f"{number}: a note for later belongs in the issue tracker"
    for node in _nodes(source, ast.Raise):
        if node.exc is not None and "NotImplementedError" in ast.unparse(node.exc):
            yield f"{node.lineno}: what is not implemented is not there"


def sizes_stay_readable(source: SourceFile) -> Iterator[str]:
    """Rule 3."""
    lines = source.text.count("\n") - _lines_of_tables(source) - _lines_of_docstrings(source.nodes)
    if lines > MAX_FILE_LINES:
        yield f"1: {lines} lines in one file, at most {MAX_FILE_LINES}"
    for node in _functions(source):
        if (length := _length(node)) > MAX_FUNCTION_LINES:
            yield f"{node.lineno}: {node.name} has {length} lines, at most {MAX_FUNCTION_LINES}"


def what_is_public_is_documented(source: SourceFile) -> Iterator[str]:
    """Rule 4."""
    if not ast.get_docstring(source.tree):
        yield "1: the module has no docstring"
    for node in _public(source.tree):
        if not ast.get_docstring(node):
            yield f"{node.lineno}: {node.name} has no docstring"


def pure_modules_are_given_the_world(source: SourceFile) -> Iterator[str]:
    """Rule 5, for what import contracts can not see: built-ins, and the clock inside `datetime`."""
    for node in _nodes(source, ast.Call):
        name = ast.unparse(node.func)
        if name in _WORLD_BUILTINS or any(name == each or name.endswith(f".{each}") for each in _CLOCKS_AND_CHANCE):
            yield f"{node.lineno}: {name}() in a pure module; take the result as an argument"


def silence_gives_its_reason(source: SourceFile) -> Iterator[str]:
    """Rule 6."""
    for number, line in enumerate(source.text.splitlines(), 1):
        silenced = _SILENCED.search(line)
        given = _WITH_CODE_AND_REASON.fullmatch(silenced[0]) if silenced else None
        if silenced and (not given or len(given["reason"]) < _SHORTEST_REASON):
            yield f"{number}: a silenced check names its code and gives a reason"


def is_pure(source: SourceFile, *, touching_the_world: set[str]) -> bool:
    """Tell whether a file belongs to the pure part: a stage or the package, and no adapter."""
    parts = source.module.split(".")
    return len(parts) > 1 and parts[1] in _PURE_PACKAGES and source.module not in touching_the_world


def _nodes(source: SourceFile, kind: type[_Node]) -> Iterator[_Node]:
    return (node for node in source.nodes if isinstance(node, kind))


def _functions(source: SourceFile) -> Iterator[_Function]:
    return (node for node in source.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _lines_of_tables(source: SourceFile) -> int:
    """Count the lines of a module's own tables: a catalogue is read row by row, not from top to bottom."""
    values = (node.value for node in source.tree.body if isinstance(node, ast.Assign | ast.AnnAssign))
    tables = (value for value in values if isinstance(value, ast.Dict | ast.List | ast.Set | ast.Tuple))
    return sum((table.end_lineno or table.lineno) - table.lineno for table in tables)


def _lines_of_docstrings(nodes: Iterable[ast.AST]) -> int:
    """Count the lines of docstrings: a promise written down is not complexity."""
    bodies = (node.body[0] for node in nodes if isinstance(node, _Documented) and ast.get_docstring(node))
    return sum((said.end_lineno or said.lineno) - said.lineno + 1 for said in bodies)


def _length(node: _Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1 - _lines_of_docstrings(ast.walk(node))


def _public(parent: ast.Module | ast.ClassDef) -> Iterator[_Function | ast.ClassDef]:
    for node in parent.body:
        if isinstance(node, _Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node)
