"""The server as a process."""

import gc
import json
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from grok_vision.errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from grok_vision.settings import Settings


def serve_stdio(folders: Sequence[str] = (), *, legacy: bool = False) -> int:
    """Serve MCP on stdin and stdout until the host has gone; return the exit code.

    `folders` may be read in place of those of the settings. `legacy` serves the 2025 protocols
    only.
    """
    # Reading a few hundred modules is a fifth faster without collections in between, and what
    # they leave lives as long as the process.
    gc.disable()
    try:
        settings = _settings(folders)
        from grok_vision.app import create_server
        from grok_vision.cli.ending import run_async

        server = create_server(settings)
    except ConfigurationError as error:
        return _refused(error)
    gc.enable()
    gc.freeze()
    # The reader of stdin is a thread that no exception reaches: Ctrl-C ends the process itself, as
    # SIGTERM does. The system closes what is open, and worker processes end with their server.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.stdin.isatty():
        _tell(
            "Serving MCP on stdin and stdout, for an MCP host to start. Ctrl-C ends it; "
            "`grok-vision-mcp --help` shows what a person can run."
        )
    code = 0
    try:
        with _traced(settings):
            run_async(server.run_legacy_stdio_async if legacy else server.run_stdio_async)
    except* BrokenPipeError:
        code = 1  # the host has gone: nobody is there to be told
    return code


def serve_http(
    transport: Literal["http", "sse"],
    *,
    host: str,
    port: int,
    folders: Sequence[str],
    generate_token: bool,
) -> int:
    """Serve MCP over HTTP until the process is told to end; return the exit code."""
    try:
        settings = _settings(folders)
        from grok_vision.cli.ending import run_async
        from grok_vision.web import generated_token, serve

        token = generated_token() if generate_token else None
        if token is not None:
            settings = settings.model_copy(update={"auth_token": (*settings.auth_token, token)})
            _log(settings)
        with _traced(settings):
            run_async(
                lambda: serve(
                    settings, transport, host=host, port=port, told=_announcing(settings, token)
                )
            )
    except ConfigurationError as error:
        return _refused(error)
    return 0


def _settings(folders: Sequence[str]) -> "Settings":
    # Before the SDK is imported: it would send its own and httpx2's INFO lines to stderr.
    from grok_vision.cli.starting import read_settings

    # Some hosts leave `${user_config.folders}` or `${HOME}/Desktop` as they are (mcpb 2.1.2).
    named = [folder for folder in folders if folder.strip() and not folder.startswith("${")]
    return read_settings(**({"roots": named} if named else {}))


def _log(settings: "Settings") -> None:
    from grok_vision.logs import log_to_stderr

    log_to_stderr(settings.log_level, settings.secrets(), form=settings.log_format)


def _traced(settings: "Settings") -> AbstractContextManager[None]:
    from grok_vision.tracing import export_traces

    return export_traces(
        settings.otel_endpoint,
        settings.otel_traces_endpoint,
        exporters=settings.otel_exporters,
        protocol=settings.otel_protocol,
    )


def _announcing(settings: "Settings", token: "SecretStr | None") -> Callable[[Sequence[str]], None]:
    """Return what tells how the server is reached, once it is; the token is told this once."""

    def announce(lines: Sequence[str]) -> None:
        secret = ["The token of this run, told this once:"] if token else []
        secret += [token.get_secret_value()] if token else []
        for line in (*lines, *secret):
            # Whoever collects lines of JSON stumbles over others.
            is_json = settings.log_format == "json"
            _tell(_as_json(line) if is_json else line)

    return announce


def _as_json(line: str) -> str:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"time": at, "level": "INFO", "logger": __name__, "message": line}
    return json.dumps(told, ensure_ascii=False)


def _refused(error: ConfigurationError) -> int:
    _tell(f"error[{error.code}]: {error.message}")
    return 2


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
