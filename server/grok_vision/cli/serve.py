"""The stdio server as a process."""

import gc
import signal
import sys

from grok_vision.errors import ConfigurationError


def serve_stdio() -> int:
    """Serve MCP on stdin and stdout until the host has gone; return the exit code."""
    # Reading a few hundred modules is a fifth faster without collections in between, and what
    # they leave lives as long as the process.
    gc.disable()
    from grok_vision.logs import log_to_stderr
    from grok_vision.settings import Settings

    try:
        settings = Settings.read()
        # Before the SDK is imported: it would send its own and httpx2's INFO lines to stderr.
        log_to_stderr(settings.log_level, settings.secrets())
        settings.warn_of_unknown_variables()
        from grok_vision.app import create_server
        from grok_vision.cli.ending import run_async

        server = create_server(settings)
    except ConfigurationError as error:
        sys.stderr.write(f"error[{error.code}]: {error.message}\n")
        return 2
    gc.enable()
    gc.freeze()
    # The reader of stdin is a thread that no exception reaches: Ctrl-C ends the process itself, as
    # SIGTERM does. The system closes what is open, and worker processes end with their server.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.stdin.isatty():
        sys.stderr.write(
            "Serving MCP on stdin and stdout, for an MCP host to start. Ctrl-C ends it; "
            "`grok-vision-mcp --help` shows what a person can run.\n"
        )
    code = 0
    try:
        run_async(server.run_stdio_async)
    except* BrokenPipeError:
        code = 1  # the host has gone: nobody is there to be told
    return code
