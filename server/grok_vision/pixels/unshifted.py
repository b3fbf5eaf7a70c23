"""What differs apart from a shift."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from grok_vision.pixels.boxes import Box
from grok_vision.pixels.masks import MARKED, blank, count
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
        regions: Where, most pixels first.
        gap: What came in or went out, unless all of it is ignored.
    """

    move: Move
    changed: Image.Image = field(repr=False)
    regions: Sequence[ChangedRegion]
    gap: ChangedRegion | None

    def listed(self, most: int) -> list[ChangedRegion]:
        """Return the gap and the largest regions, so many together, most pixels first."""
        if self.gap is None:
            return list(self.regions[:most])
        return sorted([self.gap, *self.regions[: most - 1]], key=_pixels)


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
    return Unshifted(move, rest, changed_regions(rest), _gap(move, ignore))


def _pixels(region: ChangedRegion) -> int:
    return -region.changed_pixels


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


def _gap(move: Move, ignore: Sequence[Box]) -> ChangedRegion | None:
    """Return what came in or went out as a region, or None where all of it is ignored."""
    left, top, right, bottom = move.gap
    gap = Image.new("L", (right - left, bottom - top), MARKED)
    blank(gap, ignore, origin=(left, top))
    pixels = count(gap)
    if not pixels:
        return None
    return ChangedRegion(x=left, y=top, width=gap.width, height=gap.height, changed_pixels=pixels)
