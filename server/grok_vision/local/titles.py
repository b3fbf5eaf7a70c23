"""Tells which line above a table is its title, and which is a note on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from grok_vision.local.grid import Grid, cells
from grok_vision.local.layout import Line, Row, rows

_NEAR = 3.0  # a caption stands at most this many heights above what it belongs to
_OUTDENT = 1.2  # heights by which it may begin left of the text in the cells
_ALIGNED = 0.6  # heights by which it may begin right of it, or be off the centre
_LARGER = 1.15  # the letters of a title are this much larger than those of the line under it
_SAME_TEXT = 1.6  # lines closer than this many heights are lines of one text
_LONGEST = 100  # characters


@dataclass(frozen=True)
class Caption:
    """A table's title, and a note that stands between the two; empty where there is none."""

    title: str = ""
    note: str = ""


def caption(lines: Sequence[Line], grid: Grid) -> Caption:
    """Returns what stands right above a table, where it is clear what that is.

    A line alone is a title, two lines are a title and a note if the upper one is larger. Of more
    lines of one text none is, nor is a sentence.
    """
    above = _above(lines, grid)
    if not above:
        return Caption()
    last = above[-1]
    if len(above) == 1 or not _is_beneath(last, above[-2]):
        return Caption() if _is_sentence(last) else Caption(title=last.text)
    if above[-2].height >= _LARGER * last.height and not _is_sentence(above[-2]):
        return Caption(title=above[-2].text, note=last.text)
    return Caption()


def _above(lines: Sequence[Line], grid: Grid) -> list[Line]:
    """The lines that stand one above the other over the table's beginning, from the top."""
    left = min(column.left for column in grid.columns)
    right = max(column.right for column in grid.columns)
    heading = [column.cells[0] for column in grid.columns if 0 in column.cells]
    top = min(cell.y for cell in heading)
    over = [line for line in lines if line.middle < top and line.x < right and line.right > left]
    found: list[Line] = []
    below = heading[0]
    for row in reversed(rows(over)):
        line = cells(row)[0]
        if not _is_over(cells(row), left, right) or _gap(line, below) > _NEAR * below.height:
            break
        found.insert(0, line)
        below = line
    return found


def _is_over(row: Row, left: int, right: int) -> bool:
    line = row[0]
    if -_OUTDENT * line.height <= line.x - left <= _ALIGNED * line.height:
        return True
    off = abs(line.x + line.right - left - right) / 2
    return len(row) == 1 and off <= _ALIGNED * line.height


def _is_beneath(line: Line, other: Line) -> bool:
    return _gap(other, line) <= _SAME_TEXT * max(line.height, other.height)


def _gap(upper: Line, lower: Line) -> float:
    return lower.middle - upper.middle


def _is_sentence(line: Line) -> bool:
    return len(line.text) > _LONGEST or line.text.endswith((".", ":", ";", ","))
