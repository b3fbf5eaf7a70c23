"""The prompts, as a client sees them. Others import from here only."""

from collections.abc import Sequence

from mcp.server import MCPServer

from grok_vision.prompts.asking import PROMPTS
from grok_vision.prompts.boundary import CodedPrompt, invalid, unknown
from grok_vision.prompts.completion import complete_arguments
from grok_vision.vision import Suggestions, Vision

__all__ = ["add_prompts", "all_prompts", "check_prompt"]


def all_prompts() -> list[CodedPrompt]:
    """Return every prompt, in the order in which clients list them."""
    return [
        CodedPrompt.asking(ask, title=title, description=description)
        for ask, (title, description) in PROMPTS.items()
    ]


def add_prompts(server: MCPServer[Vision], suggestions: Suggestions) -> None:
    """Add every prompt, and what completes its arguments."""
    prompts = all_prompts()
    for prompt in prompts:
        server.add_prompt(prompt)
    complete_arguments(server, prompts, suggestions)


def check_prompt(name: str, known: Sequence[str]) -> None:
    """Refuse the name of a prompt that is not known, as the client's mistake.

    Raises:
        MCPError: invalid parameters. The SDK would tell of a failure of the server.
    """
    if name not in known:
        raise invalid(unknown("prompt", name, known))
