"""How pictures are walked: in boxes so large that starting a sum costs little beside it."""

from collections import deque
from collections.abc import Iterable, Iterator

from PIL import Image

from grok_vision.pixels.exact import Box

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


def moved(box: Box, dx: int, dy: int) -> Box:
    """Return the box so much further right and down."""
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def cut(image: Image.Image, box: Box) -> Image.Image:
    """Return what is in the box, without a copy if that is all."""
    return image if box == (0, 0, *image.size) else image.crop(box)


def joined(boxes: Iterable[Box]) -> Iterator[Box]:
    """Yield the boxes, several as one where that is sooner done and no larger than a tile."""
    waiting: deque[Box] = deque()
    for box in boxes:
        other = next((one for one in waiting if _are_better_one(one, box)), None)
        if other:
            waiting.remove(other)
            waiting.append(_union(other, box))
        else:
            waiting.append(box)
        if len(waiting) > _OPEN:
            yield waiting.popleft()
    yield from waiting


def _are_better_one(one: Box, other: Box) -> bool:
    width, height = _size(_union(one, other))
    if width > TILE[0] or height > TILE[1]:
        return False
    return width * height < _START + sum(a * b for a, b in map(_size, (one, other)))


def _union(one: Box, other: Box) -> Box:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def _size(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]
