"""Sizes and boxes: in whole pixels, from the upper left corner."""

# Width and height.
Size = tuple[int, int]
# Left, top, right and bottom; the last two are the first pixels outside.
Box = tuple[int, int, int, int]


def size_of(box: Box) -> Size:
    """Return width and height."""
    return box[2] - box[0], box[3] - box[1]
