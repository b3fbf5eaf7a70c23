"""What becomes of a command line: its exit code, and one line where it failed."""

from collections.abc import Sequence

import typer

from grok_vision.cli.streams import accept_any_text, written
from grok_vision.cli.terminal import exit_code, tell_error
from grok_vision.errors import VisionError


def outcome(app: typer.Typer, arguments: Sequence[str], name: str = "grok-vision-mcp") -> int:
    """Run a command line and return the exit code: 0, 1 (it failed) or 2 (a mistake)."""
    accept_any_text()
    return written(lambda: _outcome(app, arguments, name))


def _outcome(app: typer.Typer, arguments: Sequence[str], name: str) -> int:
    try:
        returned = app(list(arguments), prog_name=name, standalone_mode=False)
    except VisionError as error:
        tell_error(error.code, error.message)
        return exit_code(error)
    except typer.TyperException as error:
        told = error.format_message().replace("Value error, ", "").rstrip(".")
        tell_error("bad_argument", f"{told}; try {name} --help.")
        return 2
    except (typer.Abort, KeyboardInterrupt):
        return 130
    return returned if isinstance(returned, int) else 0
