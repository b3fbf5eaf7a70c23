"""Boxes, and the parts of pictures that lie in them."""

from PIL import Image

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels, the last two exclusive."""


def moved(box: Box, dx: int, dy: int) -> Box:
    """Return the box so much further right and down."""
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def clipped(box: Box, size: tuple[int, int]) -> Box:
    """Return the part of a box that lies on a picture of this size; it may be empty."""
    left, top, right, bottom = box
    return max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1])


def union(one: Box, other: Box) -> Box:
    """Return the smallest box around both."""
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def cut(image: Image.Image, box: Box) -> Image.Image:
    """Return a part of a picture, without a copy if that is all of it."""
    # A crop copies: at 4K that is 25 MB and 3 ms.
    return image if box == (0, 0, *image.size) else image.crop(box)


def laid(image: Image.Image, size: tuple[int, int], ground: int = 0) -> Image.Image:
    """Return a plane (L) at the upper left of a larger one, or the plane if it is none."""
    if image.size == size:
        return image
    canvas = Image.new("L", size, ground)
    canvas.paste(image)
    return canvas
