"""What is to be known of a picture to count it, and the counting of its parts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from grok_vision.providers import Choice
from grok_vision.tokens.count import NOTHING, Correction, Count
from grok_vision.tokens.rules import Size, image_tokens
from grok_vision.vocabulary import Detail

# Between the largest and the smallest that a strip may be: a step is less than half a cell.
_STEPS = 8


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
        parts = [self._part(size, detail or self.detail) for size in sizes]
        if len(parts) > 1:
            parts = [
                self._settled(part, size, sizes, detail or self.detail)
                for part, size in zip(parts, sizes, strict=True)
            ]
        return sum(parts, NOTHING)

    def _settled(self, part: Count, size: Size, parts: Sequence[Size], detail: Detail) -> Count:
        """Return the count of a strip whose edges are still to be moved to calm rows.

        A little smaller may be more tokens, where a model shrinks to whole cells.
        """
        counts = [self._part(settled, detail) for settled in _settled(size, parts)]
        return replace(
            part,
            least=min(part.least, *(count.least for count in counts)),
            most=max(part.most, *(count.most for count in counts)),
        )

    def _part(self, size: Size, detail: Detail) -> Count:
        rule = self.choice.tokens
        count = image_tokens(rule, size, detail)
        if self.correction is None:
            return count
        corrected = self.correction.applied(count)
        # What the rule's own bounds exclude, one odd answer does not bring back; what answers say
        # is the likely figure wins over the bounds.
        return replace(
            corrected,
            least=min(corrected.tokens, max(corrected.least, rule.least or 0)),
            most=max(corrected.tokens, min(corrected.most, rule.most or corrected.most)),
        )

    def fitted(self, size: Size) -> Size:
        """Return the size in which a picture is sent in one part."""
        scale = min(1.0, self.choice.images.scale(*size, self.detail))
        return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _settled(size: Size, parts: Sequence[Size]) -> list[Size]:
    """Return sizes that a strip may have when its edges have moved to calm rows.

    Each of its two edges may move by a 32nd of the side that all strips share.
    """
    width, height = size
    is_tall = len({part[0] for part in parts}) == 1
    cut = (width if is_tall else height) / 16
    sides = [round(cut * step / _STEPS) for step in range(1, _STEPS + 1)]
    if is_tall:
        return [(width, max(1, height - side)) for side in sides]
    return [(max(1, width - side), height) for side in sides]
