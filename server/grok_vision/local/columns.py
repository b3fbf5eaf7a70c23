"""Tells a sidebar from a table: columns that are read one after the other, not row by row."""

import statistics
from collections.abc import Sequence

from grok_vision.local.layout import Line

_WIDE = 1.5  # a blank strip of this many line heights parts columns
_FEWEST = 3  # lines that make a column
_ON_A_LEVEL = 0.25  # centres closer than this part of the height stand on one level
_TABLE = 0.6  # from this share of lines on a level, two columns are a table


def columns(lines: Sequence[Line]) -> tuple[tuple[Line, ...], ...]:
    """Returns the lines in groups to be read one after the other, from left to right.

    Groups are parted by a blank strip from top to bottom. Where most lines of one side have a
    neighbour on their level at the other, the strip parts the cells of a table, and the group
    stays whole.
    """
    sides = _parted(lines)
    if sides is None:
        return (tuple(lines),)
    left, right = sides
    return (*columns(left), *columns(right))


def _parted(lines: Sequence[Line]) -> tuple[list[Line], list[Line]] | None:
    """Returns what stands left and right of the widest strip that parts columns."""
    if len(lines) < 2 * _FEWEST:
        return None
    usual = statistics.median(line.height for line in lines)
    strips = [(width, edge) for edge, width in _strips(lines) if width >= _WIDE * usual]
    for _, edge in sorted(strips, reverse=True):
        left = [line for line in lines if line.right <= edge]
        right = [line for line in lines if line.right > edge]
        if min(len(left), len(right)) >= _FEWEST and not _is_table(left, right):
            return left, right
    return None


def _strips(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Returns the blank strips as left edge and width."""
    found: list[tuple[int, int]] = []
    reached = min(line.x for line in lines)
    for line in sorted(lines, key=lambda line: line.x):
        if line.x > reached:
            found.append((reached, line.x - reached))
        reached = max(reached, line.right)
    return found


def _is_table(left: list[Line], right: list[Line]) -> bool:
    fewer, more = sorted((left, right), key=len)
    levels = sorted(more, key=lambda line: line.middle)
    low, high = levels[0].y, levels[-1].y + levels[-1].height
    beside = [line for line in fewer if low <= line.middle <= high]
    if len(beside) < 2:
        return True  # they do not stand side by side: rows keep them apart anyway
    level = sum(any(_on_a_level(line, other) for other in levels) for line in beside)
    return level >= _TABLE * len(beside)


def _on_a_level(line: Line, other: Line) -> bool:
    return abs(line.middle - other.middle) <= _ON_A_LEVEL * min(line.height, other.height)
