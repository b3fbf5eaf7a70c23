"""Fixtures that ask the client something, in a result or of their own accord."""

from collections.abc import Mapping
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts import Prompt
from mcp.shared.exceptions import MCPError
from mcp.types import (
    ClientCapabilities,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
    TextContent,
)

MISSING_CAPABILITY = -32021


def _elicit(message: str, field: str, kind: str = "string") -> ElicitRequest:
    schema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _sample(text: str) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=TextContent(type="text", text=text))
    return CreateMessageRequest(
        params=CreateMessageRequestParams(messages=[message], max_tokens=100)
    )


NAME = _elicit("What is your name?", "name")


def _said(answer: object) -> str:
    """Return what the client answered; empty where it is no answer."""
    match answer:
        case ElicitResult(action="accept", content=dict() as content):
            return ", ".join(map(str, content.values()))
        case CreateMessageResult(content=TextContent(text=text)):
            return text
        case ListRootsResult(roots=roots):
            return ", ".join(str(root.uri) for root in roots)
    return ""


def _answers(
    ctx: Context, asked: Mapping[str, InputRequest], state: str | None = None
) -> str | InputRequiredResult:
    """Return the answers; where one is missing, the request for all of them."""
    given = ctx.input_responses or {}
    said = [_said(given.get(name)) for name in asked]
    if all(said):
        return "; ".join(said)
    return InputRequiredResult(input_requests=dict(asked), request_state=state)


def elicitation(ctx: Context) -> str | InputRequiredResult:
    """Ask for a name."""
    return _answers(ctx, {"user_name": NAME})


def sampling(ctx: Context) -> str | InputRequiredResult:
    """Ask the client's model."""
    return _answers(ctx, {"capital_question": _sample("What is the capital of France?")})


def list_roots(ctx: Context) -> str | InputRequiredResult:
    """Ask for the roots."""
    return _answers(ctx, {"client_roots": ListRootsRequest()})


def request_state(ctx: Context) -> str | InputRequiredResult:
    """Ask for a yes, and have the state brought back."""
    asked = _answers(ctx, {"confirm": _elicit("Please confirm", "ok", "boolean")}, "confirming")
    return "state-ok" if ctx.request_state == "confirming" else asked


def multiple_inputs(ctx: Context) -> str | InputRequiredResult:
    """Ask three things at once."""
    asked: dict[str, InputRequest] = {
        "user_name": NAME,
        "greeting": _sample("Generate a greeting"),
        "client_roots": ListRootsRequest(),
    }
    return _answers(ctx, asked, "all")


def multi_round(ctx: Context) -> str | InputRequiredResult:
    """Ask one thing after the other."""
    if ctx.request_state is None:
        return _answers(ctx, {"step1": _elicit("Step 1: What is your name?", "name")}, "1")
    return _answers(ctx, {"step2": _elicit("Step 2: What is your favorite color?", "color")}, "2")


def capabilities(ctx: Context) -> str | InputRequiredResult:
    """Ask only what the client can answer."""
    can = ctx.client_capabilities or ClientCapabilities()
    every: dict[str, tuple[object, InputRequest]] = {
        "user_name": (can.elicitation, NAME),
        "greeting": (can.sampling, _sample("Generate a greeting")),
    }
    return _answers(ctx, {name: asked for name, (able, asked) in every.items() if able})


def missing_capability(ctx: Context) -> str:
    """Refuse a client that cannot be asked for a sample."""
    needed = ClientCapabilities.model_validate({"sampling": {}})
    if ctx.client_capabilities is None or ctx.client_capabilities.sampling is None:
        data = {"requiredCapabilities": needed.model_dump(exclude_none=True)}
        raise MCPError(MISSING_CAPABILITY, "The client does not declare sampling.", data)
    return "The client declares sampling."


def context_prompt(ctx: Context) -> str | InputRequiredResult:
    """Ask for what the prompt is to say."""
    return _answers(
        ctx, {"user_context": _elicit("What context should the prompt use?", "context")}
    )


def add_asking(server: MCPServer[Any]) -> None:
    """Add every fixture that asks to a server."""
    for tool in (
        *(elicitation, sampling, list_roots, request_state, multiple_inputs, multi_round),
        capabilities,
    ):
        server.add_tool(tool, name=f"test_input_required_result_{tool.__name__}")
    server.add_tool(request_state, name="test_input_required_result_tampered_state")
    server.add_tool(elicitation, name="test_streaming_elicitation")
    server.add_tool(missing_capability, name="test_missing_capability")
    server.add_prompt(
        Prompt.from_function(context_prompt, name="test_input_required_result_prompt")
    )
