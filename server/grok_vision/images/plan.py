"""Which parts of a picture are sent, and in what size: arithmetic only, nothing is decoded."""

import math
from dataclasses import dataclass
from itertools import pairwise

from grok_vision.errors import ImageError
from grok_vision.images.geometry import Box, Size, size_of
from grok_vision.providers import ImageLimits
from grok_vision.vocabulary import Detail

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
# What keeps small print of a page readable: 115 dpi.
_READABLE_VECTOR = 1.6
# Keeps a side that was scaled to a minimum from being rounded down below it.
_ROUNDING = 1 + 1e-9
# Sizes are whole pixels, so that a scale is never quite what was planned.
_NEARLY = 0.99


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may be sent of one picture.

    A `vector` may be enlarged, up to the scale that memory allows, `ceiling`. `most_parts` bounds
    the strips further than `detail` does.
    """

    limits: ImageLimits
    detail: Detail
    vector: bool = False
    ceiling: float = math.inf
    most_parts: int | None = None

    @property
    def parts(self) -> int:
        """How many parts a long page may be split into."""
        return min(self.most_parts or _MOST_PARTS[self.detail], _MOST_PARTS[self.detail])

    @property
    def may_split_further(self) -> bool:
        """Whether another detail would allow more parts."""
        most = min(self.most_parts or math.inf, max(_MOST_PARTS.values()))
        return self.parts < most

    def readable(self, area: Size) -> float:
        """Return the scale from which small text of a long page can be read."""
        if self.vector:
            return _READABLE_VECTOR
        return _READABLE if min(area) <= _DENSE_SIDE else _READABLE_DENSE


def plan(area: Box, budget: Budget) -> tuple[Part, ...]:
    """Return the parts in reading order: one for all of `area`, or strips of a long page.

    Raises:
        ImageError: `too_small`, where the provider takes no picture so small.
    """
    size = size_of(area)
    parts: tuple[Part, ...] = (Part(area, _fitting(size, budget)),)
    if budget.parts > 1 and _is_long(size, budget) and parts[0].scale < budget.readable(size):
        parts = _strips(area, budget)
    return tuple(_not_too_small(part, budget.limits) for part in parts)


def is_readable(area: Box, scale: float, budget: Budget) -> bool:
    """Tell whether small text survives in the parts of a long page; of others, nothing is known."""
    size = size_of(area)
    return not _is_long(size, budget) or scale >= budget.readable(size) * _NEARLY


def _fitting(size: Size, budget: Budget) -> float:
    """Return the scale at which the model can use all of a picture."""
    scale = _largest(size, budget.ceiling) if budget.vector else 1.0
    return min(scale, budget.limits.scale(*size, budget.detail))


def _largest(size: Size, ceiling: float) -> float:
    """Return the largest scale from which a drawing gains."""
    enough = math.sqrt(_VECTOR_PIXELS / math.prod(size))
    return min(ceiling, enough, max(_VECTOR_SCALE, _VECTOR_SIDE / max(size)))


def _not_too_small(part: Part, limits: ImageLimits) -> Part:
    """Return the part, in more pixels than the model needs where it takes no fewer."""
    if _enough(part, limits):
        return part
    size = size_of(part.box)
    needed = max(limits.min_side / min(size), math.sqrt(limits.min_pixels / math.prod(size)))
    # What is useful may be exceeded, the longest side may not.
    longest = (limits.max_side or math.inf) / max(size)
    if needed <= min(1.0, longest):
        return Part(part.box, needed * _ROUNDING)
    width, height = part.size
    raise ImageError(
        "too_small",
        f"it would be sent as {width}x{height}, and {limits.taken_by} takes no picture under "
        f"{limits.min_side} pixels a side and {limits.min_pixels} pixels in all; "
        "enlarge it, or take a part that is larger or less thin.",
    )


def _enough(part: Part, limits: ImageLimits) -> bool:
    size = part.size
    return min(size) >= limits.min_side and math.prod(size) >= limits.min_pixels


def _is_long(size: Size, budget: Budget) -> bool:
    width, height = size
    ratio = max(size) / min(size)
    # A model that bounds the shorter side counts by large tiles: strips of a page that is not very
    # long would cost it nine times as much (2048x4096 with gpt-4o: 1,105 tokens, or 10,115).
    is_tiled = budget.limits.fits.at(budget.detail).max_short_side is not None
    is_desktop = height > width >= _DESKTOP_SIDE and not is_tiled
    return ratio > (_LONG_DESKTOP if is_desktop else _LONG)


def _strips(area: Box, budget: Budget) -> tuple[Part, ...]:
    """Return as few strips as keep text readable, all of one scale.

    One more is worth it where it keeps the pixels as they are: text is sharper then, and a PNG of
    it half as large (measured by benchmarks/legibility).
    """
    scales = {
        count: min(_fitting(size_of(box), budget) for box in _cut(area, count))
        for count in range(2, budget.parts + 1)
    }
    wanted = budget.readable(size_of(area))
    count = next((count for count, scale in scales.items() if scale >= wanted), budget.parts)
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
