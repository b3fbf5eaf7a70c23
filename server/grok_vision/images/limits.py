"""What a source that is larger than allowed is told."""

from grok_vision.errors import SourceError


def too_many_bytes(found: int, allowed: int) -> SourceError:
    """Return the error for a picture of `found` bytes where `allowed` are."""
    return SourceError(
        "too_large",
        f"it has {found:,} bytes, over the limit of {allowed:,}; "
        "send a smaller picture or raise GROK_VISION_MAX_IMAGE_BYTES.",
    )
