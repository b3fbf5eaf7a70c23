"""The process: what hosts start. Imports nothing heavy before it knows what is asked."""

import signal
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve MCP on stdio where there are no arguments, else run the command line."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    # Nothing is to be closed yet, and nobody is to see a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if given[:1] in ([], ["serve"]):
        code = _serve(given[1:])
    else:
        from grok_vision.cli.commands import run

        signal.signal(signal.SIGINT, signal.default_int_handler)
        code = run(given)
    from grok_vision.cli.ending import leave

    leave(code)


def _serve(given: Sequence[str]) -> int:
    """Serve at once where there are no options to be understood."""
    if any(argument.startswith("-") for argument in given):
        from grok_vision.cli.serve_command import run

        return run(given)
    from grok_vision.cli.serve import serve_stdio

    return serve_stdio(given)


if __name__ == "__main__":
    main()
