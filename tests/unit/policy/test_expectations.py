"""Every sentence by which a policy file can be faulted is in the table that is translated, and said in Dutch."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.translations import translated
from gateway.package.expectations import said_expectation
from gateway.package.states import Language
from gateway.policy.expectations import EXPECTATIONS

POLICY = Path(__file__).parents[3] / "gateway" / "policy"
MODULES = ("checking", "policy_form", "policy_yaml", "policy_files")
# What is only a variable where the fault is written down, or is no sentence for people.
CALLS = {"fault", "add", "unreadable", "ValueError"}


def said(text: str) -> str:
    return said_expectation(text, say=lambda each: translated(each, Language.NL), patterns=EXPECTATIONS)


def sentences() -> Iterator[str]:
    for module in MODULES:
        for node in ast.walk(ast.parse((POLICY / f"{module}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in CALLS:
                yield from (text for each in node.args for text in (written(each),) if text)


def written(node: ast.expr) -> str:
    """Give a text as it would come out, with a word for each place in it; empty for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if " " in node.value else ""
    if isinstance(node, ast.JoinedStr):
        parts = [each.value if isinstance(each, ast.Constant) else "woord" for each in node.values]
        text = "".join(map(str, parts))
        return "" if ":woord" in text or text.startswith("policies/") or text == "woord expected" else text
    return ""


def test_there_are_sentences_to_look_at() -> None:
    assert len(set(sentences())) > 30


@pytest.mark.parametrize("sentence", sorted(set(sentences())))
def test_every_fault_of_the_policy_files_is_said_in_dutch(sentence: str) -> None:
    assert sentence != said(sentence)


@pytest.mark.parametrize(
    ("expected", "dutch"),
    [
        ("'ordinary', 'special' or 'internal' expected", "'ordinary', 'special' of 'internal' verwacht"),
        (
            "64 hexadecimal digits in lower case, as 'sluis policy status' shows them",
            "64 hexadecimale tekens in kleine letters, zoals 'sluis policy status' ze toont",
        ),
        ("at least 1 expected", "ten minste 1 verwacht"),
        ("this key is required", "deze sleutel is verplicht"),
        ("'town' belongs to the field 'city' already", "'town' hoort al bij het veld 'city'"),
        ("Input should be a valid boolean", "true of false verwacht"),
        ("a sentence that nobody translated", "a sentence that nobody translated"),
    ],
)
def test_an_expectation_with_words_or_numbers_in_it_is_said_in_dutch(expected: str, dutch: str) -> None:
    assert dutch == said(expected)


@pytest.mark.parametrize("expected", ["'a' or 'b' expected", "at least 1 expected", "this key expected"])
def test_in_english_an_expectation_is_what_it_is(expected: str) -> None:
    assert expected == said_expectation(expected, say=lambda text: translated(text, Language.EN), patterns=EXPECTATIONS)
