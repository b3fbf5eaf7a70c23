"""Where a long page is cut: at calm rows, so that no line of text is cut through."""

from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageChops

from grok_vision.images.appearance import on_paper
from grok_vision.images.geometry import Box, Size
from grok_vision.images.plan import Part


def settled(whole: Image.Image, size: Size, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the strips with each inner edge moved inward to the calmest line nearby.

    `whole` is the decoded picture, perhaps in fewer pixels than `size`, in which the boxes of the
    parts are told. What two neighbours share stays shared: one ends behind the middle of it, and
    the other begins before.
    """
    first = parts[0].box
    axis = 1 if first[1::2] != parts[-1].box[1::2] else 0
    spans = [[part.box[axis], part.box[axis + 2]] for part in parts]
    for former, latter in pairwise(spans):
        start, end = latter[0], former[1]
        middle = (start + end) // 2
        latter[0] = _calmest(whole, size, _spanning(first, axis, (start, middle)), axis)
        former[1] = _calmest(whole, size, _spanning(first, axis, (middle, end)), axis)
    return tuple(
        Part(_spanning(part.box, axis, span), part.scale)
        for part, span in zip(parts, spans, strict=True)
    )


def decoded_box(box: Box, size: Size, decoded: Size) -> Box:
    """Return a box of a picture of `size` in the pixels of the same picture, `decoded` large."""
    across, down = decoded[0] / size[0], decoded[1] / size[1]
    left, top = round(box[0] * across), round(box[1] * down)
    right, bottom = round(box[2] * across), round(box[3] * down)
    left, top = min(left, decoded[0] - 1), min(top, decoded[1] - 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _calmest(whole: Image.Image, size: Size, window: Box, axis: int) -> int:
    """Return the row (axis 1) or column (0) of `window` where least happens along it.

    Of equal ones it is the nearest to the middle of the window.
    """
    # On paper: black words on transparent black would look calm.
    cut = on_paper(whole.crop(decoded_box(window, size, whole.size))).convert("L")
    shifted = ImageChops.offset(cut, axis, 1 - axis)
    changes = ImageChops.difference(cut, shifted).convert("F")
    length = changes.size[axis]
    # The mean change along each row or column.
    means = changes.resize((1, length) if axis else (length, 1), Image.Resampling.BOX)
    values = means.get_flattened_data()
    unrest = [value for value in values if isinstance(value, int | float)]
    place = min(range(length), key=lambda at: (unrest[at], abs(2 * at + 1 - length)))
    start, end = window[axis], window[axis + 2]
    return start + round((place + 0.5) * (end - start) / length)


def _spanning(box: Box, axis: int, span: Sequence[int]) -> Box:
    left, top, right, bottom = box
    return (left, span[0], right, span[1]) if axis else (span[0], top, span[1], bottom)
