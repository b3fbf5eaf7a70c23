"""A picture that shows the same as another at a different scale: a retina screenshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from PIL import Image, ImageMath

from grok_vision.pixels.boxes import Box
from grok_vision.pixels.luma import luma
from grok_vision.pixels.similarity import mean
from grok_vision.pixels.unlike import unlike
from grok_vision.results import Region

# What displays and browsers are set to.
_SCALES = (1.25, 1.5, 1.75, 2.0, 3.0)
_BLOCK = 8
# Looked at, both made this small: enough to tell pages apart, and letters drawn anew look alike.
_PIXELS = 300_000
_AGREEING = (
    0.5  # twins drawn at 1.25x to 3x had 0.80 to 0.92, one with all rows moved 0.67, others 0.03
)
_BLANK = 1.0  # a variance: less than this is a page with next to nothing on it


@dataclass(frozen=True, slots=True)
class Twin:
    """How much larger a picture shows the same, and where it looks otherwise all the same."""

    scale: float
    unlike: Sequence[Region]


def twin(reference: Image.Image, candidate: Image.Image, ignore: Sequence[Box]) -> Twin | None:
    """Return how the candidate shows the same as the reference at another scale, if it does."""
    scale = _scale_of_sizes(reference.size, candidate.size)
    if scale is None or not _is_same_page(reference, candidate, scale):
        return None
    regions = unlike(reference, candidate, ignore)
    return None if regions is None else Twin(scale, regions)


def _is_same_page(reference: Image.Image, candidate: Image.Image, scale: float) -> bool:
    smaller = reference if scale > 1 else candidate
    shrink = min(1.0, sqrt(_PIXELS / (smaller.width * smaller.height)))
    size = (max(1, round(smaller.width * shrink)), max(1, round(smaller.height * shrink)))
    one, other = (
        luma(image).resize(size, Image.Resampling.BOX) for image in (reference, candidate)
    )
    return _agree(one, other)


def _scale_of_sizes(reference: tuple[int, int], candidate: tuple[int, int]) -> float | None:
    for scale in _SCALES:
        if _fits(reference, candidate, scale):
            return scale
        if _fits(candidate, reference, scale):
            return round(1 / scale, 4)
    return None


def _fits(small: tuple[int, int], large: tuple[int, int], scale: float) -> bool:
    return all(abs(b - a * scale) <= 1 for a, b in zip(small, large, strict=True))


def _agree(one: Image.Image, other: Image.Image) -> bool:
    """Tell whether both show the same, however their letters were drawn.

    Covariance over variance, each summed over the blocks: 1 for the same picture, about 0 for two
    pages that only have their layout's size in common, below 0 for a negative. Unlike a mean of
    SSIM, blank paper does not count as agreement.
    """
    x, y = one.convert("F"), other.convert("F")
    together = _covariance(x, y)
    apart = (_covariance(x, x) + _covariance(y, y)) / 2
    return apart >= _BLANK and together >= _AGREEING * apart


def _covariance(x: Image.Image, y: Image.Image) -> float:
    """Return the mean of the blocks' covariances."""
    product = ImageMath.lambda_eval(lambda of: of["x"] * of["y"], x=x, y=y)
    return mean(
        ImageMath.lambda_eval(
            lambda of: of["product"] - of["x"] * of["y"],
            x=x.reduce(_BLOCK),
            y=y.reduce(_BLOCK),
            product=product.reduce(_BLOCK),
        )
    )
