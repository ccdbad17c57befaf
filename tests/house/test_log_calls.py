"""What our code says in the service log it says under keys that the log carries.

A key that it does not know is dropped, and the security team is alerted as if something had nearly leaked.
"""

import ast
from collections.abc import Iterator

from gateway.bootstrap.service_log import KNOWN_KEYS
from tests.house.code_rules import ROOT, SourceFile, findings, read_sources

_METHODS = {"debug", "info", "warning", "error", "critical", "exception"}


def log_calls_use_known_keys(source: SourceFile) -> Iterator[str]:
    for node in source.nodes:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "_log"):
            continue
        for key in _keys(node):
            if key not in KNOWN_KEYS:
                yield f"{node.lineno}: the service log drops {key}"


def _keys(call: ast.Call) -> Iterator[str]:
    for each in call.keywords:
        if each.arg is not None:
            yield each.arg
        elif isinstance(each.value, ast.Dict):
            yield from (str(key.value) for key in each.value.keys if isinstance(key, ast.Constant))


def test_every_call_of_the_service_log_uses_keys_that_the_log_carries() -> None:
    assert [] == findings(read_sources(ROOT, "gateway"), log_calls_use_known_keys)


def test_a_planted_key_is_caught() -> None:
    text = '_log.info("package-sealed", package=package, title=1, **{"error.type": "x", "subject": "y"})\n'
    planted = SourceFile(ROOT / "planted.py", text, ast.parse(text))
    expected = ["1: the service log drops title", "1: the service log drops subject"]
    assert expected == list(log_calls_use_known_keys(planted))
