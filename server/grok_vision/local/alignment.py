"""Puts rows of text in two pictures side by side: by their place, or by their order."""

import difflib
from collections.abc import Sequence

from grok_vision.local.layout import Line, Row, joined, rows
from grok_vision.local.words import letters

_SAME_PLACE = 0.6  # heights by which the middle of a row may be off
_MOVED = 0.1  # what a move costs, for each letter; one that changed costs 1
_LIKE = 0.5  # rows that are less alike are two, not one that changed

Pair = tuple[Row, Row]
"""A row before and after; one of the two is empty where only the other picture has it."""


def aligned(
    before: Sequence[Line], after: Sequence[Line], *, placed: bool, alike: bool
) -> list[Pair]:
    """Returns the rows of two pictures in pairs.

    Args:
        before: The lines of the first.
        after: Those of the other.
        placed: Whether places in one are places in the other; else the order alone counts.
        alike: Whether only rows that are alike are pairs, even at one place.
    """
    one, other = rows(before), rows(after)
    by_order = _by_order(one, other)
    if not placed:
        return by_order
    by_place = _by_place(one, other, alike=alike)
    return min((by_place, by_order), key=_cost)


def settled(pairs: Sequence[Pair]) -> list[Pair]:
    """Returns the pairs without rows of one picture below which no row of both was read."""
    lowest = max((_middle(one) for one, other in pairs if one and other), default=-1.0)
    return [pair for pair in pairs if all(pair) or _middle(pair[0] or pair[1]) < lowest]


def likeness(one: Row, other: Row) -> float:
    """How alike the text of two rows is, 0 to 1."""
    return difflib.SequenceMatcher(None, _key(one), _key(other), autojunk=False).ratio()


def _by_place(one: Sequence[Row], other: Sequence[Row], *, alike: bool) -> list[Pair]:
    pairs: list[Pair] = []
    left = list(other)
    for row in one:
        near = min(left, key=lambda candidate: abs(_middle(candidate) - _middle(row)), default=None)
        if near and _is_beside(row, near) and not (alike and likeness(row, near) < _LIKE):
            pairs.append((row, near))
            left.remove(near)
        else:
            pairs.append((row, ()))
    return [*pairs, *(((), row) for row in left)]


def _by_order(one: Sequence[Row], other: Sequence[Row]) -> list[Pair]:
    matcher = difflib.SequenceMatcher(
        None, [_key(row) for row in one], [_key(row) for row in other], autojunk=False
    )
    pairs: list[Pair] = []
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            pairs += zip(one[first:last], other[start:end], strict=True)
        else:
            pairs += _replaced(one[first:last], other[start:end])
    return pairs


def _replaced(one: Sequence[Row], other: Sequence[Row]) -> list[Pair]:
    """Returns rows that stand for others in pairs where they are alike, without crossing."""
    pairs: list[Pair] = []
    start = 0
    for row in one:
        rated = [(likeness(row, found), -place) for place, found in enumerate(other[start:], start)]
        best, place = max(rated, default=(0.0, 0))
        if best < _LIKE:
            pairs.append((row, ()))
            continue
        pairs += (((), found) for found in other[start:-place])
        pairs.append((row, other[-place]))
        start = 1 - place
    return [*pairs, *(((), found) for found in other[start:])]


def _cost(pairs: Sequence[Pair]) -> float:
    """Returns how many letters changed by these pairs, and a little for those that moved."""
    cost = 0.0
    for one, other in pairs:
        length = max(len(_key(one)), len(_key(other)))
        cost += length * (1 - likeness(one, other))
        if one and other and not _is_beside(one, other):
            cost += _MOVED * length
    return cost


def _is_beside(one: Row, other: Row) -> bool:
    height = min(line.height for line in (*one, *other))
    return abs(_middle(one) - _middle(other)) <= _SAME_PLACE * height


def _middle(row: Row) -> float:
    return sum(line.middle for line in row) / len(row)


def _key(row: Row) -> str:
    return letters(joined(row)) if row else ""
