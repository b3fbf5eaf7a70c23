"""The size that an SVG drawing says it has."""

import math
import re
from collections.abc import Mapping

_LENGTH = re.compile(r"\s*\+?(\d*\.?\d+(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE | re.ASCII)
# In pixels, of which CSS has 96 to the inch.
_UNITS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54}
_UNITS |= {"mm": 96 / 25.4, "q": 96 / 101.6}
_DEFAULT_WIDTH, _DEFAULT_HEIGHT = 300.0, 150.0


def canvas_size(
    attributes: Mapping[str, str], box: tuple[float, float] | None
) -> tuple[float, float]:
    """Return width and height as CSS has them for a replaced element."""
    width, height = _length(attributes.get("width", "")), _length(attributes.get("height", ""))
    if box is None:
        return width or _DEFAULT_WIDTH, height or _DEFAULT_HEIGHT
    if width is None and height is None:
        return box
    return width or (height or 0) * box[0] / box[1], height or (width or 0) * box[1] / box[0]


def _length(written: str) -> float | None:
    """Return a length in pixels; None for one that depends on what is around, or is nothing."""
    found = _LENGTH.fullmatch(written)
    unit = _UNITS.get(found[2].lower()) if found else None
    return (float(found[1]) * unit or None) if found and unit else None


def view_box(written: str) -> tuple[float, float] | None:
    """Return width and height of the attribute, None where it cannot be used."""
    try:
        _, _, width, height = map(float, written.replace(",", " ").split())
    except ValueError:
        return None
    return (width, height) if 0 < width < math.inf and 0 < height < math.inf else None
