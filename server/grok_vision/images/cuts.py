"""Parts of a picture that are enlarged, so that a model can read what changed in them."""

import math

from PIL import Image

from grok_vision.images.appearance import on_paper
from grok_vision.images.decoded import Cut
from grok_vision.images.encode import encoded
from grok_vision.images.geometry import Size
from grok_vision.images.prepared import SentPart
from grok_vision.providers import ImageLimits
from grok_vision.results import SentRegion
from grok_vision.vocabulary import Detail

# Text of a screen is read twice as large with no mistakes, and gains nothing beyond four times.
_LEAST, MOST_ENLARGED = 2, 4
# No side becomes longer than this for the sake of more than the least.
_ENOUGH_SIDE = 768


def enlarged(cut: Cut, limits: ImageLimits, detail: Detail) -> SentPart:
    """Return what was cut out, on paper, at two to four times its size where the limits allow.

    Raises:
        SourceError: `too_large` where no encoding of it fits the provider's limit.
    """
    size = _enlarged_size(cut.pixels.size, limits, detail)
    image = on_paper(cut.pixels).resize(size, Image.Resampling.LANCZOS)
    sent = encoded(image, "PNG", limits.formats, limits.max_bytes, limits.taken_by)
    left, top, right, bottom = cut.box
    return sent.part(
        SentRegion(
            x=round(cut.origin[0] + left / cut.scale),
            y=round(cut.origin[1] + top / cut.scale),
            width=round((right - left) / cut.scale),
            height=round((bottom - top) / cut.scale),
            scale=float(f"{sent.size[0] / (right - left) * cut.scale:.6g}"),
        )
    )


def _enlarged_size(size: Size, limits: ImageLimits, detail: Detail) -> Size:
    factor: float = max(_LEAST, min(MOST_ENLARGED, _ENOUGH_SIDE // max(size)))
    factor = min(factor, limits.scale(*size, detail))
    # What a provider takes for too small is worth nothing, and so is what it takes for too large.
    needed = max(limits.min_side / min(size), math.sqrt(limits.min_pixels / math.prod(size)))
    if needed > factor:
        factor = min(math.ceil(needed), (limits.max_side or math.inf) / max(size))
    return max(1, math.floor(size[0] * factor)), max(1, math.floor(size[1] * factor))
