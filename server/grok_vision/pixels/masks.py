"""Where two pictures differ, as masks on a canvas that holds both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from grok_vision.pixels.matching import matched

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels, the last two exclusive."""

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
    reference: Image.Image, candidate: Image.Image, threshold: float, ignore: Sequence[Box]
) -> Masks:
    """Compare both from the upper left; what only one of them has counts as changed."""
    inside = common_box(reference, candidate)
    match = matched(part(reference, inside), part(candidate, inside), threshold=threshold)
    masks = [match.changed, match.anti_aliased, match.differing]
    if reference.size != candidate.size:
        union = (max(reference.width, candidate.width), max(reference.height, candidate.height))
        masks = [_extended(mask, union) for mask in masks]
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
    inside = part(mask, box)
    return inside.width * inside.height - inside.histogram()[0]


def blank(mask: Image.Image, boxes: Sequence[Box], value: int = 0) -> None:
    """Paint what lies in the boxes, which may reach over the edge, with a value."""
    for box in boxes:
        left, top, right, bottom = clipped(box, mask.size)
        if left < right and top < bottom:
            mask.paste(value, (left, top, right, bottom))


def offset(boxes: Sequence[Box], left: int, top: int) -> list[Box]:
    """Return the boxes as they lie on a part of the picture that starts there."""
    return [(box[0] - left, box[1] - top, box[2] - left, box[3] - top) for box in boxes]


def clipped(box: Box, size: tuple[int, int]) -> Box:
    """Return the part of a box that lies on a picture of this size; it may be empty."""
    left, top, right, bottom = box
    return max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1])


def part(image: Image.Image, box: Box) -> Image.Image:
    """Return a part of a picture, which may be all of it."""
    # A crop copies: at 4K that is 25 MB and 3 ms for a picture that is whole already.
    return image if box == (0, 0, *image.size) else image.crop(box)


def _extended(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    canvas = Image.new("L", size)
    canvas.paste(mask)
    return canvas


def _surplus(one: tuple[int, int], other: tuple[int, int]) -> Iterator[Box]:
    """Yield what only one of two pictures has: at its right, and below."""
    width, height = map(min, one, other)
    for size in (one, other):
        if size[0] > width:
            yield width, 0, *size
        if size[1] > height:
            yield 0, height, *size
