"""The process: what hosts start. Imports nothing heavy before it knows what is asked."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve MCP on stdio where there are no arguments, else run the command line."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given in ([], ["serve"]):
        from grok_vision.cli.serve import serve_stdio

        sys.exit(serve_stdio())
    from grok_vision.cli.commands import run

    sys.exit(run(given))


if __name__ == "__main__":
    main()
