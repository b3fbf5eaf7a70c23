"""Sizes of documents that can be drawn in any size."""

import math

from grok_vision.errors import ImageError
from grok_vision.images.geometry import Size

# A page of a PDF is 14,400 points at most, and the tallest screenshots in one some 50,000.
_LONGEST_SIDE = 100_000
# What a layer of the drawing takes is 4 bytes a pixel, and there may be several.
_MOST_PIXELS = 25_000_000
# A size that was rounded is drawn as it was asked for, so that nothing is scaled afterwards.
_ROUNDED_BY = 2


def natural_size(width: float, height: float) -> Size:
    """Return the size in whole pixels that a document says it has.

    Raises:
        ImageError: `damaged_image` where that makes no sense.
    """
    if not all(0 < side <= _LONGEST_SIDE for side in (width, height)):
        raise ImageError(
            "damaged_image",
            f"it says that it is {width:g}x{height:g}, and up to {_LONGEST_SIDE:,} a side can be "
            "drawn; save it again in a usual size.",
        )
    return max(1, round(width)), max(1, round(height))


def largest_drawn(size: Size) -> float:
    """Return the scale up to which a document of this size can be drawn."""
    return math.sqrt(_MOST_PIXELS / math.prod(size))


def drawn_size(width: float, height: float, at_least: Size) -> Size:
    """Return the size in which to draw so that it has `at_least` these pixels, if memory allows."""
    scale = max(at_least[0] / width, at_least[1] / height)
    scale = min(scale, math.sqrt(_MOST_PIXELS / (width * height)))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    rounded = all(abs(a - b) <= _ROUNDED_BY for a, b in zip(size, at_least, strict=True))
    return at_least if rounded else size
