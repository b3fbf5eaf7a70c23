"""Pictures for the page that shows a comparison."""

from grok_vision.images import Images, OpenedImage, SentPart
from grok_vision.providers import Evidence, ImageLimits

# What hosts pass on to a page: some stop at a megabyte, base64 included.
_FOR_PAGES = ImageLimits(
    taken_by="the page",
    max_bytes=700_000,
    max_side=4096,
    evidence=Evidence("third party", "Windows-MCP#155, fastmcp#1036", "2026-03"),
)


async def for_page(images: Images, picture: OpenedImage) -> bytes:
    """Return a picture as PNG or JPEG, of less than a megabyte in base64.

    Raises:
        VisionError: where it cannot be made.
    """
    prepared = await images.prepare_opened([picture], limits=_FOR_PAGES, detail="low")
    # It has one part, for low detail, and that is not fetched by others.
    return next(part.data for part in prepared[0].parts if isinstance(part, SentPart))
