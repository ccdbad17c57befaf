"""What a package says of its subject and of others, for a search through its documents. Every value is secret."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a search for people is told beforehand.

    `names`: the subject's name and its variants, as written. `numbers`: values that identify the subject (V-number,
    BSN, e-mail, telephone, document numbers), as written. `birth_date`: ISO, parts may be 00, or empty. `addresses`:
    street lines, postcodes and towns of the subject. `withheld`: values that this recipient does not get, also when
    they are the subject's own. `others`: names of people already known to be someone else, such as family members in
    the data and people found in the other documents of the package. `doubted`: those of whom no other document was
    certain; being named twice makes a doubt no fact.
    """

    names: tuple[str, ...] = field(default=(), repr=False)
    numbers: tuple[str, ...] = field(default=(), repr=False)
    birth_date: str = field(default="", repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)
    withheld: tuple[str, ...] = field(default=(), repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)
    doubted: tuple[str, ...] = field(default=(), repr=False)


NOBODY_KNOWN: Final = Known()
