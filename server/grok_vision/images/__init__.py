"""From what a caller wrote to a picture that may be sent. Other rooms import from here only."""

from grok_vision.images.local import default_roots
from grok_vision.images.prepared import PreparedImage
from grok_vision.images.room import Images, Policy

__all__ = ["Images", "Policy", "PreparedImage", "default_roots"]
