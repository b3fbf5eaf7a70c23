"""Cuts a tall page into strips that overlap, and joins what was read in them.

Reading a page of 1280 by 9000 pixels in one piece takes gigabytes, and reducing it makes its
letters too small to read.
"""

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

from grok_vision.local.layout import AnyLine, Line

OVERLAP = 128  # pixels; lines up to this height are whole in one strip at least
_AREA = 2_200_000  # pixels of one strip: a 1080p screenshot stays whole
_HEIGHTS = (736, 2000)  # pixels; the detector enlarges what is smaller than 736
_SLACK = 8  # pixels by which two readings of one line may differ


@dataclass(frozen=True)
class Strip:
    """A part of the page over its whole width, and which lines in it count.

    Attributes:
        top: First row of pixels.
        height: Number of rows.
        first: Lines whose centre lies above this row belong to the strip before.
        last: Lines whose centre lies below this row belong to the strip after.
    """

    top: int
    height: int
    first: float
    last: float


def tallest(width: int) -> int:
    """How high a picture of this width may be to be read in one piece."""
    least, most = _HEIGHTS
    return max(least, min(most, _AREA // width))


def strips(width: int, height: int) -> tuple[Strip, ...]:
    """The strips of a page, from top to bottom; one if the page is small enough."""
    if height <= tallest(width):
        return (Strip(0, height, -math.inf, math.inf),)
    count = math.ceil((height - OVERLAP) / (tallest(width) - OVERLAP))
    size = math.ceil((height - OVERLAP) / count) + OVERLAP
    tops = [round(index * (height - size) / (count - 1)) for index in range(count)]
    seams = [(top + size + below) / 2 for top, below in itertools.pairwise(tops)]
    return tuple(
        Strip(top, size, first, last)
        for top, first, last in zip(tops, [-math.inf, *seams], [*seams, math.inf], strict=True)
    )


def joined(readings: Iterable[tuple[Strip, tuple[AnyLine, ...]]]) -> tuple[AnyLine, ...]:
    """The lines of all strips, in pixels of the page, each line once.

    Args:
        readings: Each strip with its lines, whose boxes are already in pixels of the page.
    """
    kept: list[AnyLine] = []
    for strip, lines in readings:
        for line in lines:
            inside = strip.first - _SLACK <= line.middle <= strip.last + _SLACK
            near_seam = line.middle <= strip.first + _SLACK
            if inside and not (near_seam and any(_same(line, other) for other in kept)):
                kept.append(line)
    return tuple(kept)


def _same(one: Line, other: Line) -> bool:
    across = min(one.right, other.right) - max(one.x, other.x)
    return abs(one.middle - other.middle) <= 2 * _SLACK and across > min(one.width, other.width) / 2
