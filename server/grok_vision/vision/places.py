"""Where to look closely: the changed regions of a picture, with what stands around them."""

from collections.abc import Sequence
from dataclasses import dataclass

from grok_vision.pixels import Box
from grok_vision.results import PixelDifference, Region

# In pixels: a letter or two of what is around tells a reader what it is.
_AROUND = 24
_LEAST_SIDE = 64
# A region that fills more of the picture is as well seen in the whole.
_MOST_OF_PICTURE = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """A changed region by its number, from 1, and where it lies in both pictures."""

    number: int
    region: Region
    reference: Box
    candidate: Box


def regions_of(difference: PixelDifference) -> Sequence[Region]:
    """Return the regions to tell of, by their numbers from 1.

    Where content was moved, they are those that differ apart from it, and where one picture shows
    the other larger those that look otherwise even so.
    """
    if difference.scale is not None:
        return difference.unlike
    return difference.shift.regions if difference.shift is not None else difference.regions


def places_of(difference: PixelDifference, size: tuple[int, int]) -> list[Place]:
    """Return the regions that are worth a closer look; `size` is that of the reference."""
    area = size[0] * size[1]
    return [
        Place(number, region, box, _moved(box, difference))
        for number, region in enumerate(regions_of(difference), 1)
        if region.width * region.height <= area * _MOST_OF_PICTURE
        for box in (_box(region),)
    ]


def around(box: Box) -> Box:
    """Return the box with enough around it to tell what it is; it may reach over the edge."""
    left, top, right, bottom = box
    across = max(_AROUND, (_LEAST_SIDE - (right - left) + 1) // 2)
    down = max(_AROUND, (_LEAST_SIDE - (bottom - top) + 1) // 2)
    return left - across, top - down, right + across, bottom + down


def _box(region: Region) -> Box:
    return region.x, region.y, region.x + region.width, region.y + region.height


def _moved(box: Box, difference: PixelDifference) -> Box:
    """Return where the box lies in the other picture."""
    if scale := difference.scale:
        left, top, right, bottom = (round(edge * scale) for edge in box)
        return left, top, right, bottom
    shift = difference.shift
    # What came in or went out stands in the same place in the picture that has it.
    if shift is None or box[1] < shift.from_y or box == _box(shift.gap):
        return box
    return box[0], box[1] + shift.dy, box[2], box[3] + shift.dy
