"""The names of what results link to."""

import re
from pathlib import Path

DRAWING = re.compile(r"diff-\d{8}-\d{6}-[0-9a-f]{16}\.png", re.ASCII)
"""How a file is called that shows what changed: by when it was drawn, and not to be guessed."""

DIFF = "vision://diffs/{name}"
"""A picture of what changed, by the name of its file."""

COMPARED = "vision://comparisons/{comparison}/{number}"
"""A picture that was compared, as a page shows it: PNG or JPEG."""


def diff_uri(name: str) -> str:
    """Return the address of a picture of what changed."""
    return DIFF.format(name=name)


def comparison_uri(comparison: str, number: int) -> str:
    """Return the address of picture `number`, from 1, of a comparison that is kept."""
    return COMPARED.format(comparison=comparison, number=number)


def numbered(path: Path, number: int) -> Path:
    """Return the file beside the one that is named, for image `number` of several."""
    return path.with_stem(f"{path.stem}-{number}")
