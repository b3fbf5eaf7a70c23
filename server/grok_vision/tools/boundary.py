"""The one place where results and failures take the shape of the protocol."""

import difflib
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent
from pydantic import ValidationError

from grok_vision.errors import RequestError, VisionError
from grok_vision.results import Result
from grok_vision.texts import all_sendable, sendable, shortened
from grok_vision.tools.schema import tidy

CODE_KEY = "grok-vision/code"
"""Where the `_meta` of an error result has the code, so that no program has to read the text."""


class CodedTool(Tool):
    """A tool whose failures reach the client as `[code] message`, and that refuses typing errors.

    Anything else that is raised is a bug: the SDK logs it and tells the client only that the
    tool failed.
    """

    @classmethod
    def from_function(cls, *args: Any, **kwargs: Any) -> "CodedTool":
        """Return the tool for a function, with schemas as people would write them."""
        tool = cls.model_construct(**dict(Tool.from_function(*args, **kwargs)))
        arguments = tool.fn_metadata.arg_model
        arguments.model_config["extra"] = "forbid"
        arguments.model_rebuild(force=True)
        tool.parameters = tidy(arguments.model_json_schema(by_alias=True))
        if tool.fn_metadata.output_schema is not None:
            tool.fn_metadata.output_schema = tidy(tool.fn_metadata.output_schema)
        return tool

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> Any:
        """Run the tool; every VisionError becomes an error result."""
        try:
            return await super().run(arguments, context, convert_result)
        except UnexpectedToolError as error:
            if isinstance(error.__cause__, VisionError):
                return refusal(error.__cause__)
            raise
        except ToolError as error:
            # The SDK's own words for bad arguments would repeat their values.
            if isinstance(error.__cause__, ValidationError):
                return refusal(self._bad_argument(error.__cause__))
            raise

    def _bad_argument(self, error: ValidationError) -> RequestError:
        """Name each argument that is wrong, and never its value."""
        known = list(self.parameters["properties"])
        problems = [_problem(problem, known) for problem in error.errors(include_input=False)]
        return RequestError(
            "bad_argument", f"{'; '.join(problems)}; {self.name} takes {', '.join(known)}."
        )


def answered(result: Result, text: str) -> CallToolResult:
    """Return the wire form of a result: all of it structured; `text` for hosts that show text."""
    return CallToolResult(
        content=[TextContent(type="text", text=sendable(text))],
        structured_content=all_sendable(result.told()),
    )


def refusal(error: VisionError) -> CallToolResult:
    """Return the wire form of a failure."""
    # A text that UTF-8 cannot carry would end the server's only way to answer.
    return CallToolResult(
        content=[TextContent(type="text", text=sendable(str(error)))],
        is_error=True,
        _meta={CODE_KEY: error.code},
    )


def _problem(problem: Any, known: list[str]) -> str:
    name = ".".join(map(str, problem["loc"])) or "the arguments"
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, known, 1)
        return f"unknown argument {shortened(name)}" + (
            f" (did you mean {near[0]}?)" if near else ""
        )
    if problem["type"] == "missing":
        return f"{name} is missing"
    return f"{name}: {problem['msg'][:1].lower()}{problem['msg'][1:]}"
