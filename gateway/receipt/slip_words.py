"""The words of one slip: every text of the house in both languages, every reason explained once. Pure."""

from dataclasses import dataclass, field
from functools import partial

from gateway.package.errors import Code
from gateway.package.expectations import said_expectation
from gateway.package.labels import Label
from gateway.package.places import said_place
from gateway.package.problems import PROBLEMS, sentence
from gateway.package.states import Language, Reason
from gateway.receipt.port import SlipFacts
from gateway.receipt.slip_model import Explanation, Texts, Words, printable

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

    def place(self, where: str) -> Words:
        """Give a place as people count and name it."""
        nl, en = (
            said_place(where, say=partial(self.texts.text, language=language))
            for language in (Language.NL, Language.EN)
        )
        return Words(printable(nl), printable(en))

    def _problem_words(self, reason: Reason) -> Words:
        if reason.rule_id not in CODES:
            return self.say(reason.en)
        return self.say(PROBLEMS[CODES[reason.rule_id]].title, **self.facts.detail)
