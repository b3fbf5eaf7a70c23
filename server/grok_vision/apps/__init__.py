"""The pages that hosts show beside a result (MCP Apps), and what a tool says to get one."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcp.server.apps import Apps

__all__ = ["COMPARE_PAGE", "COMPARE_URI", "PICTURES", "extension", "tool_meta"]

COMPARE_URI = "ui://grok-vision/compare"
"""The page of compare_images."""

COMPARE_PAGE = Path(__file__).resolve().parent / "compare.html"
"""The file that holds the page, built from page/ by scripts/build-page."""

PICTURES = "grok-vision-mcp/pictures"
"""The key of a result's `_meta` under which the page finds where its pictures are read.

A list with one object for each image, the reference first: `uri`, and `width` and `height` in the
pixels in which regions are told. `_meta` goes to the host and the page, never to the model.
"""


def extension() -> "Apps":
    """Return the pages as an extension of the server; each file is read when a host asks for it."""
    # With its models it costs some 2 ms, which only a server should pay.
    from mcp.server.apps import APP_MIME_TYPE, Apps
    from mcp.server.mcpserver.resources import FileResource

    apps = Apps()
    apps.add_resource(
        FileResource(
            uri=COMPARE_URI,
            name="compare",
            title="Comparison of images",
            description="The page on which hosts with MCP Apps show a result of compare_images.",
            mime_type=APP_MIME_TYPE,
            path=COMPARE_PAGE,
            encoding="utf-8",
            # Says nothing of `csp`: the page loads nothing, so the strictest policy holds.
            meta={"ui": {"prefersBorder": True}},
        )
    )
    return apps


def tool_meta() -> dict[str, object]:
    """Return the `_meta` of the tool whose results the page shows.

    The flat key is deprecated since the specification of 2026-01-26; the SDK for hosts and servers
    (2.0.4) still sets both, for hosts that are older. The page calls no tool.
    """
    return {
        "ui": {"resourceUri": COMPARE_URI, "visibility": ["model"]},
        "ui/resourceUri": COMPARE_URI,
    }
