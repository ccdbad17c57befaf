"""Writes policies/schemas/ out of the forms of the policy files, so that an editor can not say something else.

python -m tests.house.policy_schemas
"""

import json
from pathlib import Path

from gateway.policy.schemas import policy_schemas

FOLDER = Path(__file__).parents[2] / "policies" / "schemas"


def render() -> dict[str, str]:
    """Render every schema, by the name of its file."""
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in policy_schemas()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each, text in render().items():
        (FOLDER / each).write_text(text, encoding="utf-8")
