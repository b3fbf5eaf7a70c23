"""How alike two pictures look: structural similarity of their brightness."""

import threading

from PIL import Image, ImageMath

from grok_vision.pixels.luma import luma
from grok_vision.pixels.stopping import check

_BLOCK = 8
_STRIP = 64  # rows at a time: sums in floating point of a whole 4K picture would take 100 MB
# Wang et al., "Image quality assessment: from error visibility to structural similarity",
# IEEE Transactions on Image Processing 13 (2004): K1 = 0.01, K2 = 0.03.
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_ANY = [0] + [255] * 255  # what is not 0, as a full mask


def similarity(
    reference: Image.Image,
    candidate: Image.Image,
    differing: Image.Image,
    stop: threading.Event | None = None,
) -> float:
    """Return the mean structural similarity (SSIM) of blocks of 8 by 8 pixels, 0 to 1.

    `differing` is not 0 where the pictures, which are of one size, may differ: elsewhere they are
    taken as equal, and blocks that are equal are not computed.
    """
    blocks = -(-reference.width // _BLOCK) * -(-reference.height // _BLOCK)
    lost = 0.0
    for top in range(0, reference.height, _STRIP):
        strip = (0, top, reference.width, min(top + _STRIP, reference.height))
        where = differing.crop(strip).getbbox()
        if where is not None:
            check(stop)
            left = where[0] // _BLOCK * _BLOCK
            right = min(-(-where[2] // _BLOCK) * _BLOCK, reference.width)
            lost += _lost(reference, candidate, differing, (left, top, right, strip[3]))
    return min(max(1 - lost / blocks, 0.0), 1.0)


def _lost(
    reference: Image.Image,
    candidate: Image.Image,
    differing: Image.Image,
    box: tuple[int, int, int, int],
) -> float:
    """Return how far the blocks in the box are from 1, all together."""
    one, other = luma(reference.crop(box)), luma(candidate.crop(box))
    # A box that is to be ignored counts as equal.
    other = Image.composite(other, one, differing.crop(box).point(_ANY))
    scores = _scores(one.convert("F"), other.convert("F"))
    return (1 - mean(scores)) * scores.width * scores.height


def _scores(x: Image.Image, y: Image.Image) -> Image.Image:
    """Return the SSIM of each block."""
    squares = ImageMath.lambda_eval(lambda of: of["x"] * of["x"] + of["y"] * of["y"], x=x, y=y)
    product = ImageMath.lambda_eval(lambda of: of["x"] * of["y"], x=x, y=y)

    def score(of: dict[str, ImageMath._Operand]) -> ImageMath._Operand:
        both = of["x"] * of["y"]
        means = of["x"] * of["x"] + of["y"] * of["y"]
        alike = (both * 2 + _C1) * ((of["product"] - both) * 2 + _C2)
        return alike / ((means + _C1) * (of["squares"] - means + _C2))

    scores: Image.Image = ImageMath.lambda_eval(
        score,
        x=x.reduce(_BLOCK),
        y=y.reduce(_BLOCK),
        squares=squares.reduce(_BLOCK),
        product=product.reduce(_BLOCK),
    )
    return scores


def mean(image: Image.Image) -> float:
    """Return the mean of a picture in floating point."""
    value = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return value if isinstance(value, float) else 1.0
