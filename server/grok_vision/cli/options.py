"""The arguments and options that commands share, described for people."""

from enum import StrEnum
from typing import Annotated

import typer

from grok_vision.vocabulary import Detail, Preset


class Transport(StrEnum):
    """How the server is reached."""

    stdio = "stdio"


AsJson = Annotated[bool, typer.Option("--json", help="Print exactly the structured result.")]
DetailLevel = Annotated[Detail, typer.Option(help="low is cheaper and loses small text.")]
Image = Annotated[
    str,
    typer.Argument(
        help="A path, an http(s) URL, a data URI, latest (the newest picture in your folders) "
        "or clipboard. A fragment selects a part: shot.png#xywh=10,20,300,200, "
        "scan.pdf#page=2, clip.gif#t=1.5."
    ),
]
Images = Annotated[
    list[str],
    typer.Argument(metavar="IMAGE...", help="As for describe; several are one call."),
]
Live = Annotated[
    bool,
    typer.Option("--live", help="Ask the provider, and show what it tells otherwise."),
]
ProviderName = Annotated[
    str,
    typer.Argument(metavar="[PROVIDER]", help="Only this one; any for the open families."),
]
SchemaFile = Annotated[
    str,
    typer.Option(
        "--schema",
        metavar="FILE",
        help="A JSON Schema that the answer is to fit: a file, - for stdin, or the schema itself.",
    ),
]
PresetName = Annotated[Preset | None, typer.Option("--preset", help="A schema of ours instead.")]
FailOnFail = Annotated[
    bool,
    typer.Option("--fail-on-fail", help="Exit 1 where an expectation of --preset checklist fails."),
]
