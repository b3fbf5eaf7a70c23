"""Rows of text as words, each with its box, as far as the box of its line tells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grok_vision.local.labelled import Box
from grok_vision.local.layout import Line, Row

_WIDTHS = dict.fromkeys("iljtfrI1.,:;'|!()[] ", 0.55) | dict.fromkeys("mwMW@%—", 1.5)
_MARGIN = 0.8  # letters by which a word may stand further left or right than its line tells


@dataclass(frozen=True)
class Word:
    """A word, the line that it stands in, and how many words of that line stand before it."""

    text: str
    line: Line
    number: int
    box: Box

    @property
    def ends(self) -> bool:
        """Whether it is the last word of its line."""
        return self.number == len(self.line.text.split()) - 1


def words(row: Row) -> list[Word]:
    """Returns the words of a row, from left to right."""
    return [word for line in row for word in _of_line(line)]


def box_of(found: Sequence[Word]) -> Box:
    """Returns the box around words."""
    lefts, tops, rights, bottoms = zip(*(word.box for word in found), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def place_of(line: Line) -> Box:
    """Returns the box of a line."""
    return line.x, line.y, line.right, line.y + line.height


def letters(text: str) -> str:
    """The text without spaces, which are the first thing that a reader overlooks."""
    return "".join(text.split())


def _of_line(line: Line) -> Iterator[Word]:
    total = sum(map(_width, line.text)) or 1.0
    at = 0.0
    usual = line.width / max(1, len(line.text))
    for number, text in enumerate(line.text.split()):
        width = sum(map(_width, text))
        left = line.x + line.width * at / total - _MARGIN * usual
        right = line.x + line.width * (at + width) / total + _MARGIN * usual
        box = (round(left), line.y, round(right), line.y + line.height)
        yield Word(text, line, number, box)
        at += width + _width(" ")


def _width(letter: str) -> float:
    return _WIDTHS.get(letter, 1.0)
