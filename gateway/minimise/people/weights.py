"""Weights of signs, learnt from labelled documents: a list of lines, read like the lists of words."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign weighs, and what is there without any sign; the sum is the logarithm of the odds."""

    bias: float = -math.inf
    of: Mapping[str, float] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, lines: Iterable[str]) -> "Weights":
        """Read lines of a weight, a tab and a sign; the one without a sign is the bias. Raises OSError for another."""
        try:
            of = {sign: float(weight) for weight, sign in (line.split("\t") for line in lines)}
            return cls(of.pop(""), of)
        except (ValueError, KeyError) as error:
            raise OSError("a list of weights is not what it should be") from error

    def chance(self, signs: Iterable[str]) -> float:
        """Give the chance, 0 to 1, that these signs stand around what is looked for."""
        odds = self.bias + sum(self.of.get(sign, 0.0) for sign in set(signs))
        return 1 / (1 + math.exp(-odds)) if odds > -math.inf else 0.0
