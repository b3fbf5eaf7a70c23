"""Which parts of a picture are sent, and in what size: arithmetic only, nothing is decoded."""

import math
from dataclasses import dataclass
from itertools import pairwise

from grok_vision.errors import ImageError
from grok_vision.images.geometry import Box, Size, size_of
from grok_vision.providers import Detail, ImageLimits

# Longer than any screen and most photographs: a page or a panorama. Phones reach 2.34.
_LONG = 2.4
# A page as wide as a desktop is no phone's screen, and is long from here.
_LONG_DESKTOP, _DESKTOP_SIDE = 1.8, 1800
# Text of a screen of usual density can be read down to the first, that of a dense one to the
# second; a page wider than _DENSE_SIDE is taken for dense (measured by benchmarks/legibility).
_READABLE, _READABLE_DENSE, _DENSE_SIDE = 0.85, 0.45, 2200
# The most parts of one picture that a call should cost by default, and where detail is asked for.
_MOST_PARTS: dict[Detail, int] = {"low": 1, "auto": 8, "high": 24}
# By how much a part reaches into each neighbour, of the shorter side: about two lines of text.
_OVERLAP = 1 / 32
# Drawings have no pixels of their own: 300 dpi of a page's 72, or this side where that is small.
_VECTOR_SCALE, _VECTOR_SIDE, _VECTOR_PIXELS = 300 / 72, 1024, 2_400_000
# Memory: the whole is decoded or drawn at 4 bytes a pixel, also where a part of it is sent.
_MOST_DRAWN, _MOST_DECODED = 25_000_000, 64_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of the upright source in its pixels, and the sent pixels for each of these."""

    box: Box
    scale: float

    @property
    def size(self) -> Size:
        """The size in which it is sent: rounded down, so that the budget holds exactly."""
        left, top, right, bottom = self.box
        # A thin side keeps at least one pixel.
        return (
            max(1, math.floor((right - left) * self.scale)),
            max(1, math.floor((bottom - top) * self.scale)),
        )


def largest_scale(whole: Size, area: Size, *, vector: bool) -> float:
    """Return the largest scale that memory allows, and that a drawing gains from; else 1."""
    pixels = math.prod(whole)
    if not vector:
        # What a JPEG has above this is decoded at half its size.
        return 1.0 if pixels <= _MOST_DECODED else 0.5
    return min(
        math.sqrt(_MOST_DRAWN / pixels),
        math.sqrt(_VECTOR_PIXELS / math.prod(area)),
        max(_VECTOR_SCALE, _VECTOR_SIDE / max(area)),
    )


def plan(
    area: Box,
    limits: ImageLimits,
    detail: Detail,
    *,
    largest: float = 1.0,
    most_parts: int | None = None,
) -> tuple[Part, ...]:
    """Return the parts in reading order: one for all of `area`, or strips of a long page.

    No part has a larger scale than `largest`. `most_parts` bounds the strips further than `detail`
    does.

    Raises:
        ImageError: `too_small`, where the provider takes no picture so small.
    """
    size = size_of(area)
    whole = Part(area, _fitting(size, limits, detail, largest))
    _check_minimum(whole.size, limits)
    most = min(most_parts or _MOST_PARTS[detail], _MOST_PARTS[detail])
    if most < 2 or not _is_long(size) or whole.scale >= _readable(size):
        return (whole,)
    return _strips(area, limits, detail, largest, most)


def _fitting(size: Size, limits: ImageLimits, detail: Detail, largest: float) -> float:
    """Return the scale at which the model can use all of a picture; at most `largest`."""
    width, height = size
    scale = largest
    if limits.useful_pixels is not None:
        scale = min(scale, math.sqrt(limits.useful_pixels / (width * height)))
    longest = limits.max_side
    if detail == "low" and limits.low_detail_side is not None:
        longest = min(longest or limits.low_detail_side, limits.low_detail_side)
    if longest is not None:
        scale = min(scale, longest / max(width, height))
    return scale


def _check_minimum(size: Size, limits: ImageLimits) -> None:
    width, height = size
    if min(size) < limits.min_side or width * height < limits.min_pixels:
        raise ImageError(
            "too_small",
            f"it would be sent as {width}x{height}, and the provider takes no picture under "
            f"{limits.min_side} pixels a side and {limits.min_pixels} pixels in all; "
            "enlarge it or take a larger part.",
        )


def _is_long(size: Size) -> bool:
    width, height = size
    ratio = max(size) / min(size)
    return ratio > _LONG or (ratio > _LONG_DESKTOP and height > width >= _DESKTOP_SIDE)


def is_readable(area: Box, planned: Part) -> bool:
    """Tell whether small text survives in the parts of a long page; of others, nothing is known."""
    size = size_of(area)
    return not _is_long(size) or planned.scale >= _readable(size)


def _readable(size: Size) -> float:
    return _READABLE if min(size) <= _DENSE_SIDE else _READABLE_DENSE


def _strips(
    area: Box, limits: ImageLimits, detail: Detail, largest: float, most: int
) -> tuple[Part, ...]:
    """Return as few strips as keep text readable, all of one scale.

    One more is worth it where it keeps the pixels as they are: text is sharper then, and a PNG of
    it half as large (measured by benchmarks/legibility).
    """
    scales = {
        count: min(_fitting(size_of(box), limits, detail, largest) for box in _cut(area, count))
        for count in range(2, most + 1)
    }
    wanted = min(largest, _readable(size_of(area)))
    count = next((count for count, scale in scales.items() if scale >= wanted), most)
    if scales[count] < 1.0 == scales.get(count + 1):
        count += 1
    return tuple(Part(box, scales[count]) for box in _cut(area, count))


def _cut(area: Box, count: int) -> list[Box]:
    """Return equal strips along the longer side, with what they share on top of that."""
    left, top, right, bottom = area
    tall = bottom - top > right - left
    start, end = (top, bottom) if tall else (left, right)
    shared = round(min(size_of(area)) * _OVERLAP)
    edges = [start + round((end - start) * number / count) for number in range(count + 1)]
    spans = [
        (max(start, first - shared), min(end, last + shared)) for first, last in pairwise(edges)
    ]
    if tall:
        return [(left, first, right, last) for first, last in spans]
    return [(first, top, last, bottom) for first, last in spans]
