"""Answers to requests that the protocol's own code never sees."""

from collections.abc import Mapping

from mcp.types import INVALID_REQUEST, ErrorData, JSONRPCError
from starlette.responses import Response


def refusal(
    status: int,
    message: str,
    *,
    code: int = INVALID_REQUEST,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an answer in the form of the protocol's errors, which its clients can show."""
    error = JSONRPCError(jsonrpc="2.0", id=None, error=ErrorData(code=code, message=message))
    return Response(
        error.model_dump_json(by_alias=True, exclude_unset=True),
        status_code=status,
        headers=headers,
        media_type="application/json",
    )
