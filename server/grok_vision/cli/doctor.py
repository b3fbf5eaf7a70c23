"""The command `doctor`: what is configured, and whether it works."""

import os
import platform
import sys

from rich.console import Console

from grok_vision import __version__
from grok_vision.cli.models import counted, figures
from grok_vision.errors import VisionError
from grok_vision.images import missing_formats
from grok_vision.local import missing
from grok_vision.providers import Endpoint, compared, endpoint, listed_as
from grok_vision.results import ListedModel, Result
from grok_vision.settings import Settings
from grok_vision.texts import sendable
from grok_vision.vision import Vision, build_vision, readable_roots


class Check(Result):
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str


class Diagnosis(Result):
    """What doctor found. `ok` is false where a call would fail."""

    ok: bool
    version: str
    python: str
    provider: str | None = None
    base_url: str | None = None
    model: str | None = None
    key: str | None = None
    extras: dict[str, bool]
    roots: list[str]
    checks: list[Check]


async def examine(settings: Settings) -> Diagnosis:
    """Look at everything; a key is named by its variable and never shown."""
    target: Endpoint | None = None
    checks = [*_typing_errors(), _folders(settings)]
    try:
        target = endpoint(settings)
        target.choose()
        vision = build_vision(settings)
    except VisionError as error:
        checks.insert(0, _failed("configuration", error))
    else:
        checks.insert(0, _passed("configuration", "complete"))
        checks += await _endpoint_answers(vision, target)
    return Diagnosis(
        ok=all(check.ok for check in checks),
        version=__version__,
        python=platform.python_version(),
        provider=target.provider.name if target else None,
        base_url=target.base_url if target and not target.offline else None,
        model=target.default_model or None if target else None,
        key=target.key_variable if target and target.key else None,
        extras={"local": not missing(), "formats": not missing_formats()},
        roots=[sendable(str(root)) for root in readable_roots(settings)],
        checks=checks,
    )


def show(diagnosis: Diagnosis) -> None:
    """Print the diagnosis for people: aligned, in colour on a terminal, a line each."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    rows = _rows(diagnosis)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        console.print(f"{name:{width}}  {value}".replace("\n", "\n" + " " * (width + 2)))
    console.print()
    for check in diagnosis.checks:
        mark, style = ("ok", "green") if check.ok else ("FAIL", "bold red")
        console.print(f"{mark:4}", style=style, end=" ")
        console.print(f"{check.name}: {check.found}")


def _rows(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    extras = ", ".join(
        name if there else f"{name} (not installed)" for name, there in diagnosis.extras.items()
    )
    return [
        ("version", f"{diagnosis.version}, Python {diagnosis.python} on {sys.platform}"),
        ("provider", diagnosis.provider or "none"),
        ("address", diagnosis.base_url or "none: answers come from this machine"),
        ("model", diagnosis.model or "none"),
        ("key", diagnosis.key or "none"),
        ("extras", extras),
        ("folders", "\n".join(diagnosis.roots) or "none"),
    ]


def _passed(name: str, found: str) -> Check:
    return Check(name=name, ok=True, found=found)


def _failed(name: str, error: VisionError) -> Check:
    return Check(name=name, ok=False, found=str(error))


def _typing_errors() -> list[Check]:
    """Return a failed check for each variable with our prefix that sets nothing."""
    return [
        Check(
            name=name,
            ok=False,
            found="no such setting" + (f"; did you mean {near}?" if near else ""),
        )
        for name, near in Settings.unknown_variables().items()
    ]


def _folders(settings: Settings) -> Check:
    absent = [str(root) for root in readable_roots(settings) if not os.path.isdir(root)]
    if absent:
        return Check(name="folders", ok=False, found=sendable(f"not there: {', '.join(absent)}"))
    return _passed("folders", "all there")


async def _endpoint_answers(vision: Vision, target: Endpoint) -> list[Check]:
    title = target.provider.title
    try:
        async with vision:
            listed = await vision.catalogue()
    except VisionError as error:
        return [_failed("endpoint", error)]
    if listed is None:
        told = f"{title} answers, without a list of models; check the address if calls fail"
        return [_passed("endpoint", told)]
    return [
        _passed("endpoint", f"{title} answers and lists {counted(len(listed), 'model')}"),
        _model(target, listed),
    ]


def _model(target: Endpoint, listed: tuple[ListedModel, ...]) -> Check:
    """Hold what the provider says of the model in use against the built-in facts."""
    provider, name = target.provider, target.default_model
    entry = listed_as(provider, name, listed)
    if entry and entry.takes_images is False:
        told = f"{name} takes no pictures, says {provider.title}; set GROK_VISION_MODEL"
        return Check(name="model", ok=False, found=sendable(told))
    differing = compared(provider, listed).differing
    own = [one for one in differing if entry and listed_as(provider, one.model, (entry,))]
    told = f"{name} is {'' if entry else 'not '}in its list"
    told += "".join(f"; {fact} is {theirs}, here {ours}" for fact, ours, theirs in figures(own))
    if others := len({one.model for one in differing} - {one.model for one in own}):
        told += f"; {counted(others, 'other model')} differ from what is known here"
    if differing:
        told += "; see `grok-vision-mcp models --live`"
    return _passed("model", sendable(told))
