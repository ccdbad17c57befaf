"""Writes docs/errors.md out of the problem catalogue, so that the page can not say something else than the gateway.

python -m tests.house.error_page
"""

from pathlib import Path

from gateway.package.errors import Code
from gateway.package.problems import PROBLEMS, Helper, Problem

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

_HEAD = """# Errors

Every error has a stable code, what happened, and what to do now. The same text stands in slips, on the command line
and in the API's answers (`application/problem+json`, where `code` and `remedy` are members). No error carries personal
data: it names a place (a key, a document number, a line), a count, a limit or a code.

*Who helps* is who can mend it; the sender is who handed the package in. Slips say it, the API's answers and `--json`
have it as `helper`; the plain text of the command line leaves it out.

`make docs` writes this page out of `gateway/package/problems.py`, and a test compares the two. Words in `{braces}` are
filled in when the error happens. *Again* tells whether trying again, without changing anything, may help; Sluis does
that by itself for packages that it has accepted.
"""

_WHO = {
    Helper.SENDER: "the sender",
    Helper.PRIVACY_OFFICE: "the Privacy Office",
    Helper.ADMINISTRATOR: "the administrator",
    Helper.SECURITY: "the security team",
}


def _row(code: Code, problem: Problem) -> str:
    again = "yes" if problem.retryable else "no"
    return (
        f"## `{code.value}`\n\n{problem.title}\n\n**Do now:** {problem.remedy}\n\n"
        f"Who helps: {_WHO[problem.helper]} · HTTP {problem.status} · Again: {again}\n"
    )


def render() -> str:
    """Render the whole page."""
    return "\n".join([_HEAD, *(_row(code, PROBLEMS[code]) for code in Code)])


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
