"""The arguments and options that commands share, described for people."""

from pathlib import Path
from typing import Annotated

import typer

from grok_vision.vocabulary import Detail, Preset

AlwaysAsk = Annotated[
    bool, typer.Option("--always-ask", help="Ask a model also where no pixel changed.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print exactly the structured result.")]
DetailLevel = Annotated[Detail, typer.Option(help="low is cheaper and loses small text.")]
BatchJobs = Annotated[
    str,
    typer.Option(
        "--batch",
        metavar="JOBS",
        help="Many calls: a file with the arguments of one as JSON on each line, a folder of "
        "pictures, or - for stdin. What is given besides goes for all of them.",
    ),
]
BatchOut = Annotated[
    str,
    typer.Option(
        "--out", metavar="FILE", help="With --batch: where results are added, one JSON a line."
    ),
]
BatchMaxUsd = Annotated[
    float | None,
    typer.Option(
        "--max-usd",
        min=0,
        metavar="USD",
        help="With --batch: what all of it may cost, earlier runs included.",
    ),
]
BatchRetry = Annotated[
    bool, typer.Option("--retry-failed", help="With --batch: try again what failed.")
]
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
ImagesUnlessBatch = Annotated[
    list[str] | None,
    typer.Argument(metavar="IMAGE", help="As for describe; several are one call."),
]
DiffOut = Annotated[
    Path | None,
    typer.Option(
        "--diff-out",
        metavar="FILE",
        dir_okay=False,
        help="Where to write the picture of what changed; those of further images beside it, with "
        "their numbers.",
    ),
]
FailOnDiff = Annotated[
    bool, typer.Option("--fail-on-diff", help="Exit 1 where a picture differs visibly.")
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        metavar="X,Y,W,H",
        help="A rectangle of the first picture to leave out, in pixels, or percent:X,Y,W,H; may be "
        "given several times.",
    ),
]
MaxDiffRatio = Annotated[
    float | None,
    typer.Option(
        "--max-diff-ratio",
        min=0,
        max=1,
        metavar="RATIO",
        help="Exit 1 only where more of the pixels changed than this part, 0 to 1, such as 0.001; "
        "without --fail-on-diff, too.",
    ),
]
PixelsOnly = Annotated[
    bool, typer.Option("--pixels-only", help="Ask no model: no key is needed, nothing is paid.")
]
SeveralUnlessBatch = Annotated[
    list[str] | None,
    typer.Argument(metavar="IMAGE", help="As for describe; the first is the reference."),
]
Stream = Annotated[
    bool | None,
    typer.Option(
        "--stream/--no-stream",
        help="Print the answer while it is written; --no-stream asks for it in one piece. "
        "By default it grows on a terminal.",
    ),
]
Threshold = Annotated[
    float,
    typer.Option(min=0, max=1, help="How different a pixel must be to count: 0 is any difference."),
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
