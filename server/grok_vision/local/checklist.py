"""Decides the expectations of a checklist as far as text alone can."""

import unicodedata
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from grok_vision.local.expectations import Claim, claim
from grok_vision.local.search import Found, Kind, Passage, search
from grok_vision.texts import shortened

Result = Literal["pass", "fail", "unclear"]

_REMARKS: dict[Kind, str] = {
    "same": ".",
    "near": ", which is near but not the same: a vision model has to judge it.",
    "other": ", which is another number.",
}
_KINDS = tuple(_REMARKS)  # what is the same counts first
_MORE_THAN_TEXT = "It takes a vision model: it is not just about a text in quotes that is shown."


@dataclass(frozen=True)
class Check:
    """What became of one expectation; `image` is the number of the picture, from 1, or 0."""

    expectation: str
    evidence: str
    result: Result
    image: int = 0


def check(
    expectation: str, pictures: Sequence[Sequence[Passage]], letters: AbstractSet[str]
) -> Check:
    """Holds an expectation against the text that was read.

    Args:
        expectation: As it was written.
        pictures: The passages of each picture.
        letters: The characters that the reader knows.
    """
    claimed = claim(expectation)
    if claimed is None:
        return Check(expectation, _MORE_THAN_TEXT, "unclear")
    if reason := _unreadable(claimed.text, letters):
        return Check(expectation, reason, "unclear")
    hits = [
        (number, found)
        for number, passages in enumerate(pictures, 1)
        if (found := search(claimed.text, passages))
    ]
    several = len(pictures) > 1
    if not hits:
        where = f" in any of the {len(pictures)} pictures" if several else ""
        evidence = f"“{shortened(claimed.text)}” was not read{where}, nor anything like it"
        if claimed.there:
            return Check(expectation, f"{evidence}.", "fail")
        # What was not read may be there all the same, and a test must not pass on that.
        return Check(expectation, f"{evidence}, which does not prove that it is absent.", "unclear")
    number, found = min(hits, key=lambda hit: _KINDS.index(hit[1].kind))
    image = number if several else 0
    return Check(expectation, _evidence(found, image), _result(found, claimed), image)


def _result(found: Found, claimed: Claim) -> Result:
    if found.kind == "same":
        return "pass" if claimed.there else "fail"
    # That another number stands there does not prove that this one does not.
    return "fail" if found.kind == "other" and claimed.there else "unclear"


def _evidence(found: Found, image: int) -> str:
    line = found.line
    where = f"in image {image} at " if image else "at "
    place = f"{where}{line.x},{line.y},{line.width},{line.height}"
    return f"“{shortened(line.text)}” was read {place}{_REMARKS[found.kind]}"


def _unreadable(text: str, letters: AbstractSet[str]) -> str:
    """Why a text would not be read even where it is there."""
    plain = unicodedata.normalize("NFC", text)
    if not any(map(str.isalnum, plain)):
        return "The reader is not sure of signs without letters or digits: it takes a vision model."
    if unknown := "".join(dict.fromkeys(c for c in plain if c.isalnum() and c not in letters)):
        return f"The reader does not know “{shortened(unknown)}”: it takes a vision model."
    return ""
