"""Reads what an expectation claims, where it claims no more than that a text is there or not.

Whole sentences are recognised, a few of them. Whatever says more, such as where a text stands or
that it is a button, is no such claim: text alone does not decide it.
"""

import re
from dataclasses import dataclass

_SINGLE = "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
_QUOTED = "|".join(
    [
        r"'(?:[^']|(?<=\w)'(?=\w))+'",  # an apostrophe inside a word ends no quotation
        *(
            f"{pair[0]}[^{pair}]+{pair[1]}"
            for pair in ('""', "“”", "„“", "„”", "«»", "»«", _SINGLE)
        ),
    ]
)
_APOSTROPHE = f"['{_SINGLE[1]}]"
_WORDS = r"(?:(?:the |a )?(?:text|words?|phrase) )?"
_SUBJECT = r"(?:(?:(?:the|this) )?(?:page|picture|image|screen|screenshot)|it) "
_SHOWS = r"(?:shows|contains|says|reads|displays|has)"
_SHOW = r"(?:show|contain|say|read|display|have)"
_SEEN = r"(?:visible|shown|displayed|present)"
_ON_IT = r"(?: (?:on|in) the (?:page|picture|image|screen|screenshot))?"
_FORMS = {
    True: (
        "{text}",
        f"(?:{_SUBJECT})?{_SHOWS} {_WORDS}{{text}}",
        f"{_WORDS}{{text}} (?:is|are) {_SEEN}{_ON_IT}",
    ),
    False: (
        f"(?:{_SUBJECT})?(?:does not|doesn{_APOSTROPHE}t) {_SHOW} {_WORDS}{{text}}",
        f"{_WORDS}{{text}} (?:is|are) not {_SEEN}{_ON_IT}",
    ),
}
_PATTERNS = tuple(
    (re.compile(form.format(text=f"(?P<text>{_QUOTED})") + r"\s*\.?", re.IGNORECASE), there)
    for there, forms in _FORMS.items()
    for form in forms
)


@dataclass(frozen=True)
class Claim:
    """The claim that a text is there, or that it is not."""

    text: str
    there: bool


def claim(expectation: str) -> Claim | None:
    """Returns what an expectation claims, or None where text alone cannot decide it."""
    sentence = " ".join(expectation.split())
    for pattern, there in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            text = found["text"][1:-1].strip()
            return Claim(text, there) if text else None
    return None
