"""Decides of every name whose it is: the subject's, an official's, or somebody else's.

Rules:
1. A name is the subject's when it has the subject's given name and nothing beside the subject's names, in their order
   or with the surname first; or initials that fit and the surname. Sharing a surname proves nothing: brothers and
   fathers do. In many countries a son's name is made of his father's: in another order, or behind a word for kin or a
   role, the same parts are somebody else's, which is not certain; unless it is the whole name as the package gives it.
2. A surname alone, with the subject's form of address or with none, is the subject's as long as nobody else in the
   package is known to bear it; with another form of address it is somebody else's.
   The surname in the line that says what a letter is about is the subject's all the same.
3. A name in another spelling is the subject's where nobody else in the package is written so; it is not certain.
4. Right after a word for kin a given name is somebody else's, also when the subject has the same.
5. An official is who bears a function of government, or works for one of its bodies; whoever else is a third party.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, permutations
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.findings import Whose
from gateway.minimise.people.names import Mention
from gateway.minimise.people.runs import Runs
from gateway.minimise.people.tokens import Shape, Token, tokens_of
from gateway.minimise.people.words import Vocabulary

_LOOK_BACK: Final = 9
_LOOK_AHEAD: Final = 7
_ENDS: Final = frozenset(".!?\n;")
_OF_CASE: Final = frozenset({"inzake", "betreft"})
_MOST_PARTS: Final = 5
"""So many parts of a name are looked for in an address; an address has no more."""
_LEAST_SPELLED: Final = 4
_LEAST_CUT: Final = 3
_SOUNDS: Final = (
    *((sounds, "u") for sounds in ("oe", "ou", "oo", "o", "w")),
    *((sounds, "#") for sounds in ("tsj", "tch", "ch")),
    *((sounds, "s") for sounds in ("sch", "sj", "sh")),
    *((sounds, "i") for sounds in ("dj", "dzj", "dzh", "ij", "ie", "ee", "j", "y")),
    ("kh", "h"),
    ("x", "h"),
    ("gh", "g"),
    ("ph", "f"),
    ("th", "t"),
    ("q", "k"),
    ("c", "k"),
)
"""How other languages write the same sound, the longest first."""
_TWICE: Final = re.compile(r"(.)\1+")
_CLOSE: Final = 4
"""So near to a name, a body alone says enough: `(IND)`, `van de IND`."""
_FUNCTION_GAPS: Final = frozenset({",", "(", "|", "-", "\u2013", "/", ", ("})


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared: its folded parts in order, and the initials beside them."""

    parts: tuple[str, ...] = field(repr=False)
    initials: str = field(default="", repr=False)


def name_of(tokens: Iterable[Token], vocabulary: Vocabulary) -> Name:
    """Take a name apart, without particles; `Kidane's` is Kidane."""
    parts: list[str] = []
    initials = ""
    for token in tokens:
        if token.shape is Shape.INITIAL:
            initials += vocabulary.fold(token.text)[:1]
            continue
        text = token.text.removesuffix("'s")
        for part in vocabulary.fold(text).split():
            if part in cues.PARTICLES or len(part) < 2:  # noqa: PLR2004 - a letter.
                continue
            parts.append(part)
    return Name(tuple(parts), initials)


