"""The formats that are read here, with what is installed; nothing of it is loaded."""

import importlib.util

from grok_vision.images.extras import missing_formats

_ALWAYS = ("PNG", "JPEG", "WebP", "GIF", "BMP", "TIFF", "ICO")
_OF_EXTRAS = {"pillow-heif": "HEIC", "resvg-py": "SVG", "pypdfium2": "PDF"}


def readable_formats() -> tuple[str, ...]:
    """Return the names of the formats of which pictures are read."""
    # Pillow's wheels have it on most systems, and a Pillow that is built here may not.
    avif = ("AVIF",) if importlib.util.find_spec("PIL._avif") else ()
    missing = missing_formats()
    extras = (name for distribution, name in _OF_EXTRAS.items() if distribution not in missing)
    return (*_ALWAYS, *avif, *extras)
