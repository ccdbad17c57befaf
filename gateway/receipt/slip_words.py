"""The words of one slip: every text of the house in both languages, every reason explained once. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from gateway.package.errors import Code
from gateway.package.expectations import said_expectation
from gateway.package.facts import Kind
from gateway.package.labels import Label
from gateway.package.places import said_place
from gateway.package.problems import PROBLEMS, sentence
from gateway.package.states import Language, Reason
from gateway.receipt.port import SlipFacts
from gateway.receipt.slip_model import Explanation, Texts, Words, printable
from gateway.receipt.wording import KINDS, Plural

CODES = {code.value: code for code in Code}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipWords:
    """Finds the words for what one slip says."""

    facts: SlipFacts
    texts: Texts
    explained: dict[tuple[str, str], Explanation] = field(default_factory=dict)

    def say(self, message: str, **places: str | int) -> Words:
        """Give a text of the house in both languages, its `{name}` places filled."""
        dutch = self.texts.text(message, language=Language.NL)
        english = self.texts.text(message, language=Language.EN)
        if "{" not in message:
            return Words(dutch, english)
        return Words(sentence(dutch, places), sentence(english, places))

    def count(self, plural: Plural, count: int, **places: str | int) -> Words:
        """Give a text of the house in both languages and in the form that fits a count, its `{name}` places filled."""
        nl, en = (sentence(self.texts.counted(plural, count, language=each), places) for each in Language)
        return Words(nl, en)

    def explain(self, reason: Reason) -> Explanation:
        """Give a reason in both languages: a rule brings its own, a problem has the catalogue's."""
        key = (reason.rule_id, reason.en)
        found = self.explained.get(key)
        if found is None:
            found = Explanation(
                code=reason.rule_id,
                words=Words(reason.nl, reason.en) if reason.nl else self._problem_words(reason),
                step=reason.step,
                article=reason.article,
            )
            self.explained[key] = found
        return found

    def explain_code(self, code: str) -> Explanation:
        """Give a problem of the catalogue in both languages."""
        return Explanation(code=code, words=self.say(PROBLEMS[CODES[code]].title, **self.facts.detail))

    def label(self, label: Label) -> Words:
        """Give what people call a field or a kind of document."""
        return Words(printable(label.nl), printable(label.en))

    def expectation(self, expected: str) -> Words:
        """Give what was expected at a place."""
        nl, en = (
            said_expectation(expected, say=partial(self.texts.text, language=language))
            for language in (Language.NL, Language.EN)
        )
        return Words(nl, en)

    def place(self, where: str, *, kinds: Iterable[str] = ()) -> Words:
        """Give a place as people count and name it, with the kinds of values that were found there."""
        found = [KINDS[Kind(each)].one for each in kinds]
        nl, en = (self._place(where, found, say=partial(self.texts.text, language=lang)) for lang in Language)
        return Words(printable(nl), printable(en))

    @staticmethod
    def _place(where: str, kinds: Sequence[str], *, say: Callable[[str], str]) -> str:
        said = said_place(where, say=say)
        return f"{said} ({', '.join(map(say, kinds))})" if kinds else said

    def _problem_words(self, reason: Reason) -> Words:
        if reason.rule_id not in CODES:
            return self.say(reason.en)
        return self.say(PROBLEMS[CODES[reason.rule_id]].title, **self.facts.detail)
