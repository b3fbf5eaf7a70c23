"""Several pictures in one, for models that look at one only."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from grok_vision.images.appearance import on_paper
from grok_vision.images.decoded import Cut
from grok_vision.images.encode import encoded
from grok_vision.images.geometry import Size
from grok_vision.images.prepared import MEDIA_TYPES, SentPart
from grok_vision.providers import ImageLimits
from grok_vision.vocabulary import Detail

# Around each picture, and above it for its number; grey, so that white pages have an edge.
_GAP, _HEADING = 16, 40
_GROUND, _INK = (208, 208, 208), (0, 0, 0)


def sheet(pictures: Sequence[Cut], limits: ImageLimits, detail: Detail) -> SentPart:
    """Return the pictures in one, in a row or a column, each under its number from 1.

    They are drawn in one scale: the larger of both ways that the limits allow.

    Raises:
        SourceError: `too_large` where no encoding of it fits the provider's limit.
    """
    sizes = [cut.pixels.size for cut in pictures]
    scale, in_row = max(_scale(sizes, in_row, limits, detail) for in_row in (True, False))
    scaled = [_scaled(size, scale) for size in sizes]
    whole = Image.new("RGB", _extent(scaled, in_row), _GROUND)
    draw = ImageDraw.Draw(whole)
    font = ImageFont.load_default(_HEADING * 3 // 4)
    left = top = _GAP
    for number, (cut, size) in enumerate(zip(pictures, scaled, strict=True), 1):
        draw.text((left, top), f"Picture {number}", _INK, font)
        image = on_paper(cut.pixels).convert("RGB").resize(size, Image.Resampling.LANCZOS)
        whole.paste(image, (left, top + _HEADING))
        if in_row:
            left += size[0] + _GAP
        else:
            top += size[1] + _HEADING + _GAP
    sent = encoded(whole, "PNG", limits.formats, limits.max_bytes, limits.taken_by)
    return SentPart(sent.data, MEDIA_TYPES[sent.wire_format], sent.size)


def _scale(
    sizes: Sequence[Size], in_row: bool, limits: ImageLimits, detail: Detail
) -> tuple[float, bool]:
    """Return the scale of the pictures at which the sheet fits; what is between them is not scaled.

    None is enlarged.
    """
    wanted = 1.0
    for _ in range(8):
        extent = _extent([_scaled(size, wanted) for size in sizes], in_row)
        allowed = limits.scale(*extent, detail)
        if allowed >= 1.0:
            break
        wanted *= allowed
    return wanted, in_row


def _scaled(size: Size, scale: float) -> Size:
    return max(1, math.floor(size[0] * scale)), max(1, math.floor(size[1] * scale))


def _extent(sizes: Sequence[Size], in_row: bool) -> Size:
    widths, heights = zip(*sizes, strict=True)
    gaps = _GAP * (len(sizes) + 1)
    if in_row:
        return sum(widths) + gaps, max(heights) + _HEADING + 2 * _GAP
    return max(widths) + 2 * _GAP, sum(heights) + _HEADING * len(sizes) + gaps
