"""The journey of a call, from sources to a result. Others import from here only."""

from typing import TYPE_CHECKING

from grok_vision.vision.front import Books, Vision, build_vision, readable_roots
from grok_vision.vision.gallery import Gallery

if TYPE_CHECKING:
    # What calls return, for annotations.
    from grok_vision.vision.outcome import Drawing as Drawing
    from grok_vision.vision.outcome import Outcome as Outcome

__all__ = ["Books", "Gallery", "Vision", "build_vision", "readable_roots"]
