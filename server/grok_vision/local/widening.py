"""Shows more of a region to both sides, where words go on beyond its edges."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from grok_vision.local.differing import Differing, ends_cut
from grok_vision.local.labelled import Box
from grok_vision.local.telling import Crops

_ASIDE = 160  # pixels; words are seldom longer
_ENLARGED = 2  # what is read with no mistakes
_SAME = 6  # levels of 255 by which a picture may be off that was enlarged and reduced again


@dataclass(frozen=True)
class View:
    """A region before and after, with what stands around it.

    Attributes:
        crops: What is read.
        scale: How much they are enlarged.
        inside: Where the region lies in them, unless it fills them.
    """

    crops: Crops
    scale: float
    inside: Box | None = None


def goes_on(crops: Crops) -> bool:
    """Tells whether something goes on beyond the left or right edge, on a level with a change."""
    if crops[0].size != crops[1].size:
        return False
    rows = Differing(*crops).rows
    return rows is not None and any(ends_cut(crop, rows) for crop in crops)


def widened(
    crops: Crops, box: Box, first: Image.Image | None, second: Image.Image | None
) -> View | None:
    """Returns the region with more to both sides, cut out of whole pictures.

    Args:
        crops: The region, enlarged.
        box: Where it lies in the first picture.
        first: The first picture, unless it is not there as a whole.
        second: The other, in which the region may lie further up or down.

    Returns:
        None where the region is not found in both.
    """
    if first is None or second is None:
        return None
    pages = (first, second)
    tops = [_top(crop, box, page) for crop, page in zip(crops, pages, strict=True)]
    left, right = max(0, box[0] - _ASIDE), min(box[2] + _ASIDE, *(page.width for page in pages))
    height = box[3] - box[1]
    cut = [
        page.crop((left, top, right, top + height))
        for top, page in zip(tops, pages, strict=True)
        if top is not None
    ]
    if len(cut) < 2:
        return None
    size = (_ENLARGED * (right - left), _ENLARGED * height)
    before, after = (part.resize(size, Image.Resampling.LANCZOS) for part in cut)
    inside = _ENLARGED * (box[0] - left), 0, _ENLARGED * (box[2] - left), size[1]
    return View((before, after), float(_ENLARGED), inside)


def _top(crop: Image.Image, box: Box, page: Image.Image) -> int | None:
    """Returns the row at which a region begins in a page: that of the box, or else the likest."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if right > page.width or height > page.height or min(width, height) < 1:
        return None
    sought = np.asarray(crop.resize((width, height), Image.Resampling.BOX)).astype(np.int16)
    strip = np.asarray(page.crop((left, 0, right, page.height))).astype(np.int16)
    if top + height <= page.height and _off(sought, strip, top) < _SAME:
        return top
    likest = min(range(page.height - height + 1), key=lambda row: _off(sought, strip, row))
    return likest if _off(sought, strip, likest) < _SAME else None


def _off(sought: Any, strip: Any, row: int) -> float:  # numpy's own type says no more
    return float(np.abs(strip[row : row + len(sought)] - sought).mean())
