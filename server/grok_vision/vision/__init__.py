"""The journey of a call, from sources to a result. Others import from here only."""

from grok_vision.vision.front import Books, Vision, build_vision, readable_roots

__all__ = ["Books", "Vision", "build_vision", "readable_roots"]
