"""Rows of pixels, told apart by hashes: how far most of them moved."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from PIL import Image

from grok_vision.pixels.boxes import Box
from grok_vision.pixels.luma import luma
from grok_vision.pixels.masks import blank

FEWEST = 8
"""Rows that must say the same: about a line of text."""

_STRIP = 256  # rows at a time, so that no copy of a large picture is made
# How many times as many as say the other way: where two rows of a table changed places, each has
# its own direction.
_OPPOSED = 4


@dataclass(frozen=True, slots=True)
class Rows:
    """The hashes of rows of brightness; `plain` are those of one shade only."""

    hashes: list[int]
    plain: list[bool]

    @classmethod
    def of(cls, image: Image.Image, box: Box, ignore: Sequence[Box]) -> Self:
        """Return the rows of a part of the picture, without what is to be ignored."""
        left, top, right, bottom = box
        width = right - left
        found = cls([], [])
        for start in range(top, bottom, _STRIP):
            part = luma(image.crop((left, start, right, min(start + _STRIP, bottom))))
            blank(part, ignore, origin=(left, start))
            data = part.tobytes()
            rows = [data[place : place + width] for place in range(0, len(data), width)]
            found.hashes.extend(map(hash, rows))
            found.plain.extend(row == row[:1] * width for row in rows)
        return found

    @property
    def telling(self) -> set[int]:
        """The hashes of rows that are not plain."""
        return {row for row, plain in zip(self.hashes, self.plain, strict=True) if not plain}

    def places(self) -> dict[int, int]:
        """Return where the rows are that stand once and are not plain."""
        often = Counter(self.hashes)
        return {
            row: place
            for place, (row, plain) in enumerate(zip(self.hashes, self.plain, strict=True))
            if not plain and often[row] == 1
        }


def distance(before: Rows, after: Rows) -> int:
    """Return how far down most of the rows moved that stand once in both, or 0."""
    there = after.places()
    said = Counter(there[row] - place for row, place in before.places().items() if row in there)
    del said[0]
    if not said:
        return 0
    dy, rows = said.most_common(1)[0]
    opposed = sum(count for other, count in said.items() if (other > 0) != (dy > 0))
    return dy if rows >= max(FEWEST, opposed * _OPPOSED) else 0
