"""The tools, as a client sees them."""

from mcp.types import ToolAnnotations

from grok_vision.apps import tool_meta
from grok_vision.tools import compare_images, describe_image, estimate_tokens, extract_json
from grok_vision.tools.boundary import CODE_KEY, CodedTool, refusal

__all__ = ["CODE_KEY", "CodedTool", "all_tools", "refusal"]


def all_tools() -> list[CodedTool]:
    """Return every tool, in the order in which clients list them."""
    return [
        CodedTool.from_function(
            describe_image.describe_image,
            title=describe_image.TITLE,
            description=describe_image.DESCRIPTION,
            annotations=_annotations(describe_image.TITLE, open_world=True),
        ),
        CodedTool.from_function(
            extract_json.extract_json,
            title=extract_json.TITLE,
            description=extract_json.DESCRIPTION,
            annotations=_annotations(extract_json.TITLE, open_world=True),
        ),
        CodedTool.from_function(
            compare_images.compare_images,
            title=compare_images.TITLE,
            description=compare_images.DESCRIPTION,
            annotations=_annotations(compare_images.TITLE, open_world=True),
            meta=tool_meta(),
        ),
        CodedTool.from_function(
            estimate_tokens.estimate_tokens,
            title=estimate_tokens.TITLE,
            description=estimate_tokens.DESCRIPTION,
            annotations=_annotations(estimate_tokens.TITLE, open_world=False),
        ),
    ]


def _annotations(title: str, *, open_world: bool) -> ToolAnnotations:
    return ToolAnnotations(
        title=title,
        read_only_hint=True,
        destructive_hint=False,
        idempotent_hint=True,
        open_world_hint=open_world,
    )
