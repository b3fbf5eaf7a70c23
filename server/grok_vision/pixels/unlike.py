"""Where a picture at another scale looks otherwise than the one it is a twin of.

Letters are drawn anew at each scale. Both are therefore looked at from afar, a quarter as large
as the smaller: there words are grey spots that agree however they were drawn.
"""

from collections.abc import Iterator, Sequence

from PIL import Image, ImageChops, ImageFilter, ImageMath

from grok_vision.pixels.boxes import Box
from grok_vision.pixels.colour import mask
from grok_vision.pixels.masks import blank, count
from grok_vision.pixels.regions import changed_regions
from grok_vision.results import Region

_AFAR = 4
_SHAPES, _SPOTS = 8, 4  # sides of what is held against each other: 32 and 16 pixels of the smaller

# Measured on pages that Chromium drew at 1x to 3x: blocks of twins agreed by 0.55 and more, those
# with another word by 0.06 and less. A block below this variance holds next to nothing.
_AGREEING = 0.25
_TELLING = 20
_AROUND = 4
# There the mean colours of twins were up to 17 of 255 apart, those of plain areas up to 11.
_APART = 28
_PLAIN_APART = 16
_PLAIN = 5
_MOST_REGIONS = 20


def unlike(
    reference: Image.Image, candidate: Image.Image, ignore: Sequence[Box]
) -> list[Region] | None:
    """Return where they look otherwise, largest first, or None where most of it does.

    The boxes are rough, and in pixels of the reference.
    """
    smaller = min(reference.size, candidate.size)
    size = (max(1, round(smaller[0] / _AFAR)), max(1, round(smaller[1] / _AFAR)))
    one, other = (_from_afar(image, size) for image in (reference, candidate))
    scale = reference.width / size[0], reference.height / size[1]
    blank(one, ignored := list(_scaled(ignore, scale)))
    blank(other, ignored)
    telling, shapes = _shapes(one.getchannel(0), other.getchannel(0))
    found = ImageChops.lighter(_enlarged(shapes, _SHAPES, size), _colours(one, other))
    if 2 * count(shapes) > count(telling) or 2 * count(found) > size[0] * size[1]:
        return None
    return [
        Region(x=region.x, y=region.y, width=region.width, height=region.height)
        for region in changed_regions(found.resize(reference.size, Image.Resampling.NEAREST))
    ][:_MOST_REGIONS]


def _from_afar(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the picture small, as brightness and colour, on white where it is transparent."""
    small = image.resize(size, Image.Resampling.BOX)
    if small.mode == "RGBA":
        paper = Image.new("RGBA", size, "white")
        small = Image.alpha_composite(paper, small).convert("RGB")
    return small.convert("YCbCr")


def _scaled(boxes: Sequence[Box], scale: tuple[float, float]) -> Iterator[Box]:
    """Yield the boxes as they lie on the small picture, with all pixels that they touch."""
    for left, top, right, bottom in boxes:
        yield (
            int(left // scale[0]),
            int(top // scale[1]),
            int(-(-right // scale[0])),
            int(-(-bottom // scale[1])),
        )


def _shapes(one: Image.Image, other: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Return which blocks hold something, and in which of them it looks otherwise (L)."""
    x, y = _along(one), _along(other)
    together = _products(x, y)
    both = ImageMath.lambda_eval(
        lambda of: (of["x"] + of["y"]) / 2, x=_products(x, x), y=_products(y, y)
    )
    telling = mask(ImageMath.lambda_eval(lambda of: of["both"] > _TELLING, both=both))
    apart = ImageMath.lambda_eval(
        lambda of: of["together"] < of["both"] * _AGREEING, together=together, both=both
    )
    return telling, ImageChops.darker(telling, mask(apart))


def _along(plane: Image.Image) -> Image.Image:
    """Return how each pixel stands out of its row (F).

    Lines of text agree with any other lines of text from row to row, but not along them.
    """
    found: Image.Image = ImageMath.lambda_eval(
        lambda of: of["plane"] - of["around"],
        plane=plane.convert("F"),
        around=plane.filter(ImageFilter.BoxBlur((_AROUND, 0))).convert("F"),
    )
    return found


def _products(x: Image.Image, y: Image.Image) -> Image.Image:
    """Return the mean product of each block."""
    product: Image.Image = ImageMath.lambda_eval(lambda of: of["x"] * of["y"], x=x, y=y)
    return product.reduce(_SHAPES)


def _colours(one: Image.Image, other: Image.Image) -> Image.Image:
    """Return where colours are far apart on the whole, or a little in a plain area (L)."""
    spots = ImageChops.difference(one.reduce(_SPOTS), other.reduce(_SPOTS))
    plain = ImageChops.difference(one, other).filter(ImageFilter.MinFilter(_PLAIN))
    return ImageChops.lighter(
        _enlarged(_above(spots, _APART), _SPOTS, one.size),
        _above(plain, _PLAIN_APART).filter(ImageFilter.MaxFilter(_PLAIN)),
    )


def _above(difference: Image.Image, limit: int) -> Image.Image:
    """Return where one of the channels differs by more (L, 0 or 255)."""
    first, second, third = difference.split()
    most = ImageChops.lighter(ImageChops.lighter(first, second), third)
    return most.point([255 * (value > limit) for value in range(256)])


def _enlarged(grid: Image.Image, side: int, size: tuple[int, int]) -> Image.Image:
    """Return a plane of cells with each so many pixels wide and high, cut to a size."""
    whole = grid.resize((grid.width * side, grid.height * side), Image.Resampling.NEAREST)
    return whole.crop((0, 0, *size))
