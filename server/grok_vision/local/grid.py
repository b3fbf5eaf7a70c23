"""Grows a table downwards from one row, while the rows below stand in the same columns."""

import itertools
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from grok_vision.local.layout import Line, Row

_ONE_CELL = 0.1  # boxes have margins: words with a space between are no further apart than this
_SHARED = 0.2  # for the same reason, what overlaps by less than this part of a width does not
_ALIGNED = 0.5  # edges or centres closer than this part of the height are aligned
_STRAIGHT = 0.15  # heights by which boxes of lines that are aligned differ
_SIDES: tuple[Callable[[Line], float], ...] = (
    lambda line: line.x,
    lambda line: line.right,
    lambda line: line.x + line.width / 2,
)
_COMPARED = 8  # cells; in a long table those far above are no other
_FIRST_GAP = 4.0  # rows further apart than this many heights are not one table
_WIDE_GAP = 2.7  # a heading further away than this has rows as far apart below it
_GAPS_GROW = 1.5  # a gap this much wider than those before ends a table,
_SURE_GAP = 2.0  # unless it is narrower than this many heights
_TIGHT = 1.15  # lines as close as this many heights are one text
_EVEN = 0.1  # part of the usual gap by which gaps between rows differ
_MOST_ALONE = 3  # rows of one cell that may follow one another inside a table


@dataclass(eq=False)
class Column:
    """A column in the making: its cells by number of row, and how far they reach."""

    left: int
    right: int
    cells: dict[int, Line] = field(default_factory=dict)

    def holds(self, cell: Line) -> bool:
        """Whether the cell stands over, under or in the column."""
        shared = min(self.right, cell.right) - max(self.left, cell.x)
        return shared > _SHARED * min(self.right - self.left, cell.width)

    def aligns(self, cell: Line) -> bool:
        """Whether the cell stands as the last ones do: begins, ends or has its middle with them."""
        body = [other for number, other in self.cells.items() if number]
        others = body[-_COMPARED:] or list(self.cells.values())
        sides = [[side(other) for other in others] for side in _SIDES]
        spreads = [max(places) - min(places) for places in sides]
        straight = min(spreads) + _STRAIGHT * cell.height
        return any(
            abs(side(cell) - statistics.median(places)) <= _ALIGNED * cell.height
            for side, places, spread in zip(_SIDES, sides, spreads, strict=True)
            if spread <= straight
        )


Placed = list[tuple[Line, Column]]


class Grid:
    """Rows of cells in columns, from left to right."""

    def __init__(self, first: Row) -> None:
        self.columns: list[Column] = []
        self.rows = 0
        self.add([(cell, Column(cell.x, cell.right)) for cell in first])

    def add(self, placed: Placed) -> None:
        """Adds a row below the others."""
        for cell, column in placed:
            alone = sum(other.holds(cell) for other in self.columns) < 2
            if column not in self.columns:
                self.columns.append(column)
            column.cells[self.rows] = cell
            if alone:  # a cell that reaches into the next column does not widen its own
                column.left = min(column.left, cell.x)
                column.right = max(column.right, cell.right)
        self.columns.sort(key=lambda column: column.left)
        self.rows += 1

    def placed(self, row: Row) -> Placed | None:
        """Returns the column of each cell, new ones included; None where the row does not fit."""
        placed: Placed = []
        for cell in row:
            column = self._column(cell, alone=len(row) == 1)
            if column is None or any(column is taken for _, taken in placed):
                return None
            placed.append((cell, column))
        return placed if len(row) == 1 or self._fits(placed) else None

    def _column(self, cell: Line, *, alone: bool) -> Column | None:
        spots = [column for column in self.columns if column.holds(cell)]
        if len(spots) > 1 and not alone:
            # A long cell reaches over empty ones: its edge tells where it belongs.
            spots = [column for column in (spots[0], spots[-1]) if column.aligns(cell)]
            return spots[0] if spots else None
        return spots[0] if spots else Column(cell.x, cell.right)

    def _fits(self, placed: Placed) -> bool:
        known = [(cell, column) for cell, column in placed if column.cells]
        if len(known) < 2 or len(placed) > 2 * len(known):
            return False
        # A heading is often aligned otherwise than its column.
        return self.rows == 1 or 2 * sum(column.aligns(cell) for cell, column in known) > len(known)


def cells(row: Row) -> Row:
    """Returns the row with the pieces of each cell put together."""
    found = [row[0]]
    for piece in row[1:]:
        last = found[-1]
        if piece.x - last.right <= _ONE_CELL * min(last.height, piece.height):
            found[-1] = united((last, piece))
        else:
            found.append(piece)
    return tuple(found)


def united(lines: Sequence[Line]) -> Line:
    """Returns lines as one: their texts with spaces between, in the box around all of them."""
    left, top = min(line.x for line in lines), min(line.y for line in lines)
    right = max(line.right for line in lines)
    bottom = max(line.y + line.height for line in lines)
    text = " ".join(line.text for line in lines)
    score = min(line.score for line in lines)
    return Line(text, left, top, right - left, bottom - top, score)


def grow(rows: Sequence[Row]) -> Grid:
    """Returns the table that begins with the first row.

    A row of one cell joins where rows of more cells follow, or where it stands as far below the
    others as they do, or closer: a note below the table is none of its rows.
    """
    grid = Grid(rows[0])
    gaps: list[float] = []
    alone: list[Placed] = []
    for above, row in itertools.pairwise(rows):
        gap = middle(row) - middle(above)
        placed = grid.placed(row)
        if placed is None or len(alone) > _MOST_ALONE or _stands_apart(gap, gaps, row):
            break
        gaps.append(gap)
        if len(row) > 1:
            for one in (*alone, placed):
                grid.add(one)
            alone = []
        elif placed[0][1].cells:  # one that stands in no column is not of this table
            alone.append(placed)
            if len(alone) == 1 and _goes_on(gap, gaps, row[0]):
                grid.add(alone.pop())
    return grid


def middle(row: Row) -> float:
    """Returns the row's vertical centre, in pixels."""
    return statistics.fmean(cell.middle for cell in row)


def _goes_on(gap: float, gaps: list[float], cell: Line) -> bool:
    usual = statistics.median(gaps)
    return gap <= _TIGHT * cell.height or abs(gap - usual) <= _EVEN * usual


def _stands_apart(gap: float, gaps: list[float], row: Row) -> bool:
    height = statistics.fmean(cell.height for cell in row)
    if not gaps:
        return gap > _FIRST_GAP * height
    if len(gaps) == 1 and gaps[0] > max(_WIDE_GAP * height, _GAPS_GROW * gap):
        return True  # the first row is what stands apart
    return gap > max(_GAPS_GROW * max(gaps), _SURE_GAP * height)
