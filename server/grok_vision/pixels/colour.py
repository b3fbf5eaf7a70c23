"""How far apart colours are, for many pixels at once.

pixelmatch's squared distance in YIQ is a quadratic form of the differences of red, green and blue.
It is summed here as three squares in single precision; pixels that come so near to
the limit that rounding could decide are named, for `exact` to decide them.
"""

from functools import cache
from math import sqrt

from PIL import Image, ImageChops
from PIL.ImageMath import lambda_eval

from grok_vision.pixels.checkerboard import backgrounds
from grok_vision.pixels.part import LARGEST, Part

FARTHEST = 35215
"""pixelmatch's squared distance of the two colours that are furthest apart."""

# The weights of Y, I and Q, and of the channels in each.
_YIQ = (
    (0.5053, (0.29889531, 0.58662247, 0.11448223)),
    (0.299, (0.59597799, -0.27417610, -0.32180189)),
    (0.1957, (0.21147017, -0.52261711, 0.31114694)),
)


def _product(one: int, other: int) -> float:
    return sum(weight * row[one] * row[other] for weight, row in _YIQ)


# The form as _RED * (r + _RG*g + _RB*b)**2 + _GREEN * (g + _GB*b)**2 + _BLUE * b**2.
_RED = _product(0, 0)
_RG, _RB = _product(0, 1) / _RED, _product(0, 2) / _RED
_GREEN = _product(1, 1) - _RED * _RG * _RG
_GB = (_product(1, 2) - _RED * _RG * _RB) / _GREEN
_BLUE = _product(2, 2) - _RED * _RB * _RB - _GREEN * _GB * _GB


@cache
def constant(mode: str, value: float) -> Image.Image:
    """Return a plane of one value, as large as any tile: sums cut it to their size."""
    return Image.new(mode, LARGEST, value)


def least_difference(threshold: float, *, transparent: bool) -> int:
    """Return how far some channel must differ at least for a pixel to count.

    Opaque colours whose channels differ by no more than 255 times the threshold lie within it.
    Blending on a background of 48 to 207 makes 1 + 207/255 of a difference at most.
    """
    most = 255 * threshold / (1 + 207 / 255 if transparent else 1)
    return max(1, int(most * (1 - 1e-9)))


def split(part: Part, limit: float) -> tuple[Image.Image, Image.Image]:
    """Return which pixels of a part lie beyond the limit, and which are in doubt (L, 0 or 255)."""
    pairs = [part.either(plane.convert("F")) for plane in part.stacked]
    if part.is_opaque:
        return _beyond([_minus(*pair) for pair in pairs[:3]], limit, scale=1)
    grounds = backgrounds(*part.box[:2], part.size, part.reference.width)
    blended = [
        _blend(*pair, *pairs[3], ground) for pair, ground in zip(pairs[:3], grounds, strict=True)
    ]
    return _beyond(blended, limit, scale=255)


def _minus(one: Image.Image, other: Image.Image) -> Image.Image:
    found: Image.Image = lambda_eval(lambda of: of["a"] - of["b"], a=one, b=other)
    return found


def _blend(
    one: Image.Image,
    other: Image.Image,
    alpha: Image.Image,
    beta: Image.Image,
    ground: Image.Image,
) -> Image.Image:
    """Return 255 times the difference of two channels on their background: whole numbers."""
    found: Image.Image = lambda_eval(
        lambda of: (
            of["a"] * of["alpha"] - of["b"] * of["beta"] - of["ground"] * (of["alpha"] - of["beta"])
        ),
        a=one,
        alpha=alpha,
        b=other,
        beta=beta,
        ground=ground,
    )
    return found


def _beyond(
    differences: list[Image.Image], limit: float, scale: int
) -> tuple[Image.Image, Image.Image]:
    red, green, blue = differences
    distances = _distances(red, green, blue)
    # The coefficients, products and sums of float32 are each wrong by 2**-24 at most, which makes
    # less than 1.5e-4 of the root of the distance and 4e-7 of the distance.
    doubt = 1e-3 * sqrt(limit) + 2e-6 * limit + 1e-6
    unit = scale * scale / _RED
    surely = _above(distances, (limit + doubt) * unit)
    maybe = _above(distances, max(0, limit - doubt) * unit)  # of equal colours it is 0 exactly
    return surely, ImageChops.subtract_modulo(maybe, surely)


def _distances(red: Image.Image, green: Image.Image, blue: Image.Image) -> Image.Image:
    """Return the form, divided by `_RED`."""
    all_three: Image.Image = lambda_eval(
        lambda of: of["r"] + of["rg"] * of["g"] + of["rb"] * of["b"],
        r=red,
        g=green,
        b=blue,
        rg=constant("F", _RG),
        rb=constant("F", _RB),
    )
    two: Image.Image = lambda_eval(
        lambda of: of["g"] + of["gb"] * of["b"], g=green, b=blue, gb=constant("F", _GB)
    )
    found: Image.Image = lambda_eval(
        lambda of: (
            of["u"] * of["u"] + of["v"] * of["v"] * of["green"] + of["b"] * of["b"] * of["blue"]
        ),
        u=all_three,
        v=two,
        b=blue,
        green=constant("F", _GREEN / _RED),
        blue=constant("F", _BLUE / _RED),
    )
    return found


def _above(distances: Image.Image, limit: float) -> Image.Image:
    """Return 255 where the distance is larger (L)."""
    found: Image.Image = lambda_eval(
        lambda of: of["distance"] > of["limit"],
        distance=distances,
        limit=Image.new("F", distances.size, limit),
    )
    return mask(found)


def mask(truth: Image.Image) -> Image.Image:
    """Return a mask (L, 0 or 255) of a plane of 0 and 1."""
    ones = truth.convert("L")
    return ImageChops.subtract_modulo(Image.new("L", ones.size), ones)
