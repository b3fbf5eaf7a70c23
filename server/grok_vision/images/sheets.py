"""Several pictures in one, for models that look at few."""

import math
from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from grok_vision.images.appearance import on_paper
from grok_vision.images.decoded import Cut
from grok_vision.images.encode import encoded
from grok_vision.images.geometry import Size
from grok_vision.images.prepared import SentPart
from grok_vision.providers import ImageLimits
from grok_vision.vocabulary import Detail

# Around each picture, and above it for its caption; grey, so that white pages have an edge.
_GAP, _HEADING = 16, 40
_GROUND, _INK = (208, 208, 208), (0, 0, 0)
_TRIES = 8

Tile = tuple[str, Cut]
"""A caption, and the picture below it."""


def sheet(
    rows: Sequence[Sequence[Tile]], limits: ImageLimits, detail: Detail, *, most: float = 1.0
) -> SentPart:
    """Return the pictures in one, row by row, each under its caption.

    They are drawn in one scale, at `most` that one, as far as the limits allow.

    Raises:
        SourceError: `too_large` where no encoding of it fits the provider's limit.
    """
    scale = _scale(rows, limits, detail, most)
    whole = Image.new("RGB", _extent(rows, scale), _GROUND)
    draw = ImageDraw.Draw(whole)
    font = _font()
    top = _GAP
    for row in rows:
        left = _GAP
        for caption, cut in row:
            size = _scaled(cut, scale)
            draw.text((left, top), caption, _INK, font)
            image = on_paper(cut.pixels).convert("RGB").resize(size, Image.Resampling.LANCZOS)
            whole.paste(image, (left, top + _HEADING))
            left += _width(caption, cut, scale)
        top += _height(row, scale)
    sent = encoded(whole, "PNG", limits.formats, limits.max_bytes, limits.taken_by)
    return sent.part()


def side_by_side(pictures: Sequence[Cut], limits: ImageLimits, detail: Detail) -> SentPart:
    """Return whole pictures in one, in a row or a column: whichever shows them larger.

    Raises:
        SourceError: `too_large`, as `sheet` does.
    """
    tiles = [(f"Picture {number}", cut) for number, cut in enumerate(pictures, 1)]
    layouts = ([tiles], [[tile] for tile in tiles])
    rows = max(layouts, key=lambda rows: _scale(rows, limits, detail, 1.0))
    return sheet(rows, limits, detail)


def _scale(
    rows: Sequence[Sequence[Tile]], limits: ImageLimits, detail: Detail, most: float
) -> float:
    """Return the scale of the pictures at which the sheet fits; what is between is not scaled."""
    scale = most
    for _ in range(_TRIES):
        allowed = limits.scale(*_extent(rows, scale), detail)
        if allowed >= 1.0:
            break
        scale *= allowed
    return scale


def _scaled(cut: Cut, scale: float) -> Size:
    width, height = cut.pixels.size
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def _width(caption: str, cut: Cut, scale: float) -> int:
    """Return what a tile takes: a caption, which is all that tells it, is never cut off."""
    return max(_scaled(cut, scale)[0], math.ceil(_font().getlength(caption))) + _GAP


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_HEADING * 3 // 4)


def _height(row: Sequence[Tile], scale: float) -> int:
    return max(_scaled(cut, scale)[1] for _, cut in row) + _HEADING + _GAP


def _extent(rows: Sequence[Sequence[Tile]], scale: float) -> Size:
    widths = [sum(_width(caption, cut, scale) for caption, cut in row) for row in rows]
    return max(widths) + _GAP, sum(_height(row, scale) for row in rows) + _GAP
