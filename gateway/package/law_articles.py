"""Tells whether a text names an article of law: a law and a number. Whether it permits anything, a person says.

Rules:
1. Both have to stand there, near each other: a law without a number can not be looked up, nor a number without a law.
2. Lenient on spelling, in Dutch and English: `AVG art. 9 lid 2 onder c`, `GDPR 9(2)(c)`, `Article 9 of the GDPR`,
   `uavg 30`, `artikel 107 Vreemdelingenwet 2000`. A year is part of the law's name and no article.
"""

import re

# The laws that this work meets by their short names, and whatever calls itself a law.
_LAW = (
    r"(?:u?avg|u?gdpr|vw|vb|awb|bw|wpg|wjsg|wbp|sv|sr|evrm|echr|irvk|rva|wet\s+coa|"
    r"algemene\s+verordening\s+gegevensbescherming|general\s+data\s+protection\s+regulation|verordening|regulation|"
    r"richtlijn|directive|handvest|charter|verdrag|convention|vreemdelingenbesluit|"
    r"wetboek|\w{3,40}wet|act(?=\s+(?:19|20)\d\d))(?:\b|(?=\d))"
)
_YEAR = r"(?:\s*\(?(?:19|20)\d\d\)?)?"
_BOOK = r"(?:\s*,?\s*boek\s+\d)?"
_SIGN = r"(?:art(?:ikel(?:en)?|icles?|t)?\b\.?|sections?\b|§)"
_NUMBER = r"\d{1,3}(?!\d)"
_NAMED = re.compile(
    rf"\b{_LAW}{_YEAR}{_BOOK}[\s,.:;\u2013-]{{0,3}}{_SIGN}?\s*{_NUMBER}|"
    rf"(?:{_SIGN}\s*{_NUMBER}|\b{_NUMBER}\s?\()[^;\n]{{0,60}}\b{_LAW}",
    re.IGNORECASE,
)


def names_an_article(text: str) -> bool:
    """Tell whether an article of law is named anywhere in a text."""
    return _NAMED.search(text) is not None
