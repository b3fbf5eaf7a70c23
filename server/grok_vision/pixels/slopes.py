"""Which opaque pixels lie between a darker and a brighter one of which one lies in a plane."""

from PIL import Image, ImageChops
from PIL.ImageMath import lambda_eval

from grok_vision.pixels.colour import constant, mask
from grok_vision.pixels.exact import MARGIN
from grok_vision.pixels.part import Part

# Whole weights of red, green and blue that put all colours of 8 bits into the very order of
# pixelmatch's brightness, no two of them on one place: of all weights within 19 bits those
# that come nearest to 29889531 : 58662247 : 11448223.
BRIGHTNESS = (120_809, 237_104, 46_272)

# A key is 18 times the brightness, twice the neighbour's turn (0 to 8), and 1 if it lies in a
# plane: the least and the greatest tell the first darkest, the first brightest, and whether those
# lie in a plane. It keeps within 31 bits.
_KEY = 18
_ROW, _COLUMN = 2, 6


def smoothed(part: Part, in_plane: Image.Image) -> Image.Image:
    """Return where a pixel lies between a darker and a brighter one, one of them in a plane.

    Like `part.stacked`, without its outermost pixels; `in_plane` is the box and one pixel around.
    """
    own = _brightness(part)
    keys = _continued(_marked(own, in_plane, part.stride), part)
    least, greatest = _extremes(keys)
    found: Image.Image = lambda_eval(
        lambda of: (
            (of["least"] < of["own"])
            & (of["greatest"] > of["own"] + of["turns"])
            & (of["least"] | of["greatest"])
        ),
        least=least,
        greatest=greatest,
        own=own.crop((1, 1, own.width - 1, own.height - 1)),
        turns=constant("I", _KEY - 1),
    )
    return mask(found)


def _brightness(part: Part) -> Image.Image:
    red, green, blue = (plane.convert("I") for plane in part.stacked[:3])
    of_red, of_green, of_blue = (constant("I", _KEY * weight) for weight in BRIGHTNESS)
    found: Image.Image = lambda_eval(
        lambda of: of["r"] * of["of_r"] + of["g"] * of["of_g"] + of["b"] * of["of_b"],
        r=red,
        g=green,
        b=blue,
        of_r=of_red,
        of_g=of_green,
        of_b=of_blue,
    )
    return found


def _marked(own: Image.Image, in_plane: Image.Image, stride: int) -> Image.Image:
    marks = Image.new("L", own.size)
    marks.paste(in_plane, (1, 1))
    marks.paste(in_plane, (1, 1 + stride))
    ones = ImageChops.subtract_modulo(constant("L", 0), marks).convert("I")
    found: Image.Image = lambda_eval(lambda of: of["own"] + of["ones"], own=own, ones=ones)
    return found


def _continued(keys: Image.Image, part: Part) -> Image.Image:
    """Repeat the outermost pixels of the pictures beyond their edges.

    A key that is there twice changes neither which is the least nor its turn.
    """
    width, height = keys.width, part.stride
    columns, rows = part.first_and_last(MARGIN)
    for top in (0, height):
        for x, beyond in columns:
            keys.paste(keys.crop((x, top, x + 1, top + height)), (x + beyond, top))
        for y, beyond in rows:
            keys.paste(keys.crop((0, top + y, width, top + y + 1)), (0, top + y + beyond))
    return keys


def _extremes(keys: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Return the least and the greatest key around each pixel, without the outermost pixels.

    pixelmatch visits column by column and keeps the first of equals: turns rise for the least and
    fall for the greatest.
    """
    width, height = keys.width - 2, keys.height - 2
    turned = [keys, _plus(keys, _ROW), _plus(keys, 2 * _ROW)]

    def row(turn: int, y: int) -> Image.Image:
        return turned[turn].crop((0, y, width + 2, y + height))

    def column(rows: Image.Image, turn: int, x: int) -> Image.Image:
        there = rows.crop((x, 0, x + width, height))
        return _plus(there, turn * _COLUMN) if turn else there

    least = _of_three("min", *(row(y, y) for y in range(3)))
    greatest = _of_three("max", *(row(2 - y, y) for y in range(3)))
    return (
        _of_three("min", *(column(least, x, x) for x in range(3))),
        _of_three("max", *(column(greatest, 2 - x, x) for x in range(3))),
    )


def _plus(keys: Image.Image, value: int) -> Image.Image:
    found: Image.Image = lambda_eval(
        lambda of: of["keys"] + of["value"], keys=keys, value=constant("I", value)
    )
    return found


def _of_three(which: str, one: Image.Image, two: Image.Image, three: Image.Image) -> Image.Image:
    found: Image.Image = lambda_eval(
        lambda of: of[which](of[which](of["one"], of["two"]), of["three"]),
        one=one,
        two=two,
        three=three,
    )
    return found
