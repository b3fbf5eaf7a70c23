"""The command line, assembled: each tool on the same code path, for people, scripts and CI."""

from collections.abc import Sequence
from typing import Annotated

import typer

from grok_vision import __version__
from grok_vision.cli.compare_command import compare
from grok_vision.cli.describe_command import describe
from grok_vision.cli.doctor_command import doctor
from grok_vision.cli.estimate_command import estimate
from grok_vision.cli.extract_command import extract
from grok_vision.cli.install import install
from grok_vision.cli.models_command import models
from grok_vision.cli.outcome import outcome
from grok_vision.cli.serve_command import serve

app = typer.Typer(
    name="grok-vision-mcp",
    help="Eyes for MCP agents. Without a command it serves MCP on stdio, for a host to start.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code: 0, 1 (it failed) or 2 (a mistake)."""
    return outcome(app, arguments)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"grok-vision-mcp {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


app.command()(serve)
app.command()(describe)
app.command()(extract)
app.command()(compare)
app.command()(estimate)
app.command()(models)
app.command()(doctor)
app.command()(install)
