"""How pictures are walked: in boxes so large that starting a sum costs little beside it."""

from collections import deque
from collections.abc import Iterable, Iterator

from grok_vision.pixels.boxes import Box, union

TILE = (640, 64)
"""The most that is looked at in one go: its planes fit a processor's cache, each sum is short."""

_START = 8000
"""Starting all sums of a part costs about as much as so many pixels."""

_OPEN = 8


def tiles(box: Box, step: tuple[int, int]) -> Iterator[Box]:
    """Yield boxes of this width and height, or what is left of it, that cover a box."""
    for top in range(box[1], box[3], step[1]):
        for left in range(box[0], box[2], step[0]):
            yield left, top, min(left + step[0], box[2]), min(top + step[1], box[3])


def joined(boxes: Iterable[Box]) -> Iterator[Box]:
    """Yield the boxes, several as one where that is sooner done and no larger than a tile."""
    waiting: deque[Box] = deque()
    for box in boxes:
        other = next((one for one in waiting if _are_better_one(one, box)), None)
        if other:
            waiting.remove(other)
            waiting.append(union(other, box))
        else:
            waiting.append(box)
        if len(waiting) > _OPEN:
            yield waiting.popleft()
    yield from waiting


def _are_better_one(one: Box, other: Box) -> bool:
    width, height = _size(union(one, other))
    if width > TILE[0] or height > TILE[1]:
        return False
    return width * height < _START + sum(a * b for a, b in map(_size, (one, other)))


def _size(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]
