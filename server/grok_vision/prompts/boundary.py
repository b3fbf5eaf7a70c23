"""The one place where prompts take the shape of the protocol."""

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.prompts.base import Message, PromptArgument, UserMessage
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS

from grok_vision.errors import RequestError, VisionError
from grok_vision.texts import sendable, shortened


class CodedPrompt(Prompt):
    """A prompt whose bad arguments reach the client as invalid parameters, in a sentence.

    The SDK would answer them as a failure of the server, in one era without a word.
    """

    @classmethod
    def asking(cls, ask: Callable[..., str], *, title: str, description: str) -> "CodedPrompt":
        """Return the prompt for a function of texts, each annotated with its description."""
        parameters = inspect.signature(ask).parameters.values()
        return cls(
            name=ask.__name__,
            title=title,
            description=description,
            # Not the SDK's from_function: it builds a model for each, which a start waits for.
            arguments=[_argument(parameter) for parameter in parameters],
            fn=ask,
        )

    async def render(
        self,
        arguments: dict[str, Any] | None,
        context: Context[Any, Any],  # noqa: ARG002 - the SDK's signature
    ) -> list[Message]:
        """Return the one message of the prompt.

        Raises:
            MCPError: invalid parameters, naming each argument that is wrong.
        """
        given = arguments or {}
        try:
            self._check(given)
            # In a thread: a picture may be given whole, as a data URI.
            text = await anyio.to_thread.run_sync(partial(self.fn, **given))
            return [UserMessage(sendable(str(text)))]
        except VisionError as error:
            raise invalid(error) from None

    def _check(self, given: Mapping[str, str]) -> None:
        known = {argument.name: argument.required for argument in self.arguments or ()}
        for name in given:
            if name not in known:
                raise unknown("argument", name, list(known))
        # Hosts send what is left empty in a form.
        needed = (name for name, required in known.items() if required)
        missing = [name for name in needed if not given.get(name, "").strip()]
        if missing:
            raise RequestError(
                "bad_argument",
                f"{' and '.join(missing)} must be given; {self.name} takes {', '.join(known)}.",
            )


def invalid(error: VisionError) -> MCPError:
    """Return the wire form of a failure that is the caller's."""
    return MCPError(code=INVALID_PARAMS, message=sendable(str(error)))


def unknown(kind: str, name: str, known: Sequence[str]) -> RequestError:
    """Return the error for the name of a prompt or an argument that there is not."""
    near = difflib.get_close_matches(name, known, 1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    return RequestError(
        "bad_argument", f"unknown {kind} {shortened(name)}{meant}; there are {', '.join(known)}."
    )


def _argument(parameter: inspect.Parameter) -> PromptArgument:
    (description,) = parameter.annotation.__metadata__
    required = parameter.default is inspect.Parameter.empty
    return PromptArgument(name=parameter.name, description=description, required=required)
