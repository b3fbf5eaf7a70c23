"""Finds the largest table among lines of text, by where they stand."""

import re
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grok_vision.local.columns import columns
from grok_vision.local.grid import Column, Grid, cells, grow
from grok_vision.local.layout import Line, Row, rows
from grok_vision.local.titles import Caption, caption

_FEWEST_ROWS = 3  # with the heading: two rows are as often two lines of text side by side
_FEWEST_CELLS = 8
_PROSE = 5  # words in a usual cell; where every column has so many, they are columns of text
_TOP_ROWS = 5  # so many rows at the top may reach across a sidebar and a table
_OFF_LEVEL = 0.12  # heights by which the cells of a column may on average be off their rows
_YEAR = re.compile(r"\b(19|20)\d\d\b")


@dataclass(frozen=True)
class Table:
    """A table as it was read. Every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: Caption

    @property
    def size(self) -> int:
        """The number of cells that hold text, less those that are empty."""
        texts = [text for row in (self.columns, *self.rows) for text in row]
        return 2 * sum(map(bool, texts)) - len(texts)


def table(lines: Sequence[Line]) -> Table | None:
    """Returns the largest table, or None where no lines stand in rows and columns.

    The first row is taken for the heading, unless it holds figures where the rows below do.
    """
    found = [
        _read(grid, lines)
        for area in _areas(lines)
        for grid in _level([cells(row) for row in rows(area)])
    ]
    return max(found, key=lambda one: one.size, default=None)


def _areas(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """The lines in groups that stand side by side, also without the rows at the top.

    A heading across the page hides the strip between a sidebar and a table under it.
    """
    found = rows(lines)
    most = 0
    for skipped in range(min(_TOP_ROWS + 1, len(found))):
        groups = columns([line for row in found[skipped:] for line in row])
        if len(groups) > most:
            most = len(groups)
            yield from groups


def _level(found: Sequence[Row]) -> Iterator[Grid]:
    """The tables whose columns all keep to the rows.

    A sidebar with rows nearly as far apart as the table's looks like a column of it, but drifts.
    """
    grids = list(_grids(found))
    strays = {cell for grid in grids for cell in _strays(grid)}
    if strays:
        kept = (tuple(cell for cell in row if cell not in strays) for row in found)
        grids = list(_grids([row for row in kept if row]))
    yield from grids


def _strays(grid: Grid) -> Iterator[Line]:
    levels = [
        statistics.median(
            column.cells[number].middle for column in grid.columns if number in column.cells
        )
        for number in range(grid.rows)
    ]
    for column in (grid.columns[0], grid.columns[-1]):
        off = statistics.fmean(
            abs(cell.middle - levels[number]) / cell.height for number, cell in column.cells.items()
        )
        if off > _OFF_LEVEL:
            yield from column.cells.values()


def _grids(found: Sequence[Row]) -> Iterator[Grid]:
    start = 0
    while start < len(found):
        grid = grow(found[start:]) if len(found[start]) > 1 else None
        if grid is None or not _is_headed(grid):
            start += 1
            continue
        if _is_table(_columns(grid), grid.rows):
            yield grid
        start += grid.rows


def _is_headed(grid: Grid) -> bool:
    """Whether the first row can be the heading: most columns have one, others stand outside.

    The corner above the rows' names is often empty, as is what is above buttons at their ends. A
    hole in between is that of a title with a button at the other end.
    """
    headed = [0 in column.cells for column in _columns(grid)]
    first, last = headed.index(True), len(headed) - headed[::-1].index(True)
    return all(headed[first:last]) and 2 * sum(headed) > len(headed)


def _is_table(found: Sequence[Column], height: int) -> bool:
    filled = sum(len(column.cells) for column in found)
    return (
        len(found) > 1
        and height >= _FEWEST_ROWS
        and filled >= _FEWEST_CELLS
        and 2 * filled > len(found) * height
        and any(_usual_words(column) < _PROSE for column in found)
    )


def _usual_words(column: Column) -> float:
    return statistics.median(len(cell.text.split()) for cell in column.cells.values())


def _columns(grid: Grid) -> list[Column]:
    """The columns, a heading joined with the cells that stand beside it, not under it."""
    joined: list[Column] = []
    for column in grid.columns:
        if joined and _belong_together(joined[-1], column):
            joined[-1] = Column(joined[-1].left, column.right, {**joined[-1].cells, **column.cells})
        else:
            joined.append(column)
    return joined


def _belong_together(left: Column, right: Column) -> bool:
    """Whether one is a heading with nothing under it, and the other has no heading."""
    return any(
        one.cells.keys() == {0} and 0 not in other.cells
        for one, other in ((left, right), (right, left))
    )


def _read(grid: Grid, lines: Sequence[Line]) -> Table:
    found = _columns(grid)
    texts = [
        tuple(column.cells[number].text if number in column.cells else "" for column in found)
        for number in range(grid.rows)
    ]
    if any(
        _is_figure(column[0]) and _are_figures(column[1:]) for column in zip(*texts, strict=True)
    ):
        return Table(("",) * len(found), tuple(texts), caption(lines, grid))
    return Table(texts[0], tuple(texts[1:]), caption(lines, grid))


def _are_figures(texts: Iterable[str]) -> bool:
    filled = [text for text in texts if text]
    return 2 * sum(map(_is_figure, filled)) > len(filled)


def _is_figure(text: str) -> bool:
    """Whether a text is figures rather than letters; years are not, which head columns."""
    rest = _YEAR.sub("", text)
    return sum(map(str.isdigit, rest)) > sum(map(str.isalpha, rest))
