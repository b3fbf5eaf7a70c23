"""What is to be known of a picture to count it, and the counting of its parts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from grok_vision.providers import Choice, Detail
from grok_vision.tokens.count import NOTHING, Correction, Count
from grok_vision.tokens.rules import Size, image_tokens


class Measured(Protocol):
    """A picture whose header was read; sides are in pixels.

    `sent` has the size of each part as it would be sent at the detail asked for, and `sent_low` the
    same at low detail: empty where it would be refused as too small.
    """

    @property
    def source(self) -> str:
        """As the caller wrote it."""

    @property
    def format(self) -> str:
        """Format of the bytes found, such as PNG."""

    @property
    def width(self) -> int:
        """As stored in the file."""

    @property
    def height(self) -> int:
        """As stored in the file."""

    @property
    def file_bytes(self) -> int | None:
        """Size of the file, where it is known."""

    @property
    def sent(self) -> tuple[Size, ...]:
        """The parts at the detail asked for."""

    @property
    def sent_low(self) -> tuple[Size, ...]:
        """The parts at low detail."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the chosen model counts pictures, `correction` included where there is one to apply."""

    choice: Choice
    detail: Detail
    correction: Correction | None

    def of(self, sizes: Sequence[Size], detail: Detail | None = None) -> Count:
        """Return the tokens of a picture sent in parts of these sizes."""
        counts = (image_tokens(self.choice.tokens, size, detail or self.detail) for size in sizes)
        if self.correction is not None:
            counts = (self.correction.applied(count) for count in counts)
        return sum(counts, NOTHING)

    def fitted(self, size: Size) -> Size:
        """Return the size in which a picture is sent in one part."""
        limits = self.choice.images
        longest = (limits.max_side or math.inf) / max(size)
        scale = min(1.0, longest, limits.fits.at(self.detail).scale(*size))
        return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))
