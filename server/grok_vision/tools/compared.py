"""The wire form of a comparison: words for people, and ways to its pictures."""

import base64
import re
from typing import TYPE_CHECKING

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, ContentBlock, ImageContent, ResourceLink

from grok_vision.apps import PICTURES
from grok_vision.results import Comparison, SeenDifference
from grok_vision.texts import on_a_line
from grok_vision.tools.boundary import answered
from grok_vision.uris import comparison_uri, diff_uri
from grok_vision.vision import Vision

if TYPE_CHECKING:
    from grok_vision.vision import Drawing, Outcome

_PNG = "image/png"
# What begins a link, an image, code or HTML in Markdown.
_MARKUP = re.compile(r"[\\`\[\]<>!*_]")
# Hosts that hand image blocks to people or models beside a structured result, by the name with
# which they introduce themselves. Claude Code drops them (claude-code#79944, 2026-09-22), Copilot
# does not show them (copilot-cli#4536); those that are not listed are not known to. Claude Desktop
# uses the content of a result (2026-06).
_SHOW_IMAGES = {"claude-ai"}
# Claude Desktop refuses results of a megabyte, base64 included; the words need a little.
_MOST_BYTES = 1_000_000 * 3 // 4 - 64_000


async def with_pictures(outcome: "Outcome", vision: Vision, ctx: Context[Vision]) -> CallToolResult:
    """Return the comparison with its text, links to what was drawn, and what a page may show."""
    result = answered(outcome.comparison, _text(outcome.comparison))
    drawings = outcome.drawings
    content: list[ContentBlock] = [*result.content, *map(_link, drawings)]
    if _shows_images(ctx) and sum(len(one.png) for one in drawings) <= _MOST_BYTES:
        content += map(_block, drawings)
    name = await vision.gallery.keep(outcome.pictures)
    meta = name and {
        PICTURES: [
            {"uri": comparison_uri(name, number), "width": width, "height": height}
            for number, (width, height) in enumerate(outcome.sizes, 1)
        ]
    }
    return result.model_copy(update={"content": content, "meta": meta})


def _text(comparison: Comparison) -> str:
    """Return the comparison as Markdown."""
    lines = [f"**{comparison.verdict}**: {_plain(comparison.summary)}"]
    lines += [_line(one) for one in comparison.differences]
    return "\n".join(lines)


def _line(one: SeenDifference) -> str:
    place = f" (image {one.image}"
    if region := one.region:
        place += f", {region.place}"
    return f"- {one.severity}: {_plain(one.description)}{place})"


def _plain(text: str) -> str:
    """Return the text on a line, as Markdown that builds nothing: it may come from a picture."""
    return _MARKUP.sub(r"\\\g<0>", on_a_line(text))


def _link(drawing: "Drawing") -> ResourceLink:
    return ResourceLink(
        type="resource_link",
        uri=diff_uri(drawing.path.name),
        name=drawing.path.name,
        title=f"What changed in image {drawing.image}",
        description="The reference faded, with every changed pixel marked and each region "
        "numbered.",
        mime_type=_PNG,
        size=len(drawing.png),
    )


def _block(drawing: "Drawing") -> ImageContent:
    return ImageContent(type="image", data=base64.b64encode(drawing.png).decode(), mime_type=_PNG)


def _shows_images(ctx: Context[Vision]) -> bool:
    client = ctx.session.client_params
    return client is not None and client.client_info.name in _SHOW_IMAGES
