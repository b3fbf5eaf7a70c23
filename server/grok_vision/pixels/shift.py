"""Content that moved down or up as a whole, because something was put in or taken out above it.

How far it moved is told by hashes of the rows' brightness: a row that stands once in either picture
says it; blank rows, stripes and patterns stand often and say nothing. From where on it moved is
told by comparing both again so: then a table whose stripes changed places has moved as well.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from PIL import Image

from grok_vision.pixels.boxes import Box, moved
from grok_vision.pixels.lines import runs, settled
from grok_vision.pixels.masks import MARKED, blank
from grok_vision.pixels.matching import matched
from grok_vision.pixels.rows import FEWEST, Rows, distance

# Of the rows between the first and the last that changed, one in so many changed at least where
# lines of text moved. Fewer are edits far apart, and rows need not be hashed to know it.
_SPARSE = 10
_BEFORE = 48  # rows that are looked at above the first that differs


@dataclass(frozen=True, slots=True)
class Move:
    """Rows of the reference from `from_y` on that stand `dy` lower in the candidate.

    Only the columns from `left` to `right` moved: what stands beside them may have stayed.
    `changed` is the mask of what differs in them once the move is undone; its last row is the last
    that both pictures have. `matched_ratio` is the part of its rows without a changed pixel.
    """

    dy: int
    from_y: int
    left: int
    right: int
    changed: Image.Image = field(repr=False)
    matched_ratio: float

    @property
    def gap(self) -> Box:
        """Where what came in stands in the candidate, or what went out in the reference."""
        top = self.from_y + min(self.dy, 0)
        return self.left, top, self.right, top + abs(self.dy)


def shifted(
    reference: Image.Image,
    candidate: Image.Image,
    changed: Image.Image,
    differing: Image.Image,
    threshold: float,
    ignore: Sequence[Box],
    stop: threading.Event | None,
) -> Move | None:
    """Return what moved up or down as a whole, or None where that is not certain.

    `changed` and `differing` are the masks of what changed and of what differs at all in place, on
    a canvas that holds both.
    """
    extent = _extent(changed, differing, min(reference.width, candidate.width), ignore)
    left, top, right, bottom = extent
    stays = _agreeing(changed.crop(extent))
    if stays.count(False) < max(FEWEST, len(stays) / _SPARSE):
        return None
    if not _may_have_moved(reference, candidate, differing, extent, ignore):
        return None
    before = Rows.of(reference, (left, top, right, reference.height), ignore)
    after = Rows.of(candidate, (left, top, right, candidate.height), ignore)
    dy = distance(before, after)
    # Below the last row that changed stands what stayed, such as a footer.
    same_height = reference.height == candidate.height
    ends = (bottom, bottom) if same_height else (reference.height, candidate.height)
    box = (left, max(top, top - dy), right, min(ends[0], ends[1] - dy))
    if not dy or box[3] - box[1] < FEWEST:
        return None

    def again(box: Box, dy: int) -> Image.Image:
        pair = reference.crop(box), candidate.crop(moved(box, 0, dy))
        found = matched(*pair, threshold=threshold, stop=stop).changed
        blank(found, ignore, origin=box[:2])
        return found

    undone = again(box, dy)
    same = differing.crop((left, top, right, min(ends)))
    blank(same, ignore, MARKED, origin=(left, top))
    stays, moves = stays[: same.height], _agreeing(undone)
    start = _start(stays, moves, _agreeing(same))
    rest = (left, box[1] + start, right, box[3])
    undone = undone.crop((0, start, *undone.size))
    undone = settled((reference, candidate), undone, rest, dy, again)
    moves = _agreeing(undone)
    if not _explains(stays, moves, start, before.plain[ends[0] - top :].count(False)):
        return None
    return Move(dy, rest[1], left, right, undone, moves.count(True) / max(len(moves), 1))


def _may_have_moved(
    reference: Image.Image,
    candidate: Image.Image,
    differing: Image.Image,
    extent: Box,
    ignore: Sequence[Box],
) -> bool:
    """Tell whether rows that differ in place stand elsewhere: edits are told by few rows."""
    left, top, right, _ = extent
    marked = differing.crop((left, top, right, differing.height)).getprojection()[1]
    places = [(top + start, top + end) for start, end in runs(marked)]
    before, after = (
        {
            row
            for start, end in places
            for row in Rows.of(image, (left, start, right, min(end, image.height)), ignore).telling
        }
        for image in (reference, candidate)
    )
    return len(before & after) >= FEWEST


def _extent(changed: Image.Image, differing: Image.Image, width: int, ignore: Sequence[Box]) -> Box:
    """Return where something changed, within the width that both have; it may be empty."""
    where, all_that_differs = changed.getbbox(), differing.getbbox()
    if where is None or all_that_differs is None or where[0] >= width:
        return 0, 0, 0, 0
    # What came in may start with rows that hardly differ, or not at all, from what was there, or
    # that are ignored.
    first = all_that_differs[1]
    top = min([first, *(box[1] for box in ignore if box[1] < first <= box[3] + _BEFORE)])
    return where[0], max(0, top - _BEFORE), min(where[2], width), where[3]


def _agreeing(changed: Image.Image) -> list[bool]:
    """Return for each row of a mask whether nothing in it changed."""
    return [not marked for marked in changed.getprojection()[1]]


def _start(stays: list[bool], moves: list[bool], same: list[bool]) -> int:
    """Return the row from which on they moved: with it most rows agree, above it and below.

    `stays` tells which rows agree in place, `same` which are the same there, and `moves` which
    agree when they are moved.
    """
    above = [*accumulate(stays, initial=0)]
    below = [*accumulate(reversed(moves), initial=0)][::-1]
    first = last = 0
    for row in range(1, len(moves)):
        more = above[row] + below[row] - above[first] - below[first]
        if more > 0:
            first = last = row
        elif more == 0 and row == last + 1 and same[row - 1]:
            last = row
    # Blank rows agree both ways. The middle of them is where a row of a table begins.
    return (first + last + 1) // 2


def _explains(stays: list[bool], moves: list[bool], start: int, stayed: int) -> bool:
    """Tell whether most of what differs in place agrees once it is moved back.

    A page moves down to its end: where many rows below `stayed`, something was only put elsewhere.
    """
    left = stays[:start].count(False) + moves.count(False) + stayed
    return moves.count(True) >= FEWEST and left * 2 <= stays.count(False)
