"""Sentences on a terminal: broken between words, where the terminal would break inside them."""

import os
import textwrap
from typing import TextIO


def wrapped(text: str, stream: TextIO) -> str:
    """Return `text` broken between words where the stream is a terminal, else as it is."""
    if not stream.isatty():
        return text
    try:
        width = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return text
    # A terminal that does not know its width says 0. Paths and commands stay whole.
    return (
        textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
        if width
        else text
    )
