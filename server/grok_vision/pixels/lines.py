"""Lines of text that moved a pixel more or less than the rest.

Where lines are 25.5 pixels high they stand on whole pixels all the same: of lines that moved by
42.5 every other one moved by 42 and the rest by 43.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from PIL import Image

from grok_vision.pixels.boxes import Box, moved
from grok_vision.pixels.masks import count

Again = Callable[[Box, int], Image.Image]
"""Returns what changed in a box of the reference that stands so much lower in the candidate."""

_LEAST = 6  # rows: thinner ones are borders, and one that became thinner has changed
_FEWEST = 3  # one or two lines that stand elsewhere by a pixel were put there
_BETTER = 2
_FAINT = 2  # rows above and below a line that are too faint to have changed
_WITHIN = 4  # rows of one line that agree however it moved, as between a dot and its letter


def settled(
    pair: tuple[Image.Image, Image.Image], changed: Image.Image, box: Box, dy: int, again: Again
) -> Image.Image:
    """Return what changed in a box that stands `dy` lower, its lines each as they moved.

    `changed` is what changed in it with all of them moved alike, and is left as it is.
    """
    found = changed.copy()
    lines = 0
    for top, bottom in _lines(changed):
        if bottom - top < _LEAST:
            continue
        line = (box[0], box[1] + top, box[2], box[1] + bottom)
        most = count(changed.crop((0, top, changed.width, bottom))) / _BETTER
        for by in (dy - 1, dy + 1):
            free = _freed(pair, line, by)
            if free is None:
                continue
            other = again(free, by)
            if count(other) <= most:
                found.paste(other, (0, free[1] - box[1]))
                lines += 1
                break
    return found if lines >= _FEWEST else changed


def _lines(changed: Image.Image) -> Iterator[tuple[int, int]]:
    """Yield the first row of each line in which something changed, and the one after its last."""
    first = last = -_WITHIN
    for top, bottom in runs(changed.getprojection()[1]):
        if top - last >= _WITHIN:
            if first >= 0:
                yield first, last
            first = top
        last = bottom
    if first >= 0:
        yield first, last


def runs(marked: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where neighbours are marked: the first, and the one after the last."""
    for is_marked, run in groupby(enumerate(marked), key=lambda entry: bool(entry[1])):
        if is_marked:
            rows = [row for row, _ in run]
            yield rows[0], rows[-1] + 1


def _freed(pair: tuple[Image.Image, Image.Image], line: Box, by: int) -> Box | None:
    """Return a line with its faintest rows, so that only blank paper lies above and below it.

    However it moved, no row of anything else is missed then. None where there is no such line.
    """
    left, top, right, bottom = line
    for more in range(_FAINT + 1):
        wider = (left, top - more, right, bottom + more)
        around = {*_around(pair[0], wider), *_around(pair[1], moved(wider, 0, by))}
        if len(around) == 1 and None not in around:
            return wider
    return None


def _around(image: Image.Image, line: Box) -> Iterator[bytes | None]:
    """Yield the rows right above and below a line: two each, for one may be the edge of a rule."""
    left, top, right, bottom = line
    for row in (top - 2, top - 1, bottom, bottom + 1):
        inside = 0 <= row < image.height
        yield image.crop((left, row, right, row + 1)).tobytes() if inside else None