class Subject:
    """The person that the package is about, as far as names tell."""

    def __init__(self, names: Sequence[str], vocabulary: Vocabulary) -> None:
        self._names: list[Name] = []
        for name in names:
            # `Noori, Jamal`: what stands after the comma comes first.
            last, comma, first = name.partition(",")
            taken = name_of(tokens_of(f"{first} {last}" if comma else name), vocabulary)
            if taken.parts:
                self._names.append(taken)
        self.parts = frozenset(part for name in self._names for part in name.parts)
        self.given = frozenset(name.parts[0] for name in self._names)
        self.surnames = frozenset(part for name in self._names for part in name.parts[1:])
        self.is_woman: bool | None = None
        self._keys = {spelling_key(part): part for part in self.parts if len(part) >= _LEAST_SPELLED}
        self._spelled: dict[str, str] = {}

    def learn_spellings(self, people: Iterable[tuple[Name, bool]]) -> None:
        """Learn how else the package writes the subject's names: `Joesoef`, `Yousouf`.

        `people`: every name in the package, and whether what stands before it says that it is somebody else. A spelling
        that stands in the name of anybody else proves nothing.
        """
        if not self._keys:
            return
        others: set[str] = set()
        for name, another in people:
            found = {part: self._keys.get(spelling_key(part)) for part in name.parts if part not in self.parts}
            if another or (found and not all(found.values())):
                others.update(name.parts)
            else:
                self._spelled |= {part: own for part, own in found.items() if own and len(part) >= _LEAST_SPELLED}
        self._spelled = {part: own for part, own in self._spelled.items() if part not in others}

    def is_respelled(self, name: Name) -> bool:
        """Tell whether a name is known only by another spelling of the subject's."""
        return any(part in self._spelled for part in name.parts)

    def begins_as(self, name: Name) -> bool:
        """Tell whether bare initials are those of a surname: `mw W.` for Yordanos Woldu."""
        return not name.parts and bool(name.initials) and any(part.startswith(name.initials) for part in self.surnames)

    def is_whole(self, name: Name) -> bool:
        """Tell whether a name is certainly the subject's: the given name with another part or initials."""
        parts = {self._base(part) for part in name.parts}
        for own in self._names:
            mine = set(own.parts)
            if "".join(sorted(parts)) == "".join(sorted(mine)) or "".join(name.parts) == "".join(own.parts):
                return True
            if parts <= mine and own.parts[0] in parts and len(parts) > 1:
                return True
            if len(mine) > 1 and mine < parts and name.parts[0] == own.parts[0]:
                return True
            if name.initials and parts and parts <= mine and self._initials_fit(name, own):
                return True
        return False

    def is_in_order(self, name: Name) -> bool:
        """Tell whether the parts stand as the subject's do, or the last of them first: `Mohamed Ali Hassan`."""
        parts = tuple(self._base(part) for part in name.parts)
        return any(
            not {*parts} <= {*own.parts}
            or any(
                _is_within(parts, (*own.parts[cut:], *own.parts[:cut]))
                and (not cut or parts[0] in own.parts[cut:])
                and (not cut or own.parts[-1] in parts)
                for cut in range(len(own.parts))
            )
            for own in self._names
        )

    def is_as_given(self, name: Name) -> bool:
        """Tell whether a name is the whole name as the package gives it."""
        return not name.initials and any(name.parts == own.parts for own in self._names)

    def is_given(self, name: Name) -> bool:
        """Tell whether a name is a given name of the subject and nothing else."""
        return len(name.parts) == 1 and not name.initials and self._base(name.parts[0]) in self.given

    def is_given_and_initial(self, name: Name) -> bool:
        """Tell `Hagos W.`: the given name, and the first letter of another part."""
        if len(name.parts) != 1 or self._base(name.parts[0]) not in self.given:
            return False
        return all(any(part.startswith(letter) for part in self.surnames) for letter in name.initials)

    def is_surname(self, name: Name) -> bool:
        """Tell whether a name is made of the subject's names but not of a given one."""
        parts = [self._base(part) for part in name.parts]
        return bool(parts) and not name.initials and all(part in self.surnames for part in parts)

    def is_spelled(self, words: Sequence[str]) -> bool:
        """Tell whether words without signs are made of the given name and other parts, each once: `aminayusuf`."""
        return any(_is_made_of("".join(words), words, own.parts) for own in self._names)

    def is_cut_short(self, words: Sequence[str], named: Iterable[str]) -> bool:
        """Tell `rus_mag` for Ruslan Magomedov: both names begin so, and nobody else's of `named` does as the first."""
        if len(words) != 2 or min(map(len, words)) < _LEAST_CUT:  # noqa: PLR2004 - a given name and a surname.
            return False
        given = any(
            own.parts[0].startswith(words[0]) and any(part.startswith(words[1]) for part in own.parts[1:])
            for own in self._names
        )
        return given and not any(part.startswith(words[0]) for part in named)

    def _base(self, part: str) -> str:
        part = self._spelled.get(part, part)
        if part in self.parts or not part.endswith("s"):
            return part
        return part[:-1] if part[:-1] in self.parts else part

    def _initials_fit(self, name: Name, own: Name) -> bool:
        """Tell whether initials are those of the other parts, in order: `A.R. Karimi` for Ali Reza Karimi."""
        parts = {self._base(part) for part in name.parts}
        others = "".join(part[0] for part in own.parts if part not in parts)
        return (
            bool(others)
            and own.parts[0] not in parts
            and (others.startswith(name.initials) or name.initials.startswith(others))
        )


def spelling_key(part: str) -> str:
    """Give what is left of a folded name when every way to write its sounds in Latin letters is one: Joesoef, Yusuf."""
    for written, sound in _SOUNDS:
        part = part.replace(written, sound)
    return _TWICE.sub(r"\1", part)


def _is_within(parts: Sequence[str], whole: Sequence[str]) -> bool:
    """Tell whether the parts stand in the whole in the same order, with or without others between them."""
    left = iter(whole)
    return all(part in left for part in parts)


def _is_made_of(row: str, words: Sequence[str], parts: Sequence[str]) -> bool:
    """Tell whether every word is made of whole parts, among which the first and another."""
    orders = (
        order
        for length in range(2, min(len(parts), _MOST_PARTS) + 1)
        for order in permutations(range(len(parts[:_MOST_PARTS])), length)
    )
    for order in orders:
        if 0 not in order or "".join(parts[at] for at in order) != row:
            continue
        borders = {*accumulate(len(parts[at]) for at in order)}
        if {*accumulate(map(len, words))} <= borders:
            return True
    return False


def learn_address(subject: Subject, mention: Mention, name: Name) -> None:
    """Learn from `mevrouw Selam Haile` how the subject is addressed."""
    if mention.cue_word and (subject.is_whole(name) or subject.is_given(name)):
        if mention.cue_word in cues.WOMEN:
            subject.is_woman = True
        elif mention.cue_word in cues.MEN:
            subject.is_woman = False


