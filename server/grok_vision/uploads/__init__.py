"""Pictures that clients send beforehand, each kept for its owner. Others import from here only."""

from grok_vision.uploads.caller import calling_as
from grok_vision.uploads.uploads import SCHEME, Uploads

__all__ = ["SCHEME", "Uploads", "calling_as"]
