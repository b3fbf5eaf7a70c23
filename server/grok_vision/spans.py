"""Spans of what a call goes through, for whoever traces: sizes, counts and codes, never content.

What a span may tell is listed here, as types that are checked: no names of files, no URLs, no words
of people or models. The SDK of the protocol makes the span of the tool call above them.
Without the SDK of OpenTelemetry (the extra `[otel]`) all of it does nothing, at some microseconds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TypedDict, Unpack

from opentelemetry import trace

Name = Literal["load", "prepare", "compare", "wait", "relay", "attempt"]
SourceKind = Literal["file", "url", "upload", "data", "latest", "clipboard"]

_CLIENT: frozenset[Name] = frozenset({"attempt"})
_LONGEST = 200


class Facts(TypedDict, total=False):
    """What a span may tell; None is left out."""

    # A picture: where it comes from, what it was found to be, and what is sent of it.
    source: SourceKind
    pictures: int
    bytes: int | None
    format: str | None
    width: int | None
    height: int | None
    sent_bytes: int | None
    sent_width: int | None
    sent_height: int | None
    parts: int
    # A question to a provider.
    provider: str
    model: str
    cached: bool
    attempts: int
    # A wait for a place, or between attempts.
    reason: Literal["place", "pause"]
    waiting: int
    # One request.
    number: int
    host: str | None
    request_bytes: int | None
    stream: bool
    status: int | None
    outcome: str
    answered_by: str | None
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    image_tokens: int | None


# The names of OpenTelemetry's semantic conventions where there are such
# (opentelemetry-semantic-conventions 0.66b2, gen_ai, http, server; 2026-11).
_CONVENTIONAL = {
    "provider": "gen_ai.provider.name",
    "model": "gen_ai.request.model",
    "stream": "gen_ai.request.stream",
    "answered_by": "gen_ai.response.model",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "cached_tokens": "gen_ai.usage.cache_read.input_tokens",
    "host": "server.address",
    "request_bytes": "http.request.body.size",
    "status": "http.response.status_code",
}
_PROVIDERS = {"xai": "x_ai"}

_tracer = trace.get_tracer("grok-vision-mcp")


class Told:
    """A span that is open."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def add(self, **facts: Unpack[Facts]) -> None:
        """Tell more, as it becomes known."""
        if not self._span.is_recording():
            return
        for name, value in facts.items():
            if isinstance(value, str | int):
                self._span.set_attribute(_attribute(name), _short(name, value))

    def failed(self, error: BaseException) -> None:
        """Tell how it failed: the code of our errors, else the kind of error; never its words."""
        self._span.set_attribute("error.type", code_of(error))
        self._span.set_status(trace.StatusCode.ERROR)


@contextmanager
def span(name: Name, **facts: Unpack[Facts]) -> Iterator[Told]:
    """Open a span below that of the caller, also in a thread that the caller waits for."""
    kind = trace.SpanKind.CLIENT if name in _CLIENT else trace.SpanKind.INTERNAL
    opened = _tracer.start_span(name, kind=kind)
    told = Told(opened)
    if not opened.is_recording():
        yield told
        return
    # What it would record of an exception has content in it.
    with trace.use_span(
        opened, end_on_exit=True, record_exception=False, set_status_on_exception=False
    ):
        told.add(**facts)
        try:
            yield told
        except BaseException as error:
            told.failed(error)
            raise


def code_of(error: BaseException) -> str:
    """Return the code of one of our errors; of others `cancelled` or the name of their class."""
    code = getattr(error, "code", None)
    if isinstance(code, str):
        return code
    return "cancelled" if not isinstance(error, Exception) else type(error).__name__


def _attribute(name: str) -> str:
    return _CONVENTIONAL.get(name, f"grok_vision.{name}")


def _short(name: str, value: str | int) -> str | int:
    if isinstance(value, int):
        return value
    # A caller may pass anything for a model.
    return _PROVIDERS.get(value, value) if name == "provider" else value[:_LONGEST]
