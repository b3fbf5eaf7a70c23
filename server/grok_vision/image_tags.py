"""Images in a text made plain: who renders them would fetch what they name.

So a picture could have data sent away that is nobody else's business.
"""

import re

_TAG = re.compile(r"<img\b", re.IGNORECASE)
# What may become `![` or `<img`, or be one whose end is not sure, with what follows.
_BEGUN = re.compile(r"(?:!|<(?:i(?:mg?)?)?)\Z", re.IGNORECASE)


def without_images(text: str) -> str:
    """Return Markdown with which nothing is fetched: images are seen as they are written."""
    return _TAG.sub("&lt;img", text.replace("![", r"!\["))


def settled(text: str) -> int:
    """Return how much of a growing text is treated the same whatever follows."""
    begun = _BEGUN.search(text)
    return begun.start() if begun else len(text)
