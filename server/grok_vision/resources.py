"""The resources, as a client sees them: what was used, limits, known models, and presets."""

import json
from typing import TypeVar

import anyio.to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.server.mcpserver.resources import FunctionResource, Resource

from grok_vision.errors import VisionError
from grok_vision.results import Result
from grok_vision.settings import Settings
from grok_vision.uris import COMPARED, DIFF
from grok_vision.vision import Books, Vision
from grok_vision.vocabulary import PRESETS, PRESETS_SAY, Preset

T = TypeVar("T")

_JSON = "application/json"


def all_resources(settings: Settings, books: Books, *, desktop: bool = True) -> list[Resource]:
    """Return every resource; each is made, and what it needs is loaded, when it is read.

    `desktop` tells that nobody but the user of this machine can call, as for `build_vision`.
    """

    async def usage() -> str:
        budget = await anyio.to_thread.run_sync(lambda: books.budget)
        try:
            return _as_json(await budget.spending())
        except VisionError as error:
            raise ResourceError(str(error)) from None

    def models() -> str:
        from grok_vision.tokens import known_models

        return _as_json(known_models(settings))

    def limits() -> str:
        from grok_vision.vision import known_limits

        return _as_json(known_limits(settings, desktop=desktop))

    return [
        FunctionResource.from_function(
            usage,
            "vision://usage",
            name="usage",
            title="Tokens and cost so far",
            description="What this server has used since it started, by model: calls, tokens, US "
            "dollars, and what is left of GROK_VISION_MAX_USD. Servers that share a Redis tell "
            "what all of them have used.",
            mime_type=_JSON,
        ),
        FunctionResource.from_function(
            models,
            "vision://models",
            name="models",
            title="Known models",
            description="Providers and models with context window, prices, image limits, and the "
            "rule by which each counts the tokens of a picture, with its evidence, and what a "
            "screenshot uses and costs.",
            mime_type=_JSON,
        ),
        FunctionResource.from_function(
            limits,
            "vision://limits",
            name="limits",
            title="What may be read and sent",
            description="Folders, formats, hosts and sizes that may be read; how long a call may "
            "take and what may be spent; the provider that pictures are sent to, and how many, how "
            "large and in which formats it takes them.",
            mime_type=_JSON,
        ),
        *map(_preset, PRESETS),
    ]


def add_templates(server: MCPServer[Vision]) -> None:
    """Add the resources that results link to: their addresses hold what cannot be guessed."""

    @server.resource(
        DIFF,
        name="diffs",
        title="What changed",
        description="A picture that compare_images drew: the reference faded, every changed pixel "
        "marked, each region numbered. Its results link to it.",
        mime_type="image/png",
    )
    async def diff(name: str, ctx: Context[Vision]) -> bytes:
        journey = await ctx.request_context.lifespan_context.journey()
        try:
            return _found(await journey.drawing(name))
        except VisionError as error:
            raise ResourceError(str(error)) from None

    @server.resource(
        COMPARED,
        name="compared",
        title="A compared picture",
        description="A picture that compare_images compared, for the page that shows the result: "
        "PNG or JPEG. Kept for a while only.",
        mime_type="application/octet-stream",
    )
    async def compared(comparison: str, number: str, ctx: Context[Vision]) -> bytes:
        vision = ctx.request_context.lifespan_context
        try:
            picture = _found(await vision.gallery.find(comparison, number))
            return await (await vision.journey()).shown(picture)
        except VisionError as error:
            raise ResourceError(str(error)) from None


def _found(what: T | None) -> T:
    if what is None:
        raise ResourceNotFoundError("It is no longer kept; compare the pictures again.")
    return what


def _preset(name: Preset) -> Resource:
    def schema() -> str:
        from grok_vision.schemas import preset_text

        return preset_text(name)

    return FunctionResource.from_function(
        schema,
        f"vision://schemas/{name}",
        name=f"schemas/{name}",
        title=f"Preset {name}",
        description=f"{PRESETS_SAY[name]} The JSON Schema of extract_json with preset={name}.",
        mime_type="application/schema+json",
    )


def _as_json(result: Result) -> str:
    return json.dumps(result.told(), indent=2, ensure_ascii=False)
