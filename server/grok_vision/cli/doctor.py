"""The command `doctor`: what is configured, and whether it works."""

import platform
import sys
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field
from rich.console import Console

from grok_vision import __version__
from grok_vision.cli import redis_check
from grok_vision.cli.checks import (
    Check,
    cache,
    endpoint_answers,
    failed,
    folders,
    passed,
    spelling,
    state,
)
from grok_vision.cli.extras import installed, sends_spans
from grok_vision.errors import VisionError
from grok_vision.providers import Endpoint, Provider, configured, endpoint
from grok_vision.relay import Transport
from grok_vision.results import Result
from grok_vision.settings import Settings
from grok_vision.texts import counted, dollars, sendable
from grok_vision.tokens import state_folder
from grok_vision.tracing import collector, is_address
from grok_vision.vision import build_vision, readable_roots

_MIB = 1024 * 1024


class Diagnosis(Result):
    """What doctor found. `ok` is false where a call would fail, or a setting has no effect."""

    ok: bool
    version: str
    python: str
    provider: str
    offline: Annotated[bool, Field(description="Answers come from this machine.")]
    base_url: str | None = None
    model: str | None = None
    key: Annotated[str | None, Field(description="The variable that holds it.")] = None
    missing_key: Annotated[str | None, Field(description="The variable that should.")] = None
    max_usd: Annotated[float | None, Field(description="What may be spent, in US dollars.")] = None
    state_dir: Annotated[
        str | None, Field(description="Where token counts of answers are kept, without a Redis.")
    ] = None
    cache: Annotated[str | None, Field(description="Where answers are kept.")] = None
    cache_bytes: Annotated[int | None, Field(description="How much is kept there.")] = None
    deadline: Annotated[float, Field(description="Seconds that a call may take.")]
    retries: int
    concurrency: int
    http: Annotated[str, Field(description="What `serve` asks of clients over HTTP.")]
    traces: Annotated[str, Field(description="Where spans are sent.")]
    shared: Annotated[str, Field(description="Through what processes share what they know.")]
    extras: dict[str, bool]
    roots: list[str]
    checks: list[Check]


async def examine(settings: Settings, *, transport: Transport | None = None) -> Diagnosis:
    """Look at everything; a key is named by its variable and never shown.

    `transport` replaces the network on the way to the provider.
    """
    target: Endpoint | None = None
    checks = [*spelling(), folders(settings), state(settings), *cache(settings)]
    checks += await redis_check.redis(settings)
    try:
        target = endpoint(settings)
        target.choose()
        vision = build_vision(settings, transport=transport)
    except VisionError as error:
        checks.insert(0, failed("configuration", str(error)))
    else:
        checks.insert(0, passed("configuration", "complete"))
        checks += await endpoint_answers(vision, target)
    return _diagnosis(settings, target, checks)


def _diagnosis(settings: Settings, target: Endpoint | None, checks: list[Check]) -> Diagnosis:
    """Return what is configured, without a `target` as far as it is, and the checks."""
    provider = configured(settings)
    offline = target is not None and target.offline
    model = target.default_model if target else settings.model or provider.default_model
    key, is_set = (None, False) if offline else _key(settings, provider)
    folder = state_folder(settings.state_dir)
    kept, most_bytes = settings.cache or (None, None)
    return Diagnosis(
        ok=all(check.ok for check in checks),
        version=__version__,
        python=platform.python_version(),
        provider=provider.name,
        offline=offline,
        base_url=None if offline else settings.base_url or provider.base_url,
        model=model or None,
        key=key if is_set else None,
        missing_key=None if is_set else key,
        max_usd=settings.max_usd,
        state_dir=sendable(str(folder)) if folder else None,
        cache=sendable(str(kept)) if kept else None,
        cache_bytes=most_bytes,
        deadline=settings.deadline,
        retries=settings.retries,
        concurrency=settings.concurrency,
        http=_http(settings),
        traces=_traces(settings),
        shared=redis_check.told(settings),
        extras=installed(),
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
    no_address = "none: answers come from this machine" if diagnosis.offline else "not set"
    no_key = f"{diagnosis.missing_key} is not set" if diagnosis.missing_key else "none"
    limit = "none" if diagnosis.max_usd is None else dollars(diagnosis.max_usd)
    return [
        ("version", f"{diagnosis.version}, Python {diagnosis.python} on {sys.platform}"),
        ("provider", diagnosis.provider),
        ("address", diagnosis.base_url or no_address),
        ("model", diagnosis.model or "none"),
        ("key", diagnosis.key or no_key),
        ("spending limit", limit),
        ("state folder", diagnosis.state_dir or "none: this user has no home folder"),
        ("answers", _answers(diagnosis)),
        ("calls", _calls(diagnosis)),
        ("http", diagnosis.http),
        ("traces", diagnosis.traces),
        ("shared", diagnosis.shared),
        ("extras", extras),
        ("folders", "\n".join(diagnosis.roots) or "none"),
    ]


def _answers(diagnosis: Diagnosis) -> str:
    if diagnosis.cache is None or diagnosis.cache_bytes is None:
        return "are not kept"
    most = f"{diagnosis.cache_bytes / _MIB:,.1f}".removesuffix(".0")
    told = f"are kept in {diagnosis.cache}, up to {most} MiB"
    return f"{told}; not those of this machine" if diagnosis.offline else told


def _calls(diagnosis: Diagnosis) -> str:
    retries = "1 retry" if diagnosis.retries == 1 else f"{diagnosis.retries} retries"
    return f"may take {diagnosis.deadline:g} s each, {retries}, {diagnosis.concurrency} at once"


def _http(settings: Settings) -> str:
    """Return who is let in over HTTP; no token is told."""
    tokens = [counted(len(settings.auth_token), "token")] if settings.auth_token else []
    issuer = [f"tokens of {settings.oauth_issuer}"] if settings.oauth_issuer else []
    names = ", ".join(settings.public_host) or "this machine only"
    rate = f"{settings.rate_limit:,} requests a minute" if settings.rate_limit else "no rate limit"
    return f"{' and '.join(tokens + issuer) or 'no token'}; reached as {names}; {rate}"


def _traces(settings: Settings) -> str:
    address = collector(
        settings.otel_endpoint, settings.otel_traces_endpoint, exporters=settings.otel_exporters
    )
    if address is None:
        return "are not sent"
    if not is_address(address):
        return "are not sent: OTEL_EXPORTER_OTLP_ENDPOINT is no http(s) address"
    # Not what else the address holds: some have a key in it.
    parts = urlsplit(address)
    told = f"to {parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return f"are sent {told}" if sends_spans() else f"would be sent {told} with the extra otel"


def _key(settings: Settings, provider: Provider) -> tuple[str | None, bool]:
    """Return the variable that the key comes from, or should come from, and whether it is set."""
    if settings.api_key is not None:
        return settings.variable("api_key"), True
    if provider.key_field is None:
        return None, False
    return settings.variable(provider.key_field), getattr(settings, provider.key_field) is not None
