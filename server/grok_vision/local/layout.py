"""Lines of text with their boxes, put into rows: top to bottom, each from left to right."""

import itertools
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

_SAME_ROW = 0.4  # centres closer than this part of the smaller height share a row
_WIDE_GAP = 0.8  # a gap of this part of the height is wider than a space


@dataclass(frozen=True)
class Line:
    """Text as it was read, its box in pixels, and how sure the reader was (0 to 1)."""

    text: str
    x: int
    y: int
    width: int
    height: int
    score: float = 1.0

    @property
    def middle(self) -> float:
        """The vertical centre, in pixels."""
        return self.y + self.height / 2

    @property
    def right(self) -> int:
        """The right edge, in pixels."""
        return self.x + self.width


AnyLine = TypeVar("AnyLine", bound=Line)
Row = tuple[Line, ...]


def rows(lines: Iterable[Line]) -> tuple[Row, ...]:
    """Groups lines that stand side by side.

    Letters with and without descenders give boxes of different heights, so their centres are
    compared with the average centre of the row, not with its edges.
    """
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.middle):
        row = next((row for row in reversed(found[-3:]) if _beside(row, line)), None)
        if row is None:
            found.append([line])
        else:
            row.append(line)
    found.sort(key=lambda row: statistics.fmean(line.middle for line in row))
    return tuple(tuple(sorted(row, key=lambda line: line.x)) for row in found)


def _beside(row: list[Line], line: Line) -> bool:
    middle = statistics.fmean(other.middle for other in row)
    height = min(line.height, *(other.height for other in row))
    return abs(line.middle - middle) <= _SAME_ROW * height


def joined(row: Row) -> str:
    """The text of a row: one space between neighbours, two where the gap is wide."""
    text = row[0].text
    for left, right in itertools.pairwise(row):
        height = min(left.height, right.height)
        wide = right.x - left.right > _WIDE_GAP * height
        text += ("  " if wide else " ") + right.text
    return text
