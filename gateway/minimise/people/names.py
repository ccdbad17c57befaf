"""Decides which rows of capitals, initials and particles are names of people.

Rules:
1. A capitalised word that no list of Dutch, towns or organisations knows is a name: this finds names of every origin.
2. A word that is Dutch too (`Bloem`, `de Wit`) is a name where something says so: an initial, a first name before it, a
   cue. At the beginning of a sentence its capital says nothing.
3. A town or an organisation is nobody, unless a form of address stands before it.
4. What only one weak sign speaks for is a name that is not certain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.nobody import names_thing
from gateway.minimise.people.runs import Runs, Segment
from gateway.minimise.people.telling import (
    KUNYAS,
    goes_on_as_person,
    is_apposed_to_kin,
    is_numbered_heading,
    is_sent_by,
    told_name,
    with_initials_behind,
)
from gateway.minimise.people.things import PLACE_ENDINGS, PLACE_OPENERS
from gateway.minimise.people.tokens import Shape, Token
from gateway.minimise.people.words import LISTED, Sort, Vocabulary

_LONGEST_SHORT: Final = 5
_MOST_PLACE_WORDS: Final = 3
_MOST_INITIALS: Final = 3
_LEAST_SHOUTED: Final = 5
"""Shorter words in capitals are abbreviations."""
_ON_THE_WAY: Final = frozenset({" - ", " \u2013 ", " > ", " -> ", " \u2192 "})
"""Between the places of a journey."""
_CAPITALS: Final = frozenset({Shape.CAPITAL, Shape.UPPER})
_BEFORE_INITIALS: Final = frozenset({Cue.HONORIFIC, Cue.KIN, Cue.NAMED})


@dataclass(slots=True)
class Mention:
    """A name in one text: `first` to `last` are positions of tokens, `start` to `end` of the normal text."""

    first: int
    last: int
    start: int
    end: int
    certain: bool
    cue: Cue = Cue.NONE
    cue_word: str = field(default="", repr=False)


def find_names(runs: Runs) -> list[Mention]:
    """Find the names of one text, in order."""
    judge = _Judge(runs)
    mentions: list[Mention] = []
    for segment in runs.segments():
        mentions += judge.mentions(segment)
    return mentions


def mention_of(
    tokens: Sequence[Token], first: int, last: int, *, certain: bool, cue: Cue = Cue.NONE, word: str = ""
) -> Mention:
    """Make a mention of a row of tokens; a last initial takes its full stop along."""
    return Mention(first, last, tokens[first].start, tokens[last].end, certain, cue, word)


def is_function_word(word: str) -> bool:
    """Tell whether a word is one of those that every sentence is made of, and no name whatever its capital."""
    return word.lower() in cues.FUNCTION_WORDS


class _Judge:
    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._tokens = runs.tokens
        self._vocabulary: Vocabulary = runs.vocabulary
        self._last_place = -1
        self._last_name = -1

    def mentions(self, segment: Segment) -> Iterator[Mention]:
        if segment.cue in {Cue.KIN, Cue.ROLE} and goes_on_as_person(self._runs, segment.first, segment.last):
            yield mention_of(self._tokens, segment.first, segment.last, certain=False, cue=segment.cue)
            return
        first, last = self._trimmed(segment)
        if first > last:
            return
        if told := told_name(self._runs, first, last):
            yield mention_of(self._tokens, *told, certain=True, cue=Cue.NAMED)
            return
        cue = segment.cue if first == segment.first else Cue.NONE
        if cue is Cue.NONE and first != segment.first:
            cue = segment.cue if segment.cue is Cue.HONORIFIC else Cue.NONE
        if not self._is_surname_before_name(first, self._sort(first)) and self._is_place(first, last, cue):
            if not self._is_named_together(first, last):
                self._last_place = last
                return
            certain: bool | None = False
        else:
            certain = self._certainty(first, last, cue)
            if certain is None and first == last and self._follows_shouted_surname(first):
                certain = False
        if certain is not None:
            self._last_name = last
            yield mention_of(
                self._tokens,
                first,
                with_initials_behind(self._tokens, last),
                certain=certain,
                cue=cue,
                word=segment.cue_word,
            )

    def _is_named_together(self, first: int, last: int) -> bool:
        """Tell that a town's name is a person's by the name it is joined to: `Rima en Tala zijn vertrokken`."""
        return (
            first == last
            and first > 1
            and self._last_name == first - 2
            and self._tokens[first].gap == self._tokens[first - 1].gap == " "
            and self._tokens[first - 1].text == "en"
            and bool(self._sort(first - 2) & (Sort.NAME | Sort.FIRST))
        )

    def _sort(self, at: int) -> int:
        return self._vocabulary.sort(self._tokens[at].text)

    def _trimmed(self, segment: Segment) -> tuple[int, int]:
        """Leave out the ordinary words that a sentence or a title puts before or after a name."""
        first, last = segment.first, segment.last
        while first < last and segment.cue not in {Cue.HONORIFIC, Cue.NAMED} and self._is_idle_opening(first, last):
            first += 1
            while (
                first < last
                and self._tokens[first].shape is Shape.LOWER
                and self._tokens[first].text not in {"el", "al", "bin", "'t"}
            ):
                first += 1
        while (
            first < last
            and self._is_idle(last)
            and not self._belongs_behind(last)
            and self._tokens[last - 1].shape is not Shape.LOWER
            and not self._only_initials(first, last - 1)
        ):
            last -= 1
        while last > first and self._tokens[last].shape is Shape.LOWER:
            last -= 1
        return first, last

    def _belongs_behind(self, at: int) -> bool:
        """Tell an ordinary word right behind what is certainly a name, as its last part: `Asfaw Demissie`."""
        token = self._tokens[at]
        if self._tokens[at - 1].text.lower() in KUNYAS:
            return True
        if len(self._tokens[at - 1].text) == 1 and self._tokens[at - 1].gap == " " and at > 1:
            # `Tjon A Fat`: a letter between two parts.
            return token.shape is Shape.CAPITAL and bool(
                self._sort(at - 2) & LISTED or self._is_surely_name(at - 2, at - 2)
            )
        return (
            token.shape is Shape.CAPITAL
            and token.gap == " "
            and token.text.lower() not in cues.TITLES
            and not self._sort(at) & (Sort.NOBODY | Sort.PLACE)
            and cue_of(token.text.lower()) is Cue.NONE
            and (
                self._is_surely_name(at - 1, at - 1)
                or (bool(self._sort(at - 1) & (Sort.FIRST | Sort.NAME)) and not self._tokens[at - 1].opens)
            )
        )

    def _only_initials(self, first: int, last: int) -> bool:
        return all(token.shape is Shape.INITIAL for token in self._tokens[first : last + 1])

    def _is_idle(self, at: int) -> bool:
        """Tell a Dutch word or an idle abbreviation that no list has as a name."""
        token = self._tokens[at]
        if token.shape is Shape.INITIAL:
            return False
        sort = self._sort(at)
        return (
            not sort & LISTED
            and bool(sort & (Sort.WORD | Sort.NOBODY))
            and self._runs.cue_before(at)[0] is not Cue.HONORIFIC
        )

    def _is_idle_opening(self, first: int, last: int) -> bool:
        token = self._tokens[first]
        lower = token.text.lower()
        if token.shape is Shape.LOWER:
            return False
        if token.shape is Shape.INITIAL:
            # `Bijlage B. Tesfay` is no name with an initial.
            return first > 0 and self._tokens[first - 1].text.lower() in cues.NO_NAME_BEFORE
        # `AL HAMAD Khaled`: with a capital at the beginning of a line too it belongs to the name.
        particle = lower in {"al", "el"} and not self._sort(first + 1) & (Sort.WORD | Sort.NOBODY)
        if lower in cues.FUNCTION_WORDS and not particle:
            return token.opens or self._runs.is_shouted(first)
        sort = self._sort(first)
        if sort & Sort.WORD and not sort & LISTED:
            # In the middle of a sentence only offices write ordinary words with a capital: `nicht Patience Omoruyi`.
            of_office = lower in cues.TITLES or bool(sort & (Sort.NOBODY | Sort.PLACE)) or token.shape is Shape.UPPER
            told = self._runs.cue_before(first)[0] in {Cue.KIN, Cue.ROLE, Cue.OFFICIAL}
            return (token.opens and not told) or of_office or not self._is_surely_name(first + 1, last)
        told = ":" in token.gap and self._runs.cue_before(first)[0] in {Cue.KIN, Cue.ROLE, Cue.OFFICIAL}
        if not token.opens or told or not sort & Sort.WORD or lower in cues.SURE_FIRST or self._is_of_our_list(first):
            return False
        # `Roos Vink` is a name where a sentence begins too; `Wil Vandaag` is not.
        after = self._sort(last if self._tokens[first + 1].shape is Shape.LOWER else first + 1)
        return not after & LISTED or not sort & (Sort.FIRST | Sort.NAME)

    def _is_surely_name(self, first: int, last: int) -> bool:
        """Tell whether one of the words from `first` to `last` is a name whatever stands beside it."""
        return any(
            self._tokens[at].shape in _CAPITALS
            and not self._sort(at) & (Sort.WORD | Sort.NOBODY | Sort.PLACE | Sort.PROPER)
            for at in range(first, last + 1)
        )

    def _is_of_our_list(self, at: int) -> bool:
        """Tell a name of our own list, which holds few ordinary words; the list of Dutch given names holds many."""
        return bool(self._sort(at) & Sort.NAME) and self._tokens[at].text.lower() not in cues.COMMON_WORDS

    def _is_place(self, first: int, last: int, cue: Cue) -> bool:
        """Tell whether a row of words is where and not who."""
        tokens = self._tokens
        if cue is Cue.NAMED and names_thing(self._runs, first):
            return True
        # `buurman De Boer`, which is a hamlet too.
        a_surname = tokens[first].text.lower() in cues.PARTICLES and bool(self._sort(last) & Sort.SURNAME)
        related = cue in {Cue.KIN, Cue.ROLE} and a_surname
        given = first == last and self._follows_shouted_surname(first)
        if cue in {Cue.HONORIFIC, Cue.NAMED} or related or given or tokens[first].shape is Shape.INITIAL:
            return False
        row = self._runs.text[tokens[first].start : tokens[last].end]
        if last > first:
            return (
                self._vocabulary.is_place(row)
                or self._vocabulary.is_nobody(row)
                or self._is_unlisted_place(first, last)
            )
        sort = self._sort(first)
        before = tokens[first - 1].text.lower() if first and tokens[first].gap in {" ", ' "', " '"} else ""
        located = before in cues.LOCATING or self._continues_place(first) or self._follows_nobody(first)
        if sort & (Sort.NAME | Sort.FIRST):
            return bool(sort & (Sort.PLACE | Sort.NOBODY)) and (located or before in cues.GOING) and cue is Cue.NONE
        if sort & Sort.PLACE:
            return cue is not Cue.KIN and not (cue in {Cue.ROLE, Cue.OFFICIAL} and sort & Sort.SURNAME)
        # `ik wil naar Spanje`: a country, though a surname as well.
        no_name = not sort & LISTED or bool(sort & Sort.NOBODY)
        return located or (before in cues.GOING and no_name and not is_sent_by(self._tokens, first))

    def _follows_shouted_surname(self, first: int) -> bool:
        """Tell `SELMANI, Soran`: a given name that is a town too."""
        before = self._tokens[first - 1] if first else None
        return (
            before is not None
            and self._last_name == first - 1
            and before.shape is Shape.UPPER
            and self._tokens[first].shape is Shape.CAPITAL
            and self._tokens[first].gap == ", "
        )

    def _is_unlisted_place(self, first: int, last: int) -> bool:
        """Tell a place of two or three words that no list knows by what stands before it: `in Adi Quala`."""
        if not first or self._tokens[first].gap != " " or self._tokens[first - 1].text.lower() not in cues.WITHIN:
            return False
        opened = self._tokens[first].text.lower() in PLACE_OPENERS
        opened = opened or self._tokens[last].text.lower() in PLACE_ENDINGS
        listed = any(self._sort(at) & LISTED for at in range(first + opened, last + 1))
        return last - first < _MOST_PLACE_WORDS and not listed

    def _continues_place(self, first: int) -> bool:
        """Tell whether a word stands in a row of places: `in Senafe, Adi Keyh en Tsorona`, `Agadez - Sebha`."""
        if first and self._tokens[first].gap in _ON_THE_WAY:
            before = self._sort(first - 1)
            if before & (Sort.PLACE | Sort.NOBODY) and not before & LISTED:
                return True
        if self._last_place < 0 or first - self._last_place > 2:  # noqa: PLR2004 - the word "en" may be between.
            return False
        if is_apposed_to_kin(self._tokens, self._last_place, first):
            return False
        between = self._tokens[self._last_place + 1 : first]
        return self._tokens[first].gap.strip() in {"", ",", "/", "-"} and all(
            token.text in {"en", "of", "naar", "via"} for token in between
        )

    def _follows_nobody(self, first: int) -> bool:
        """Tell a town behind what is in it: `Orotta Hospital, Asmara`."""
        return (
            self._tokens[first].gap == ", "
            and bool(self._sort(first) & Sort.PLACE)
            and self._runs.is_blocked(first - 1)
        )

    def _certainty(self, first: int, last: int, cue: Cue) -> bool | None:
        """Tell how certain a row of words is a name; None when it is none."""
        capitals = [at for at in range(first, last + 1) if self._tokens[at].shape is not Shape.LOWER]
        initials = [at for at in capitals if self._tokens[at].shape is Shape.INITIAL]
        words = [at for at in capitals if self._tokens[at].shape is not Shape.INITIAL]
        if not words:
            return True if cue in _BEFORE_INITIALS and len(initials) <= _MOST_INITIALS else None
        sorts = [self._sort(at) for at in words]
        if initials and initials[0] == first:
            return self._with_initials(words[0], sorts[0], cue)
        if cue is Cue.HONORIFIC:
            nobody = all(sort & Sort.NOBODY and sort & Sort.PROPER and not sort & LISTED for sort in sorts) or (
                len(words) == 1 and len(self._tokens[words[0]].text) == 1
            )
            return None if nobody or all(is_function_word(self._tokens[at].text) for at in words) else True
        if len(words) > 1 or first != last:
            return self._of_row(words, sorts, cue)
        return self._of_one(words[0], sorts[0], cue)

    def _with_initials(self, at: int, sort: int, cue: Cue) -> bool | None:
        if cue is Cue.HONORIFIC or not sort or sort & LISTED or self._tokens[at - 1].shape is Shape.LOWER:
            return True
        heading = cue is Cue.NONE and is_numbered_heading(self._tokens, at, sort)
        if heading or self._tokens[at].text.lower() in cues.FUNCTION_WORDS or sort & Sort.NOBODY:
            return None
        return cue is not Cue.NONE or not sort & Sort.WORD

    def _of_row(self, words: list[int], sorts: list[int], cue: Cue) -> bool | None:
        unknown = any(not sort for sort in sorts)
        listed = [sort for sort in sorts if sort & LISTED]
        if unknown:
            return True
        if any(not sort & Sort.WORD for sort in listed):
            return len(listed) > 1 or cue is not Cue.NONE or len(words) == 1
        if len(listed) > 1 and sorts[0] & (Sort.FIRST | Sort.NAME):
            return True
        if (
            len(listed) == len(sorts)
            and self._tokens[words[0] - 1].shape is Shape.LOWER
            and not self._tokens[words[0]].opens
        ):
            return False
        if cue in {Cue.NAMED, Cue.KIN, Cue.ROLE, Cue.OFFICIAL} and not all(
            sort & Sort.WORD and not sort & LISTED for sort in sorts
        ):
            return bool(listed)
        # `Wij zagen Anita Zonnebloem`: a given name in the middle of a sentence, and an ordinary word behind it.
        first = self._tokens[words[0]]
        given = bool(sorts[0] & (Sort.FIRST | Sort.NAME)) and not first.opens and not is_function_word(first.text)
        plain = not any(sort & (Sort.NOBODY | Sort.PLACE) for sort in sorts) and not self._runs.is_shouted(words[0])
        return False if given and plain else None

    def _of_one(self, at: int, sort: int, cue: Cue) -> bool | None:
        token = self._tokens[at]
        cued = cue not in {Cue.NONE, Cue.SUBJECT}
        if is_function_word(token.text) or len(token.text) < 2:  # noqa: PLR2004 - a letter.
            return None
        if not sort:
            return self._of_unknown(at, cued=cued)
        in_field = cued and self._runs.fills_field(at) and bool(sort & (LISTED | Sort.PROPER | Sort.PLACE))
        hidden = (token.opens and not in_field) or self._runs.is_shouted(at)
        if sort & (Sort.NAME | Sort.FIRST):
            if cued or not sort & Sort.WORD or token.text.lower() in cues.SURE_FIRST:
                return True
            return False if not hidden or self._is_of_our_list(at) or self._acts_as_person(at, sort) else None
        if sort & Sort.SURNAME and not sort & Sort.WORD:
            return cued or not sort & Sort.PROPER
        return self._of_word(at, sort, cue, in_field=in_field)

    def _of_word(self, at: int, sort: int, cue: Cue, *, in_field: bool) -> bool | None:
        """Tell whether an ordinary word or a town is a name by what stands around it."""
        if in_field and self._runs.cue_before(at)[1] in cues.FIELD_NAMES:
            return True
        if self._acts_as_person(at, sort) or self._is_surname_before_name(at, sort):
            return False
        # `zijn zus Merel`: an ordinary word, but no title and no place, and its capital does not open a sentence.
        a_place = bool(sort & Sort.PLACE) and cue is not Cue.KIN and not sort & Sort.SURNAME
        foreign_to_names = sort & Sort.NOBODY or a_place or (cue is Cue.OFFICIAL and not sort & Sort.SURNAME)
        cued = cue not in {Cue.NONE, Cue.SUBJECT}
        return False if cued and (in_field or not self._tokens[at].opens) and not foreign_to_names else None

    def _acts_as_person(self, at: int, sort: int) -> bool:
        """Tell that an ordinary word at the beginning of a sentence is a name by what follows: `Bakker regelt bed`.

        Dutch puts an article before one baker; who is called so has none. `Koning, de monteur, …` and
        `Roos van de receptie …` say it too.
        """
        tokens = self._tokens
        many = tokens[at].text.endswith("en")
        if (
            many
            or not sort & LISTED
            or sort & Sort.NOBODY
            or tokens[at].shape is not Shape.CAPITAL
            or at + 1 >= len(tokens)
        ):
            return False
        after = tokens[at + 1]
        word = tokens[at].text.lower()
        if after.gap == ", ":
            return after.text in cues.APPOSED and word not in cues.FUNCTION_WORDS
        if after.gap != " ":
            return False
        if after.text == "van" and at + 3 < len(tokens):
            return tokens[at + 2].text in {"de", "het"} and tokens[at + 3].text.lower() in cues.DESKS
        is_trade = word.endswith(("er", "aar")) or word in cues.BEARERS
        return after.text in cues.SPEAKING or (is_trade and after.text in cues.ACTING)

    def _is_surname_before_name(self, at: int, sort: int) -> bool:
        """Tell `Sterk, Annette` on a line of its own: a surname that is a word too, and a given name behind it."""
        tokens = self._tokens
        if not sort & (Sort.SURNAME | Sort.PROPER) or at + 1 >= len(tokens) or tokens[at + 1].gap != ", ":
            return False
        given = tokens[at + 1]
        if given.shape is Shape.INITIAL and sort & Sort.SURNAME:
            return True
        ends = at + 2 >= len(tokens) or tokens[at + 2].gap.strip(" ")[:1] in {"\n", ";", "|", "<", "(", ")", ".", "["}
        given_sort = self._vocabulary.sort(given.text)
        return ends and given.shape in _CAPITALS and bool(given_sort & (Sort.FIRST | Sort.NAME))

    def _is_cut_short(self, at: int) -> bool:
        """Tell an abbreviation by its full stop within a sentence: `Betr. heeft …`."""
        if at + 1 >= len(self._tokens):
            return False
        return self._tokens[at + 1].gap == ". " and self._tokens[at + 1].shape is Shape.LOWER

    def _of_unknown(self, at: int, *, cued: bool) -> bool | None:
        token = self._tokens[at]
        if not cued and len(token.text) <= _LONGEST_SHORT and self._is_cut_short(at):
            return None
        if token.shape is Shape.UPPER and not cued:
            return None if len(token.text) < _LEAST_SHOUTED and not self._runs.is_shouted(at) else False
        return cued or not token.opens
