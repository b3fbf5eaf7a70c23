"""Where to look closely: the changed regions of a picture, with what stands around them."""

from dataclasses import dataclass

from grok_vision.pixels import Box
from grok_vision.results import ChangedRegion, PixelDifference, Shift

# In pixels: a letter or two of what is around tells a reader what it is.
_AROUND = 24
_LEAST_SIDE = 64
# A region that fills more of the picture is as well seen in the whole.
_MOST_OF_PICTURE = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """A changed region by its number, from 1, and where it lies in both pictures."""

    number: int
    region: ChangedRegion
    reference: Box
    candidate: Box


def regions_of(difference: PixelDifference) -> list[ChangedRegion]:
    """Return the regions to tell of: where content was moved, those that differ apart from it."""
    if difference.shift is not None:
        return difference.shift.regions
    return difference.regions


def places_of(difference: PixelDifference, size: tuple[int, int]) -> list[Place]:
    """Return the regions that are worth a closer look; `size` is that of the reference.

    They are none where one picture shows the other larger: places there are not the same.
    """
    if difference.scale is not None:
        return []
    area = size[0] * size[1]
    return [
        Place(number, region, box, _moved(box, region, difference))
        for number, region in enumerate(regions_of(difference), 1)
        if region.width * region.height <= area * _MOST_OF_PICTURE
        for box in (_around(region),)
    ]


def _around(region: ChangedRegion) -> Box:
    across = max(_AROUND, (_LEAST_SIDE - region.width + 1) // 2)
    down = max(_AROUND, (_LEAST_SIDE - region.height + 1) // 2)
    return (
        region.x - across,
        region.y - down,
        region.x + region.width + across,
        region.y + region.height + down,
    )


def _moved(box: Box, region: ChangedRegion, difference: PixelDifference) -> Box:
    """Return where the box lies in the other picture."""
    shift = difference.shift
    if shift is None or region.y < shift.from_y or _moves_others(region, shift):
        return box
    return box[0], box[1] + shift.dy, box[2], box[3] + shift.dy


def _moves_others(region: ChangedRegion, shift: Shift) -> bool:
    """Tell whether this is what came in or went out: one picture has it there, the other not."""
    place = shift.from_y + min(shift.dy, 0)
    return (region.y, region.height) == (place, abs(shift.dy))
