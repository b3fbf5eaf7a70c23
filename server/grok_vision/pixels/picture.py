"""The picture of what changed: the reference faded, changed pixels red, numbered boxes around."""

from io import BytesIO

from PIL import Image, ImageDraw

from grok_vision.pixels.boxes import Box, clipped
from grok_vision.pixels.comparison import Compared
from grok_vision.pixels.labels import draw_boxes
from grok_vision.pixels.palette import COLOURS, HATCHED, RED, YELLOW
from grok_vision.pixels.scene import Scene, scene

_HATCH_STEP = 12


def drawn(reference: Image.Image, candidate: Image.Image, compared: Compared) -> bytes:
    """Return a PNG of what changed, as large as both pictures together.

    The reference is faded to light grey, changed pixels are red, and those that are anti-aliasing
    drawn anew are yellow. The listed regions have blue boxes with their numbers, counted from 1;
    what was ignored is hatched. Where content moved as a whole, what came in stands in a gap, and
    only what differs apart from that is marked.
    """
    shown = scene(reference, candidate, compared)
    canvas = shown.ground
    _mark_changed(canvas, shown)
    where = shown.anti_aliased.getbbox()
    if where is not None:
        canvas.paste(YELLOW, where, shown.anti_aliased.crop(where))
    for box in shown.ignore:
        _hatch(canvas, box)
    draw_boxes(canvas, shown.regions)
    canvas.putpalette(COLOURS)
    buffer = BytesIO()
    # Encoding is most of the time; a higher level takes twice as long for a fifth less.
    canvas.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _mark_changed(canvas: Image.Image, shown: Scene) -> None:
    where = shown.changed.getbbox()
    if where is not None:
        red = shown.shades.crop(where).point(RED)
        canvas.paste(red, where, shown.changed.crop(where))


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
