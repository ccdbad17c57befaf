"""Every error as RFC 9457 problem details: a stable code, what happened, what to do now, who helps, all faults.

The API answers with it and the command line prints it, so that both say the same.
"""

from typing import Any

from gateway.entrypoints.api.settings import Translate
from gateway.package.errors import SluisError
from gateway.package.expectations import said_expectation
from gateway.package.places import said_place
from gateway.package.problems import DID_YOU_MEAN, NEEDED_ROLE, problem_of, sentence
from gateway.package.states import Language
from gateway.policy.expectations import EXPECTATIONS

AT_PLACE = "{sentence} Place: {where}."


def problem_body(error: SluisError, *, translate: Translate, language: Language, base_url: str) -> dict[str, Any]:
    """Give the members of one problem, in the reader's language; `instance` is added by who knows the request."""
    problem, detail = problem_of(error), dict(error.detail)

    def say(text: str) -> str:
        return translate(text, language)

    title = sentence(translate(problem.title, language), detail)
    place = {"sentence": title, "where": said_place(error.where, say=say)}
    remedies = [
        *([DID_YOU_MEAN] if "names" in detail else []),
        problem.remedy,
        *([NEEDED_ROLE] if "role" in detail else []),
    ]
    return {
        "type": base_url + error.code.value,
        "title": title,
        "status": problem.status,
        "detail": sentence(translate(AT_PLACE, language), dict(place)) if error.where else title,
        "code": error.code.value,
        "remedy": " ".join(sentence(translate(each, language), detail) for each in remedies),
        "helper": problem.helper.value,
        "retryable": problem.retryable,
        "errors": [
            {"where": where, "expected": said_expectation(text, say=say, patterns=EXPECTATIONS)}
            for where, text in error.faults
        ],
    }
