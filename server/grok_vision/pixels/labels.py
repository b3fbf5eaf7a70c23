"""Numbered boxes around regions, placed so that they hide none of what changed."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from grok_vision.pixels.boxes import Box, clipped
from grok_vision.pixels.palette import BLUE, LETTERS
from grok_vision.results import Region

# A letter's height is this part of the picture's width, within what is readable and handsome.
_LETTER, _SMALLEST, _LARGEST = 90, 13, 44


def draw_boxes(canvas: Image.Image, regions: Sequence[Region]) -> None:
    """Draw a box around each region, and beside it its number, counted from 1."""
    size = min(max(canvas.width // _LETTER, _SMALLEST), _LARGEST)
    stroke = max(2, size // 8)
    draw = ImageDraw.Draw(canvas)
    # Lines lie outside of the region as far as the picture goes there.
    boxes = [clipped(_around(region, stroke + 1), canvas.size) for region in regions]
    for left, top, right, bottom in boxes:
        draw.rectangle((left, top, right - 1, bottom - 1), outline=BLUE, width=stroke)
    taken = list(boxes)
    for number, box in enumerate(boxes, 1):
        # Where regions crowd, a smaller number still finds its place.
        labels = [_label(str(number), letter) for letter in (size, max(size // 2, _SMALLEST))]
        label, place = _placed(labels, box, canvas.size, taken)
        canvas.paste(label, place[:2])
        taken.append(place)


def _around(region: Region, edge: int) -> Box:
    right, bottom = region.x + region.width, region.y + region.height
    return region.x - edge, region.y - edge, right + edge, bottom + edge


@lru_cache(maxsize=64)
def _label(number: str, size: int) -> Image.Image:
    """Return a number on a label, in indices of the palette."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = map(int, font.getbbox(number))
    pad = max(2, size // 4)
    mask = Image.new("L", (right - left + 2 * pad, bottom - top + 2 * pad))
    ImageDraw.Draw(mask).text((pad - left, pad - top), number, 255, font)
    return mask.point(LETTERS)


def _placed(
    labels: Sequence[Image.Image], box: Box, canvas: tuple[int, int], taken: Sequence[Box]
) -> tuple[Image.Image, Box]:
    """Return the first label that has a place beside its box, on nothing else, and the place."""
    for label in labels:
        for place in _beside(box, label.size):
            inside = place == clipped(place, canvas)
            if inside and not any(_overlap(place, other) for other in taken):
                return label, place
    # In its corner, which hides little of a large region.
    width, height = box[2] - box[0], box[3] - box[1]
    fitting = (label for label in labels if 4 * label.width < width and 4 * label.height < height)
    label = next(fitting, labels[-1])
    return label, (box[0], box[1], box[0] + label.width, box[1] + label.height)


def _beside(box: Box, label: tuple[int, int]) -> Iterator[Box]:
    """Yield the places for a label around a box, the usual ones first."""
    left, top, right, bottom = box
    width, height = label
    for x, y in (
        (left, top - height),
        (right - width, top - height),
        (left, bottom),
        (right - width, bottom),
        (right, top),
        (left - width, top),
        (right, bottom - height),
        (left - width, bottom - height),
    ):
        yield x, y, x + width, y + height


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
