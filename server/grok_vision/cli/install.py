"""The command `install`: puts this server into a host's list of servers, or shows how."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from grok_vision.cli.host_plan import Installation, plan
from grok_vision.cli.host_wanted import Wanted
from grok_vision.cli.known_hosts import HOSTS
from grok_vision.cli.options import AsJson
from grok_vision.cli.terminal import on_a_line, print_json, printable
from grok_vision.cli.wrapping import wrapped
from grok_vision.errors import ConfigurationError
from grok_vision.texts import counted

HostName = Annotated[
    str, typer.Argument(metavar="HOST", help=f"The host: {', '.join(HOSTS)}.", show_default=False)
]
Write = Annotated[
    bool, typer.Option("--write", help="Write the file; without it, only show what would be.")
]
Remove = Annotated[bool, typer.Option("--remove", help="Take the entry out instead.")]
Project = Annotated[
    bool, typer.Option("--project", help="For the project in this folder only, not for the user.")
]
Name = Annotated[str, typer.Option("--name", help="The name of the entry.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A setting for the server, such as GROK_VISION_MAX_USD=5; may be given several times.",
    ),
]
WithKey = Annotated[
    bool,
    typer.Option(
        "--with-key",
        help="Give it the key that this terminal has. It is written into the file, and never "
        "printed; where XAI_API_KEY_FILE names a file of it, only that is named. VS Code asks for "
        "it instead, and the file of a project only names it.",
    ),
]


def install(
    host: HostName,
    write: Write = False,
    project: Project = False,
    name: Name = "grok-vision",
    settings: Set = None,
    with_key: WithKey = False,
    remove: Remove = False,
    as_json: AsJson = False,
) -> int:
    """Put this server into a host's list, or show how.

    Without --write nothing is changed. Other servers and whatever else the file says stay, and what
    was there is kept beside it.
    """
    wanted = Wanted(
        host=host,
        name=name,
        project=project,
        settings=tuple(settings or ()),
        with_key=with_key,
        remove=remove,
        write=write,
    )
    return _run(wanted, as_json=as_json)


def _run(wanted: Wanted, *, as_json: bool) -> int:
    planned = plan(wanted)
    try:
        done = planned.carry_out()
    except ConfigurationError:
        _show(planned.told(), wanted, as_json=as_json)
        raise
    _show(done, wanted, as_json=as_json)
    if wanted.write and done.trouble:
        raise ConfigurationError(
            "bad_setting", f"{done.file} {done.trouble}; nothing was written. Change it by hand."
        )
    return 0


def _show(done: Installation, wanted: Wanted, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    for paragraph in _paragraphs(done, wanted):
        told = printable(paragraph)
        # The block is to be copied as it is.
        print(told if "\n" in told else wrapped(told, sys.stdout))


def _paragraphs(done: Installation, wanted: Wanted) -> Iterator[str]:
    yield _outcome(done)
    if done.block and (done.action != "nothing"):
        yield f"\n{done.block}\n"
    if done.others and done.action != "nothing":
        yield f"It keeps its {counted(len(done.others), 'other server')} as found."
    if done.backup:
        yield f"What was there before is in {on_a_line(done.backup)}."
    yield from map(on_a_line, done.notes)
    if done.action not in {"nothing", "by_hand"} and not done.written and not wanted.write:
        yield "Nothing is written yet: run the same again with --write."


def _outcome(done: Installation) -> str:
    """Return what became of the file, or would."""
    file, name = on_a_line(done.file), done.name
    if done.action == "by_hand":
        hand = "Put this into it by hand:" if done.block else f"Take {name} out of it by hand."
        return f"{file} {done.trouble}, so it is left as it is. {hand}"
    if done.action == "nothing":
        return f"{file} has {'this entry already' if done.block else f'no entry {name}'}."
    has, would = {
        "add": (f"has a new entry {name}:", f"would get the entry {name}:"),
        "replace": (f"has its entry {name} as this now:", f"would have its entry {name} as this:"),
        "remove": (f"has no entry {name} any more.", f"would lose its entry {name}."),
    }[done.action]
    return f"{file} {has if done.written else would}"
