"""How many tokens something has, as far as that is known."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """A number of tokens: the likely figure, and between which bounds the truth lies."""

    tokens: int = 0
    least: int = 0
    most: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.tokens + other.tokens, self.least + other.least, self.most + other.most)


# Sizes next to those that were seen.
NEAR = 1.25

NOTHING = Count()
"""From here on counts are added up."""


def exactly(tokens: int) -> Count:
    """Return the count of something whose tokens are certain."""
    return Count(tokens, tokens, tokens)


@dataclass(frozen=True, slots=True)
class Correction:
    """What the answers of one model say of its rule: `intercept + slope * tokens` for a part.

    `spread` is the largest relative deviation seen from that, in `answers` answers. `smallest` and
    `largest` are the tokens by the rule between which parts were seen.
    """

    slope: float
    intercept: float
    spread: float
    answers: int
    smallest: float = 0.0
    largest: float = math.inf

    def applied(self, count: Count) -> Count:
        """Return the count of one part as answers have it, never below zero."""
        tokens = max(0.0, self.intercept + self.slope * count.tokens)
        # Rounded first: 210 times 1.1 is a hair more than 231 in floating point.
        least, most = (round(tokens * (1 + off), 6) for off in (-self.spread, self.spread))
        corrected = Count(round(tokens), max(0, math.floor(least)), math.ceil(most))
        if self.smallest / NEAR <= count.tokens <= self.largest * NEAR:
            return corrected
        # Of a size that was never seen, the rule may be as right as the answers.
        return Count(
            corrected.tokens,
            min(corrected.least, count.least),
            max(corrected.most, count.most),
        )
