"""Which pixels of two pictures differ, with the very verdicts of pixelmatch 7.2.0.

https://github.com/mapbox/pixelmatch/tree/v7.2.0, with its default options. Pillow only: the
pictures are walked in tiles; what is dear is done only where pixels differ.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from PIL import Image, ImageChops

from grok_vision.pixels.anti_aliasing import anti_aliased
from grok_vision.pixels.boxes import Box, cut, moved
from grok_vision.pixels.colour import FARTHEST, least_difference, split
from grok_vision.pixels.exact import differs, points
from grok_vision.pixels.part import Part
from grok_vision.pixels.stopping import check, until
from grok_vision.pixels.tiles import TILE, joined, tiles

_BAND = 2**21
"""How many pixels are asked at once whether any differs: a screenshot in one go is fastest."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where two pictures differ: masks (L) as large as they are.

    `changed` is 255 where pixelmatch counts a pixel, `anti_aliased` is 255 where a pixel is beyond
    the threshold but taken for a smoothed edge, `differing` is not 0 where any channel differs
    at all.
    """

    changed: Image.Image = field(repr=False)
    anti_aliased: Image.Image = field(repr=False)
    differing: Image.Image = field(repr=False)


def matched(
    reference: Image.Image,
    candidate: Image.Image,
    *,
    threshold: float,
    stop: threading.Event | None = None,
) -> Match:
    """Compare two pictures of one size and mode, RGB or RGBA.

    The threshold is pixelmatch's, from 0 (each difference of colour counts) to 1.

    Raises:
        StoppedError: `stop` was set meanwhile.
    """
    changed, smooth, differing = (Image.new("L", reference.size) for _ in range(3))
    least = least_difference(threshold, transparent=reference.mode == "RGBA")
    limit = FARTHEST * threshold * threshold
    for part, difference in _differing_parts(reference, candidate):
        check(stop)
        highest = _highest(difference)
        differing.paste(highest, part.box)
        if not any(highest.histogram()[least:]):
            continue
        above = _above(part, limit, stop)
        box = above.getbbox()
        if box is None:
            continue
        above, part = above.crop(box), part.narrowed(box)
        excluded = anti_aliased(part, above, stop)
        smooth.paste(excluded, part.box)
        changed.paste(ImageChops.subtract_modulo(above, excluded), part.box)
    return Match(changed, smooth, differing)


def _differing_parts(
    reference: Image.Image, candidate: Image.Image
) -> Iterator[tuple[Part, Image.Image]]:
    """Yield parts that hold all differences, and these."""
    width, height = reference.size
    for band in tiles((0, 0, width, height), (width, max(TILE[1], _BAND // width))):
        difference = ImageChops.difference(cut(reference, band), cut(candidate, band))
        differing = difference.getbbox(alpha_only=False)
        if differing:
            for box in joined(_differing_boxes(difference, differing)):
                yield Part(reference, candidate, moved(box, 0, band[1])), cut(difference, box)


def _differing_boxes(difference: Image.Image, whole: Box) -> Iterator[Box]:
    for tile in tiles(whole, TILE):
        box = difference.crop(tile).getbbox(alpha_only=False)
        if box:
            yield moved(box, *tile[:2])


def _highest(difference: Image.Image) -> Image.Image:
    """Return the difference of the channel that differs most."""
    first, *others = difference.split()
    for other in others:
        first = ImageChops.lighter(first, other)
    return first


def _above(part: Part, limit: float, stop: threading.Event | None) -> Image.Image:
    """Return which pixels are beyond the threshold (L, 0 or 255), anti-aliased or not."""
    found, doubtful = split(part, limit)
    for x, y in until(stop, points(doubtful)):
        if differs(part.window, x, y, limit):
            found.putpixel((x, y), 255)
    return found
