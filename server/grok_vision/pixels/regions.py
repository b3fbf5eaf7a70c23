"""Where pixels changed: boxes around those that lie close together."""

import re
from collections.abc import Iterator

from PIL import Image, ImageChops, ImageDraw

from grok_vision.pixels.boxes import Box, union
from grok_vision.pixels.masks import MARKED, count
from grok_vision.results import ChangedRegion

# Cells of 8 pixels that touch or have one cell between them are one: gaps up to 15 pixels are
# always bridged and gaps from 23 on never. Words of a line and lines of a paragraph come together,
# fields of a form stay apart.
_CELL = 8
# More boxes than this are noise or a page drawn anew: they are looked at more coarsely.
_MOST_BOXES = 200
_MARKED_RUN = re.compile(rb"[^\0]+")


def changed_regions(mask: Image.Image) -> tuple[ChangedRegion, ...]:
    """Return boxes that hold all marked pixels, most pixels first; they do not overlap."""
    whole = mask.getbbox()
    if whole is None:
        return ()
    left, top = whole[0], whole[1]
    part = mask.crop(whole)
    found = [_region(part, box, left, top) for box in _close_boxes(part)]
    return tuple(sorted(found, key=lambda region: (-region.changed_pixels, region.y, region.x)))


def _region(part: Image.Image, box: Box, left: int, top: int) -> ChangedRegion:
    inside = part.crop(box)
    exact = inside.getbbox() or (0, 0, *inside.size)
    return ChangedRegion(
        x=left + box[0] + exact[0],
        y=top + box[1] + exact[1],
        width=exact[2] - exact[0],
        height=exact[3] - exact[1],
        changed_pixels=count(inside),
    )


def _close_boxes(part: Image.Image) -> list[Box]:
    """Return boxes on whole cells that do not overlap, around pixels that lie close together."""
    cell = _CELL
    boxes = _merged(part.reduce(cell))
    while len(boxes) > _MOST_BOXES:
        cell *= 2
        boxes = _merged(part.reduce(cell))
    return [
        (x0 * cell, y0 * cell, min(x1 * cell, part.width), min(y1 * cell, part.height))
        for x0, y0, x1, y1 in boxes
    ]


def _merged(grid: Image.Image) -> list[Box]:
    """Return boxes of cells around those that lie close together, merged until none overlap."""
    boxes = _components(_grown(grid))
    while True:
        solid = Image.new("L", grid.size)
        draw = ImageDraw.Draw(solid)
        for x0, y0, x1, y1 in boxes:
            draw.rectangle((x0, y0, x1 - 1, y1 - 1), MARKED)
        merged = _components(solid)
        if len(merged) == len(boxes):
            return merged
        boxes = merged


def _grown(grid: Image.Image) -> Image.Image:
    """Return the grid with each cell marked that is right of or below a marked one, too."""
    moved = Image.new("L", grid.size)
    moved.paste(grid, (1, 0))
    wide = ImageChops.lighter(grid, moved)
    moved.paste(0, (0, 0, *grid.size))
    moved.paste(wide, (0, 1))
    return ImageChops.lighter(wide, moved)


def _components(grid: Image.Image) -> list[Box]:
    """Return the boxes of the marked areas of a grid; areas that touch at a corner are one."""
    parents: list[int] = []
    runs: list[Box] = []
    above: list[int] = []
    for row in _runs(grid):
        here: list[int] = []
        start = 0
        for run in row:
            index = len(runs)
            runs.append(run)
            parents.append(index)
            here.append(index)
            # Runs of a row stand from left to right, as do those above: none is looked at twice
            # but the last one, which may touch the next run as well.
            while start < len(above) and runs[above[start]][2] < run[0]:
                start += 1
            for other in above[start:]:
                if runs[other][0] > run[2]:
                    break
                parents[_root(parents, other)] = _root(parents, index)
        above = here
    return _boxes(runs, parents)


def _runs(grid: Image.Image) -> Iterator[list[Box]]:
    """Yield the marked runs of each row, as boxes that are one cell high."""
    cells, width = grid.tobytes(), grid.width
    for y in range(grid.height):
        row = cells[y * width : (y + 1) * width]
        yield [(run.start(), y, run.end(), y + 1) for run in _MARKED_RUN.finditer(row)]


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


def _boxes(runs: list[Box], parents: list[int]) -> list[Box]:
    boxes: dict[int, Box] = {}
    for index, run in enumerate(runs):
        root = _root(parents, index)
        boxes[root] = union(boxes.get(root, run), run)
    return list(boxes.values())
