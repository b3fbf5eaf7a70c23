"""The picture of what changed: the reference faded, changed pixels red, numbered boxes around."""

from io import BytesIO

from PIL import Image, ImageDraw

from grok_vision.pixels.comparison import Compared
from grok_vision.pixels.labels import draw_boxes
from grok_vision.pixels.luma import luma
from grok_vision.pixels.masks import Box, clipped
from grok_vision.pixels.palette import COLOURS, FADED, HATCHED, OUTSIDE, RED, YELLOW

_HATCH_STEP = 12


def drawn(reference: Image.Image, compared: Compared) -> bytes:
    """Return a PNG of what changed, as large as both pictures together.

    The reference is faded to light grey, changed pixels are red, and those that are anti-aliasing
    drawn anew are yellow. The listed regions have blue boxes with their numbers, counted from 1;
    what was ignored is hatched.
    """
    canvas = Image.new("L", compared.changed.size, OUTSIDE)
    shades = luma(reference)
    canvas.paste(shades.point(FADED))
    _mark_changed(canvas, shades, compared.changed)
    where = compared.anti_aliased.getbbox()
    if where is not None:
        canvas.paste(YELLOW, where, compared.anti_aliased.crop(where))
    for box in compared.ignore:
        _hatch(canvas, box)
    draw_boxes(canvas, compared.result.regions)
    canvas.putpalette(COLOURS)
    buffer = BytesIO()
    # Encoding is most of the time; a higher level takes twice as long for a fifth less.
    canvas.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _mark_changed(canvas: Image.Image, shades: Image.Image, changed: Image.Image) -> None:
    where = changed.getbbox()
    if where is None:
        return
    red = Image.new("L", (where[2] - where[0], where[3] - where[1]), RED[-1])
    left, top, right, bottom = clipped(where, shades.size)
    if left < right and top < bottom:
        red.paste(shades.crop((left, top, right, bottom)).point(RED))
    canvas.paste(red, where, changed.crop(where))


def _hatch(canvas: Image.Image, box: Box) -> None:
    left, top, right, bottom = clipped(box, canvas.size)
    if left >= right or top >= bottom:
        return
    part = canvas.crop((left, top, right, bottom))
    draw = ImageDraw.Draw(part)
    for start in range(0, part.width + part.height, _HATCH_STEP):
        draw.line((start, 0, start - part.height, part.height), HATCHED, 2)
    draw.rectangle((0, 0, part.width - 1, part.height - 1), outline=HATCHED)
    canvas.paste(part, (left, top))
