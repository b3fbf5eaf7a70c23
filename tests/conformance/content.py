"""Fixtures that answer at once: tools, prompts and resources of fixed content."""

import json
from base64 import b64decode
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context, UserMessage
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.tools import Tool
from mcp.types import (
    AudioContent,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)
from pydantic import Field

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJ"
    "RU5ErkJggg=="
)
"""A PNG of one pixel, as Base64."""
SILENCE = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
"""A WAV of one sample, as Base64."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
RICH_SCHEMA = {
    "$schema": DIALECT,
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


def _image() -> ImageContent:
    return ImageContent(type="image", data=PIXEL, mime_type="image/png")


def _embedded(uri: str, text: str, mime_type: str = "text/plain") -> EmbeddedResource:
    contents = TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    return EmbeddedResource(type="resource", resource=contents)


# Tools


def simple_text() -> str:
    """Return a text."""
    return "This is a simple text response for testing."


def image_content() -> list[ImageContent]:
    """Return a picture."""
    return [_image()]


def audio_content() -> list[AudioContent]:
    """Return a sound."""
    return [AudioContent(type="audio", data=SILENCE, mime_type="audio/wav")]


def embedded_resource() -> list[EmbeddedResource]:
    """Return a resource inside the result."""
    return [_embedded("test://embedded-resource", "This is an embedded resource content.")]


def multiple_content_types() -> list[ContentBlock]:
    """Return a text, a picture and a resource."""
    mixed = _embedded(
        "test://mixed-content-resource", '{"test":"data","value":123}', "application/json"
    )
    return [TextContent(type="text", text="Multiple content types test:"), _image(), mixed]


def error_handling() -> str:
    """Fail."""
    raise RuntimeError("This tool intentionally returns an error for testing")


async def tool_with_progress(ctx: Context) -> str:
    """Report progress three times."""
    for done in (0, 50, 100):
        await ctx.report_progress(done, 100, f"Completed step {done} of 100")
    return "Done."


async def trigger_tool_change(ctx: Context) -> str:
    """Tell who listens that there are other tools."""
    await ctx.notify_tools_changed()
    return "Told."


async def trigger_prompt_change(ctx: Context) -> str:
    """Tell who listens that there are other prompts."""
    await ctx.notify_prompts_changed()
    return "Told."


def x_mcp_header(
    region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
) -> str:
    """Take an argument that is in a header as well."""
    return region


def _rich_tool() -> Tool:
    def accept() -> str:
        """Have a schema of many words."""
        return "Accepted."

    tool = Tool.from_function(accept, name="json_schema_2020_12_tool")
    tool.parameters = RICH_SCHEMA
    return tool


# Prompts


def simple_prompt() -> str:
    """Say a fixed sentence."""
    return "This is a simple prompt for testing."


def prompt_with_arguments(arg1: str, arg2: str) -> str:
    """Say both arguments."""
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


def prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803 - its name
    """Show a resource."""
    shown = _embedded(resourceUri, "Embedded resource content for testing.")
    return [UserMessage(shown), UserMessage("Please process the embedded resource above.")]


def prompt_with_image() -> list[UserMessage]:
    """Show a picture."""
    return [UserMessage(_image()), UserMessage("Please analyze the image above.")]


# Resources


def static_text() -> str:
    """Return a text."""
    return "This is the content of the static text resource."


def static_binary() -> bytes:
    """Return a picture."""
    return b64decode(PIXEL)


def template(id: str) -> str:  # noqa: A002 - its name
    """Return what was asked for."""
    return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def add_content(server: MCPServer[Any]) -> None:
    """Add every fixture of fixed content to a server."""
    for tool in (
        *(simple_text, image_content, audio_content, embedded_resource, multiple_content_types),
        *(error_handling, tool_with_progress, trigger_tool_change, trigger_prompt_change),
        x_mcp_header,
    ):
        server.add_tool(tool, name=f"test_{tool.__name__}")
    server._tool_manager._tools["json_schema_2020_12_tool"] = _rich_tool()
    for prompt in (
        *(simple_prompt, prompt_with_arguments, prompt_with_embedded_resource, prompt_with_image),
    ):
        server.add_prompt(Prompt.from_function(prompt, name=f"test_{prompt.__name__}"))
    server.resource("test://static-text", mime_type="text/plain")(static_text)
    server.resource("test://static-binary", mime_type="image/png")(static_binary)
    server.resource("test://template/{id}/data", mime_type="application/json")(template)
