"""Says in words how text changed, quoting no more than it takes."""

from collections.abc import Sequence
from typing import Literal

from PIL import Image

from grok_vision.local.changes import Change
from grok_vision.local.differing import Colours, is_cut
from grok_vision.local.words import Word
from grok_vision.texts import shortened

_WAYS = ("to the right", "to the left", "down", "up")

Text = Literal["same", "part", "half", "more", "none", "alone"]
"""What was read where something differs: half of a line tells nothing."""

_TEXTS: dict[Text, str] = {
    "same": "the same text",
    "part": "as far as it was read, the same text",
    "half": "text that is cut off here was not compared",
    "more": "there is more text here than was compared",
    "none": "no text was read here",
    "alone": "only one picture has this, and no text was read in it",
}

_SAME: tuple[Text, ...] = ("same", "part")

Crops = tuple[Image.Image | None, Image.Image | None]
"""A part of a picture before and after, as it was read, where words may be cut at the edges."""


def told(change: Change, crops: Crops, scale: float) -> str:
    """Returns what changed, as a clause; `scale` is how much the pictures are enlarged."""
    before, after = _quotes(change, crops)
    match change.kind:
        case "became":
            return f"the text {before} became {after}"
        case "added":
            return f"the text {after} was added"
        case "removed":
            return f"the text {before} was removed"
        case "moved":
            return f"the text {before} moved {_way(steps(change, scale))}"


def told_moves(pieces: int, by: tuple[float, float]) -> str:
    """Returns that so many pieces of text moved alike."""
    return f"{pieces} pieces of text moved {_way(by)}"


def steps(change: Change, scale: float) -> tuple[float, float]:
    """Returns by how many pixels of the page text moved to the right, and down."""
    one, other = change.before[0].line, change.after[0].line
    return (other.x - one.x) / scale, (other.middle - one.middle) / scale


def told_otherwise(colours: Colours | None, text: Text) -> str:
    """Returns what differs where no text is known to; `text` says what was read there."""
    if text == "alone":
        return _TEXTS[text]
    otherwise = ", drawn otherwise" if text in _SAME else "; the colours differ"
    if colours is None:
        otherwise = ", drawn otherwise" if text in _SAME else "; it looks otherwise"
        return f"{_TEXTS[text]}{otherwise}"
    return f"{_TEXTS[text]}{otherwise}: {_mostly(colours)}"


def told_colours(colours: Colours) -> str:
    """Returns which colours differ beside the text."""
    return f"beside the text the colours differ: {_mostly(colours)}"


def _mostly(colours: Colours) -> str:
    return f"mostly {colours.before} before, mostly {colours.after} after"


def _quotes(change: Change, crops: Crops) -> tuple[str, str]:
    """Returns the words before and after in quotation marks; empty where there are none.

    A letter at the edge that goes on beyond it may be half of another: where it is the same in
    both it is left out with the rest of its word.
    """
    texts = [" ".join(word.text for word in found) for found in (change.before, change.after)]
    cuts = [
        _cuts(found, crop) for found, crop in zip((change.before, change.after), crops, strict=True)
    ]
    starts, ends = zip(*cuts, strict=True)
    if min(map(len, texts)) > 1 and all(starts) and texts[0][0] == texts[1][0]:
        texts = [text[1:] for text in texts]
    if min(map(len, texts)) > 1 and all(ends) and texts[0][-1] == texts[1][-1]:
        texts = [text[:-1] for text in texts]
    before, after = (_quoted(text, *cut) for text, cut in zip(texts, cuts, strict=True))
    return before, after


def _cuts(found: Sequence[Word], crop: Image.Image | None) -> tuple[bool, bool]:
    """Tells whether words go on beyond the left and the right edge."""
    if not found or crop is None:
        return False, False
    first, last = found[0], found[-1]
    return (
        first.number == 0 and is_cut(crop, first.line, "left"),
        last.ends and is_cut(crop, last.line, "right"),
    )


def _quoted(text: str, start: bool = False, end: bool = False) -> str:
    return f"“{'…' * start}{shortened(text)}{'…' * end}”" if text else ""


def _way(by: tuple[float, float]) -> str:
    told = [
        f"{round(abs(step))} pixels {_WAYS[2 * axis + (step < 0)]}"
        for axis, step in enumerate(by)
        if abs(step) >= max(2, 0.2 * max(map(abs, by)))
    ]
    return "about " + " and ".join(told)
