"""The rules of the house hold for the tree as it is, and each of them catches the fault that it is there for."""

import ast
from pathlib import Path

import pytest

from tests.house import code_rules as rules

_EVERYWHERE = (rules.nothing_is_half_done, rules.silence_gives_its_reason, rules.names_say_something)
_IN_THE_GATEWAY = (rules.sizes_stay_readable, rules.what_is_public_is_documented)


def test_the_whole_tree_keeps_the_rules_of_the_house() -> None:
    assert [] == rules.findings(rules.read_sources(rules.ROOT, "gateway", "tests"), *_EVERYWHERE)


def test_the_gateway_is_documented_and_of_readable_size() -> None:
    assert [] == rules.findings(rules.read_sources(rules.ROOT, "gateway"), *_IN_THE_GATEWAY)


def test_pure_modules_are_given_time_chance_and_files() -> None:
    adapters = rules.adapters(rules.ROOT)
    sources = rules.read_sources(rules.ROOT, "gateway")
    pure = [source for source in sources if rules.is_pure(source, touching_the_world=adapters)]

    assert pure
    assert [] == rules.findings(pure, rules.pure_modules_are_given_the_world)


def test_every_module_that_may_touch_the_world_exists() -> None:
    modules = {source.module for source in rules.read_sources(rules.ROOT, "gateway")}

    assert rules.adapters(rules.ROOT) <= modules


_PLANTED: dict[str, tuple[rules.Rule, str, str]] = {
    "a helpers module": (rules.names_say_something, "gateway/seal/helpers.py", '"""Things."""\n'),
    "a utils package": (rules.names_say_something, "gateway/utils/text.py", '"""Things."""\n'),
    "a manager": (rules.names_say_something, "gateway/seal/keys.py", "class FooManager:\n    pass\n"),
    "a service": (rules.names_say_something, "gateway/seal/keys.py", "class SealService:\n    pass\n"),
    "a note for later": (rules.nothing_is_half_done, "gateway/seal/keys.py", "# TO" + "DO: check it\n"),
    "a stub": (rules.nothing_is_half_done, "gateway/seal/keys.py", "def f():\n    raise NotImplementedError\n"),
    "a long function": (
        rules.sizes_stay_readable, "gateway/seal/keys.py", "def f():\n" + "    x = 1\n" * rules.MAX_FUNCTION_LINES,
    ),
    "a long file": (rules.sizes_stay_readable, "gateway/seal/keys.py", "x = 1\n" * (rules.MAX_FILE_LINES + 1)),
    "a silent function": (
        rules.what_is_public_is_documented, "gateway/seal/keys.py", '"""Keys."""\ndef seal():\n    x = 1\n',
    ),
    "a silent method": (
        rules.what_is_public_is_documented,
        "gateway/seal/keys.py",
        '"""Keys."""\nclass Key:\n    """A key."""\n    def check(self):\n        x = 1\n',
    ),
    "a hidden clock": (
        rules.pure_modules_are_given_the_world, "gateway/policy/ages.py", "now = datetime.datetime.now(tz=UTC)\n",
    ),
    "a hidden file": (rules.pure_modules_are_given_the_world, "gateway/policy/ages.py", "text = open('x').read()\n"),
    "a random id": (rules.pure_modules_are_given_the_world, "gateway/package/ids.py", "name = uuid.uuid4()\n"),
    "silence without a code": (rules.silence_gives_its_reason, "gateway/seal/keys.py", "x = 1  # no" + "qa\n"),
    "silence without a reason": (rules.silence_gives_its_reason, "gateway/seal/keys.py", "x = 1  # no" + "qa: S101\n"),
    "a type hole without a reason": (
        rules.silence_gives_its_reason, "gateway/seal/keys.py", "x = 1  # type" + ": ignore[arg-type]\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", sorted(_PLANTED))
def test_a_planted_fault_is_caught(fault: str) -> None:
    rule, path, text = _PLANTED[fault]
    source = rules.SourceFile(Path(path), text, ast.parse(text))

    assert len(rules.findings([source], rule)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # noqa: S101 - the caller checked it before",
        "x = 1  # type: ignore[arg-type]  # the library's stub is wrong here",
        "x = 1  # noqa: S101, S603 - a fixed list of arguments",
    ],
)
def test_silence_with_a_code_and_a_reason_passes(line: str) -> None:
    source = rules.SourceFile(Path("gateway/seal/keys.py"), line, ast.parse(line))

    assert [] == rules.findings([source], rules.silence_gives_its_reason)