def whose(
    mention: Mention, name: Name, subject: Subject, *, surname_shared: bool, another: bool
) -> tuple[Whose | None, bool]:
    """Tell whether a name is the subject's, and how certain; None when it is not.

    `another`: what stands before it says that it is somebody beside the subject.
    """
    sure = not subject.is_respelled(name)
    if subject.is_whole(name) and not subject.is_as_given(name) and (another or not subject.is_in_order(name)):
        return None, False
    if subject.is_whole(name) and not (mention.cue is Cue.KIN and len(name.parts) == 1):
        return Whose.SUBJECT, sure
    if subject.is_given(name) or subject.is_given_and_initial(name):
        # `zijn zoon Mohammed` in the file of a Mohammed.
        return (None, False) if mention.cue in {Cue.KIN, Cue.ROLE, Cue.OFFICIAL} else (Whose.SUBJECT, sure)
    # `Hoe heet uw vader?` and a name that is part of the subject's.
    called = another and mention.cue in {Cue.NONE, Cue.NAMED}
    if subject.is_surname(name) and not called and mention.cue not in {Cue.KIN, Cue.ROLE, Cue.OFFICIAL}:
        addressed = _addressed(mention)
        if addressed is not None and subject.is_woman is not None:
            return (Whose.SUBJECT, True) if addressed == subject.is_woman else (None, False)
        # `Inzake Dudaev / DT&V`: a case bears the name of who it is about.
        shared = surname_shared and mention.cue_word not in _OF_CASE
        return (None, False) if addressed is None and shared else (Whose.SUBJECT, not shared)
    return None, mention.certain and not subject.is_surname(name)


def _addressed(mention: Mention) -> bool | None:
    """Tell whether the form of address is a woman's; None when there is none that tells."""
    if mention.cue is not Cue.HONORIFIC:
        return None
    if mention.cue_word in cues.WOMEN:
        return True
    return False if mention.cue_word in cues.MEN else None


def is_official(mention: Mention, runs: Runs, named: Sequence[bool]) -> bool:
    """Tell whether a name is an official's by the words around it; `named` tells which tokens stand in a name."""
    if mention.cue is Cue.OFFICIAL:
        return True
    if (
        mention.cue in {Cue.KIN, Cue.ROLE}
        and mention.cue_word not in cues.STAFF
        and mention.cue_word not in {"contactpersoon", "collega"}
    ):
        return False
    after = _after_says(mention, runs.tokens, named)
    return _before_says(mention, runs.tokens, named) if after is None else after


def _before_says(mention: Mention, tokens: Sequence[Token], named: Sequence[bool]) -> bool:
    """Read `de medewerker van het COA, mevrouw Bakker`, `Postbus Regie (P. Brouwer)`."""
    staff = office = False
    for at in range(mention.first - 1, max(-1, mention.first - 1 - _LOOK_BACK), -1):
        gap = tokens[at + 1].gap
        if (
            named[at]
            or ")" in gap
            or (any(sign in _ENDS for sign in gap) and (not gap.startswith(". ") or tokens[at + 1].opens))
        ):
            return False
        word = tokens[at].text.lower()
        cue = cue_of(word)
        is_staff = word in cues.STAFF
        staff = staff or is_staff
        office = office or word in cues.OFFICES
        if cue is Cue.OFFICIAL or (office and (staff or "(" in tokens[mention.first].gap)):
            return True
        if cue in {Cue.KIN, Cue.ROLE, Cue.SUBJECT} and not is_staff:
            return False
    return False


def _after_says(mention: Mention, tokens: Sequence[Token], named: Sequence[bool]) -> bool | None:
    """Read `I. Jansen, hoorambtenaar`, `J. Smit (IND)`, `mevrouw Bakker van de gemeente`; not `Berhe (tolk)`."""
    staff = False
    for number, at in enumerate(range(mention.last + 1, min(len(tokens), mention.last + 1 + _LOOK_AHEAD))):
        gap = tokens[at].gap
        word = tokens[at].text.lower()
        in_next_field = "\n" in gap and at + 1 < len(tokens) and tokens[at + 1].gap.startswith(":")
        if (
            in_next_field
            or _ends_clause(tokens[at])
            or named[at]
            or (number == 0 and not _leads_to_function(gap, word))
        ):
            return None
        cue = cue_of(word)
        if cue is Cue.OFFICIAL or (word in cues.OFFICES and (staff or number < _CLOSE)):
            return True
        is_staff = word in cues.STAFF
        if cue in {Cue.KIN, Cue.ROLE} and not is_staff:
            return False if number == 0 and "\n" not in gap else None
        if cue is Cue.SUBJECT or (number == 0 and "\n" in gap and not is_staff):
            return None
        staff = staff or is_staff
    return None


def _ends_clause(token: Token) -> bool:
    gap = token.gap
    return any(sign in gap for sign in "!?;") or (". " in gap and token.opens) or "\n\n" in gap


def _leads_to_function(gap: str, word: str) -> bool:
    return gap.strip(" .") in _FUNCTION_GAPS or "\n" in gap or word in {"van", "namens", "bij", "als"}
