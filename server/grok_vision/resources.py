"""The resources, as a client sees them: what was used, known models, and presets."""

import json

import anyio.to_thread
from mcp.server.mcpserver.resources import FunctionResource, Resource

from grok_vision.results import Result
from grok_vision.settings import Settings
from grok_vision.vision import Books
from grok_vision.vocabulary import PRESETS, PRESETS_SAY, Preset

_JSON = "application/json"


def all_resources(settings: Settings, books: Books) -> list[Resource]:
    """Return every resource; each is made, and what it needs is loaded, when it is read."""

    async def usage() -> str:
        ledger = await anyio.to_thread.run_sync(lambda: books.ledger)
        return _as_json(ledger.spending())

    def models() -> str:
        from grok_vision.tokens import known_models

        return _as_json(known_models(settings))

    return [
        FunctionResource.from_function(
            usage,
            "vision://usage",
            name="usage",
            title="Tokens and cost so far",
            description="What this server has used since it started, by model: calls, tokens, US "
            "dollars, and what is left of GROK_VISION_MAX_USD.",
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
        *map(_preset, PRESETS),
    ]


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
