"""What of an opened picture is sent, and in which parts: for sending it, and for telling its size.

So what is measured and what is prepared cannot differ.
"""

from dataclasses import dataclass

from grok_vision.images.geometry import Box, Size, size_of
from grok_vision.images.plan import Budget, Part, plan
from grok_vision.images.vectors import largest_drawn
from grok_vision.images.wanted import Wanted
from grok_vision.results import SentRegion


@dataclass(frozen=True, slots=True)
class Layout:
    """The selected area of an upright picture, what may be sent of it, and the planned parts."""

    area: Box
    budget: Budget
    parts: tuple[Part, ...]


def laid_out(size: Size, wanted: Wanted, *, vector: bool) -> Layout:
    """Plan what is sent of a picture of this upright size.

    Raises:
        ImageError: `bad_region` where what is selected lies outside it, `too_small`.
    """
    crop = wanted.selection.crop
    area = crop.box(size) if crop else (0, 0, *size)
    budget = Budget(
        limits=wanted.limits,
        detail=wanted.detail,
        vector=vector,
        ceiling=largest_drawn(size),
        most_parts=wanted.most_parts,
    )
    return Layout(area, budget, plan(area, budget))


def scale_of(box: Box, sent: Size) -> float:
    """Return the sent pixels for each of the source."""
    # Of the longer side, where rounding matters least.
    size = size_of(box)
    longer = size.index(max(size))
    return sent[longer] / size[longer]


def region_of(box: Box, sent: Size, whole: Size) -> SentRegion | None:
    """Return what of a picture, `whole` large, is shown by a part; None where that is all of it."""
    if box == (0, 0, *whole):
        return None
    width, height = size_of(box)
    scale = float(f"{scale_of(box, sent):.6g}")
    return SentRegion(x=box[0], y=box[1], width=width, height=height, scale=scale)
