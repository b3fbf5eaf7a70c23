"""What completes the arguments of prompts while they are typed."""

from collections.abc import Sequence

from mcp.server import MCPServer
from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from grok_vision.errors import RequestError
from grok_vision.prompts.asking import DOCUMENT_PRESETS
from grok_vision.prompts.boundary import CodedPrompt, invalid, unknown
from grok_vision.vision import Suggestions, Vision

MOST_VALUES = 100
"""As many as the protocol allows."""


def complete_arguments(
    server: MCPServer[Vision], prompts: Sequence[CodedPrompt], suggestions: Suggestions
) -> None:
    """Let the server answer what an argument of a prompt may be: pictures, and presets."""
    known = {prompt.name: [one.name for one in prompt.arguments or ()] for prompt in prompts}

    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator]
    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,  # noqa: ARG001 - the SDK's signature
    ) -> Completion | None:
        if not isinstance(ref, PromptReference):
            return None  # what the addresses of our templates hold cannot be guessed
        try:
            _check(ref.name, argument.name, known)
        except RequestError as error:
            raise invalid(error) from None
        values = await _values(argument.name, argument.value, suggestions)
        has_more = len(values) > MOST_VALUES
        total = None if has_more else len(values)
        return Completion(values=values[:MOST_VALUES], total=total, has_more=has_more)


def _check(prompt: str, argument: str, known: dict[str, list[str]]) -> None:
    if prompt not in known:
        raise unknown("prompt", prompt, list(known))
    if argument not in known[prompt]:
        raise unknown("argument", argument, known[prompt])


async def _values(argument: str, text: str, suggestions: Suggestions) -> list[str]:
    if argument == "preset":
        begun = text.strip().lower()
        return [name for name in DOCUMENT_PRESETS if name.startswith(begun)]
    if argument == "image":
        return await suggestions.pictures(text, MOST_VALUES + 1)
    if argument == "images" and not text.startswith("["):
        # One page per line: the last one is being typed.
        before, line, last = text.rpartition("\n")
        found = await suggestions.pictures(last, MOST_VALUES + 1)
        return [f"{before}{line}{page}" for page in found]
    return []
