"""The size to which a model shrinks a picture before it looks at it."""

import math
from dataclasses import dataclass

from grok_vision.vocabulary import Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The largest picture of which a model sees every pixel; larger ones it shrinks itself.

    Sides in pixels, `max_pixels` for both together; None where there is no bound.
    """

    max_side: int | None = None
    max_short_side: int | None = None
    max_pixels: int | None = None

    def scale(self, width: int, height: int) -> float:
        """Return the largest scale at which no pixel is sent in vain; infinite without a bound."""
        return min(
            (self.max_side or math.inf) / max(width, height),
            (self.max_short_side or math.inf) / min(width, height),
            math.sqrt((self.max_pixels or math.inf) / (width * height)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """A fit for each detail that a caller can ask for."""

    low: Fit = Fit()
    auto: Fit = Fit()
    high: Fit = Fit()

    def at(self, detail: Detail) -> Fit:
        """Return the fit for this detail."""
        return {"low": self.low, "auto": self.auto, "high": self.high}[detail]


UNLIMITED = Fits()
"""Of a model that shrinks nothing."""
