"""Where two pictures differ, as masks on a canvas that holds both."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from grok_vision.pixels.boxes import Box, clipped, cut, laid, moved
from grok_vision.pixels.matching import matched

MARKED = 255


@dataclass(frozen=True, slots=True)
class Masks:
    """Where two pictures differ, each mask L and not 0 there, as large as both together.

    `total` counts the pixels that at least one of the two has, `common` those that both have.
    """

    changed: Image.Image
    anti_aliased: Image.Image
    differing: Image.Image
    total: int
    common: int


def masks_of(
    reference: Image.Image,
    candidate: Image.Image,
    threshold: float,
    ignore: Sequence[Box],
    stop: threading.Event | None,
) -> Masks:
    """Compare both from the upper left; what only one of them has counts as changed."""
    inside = common_box(reference, candidate)
    parts = cut(reference, inside), cut(candidate, inside)
    match = matched(*parts, threshold=threshold, stop=stop)
    masks = [match.changed, match.anti_aliased, match.differing]
    if reference.size != candidate.size:
        union = (max(reference.width, candidate.width), max(reference.height, candidate.height))
        masks = [laid(mask, union) for mask in masks]
        for box in _surplus(reference.size, candidate.size):
            masks[0].paste(MARKED, box)
            masks[2].paste(MARKED, box)
    for mask in masks:
        blank(mask, ignore)
    pixels = inside[2] * inside[3]
    total = reference.width * reference.height + candidate.width * candidate.height - pixels
    return Masks(masks[0], masks[1], masks[2], total, pixels)


def common_box(reference: Image.Image, candidate: Image.Image) -> Box:
    """Return what both pictures have."""
    width, height = map(min, reference.size, candidate.size)
    return 0, 0, width, height


def count(mask: Image.Image) -> int:
    """Return how many pixels are not 0."""
    box = mask.getbbox()
    if box is None:
        return 0
    inside = cut(mask, box)
    return inside.width * inside.height - inside.histogram()[0]


def blank(
    mask: Image.Image,
    boxes: Sequence[Box],
    value: int = 0,
    *,
    origin: tuple[int, int] = (0, 0),
) -> None:
    """Paint what lies in the boxes, which may reach over the edge, with a value.

    `origin` is where in the picture the mask starts, whose pixels those of the boxes are.
    """
    for box in boxes:
        left, top, right, bottom = clipped(moved(box, -origin[0], -origin[1]), mask.size)
        if left < right and top < bottom:
            mask.paste(value, (left, top, right, bottom))


def _surplus(one: tuple[int, int], other: tuple[int, int]) -> Iterator[Box]:
    """Yield what only one of two pictures has: at its right, and below."""
    width, height = map(min, one, other)
    for size in (one, other):
        if size[0] > width:
            yield width, 0, *size
        if size[1] > height:
            yield 0, height, *size
