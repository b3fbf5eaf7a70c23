"""Where the pixels of two pictures of one size differ, and by which colours."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from PIL import Image

from grok_vision.local.labelled import Box
from grok_vision.local.layout import Line

_NOISE = 16  # levels of 255: beside what changed, enlarging alone makes a difference of less
_REDRAWN = 0.5  # letters drawn anew differ by less than this part of their contrast
_CUT = 48  # levels: what stands out as much at an edge goes on beyond it
_COARSE = 5  # bits that are dropped of a channel, for shades to count as one colour
_MOST_COUNTED = 200_000  # changed pixels; of more, evenly spread ones tell what most are
_CLEAR = 0.3  # the part of the changed pixels that two colours account for, to be named
_ONE_WAY = 0.5  # as many the other way round are a move, not another colour

Side = Literal["left", "right", "top", "bottom"]


@dataclass(frozen=True)
class Colours:
    """The colours that most of the changed pixels had before and have after, as `#rrggbb`."""

    before: str
    after: str


class Differing:
    """Two pictures of one size, pixel by pixel; what lies not `inside` differs in nothing."""

    def __init__(self, before: Image.Image, after: Image.Image, inside: Box | None = None) -> None:
        self._before = np.asarray(before)
        self._after = np.asarray(after)
        lower = np.minimum(self._before, self._after)
        self._levels = (np.maximum(self._before, self._after) - lower).max(axis=2)
        if inside is not None:
            kept = _within(self._levels, inside).copy()
            self._levels[...] = 0
            _within(self._levels, inside)[...] = kept

    @property
    def is_none(self) -> bool:
        """Whether all pixels are the same."""
        return not self._levels.any()

    @property
    def rows(self) -> tuple[int, int] | None:
        """The first row that differs and that behind the last, or None where nothing does."""
        found = np.flatnonzero((self._levels > _NOISE).any(axis=1))
        return (int(found[0]), int(found[-1]) + 1) if found.size else None

    def at(self, box: Box) -> bool:
        """Tells whether anything differs there, be it another colour."""
        return bool((_within(self._levels, box) > _NOISE).any())

    def redrawn(self, box: Box) -> bool:
        """Tells whether it differs there by more than letters do that were smoothed anew."""
        levels = _within(self._levels, box)
        if not levels.size:
            return False
        contrast = max(_contrast(_within(pixels, box)) for pixels in (self._before, self._after))
        return int(levels.max()) > max(_NOISE, _REDRAWN * contrast)

    def outside(self, boxes: list[Box]) -> "Colours | None":
        """Returns by which colours differs what lies in none of the boxes, if two stand out."""
        changed = self._levels > _NOISE
        total = int(changed.sum())
        for box in boxes:
            _within(changed, box)[...] = False
        if 2 * int(changed.sum()) <= total:
            return None
        return _colours(self._before[changed], self._after[changed])


def ends_cut(picture: Image.Image, rows: tuple[int, int]) -> bool:
    """Tells whether anything between two rows goes on beyond the left or the right edge."""
    width = picture.width
    edges = ((0, rows[0], 1, rows[1]), (width - 1, rows[0], width, rows[1]))
    return any(_contrast(np.asarray(picture.crop(edge))) > _CUT for edge in edges)


def is_cut(picture: Image.Image, line: Line, side: Side) -> bool:
    """Tells whether a line goes on beyond an edge of the picture that shows a part of a page."""
    width, height = picture.size
    left, upper, right, lower = line.x, line.y, line.right, line.y + line.height
    near, edge = {
        "left": (left, (0, upper, 1, lower)),
        "right": (width - right, (width - 1, upper, width, lower)),
        "top": (upper, (left, 0, right, 1)),
        "bottom": (height - lower, (left, height - 1, right, height)),
    }[side]
    return near <= line.height / 2 and _contrast(np.asarray(picture.crop(edge))) > _CUT


def _within(pixels: Any, box: Box) -> Any:  # numpy's own type says no more
    left, top, right, bottom = box
    return pixels[max(0, top) : bottom, max(0, left) : right]


def _contrast(pixels: Any) -> int:
    if not pixels.size:
        return 0
    flat = pixels.reshape(-1, pixels.shape[-1]).astype(int)
    return int((flat.max(axis=0) - flat.min(axis=0)).max())


def _colours(before: Any, after: Any) -> Colours | None:
    """The pair of colours of most of these pixels, if they are many and do not just swap."""
    step = 1 + len(before) // _MOST_COUNTED
    ways = np.concatenate([before[::step], after[::step]], axis=1)
    coarse = (ways >> _COARSE).astype(np.int64) @ (8 ** np.arange(6))
    codes, counts = np.unique(coarse, return_counts=True)
    code = int(codes[counts.argmax()])
    back = code // 512 + code % 512 * 512
    most, least = int(counts.max()), int(counts[codes == back].sum()) if back != code else 0
    if most < _CLEAR * len(ways) or least > _ONE_WAY * most:
        return None
    exact, often = np.unique(ways[coarse == code], axis=0, return_counts=True)
    pair = bytes(exact[often.argmax()].astype(np.uint8))
    colours = Colours("#" + pair[:3].hex(), "#" + pair[3:].hex())
    return colours if colours.before != colours.after else None
