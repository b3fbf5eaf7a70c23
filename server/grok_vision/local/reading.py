"""Puts lines of text into reading order: column by column, in each row by row."""

import statistics
from collections.abc import Sequence

from grok_vision.local.columns import columns
from grok_vision.local.layout import Line, Row, joined, rows

_NEW_BLOCK = 1.2  # rows further apart than this part of the usual height are separate blocks


def ordered(lines: Sequence[Line]) -> tuple[Row, ...]:
    """All rows in reading order."""
    return tuple(row for column in columns(lines) for row in rows(column))


def reading(lines: Sequence[Line]) -> str:
    """All text in reading order, one row per line of text, blocks parted by an empty line."""
    if not lines:
        return ""
    usual = statistics.median(line.height for line in lines)
    blocks = [_column(rows(column), usual) for column in columns(lines)]
    return "\n\n".join(blocks)


def _column(found: Sequence[Row], usual: float) -> str:
    text: list[str] = []
    bottom = 0
    for row in found:
        if text and min(line.y for line in row) - bottom > _NEW_BLOCK * usual:
            text.append("")
        text.append(joined(row))
        bottom = max(line.y + line.height for line in row)
    return "\n".join(text)
