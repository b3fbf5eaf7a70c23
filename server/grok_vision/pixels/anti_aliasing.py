"""Which pixels pixelmatch takes for smoothed edges, for many at once.

A pixel is one when some neighbour is darker and some is brighter, fewer than three are equal, and
the darkest or the brightest of them lies in a plane: it has three equal neighbours itself, in both
pictures. At the edge of the picture one equal neighbour is given.
"""

import threading
from functools import reduce

from PIL import Image, ImageChops
from PIL.ImageMath import lambda_eval

from grok_vision.pixels.colour import constant
from grok_vision.pixels.exact import is_anti_aliased, points
from grok_vision.pixels.part import Part
from grok_vision.pixels.slopes import smoothed
from grok_vision.pixels.stopping import until

_MANY = 3

# So many pixels of a part are sooner decided one by one: some, and one in so many.
_FEW, _SPARSE = 12, 500


def anti_aliased(
    part: Part, above: Image.Image, stop: threading.Event | None = None
) -> Image.Image:
    """Return which of the marked pixels are smoothed edges in either picture (L, 0 or 255)."""
    planar = _planar(part)
    in_both = ImageChops.darker(*part.either(planar, 1))
    found = Image.new("L", part.size)
    if in_both.getbbox() is None:
        return found
    possible = ImageChops.darker(above, _near(in_both))
    asked = [ImageChops.darker(possible, rough) for rough in part.either(ImageChops.invert(planar))]
    either = ImageChops.lighter(*asked)
    box = either.getbbox()
    if box is None:
        return found
    many = either.histogram()[255]
    if not part.is_opaque or many < _FEW + part.size[0] * part.size[1] // _SPARSE:
        for x, y in until(stop, points(either)):
            if is_anti_aliased(part.window, x, y):
                found.putpixel((x, y), 255)
        return found
    left, top, right, bottom = box
    inner = part.narrowed(box)
    slopes = inner.either(smoothed(inner, in_both.crop((left, top, right + 2, bottom + 2))))
    first, second = (
        ImageChops.darker(one.crop(box), other) for one, other in zip(asked, slopes, strict=True)
    )
    found.paste(ImageChops.lighter(first, second), box)
    return found


def _planar(part: Part) -> Image.Image:
    """Return where three neighbours or more have a pixel's colour (L, 0 or 255).

    Like `part.stacked`, without its outermost pixels.
    """
    equal = _given(part)
    planes = _numbers(part)
    for step in ((1, 0), (0, 1), (1, 1), (1, -1)):
        same = _same(planes, step)
        for x, y in ((1, 1), (1 - step[0], 1 - step[1])):
            there = same.crop((x, y, x + equal.width, y + equal.height))
            equal = ImageChops.add_modulo(equal, there)
    lifted = ImageChops.add_modulo(equal, constant("L", 128 - _MANY))  # white begins at 128
    return lifted.convert("1", dither=Image.Dither.NONE).convert("L")


def _given(part: Part) -> Image.Image:
    """Return 1 at the edges of the pictures, without the outermost pixels."""
    width, height = part.size[0] + 2, part.size[1] + 2
    found = Image.new("L", (width, 2 * part.stride - 2))
    columns, rows = part.first_and_last(1)
    for top in (0, part.stride):
        for x, _ in columns:
            found.paste(1, (x, top, x + 1, top + height))
        for y, _ in rows:
            found.paste(1, (0, top + y, width, top + y + 1))
    return found


def _numbers(part: Part) -> list[Image.Image]:
    """Return planes (F) that are equal where colours are, and 0 outside the pictures."""
    red, green, blue = (plane.convert("F") for plane in part.stacked[:3])
    colours: Image.Image = lambda_eval(
        lambda of: (of["r"] * of["n"] + of["g"]) * of["n"] + of["b"] + of["one"],
        r=red,
        g=green,
        b=blue,
        n=constant("F", 256),
        one=constant("F", 1),
    )
    colours = part.without_outside(colours)
    return [colours] if part.is_opaque else [colours, part.stacked[3].convert("F")]


def _same(planes: list[Image.Image], step: tuple[int, int]) -> Image.Image:
    """Return 1 where the pixel one step further is equal in all planes (L)."""
    dx, dy = step
    width, height = planes[0].size
    found: list[Image.Image] = [
        lambda_eval(
            lambda of: of["here"] == of["there"],
            here=plane,
            there=plane.crop((dx, dy, width + dx, height + dy)),
        ).convert("L")
        for plane in planes
    ]
    return reduce(ImageChops.darker, found)


def _near(marked: Image.Image) -> Image.Image:
    """Return where one of nine neighbours is marked, without the outermost pixels."""
    width, height = marked.width - 2, marked.height - 2
    rows = [marked.crop((0, y, width + 2, y + height)) for y in range(3)]
    columns = reduce(ImageChops.lighter, rows)
    return reduce(ImageChops.lighter, [columns.crop((x, 0, x + width, height)) for x in range(3)])
