"""The list of what each event can say is what the program writes into events, no more and no less."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import gateway
from gateway.audit.event_fields import ASKED_BY, SAYS, never_said, saying_more
from gateway.audit.events import EventAction

_WRITTEN_AS: Final = {
    "package": "package",
    "recipient": "recipient",
    "person": "person",
    "proposer": "person",
    "deputy_for": "person",
    "policy_digest": "policy",
    "categories": "category",
    "codes": "code",
    "warnings": "code",
}
_GIVEN: Final = {
    "key_event": {
        EventAction.KEY_PROPOSED,
        EventAction.KEY_RENEWED,
        EventAction.KEY_TRUSTED,
        EventAction.KEY_RETIREMENT_PROPOSED,
        EventAction.KEY_RETIRED,
    },
    "attempted": {
        EventAction.PACKAGE_RELEASE_STARTED,
        EventAction.PACKAGE_RELEASED,
        EventAction.PACKAGE_RELEASE_FAILED,
        EventAction.PACKAGE_RELEASE_UNCERTAIN,
    },
    "picked_up": {
        EventAction.PACKAGE_COLLECTED,
        EventAction.PACKAGE_RELEASE_FAILED,
        EventAction.PACKAGE_WITHDRAWN,
    },
}
"""Of the functions that are given the name of their event: which names those are."""


def _functions() -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for path in Path(gateway.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def _calls(function: ast.AST, name: str) -> list[ast.Call]:
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return [each for each in calls if isinstance(each.func, ast.Name) and each.func.id == name]


def _actions(function: ast.AST, made: ast.Call) -> set[EventAction]:
    action = next((each.value for each in made.keywords if each.arg == "action"), None)
    if action is None:
        return set()
    attributes = (node for node in ast.walk(action) if isinstance(node, ast.Attribute))
    named = {EventAction[each.attr] for each in attributes if ast.unparse(each.value) == "EventAction"}
    return named or _GIVEN[getattr(function, "name", "")]


def written() -> dict[EventAction, set[str]]:
    """Look up in the source which things each event is made with; what a function puts in afterwards counts too."""
    found: defaultdict[EventAction, set[str]] = defaultdict(set)
    for function in _functions():
        for made in _calls(function, "Event"):
            keywords = [each.arg for call in (made, *_calls(function, "replace")) for each in call.keywords]
            for action in _actions(function, made):
                found[action] |= {_WRITTEN_AS[each] for each in keywords if each in _WRITTEN_AS}
    return dict(found)


def test_the_list_of_what_events_say_is_what_is_written_into_them() -> None:
    assert written() == {action: set(says) for action, says in SAYS.items()}


def test_no_event_is_missing_in_the_list() -> None:
    assert set(EventAction) == set(SAYS)


@pytest.mark.parametrize("action", EventAction, ids=lambda action: action.value)
def test_every_question_has_an_event_that_can_answer_it(action: EventAction) -> None:
    instead = saying_more(action, ASKED_BY)

    assert (EventAction.PACKAGE_POLICY_EVALUATED,) == instead
    assert set(ASKED_BY) == SAYS[action] | set(never_said(action, ASKED_BY))


def test_whom_a_held_package_was_for_is_said_by_the_decision() -> None:
    held = EventAction.PACKAGE_HELD

    assert ("recipient",) == never_said(held, {"recipient", "code", "since"})
    assert (EventAction.PACKAGE_POLICY_EVALUATED,) == saying_more(held, {"recipient"})
    assert () == never_said(held, {"package", "policy"})
