"""Which text became which, between two pictures whose lines were read."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from grok_vision.local.alignment import Pair, aligned, settled
from grok_vision.local.differing import Differing
from grok_vision.local.labelled import Box
from grok_vision.local.layout import Line
from grok_vision.local.words import Word, box_of, letters, words

_MOVED = 0.3  # heights; a reader's box is never so far off
_LEAST_MOVE = 4  # pixels

Kind = Literal["became", "added", "removed", "moved"]


@dataclass(frozen=True)
class Change:
    """A change of text: the words before and after, none where it was added or removed."""

    kind: Kind
    before: tuple[Word, ...] = ()
    after: tuple[Word, ...] = ()

    @property
    def boxes(self) -> list[Box]:
        """Where it is, in both pictures."""
        return [box_of(found) for found in (self.before, self.after) if found]

    @property
    def text(self) -> str:
        """The words before, or after where there are none."""
        return _text(self.before or self.after)


def changes(
    before: Sequence[Line],
    after: Sequence[Line],
    differing: Differing | None,
    *,
    alike: bool = False,
    partial: bool = False,
) -> list[Change]:
    """Returns how the text of two pictures differs, from the top.

    Args:
        before: The lines of the first.
        after: Those of the other.
        differing: The pixels of both, which say where nothing changed, whatever was read; None
            where places in one are not places in the other.
        alike: Whether text counts as changed only where it is still much the same, else as another.
        partial: Whether what stands further down was not read, and may be the same text.
    """
    pairs = aligned(before, after, placed=differing is not None, alike=alike)
    if partial:
        pairs = settled(pairs)
    found = [change for pair in pairs for change in _of_pair(pair)]
    if differing is None:
        return [change for change in found if change.kind != "moved"]
    return [change for change in found if any(map(differing.redrawn, change.boxes))]


def _of_pair(pair: Pair) -> Iterator[Change]:
    one, other = (words(row) for row in pair)
    matcher = difflib.SequenceMatcher(
        None, [word.text for word in one], [word.text for word in other], autojunk=False
    )
    for kind, *span in matcher.get_opcodes():
        first, last, start, end = span if kind == "equal" else _in_context(one, other, *span)
        old, new = one[first:last], other[start:end]
        if kind == "equal":
            yield from _moves(old, new)
        elif letters(_text(old)) != letters(_text(new)):
            yield from _stretches(old, new)


def _in_context(
    one: Sequence[Word], other: Sequence[Word], first: int, last: int, start: int, end: int
) -> tuple[int, int, int, int]:
    """Returns what changed with the word before it, or else after it, where it is one letter."""
    if len(_text(one[first:last])) > 1 or len(_text(other[start:end])) > 1:
        return first, last, start, end
    found, left, right = (one, first, last) if last > first else (other, start, end)
    if min(first, start) and found[left - 1].line == found[left].line:
        return first - 1, last, start - 1, end
    if last < len(one) and end < len(other) and found[right].line == found[left].line:
        return first, last + 1, start, end + 1
    return first, last, start, end


def _stretches(old: Sequence[Word], new: Sequence[Word]) -> Iterator[Change]:
    """Yields what stands for what, cell by cell where both have as many."""
    cells, others = _cells(old), _cells(new)
    if len(cells) != len(others):
        cells, others = [old], [new]
    for cell, other in zip(cells, others, strict=True):
        if letters(_text(cell)) != letters(_text(other)):
            kind: Kind = "became" if cell and other else "removed" if cell else "added"
            yield Change(kind, tuple(cell), tuple(other))


def _cells(found: Sequence[Word]) -> list[Sequence[Word]]:
    lines = list(dict.fromkeys(word.line for word in found))
    return [[word for word in found if word.line == line] for line in lines]


def _moves(old: Sequence[Word], new: Sequence[Word]) -> Iterator[Change]:
    """Yields the lines that are whole in both and stand elsewhere."""
    for cell in _cells(old):
        at = old.index(cell[0])
        other = new[at : at + len(cell)]
        if _is_whole(cell) and _is_whole(other) and _is_elsewhere(cell[0].line, other[0].line):
            yield Change("moved", tuple(cell), tuple(other))


def _is_whole(found: Sequence[Word]) -> bool:
    return found[0].number == 0 and found[-1].ends and found[0].line == found[-1].line


def _is_elsewhere(one: Line, other: Line) -> bool:
    least = max(_LEAST_MOVE, _MOVED * max(one.height, other.height))
    return max(abs(one.x - other.x), abs(one.middle - other.middle)) > least


def _text(found: Sequence[Word]) -> str:
    return " ".join(word.text for word in found)
