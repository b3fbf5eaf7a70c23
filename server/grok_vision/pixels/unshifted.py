"""What differs apart from a shift."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from grok_vision.pixels.masks import MARKED, Box, blank, count, offset
from grok_vision.pixels.regions import changed_regions
from grok_vision.pixels.shift import Move
from grok_vision.results import ChangedRegion


@dataclass(frozen=True, slots=True)
class Unshifted:
    """What differs apart from a shift.

    Attributes:
        move: The shift.
        changed: Where pixels changed, L, in the reference's pixels; without what came in or went
            out.
        regions: All of it, what came in or went out included, most pixels first.
    """

    move: Move
    changed: Image.Image = field(repr=False)
    regions: Sequence[ChangedRegion]


def unshifted(
    sizes: tuple[tuple[int, int], tuple[int, int]],
    changed: Image.Image,
    move: Move,
    ignore: Sequence[Box],
) -> Unshifted:
    """Return what differs apart from the shift.

    `sizes` are those of the reference and of the candidate, `changed` what differs in place. What
    came in, or went out, is a region as high as the shift, right below the rows that stayed: there
    it stands in the picture that has it.
    """
    rest = _rest(sizes, changed, move)
    blank(rest, ignore)
    regions = [*changed_regions(rest), *_gap(move, ignore)]
    regions.sort(key=lambda region: -region.changed_pixels)
    return Unshifted(move, rest, regions)


def _rest(
    sizes: tuple[tuple[int, int], tuple[int, int]], changed: Image.Image, move: Move
) -> Image.Image:
    """Return what differs once the move is undone, in the reference's pixels, without the gap.

    In screenshots of one height, what was pushed over the edge and what came in there is part of
    the shift. In pages of different heights it was added or taken away.
    """
    heights = sizes[0][1], sizes[1][1]
    both = move.from_y + move.changed.height
    rest = Image.new("L", (changed.width, max(heights[0], heights[1] - move.dy)))
    rest.paste(changed)
    rest.paste(0, (move.left, move.from_y + min(move.dy, 0), move.right, rest.height))
    rest.paste(move.changed, (move.left, move.from_y))
    if heights[0] != heights[1]:
        rest.paste(MARKED, (0, both, changed.width, rest.height))
    return rest


def _gap(move: Move, ignore: Sequence[Box]) -> list[ChangedRegion]:
    """Return what came in or went out as a region, or nothing where all of it is ignored."""
    left, top, right, bottom = move.gap
    gap = Image.new("L", (right - left, bottom - top), MARKED)
    blank(gap, offset(ignore, left, top))
    pixels = count(gap)
    region = ChangedRegion(x=left, y=top, width=gap.width, height=gap.height, changed_pixels=pixels)
    return [region] if pixels else []
