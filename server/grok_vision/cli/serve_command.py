"""The command `serve`, by itself: it starts without the code of the other commands."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from grok_vision.cli.outcome import outcome
from grok_vision.cli.serve import serve_http, serve_stdio
from grok_vision.errors import RequestError


class Transport(StrEnum):
    """How the server is reached."""

    stdio = "stdio"
    http = "http"
    sse = "sse"


class Protocol(StrEnum):
    """The protocols that are spoken."""

    auto = "auto"
    legacy = "legacy"


_HOST, _PORT = "127.0.0.1", 8000


def serve(
    folders: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FOLDER]...",
            help="Folders that tools may read, in place of GROK_VISION_ROOTS.",
        ),
    ] = None,
    transport: Annotated[
        Transport,
        typer.Option(
            help="stdio: for a host to start. http: Streamable HTTP at /mcp. sse: HTTP with SSE at "
            "/sse, for older hosts only: the protocol has deprecated it."
        ),
    ] = Transport.stdio,
    host: Annotated[
        str | None,
        typer.Option(
            help=f"The address to listen on, {_HOST} unless given. Any that others can reach needs "
            "a token (GROK_VISION_AUTH_TOKEN or GROK_VISION_OAUTH_ISSUER) and "
            "GROK_VISION_PUBLIC_HOST."
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help=f"The port, {_PORT} unless given; 0 for a free one."),
    ] = None,
    protocol: Annotated[
        Protocol,
        typer.Option(
            help="legacy: the 2025 protocols only, on stdio, for a host that asks for the newer "
            "one and then goes on in the older way."
        ),
    ] = Protocol.auto,
    generate_token: Annotated[
        bool,
        typer.Option(
            "--generate-token", help="Make a token for this run, and print it once on stderr."
        ),
    ] = False,
) -> int:
    """Serve MCP on stdio or over HTTP."""
    if transport is Transport.stdio:
        for name, is_given in (
            ("--host", host is not None),
            ("--port", port is not None),
            ("--generate-token", generate_token),
        ):
            if is_given:
                _refuse(f"{name} is for --transport http or sse; leave it out or add that.")
        return serve_stdio(folders or [], legacy=protocol is Protocol.legacy)
    if protocol is Protocol.legacy:
        _refuse("--protocol legacy is for stdio; over HTTP each request tells its own protocol.")
    return serve_http(
        "sse" if transport is Transport.sse else "http",
        host=_HOST if host is None else host,
        port=_PORT if port is None else port,
        folders=folders or [],
        generate_token=generate_token,
    )


def run(arguments: Sequence[str]) -> int:
    """Run the command with its arguments and return the exit code."""
    app = typer.Typer(
        help=serve.__doc__,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command()(serve)
    return outcome(app, arguments, "grok-vision-mcp serve")


def _refuse(message: str) -> None:
    raise RequestError("bad_argument", message)
