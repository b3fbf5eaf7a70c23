"""What is to be sent of a picture: with its bytes it decides the outcome."""

from dataclasses import dataclass

from grok_vision.images.selection import WHOLE, Selection
from grok_vision.providers import ImageLimits
from grok_vision.vocabulary import Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The part that the caller selected, the limits of who will see it, and our own.

    `most_parts` bounds the parts that a long page may be split into; None leaves it to `detail`.
    `most_bytes` bounds what is sent of the picture in all.
    """

    selection: Selection = WHOLE
    limits: ImageLimits
    detail: Detail
    most_parts: int | None = None
    most_bytes: int | None = None
    max_pixels: int
