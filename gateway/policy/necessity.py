"""What counts as a written necessity for special or criminal data (Wegwijzer step 2; GDPR art. 9 and 10).

The program only refuses what is no necessity at all: too short, or filler words and dots. Whether it convinces is for
the second person to judge.
"""

import re

from gateway.policy.policy_set import NecessityRule

_EDGES = re.compile(r"^\W+|\W+$")


def is_written_necessity(text: str | None, *, rule: NecessityRule) -> bool:
    """Tell whether the sender wrote a necessity: long enough in characters, with enough words that differ."""
    if text is None:
        return False
    bare = (_EDGES.sub("", word) for word in text.casefold().split() if word not in rule.fillers)
    telling = [word for word in bare if word and word not in rule.fillers]
    # Fillers and dots are left out before anything is counted, or they would make a short text long enough.
    return len(" ".join(telling)) >= rule.characters and len(set(telling)) >= rule.different_words
