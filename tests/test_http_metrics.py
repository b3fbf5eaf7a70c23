"""What Prometheus reads of calls, tokens and cost, checked with its own parser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, MCPError
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from grok_vision import __version__
from grok_vision.app import create_server
from grok_vision.results import Usage
from grok_vision.settings import Settings
from grok_vision.vision import Books
from grok_vision.vision_server import VisionServer
from grok_vision.web.app import build_app
from grok_vision.web.binding import bind
from grok_vision.web.metrics import Metrics
from tests.fake_xai import FakeXAI
from tests.support import error_text, saved, settings_for, structured

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Page:
    """What `/metrics` tells."""

    text: str

    def value(self, name: str, **labels: str) -> float | None:
        """Return the figure with exactly these labels; None where there is none."""
        return self.all(name).get(frozenset(labels.items()))

    def all(self, name: str) -> dict[frozenset[tuple[str, str]], float]:
        return {
            frozenset(sample.labels.items()): sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
            if sample.name == name
        }

    def calls(self) -> dict[tuple[str, str], float]:
        """Return how many calls ended, by tool and code, of those that were made."""
        return {
            (dict(labels)["tool"], dict(labels)["code"]): count
            for labels, count in self.all("grok_vision_calls_total").items()
            if count
        }


async def page(metrics: Metrics, **headers: str) -> Page:
    transport = httpx2.ASGITransport(app=Starlette(routes=[metrics.route()]))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        answer = await http.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return Page(answer.text)


@dataclass(frozen=True)
class Counted:
    """A client of a server whose calls are counted."""

    client: Client
    metrics: Metrics
    server: VisionServer

    async def page(self) -> Page:
        return await page(self.metrics)

    async def describe(self, image: str, **arguments: Any) -> Any:
        return await self.client.call_tool("describe_image", {"image": image, **arguments})


@asynccontextmanager
async def counted(xai: FakeXAI, folder: Path, **given: Any) -> AsyncIterator[Counted]:
    settings = settings_for(folder, **given)
    server = create_server(settings, transport=xai.transport())
    metrics = Metrics(server.state.books, model=settings.model)
    server.middleware.append(metrics)
    async with Client(server) as client:
        yield Counted(client, metrics, server)


async def test_before_the_first_call_every_tool_is_told_with_none(folder: Path) -> None:
    told = await page(Metrics(Books(Settings())))
    names = ("describe_image", "extract_json", "compare_images", "estimate_tokens")
    assert told.all("grok_vision_calls_total") == {
        frozenset({("tool", name), ("code", "ok")}): 0.0 for name in names
    }
    assert told.value("grok_vision_info", version=__version__) == 1.0
    assert told.value("grok_vision_calls_in_flight") == 0.0
    assert told.all("grok_vision_tokens_total") == {}


async def test_a_call_is_counted_with_its_time_tokens_and_cost(xai: FakeXAI, folder: Path) -> None:
    async with counted(xai, folder) as server:
        result = structured(await server.describe(saved(folder)))
        told = await server.page()
    usage = result["usage"]
    assert told.calls() == {("describe_image", "ok"): 1.0}
    assert told.value("grok_vision_call_seconds_count", tool="describe_image") == 1.0
    assert told.value("grok_vision_calls_in_flight") == 0.0
    kinds = ("input", "output", "reasoning", "image", "cached")
    assert {
        kind: told.value("grok_vision_tokens_total", model="grok-4.3", kind=kind) for kind in kinds
    } == {kind: usage.get(f"{kind}_tokens", 0) for kind in kinds}
    assert told.value("grok_vision_cost_usd_total", model="grok-4.3") == usage["cost_usd"]
    assert told.value("grok_vision_provider_attempts_total", model="grok-4.3") == 1.0
    assert told.value("grok_vision_provider_attempts_without_cost_total", model="grok-4.3") == 0.0
    assert told.value("grok_vision_budget_left_usd") is None


async def test_what_is_left_of_the_budget_is_told_where_there_is_one(
    xai: FakeXAI, folder: Path
) -> None:
    async with counted(xai, folder, max_usd=5.0) as server:
        assert (await server.page()).value("grok_vision_budget_left_usd") == 5.0


async def test_a_failed_call_is_told_by_its_code_also_to_the_client(
    xai: FakeXAI, folder: Path
) -> None:
    async with counted(xai, folder) as server:
        missing = await server.describe(str(folder / "no.png"))
        wrong = await server.describe(saved(folder), model="grok-2-vision-1212")
        unknown = await server.describe(saved(folder), colour="red")
        told = await server.page()
    assert [error_text(one).split()[0] for one in (missing, wrong, unknown)] == [
        "[not_found]",
        "[model_not_found]",
        "[bad_argument]",
    ]
    assert [(one.meta or {})["grok-vision/code"] for one in (missing, wrong, unknown)] == [
        "not_found",
        "model_not_found",
        "bad_argument",
    ]
    assert told.calls() == {
        ("describe_image", "not_found"): 1.0,
        ("describe_image", "model_not_found"): 1.0,
        ("describe_image", "bad_argument"): 1.0,
    }


async def test_a_call_that_failed_and_was_billed_has_its_tokens_and_cost(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = ""
    async with counted(xai, folder) as server:
        assert (await server.describe(saved(folder))).is_error
        told = await server.page()
    assert told.calls() == {("describe_image", "empty_answer"): 1.0}
    assert (told.value("grok_vision_cost_usd_total", model="grok-4.3") or 0) > 0
    assert (told.value("grok_vision_tokens_total", model="grok-4.3", kind="input") or 0) > 0


async def test_a_bug_is_internal(
    xai: FakeXAI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("grok_vision.vision.journey.Journey.describe_image", broken)
    async with counted(xai, folder) as server:
        assert (await server.describe(saved(folder))).is_error
        assert (await server.page()).calls() == {("describe_image", "internal"): 1.0}


async def test_tools_that_are_unknown_make_one_series_together(xai: FakeXAI, folder: Path) -> None:
    async with counted(xai, folder) as server:
        for number in range(3):
            with suppress(MCPError):
                assert (await server.client.call_tool(f"tool-{number}", {})).is_error
        calls = (await server.page()).calls()
    assert calls == {("other", "unknown_tool"): 3.0}


async def test_a_call_goes_on_until_it_is_cancelled(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder)
    xai.delay = 60.0
    async with counted(xai, folder) as server:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.describe, path)
            with anyio.fail_after(10):
                while not xai.requests:
                    await anyio.lowlevel.checkpoint()
            assert (await server.page()).value("grok_vision_calls_in_flight") == 1.0
            tasks.cancel_scope.cancel()
        with anyio.fail_after(10):
            while not (told := await server.page()).calls():
                await anyio.lowlevel.checkpoint()
    assert told.calls() == {("describe_image", "cancelled"): 1.0}
    assert told.value("grok_vision_calls_in_flight") == 0.0


async def test_models_are_told_by_name_where_that_is_known_and_else_together() -> None:
    books = Books(Settings())
    used = Usage(input_tokens=10, cost_usd=0.5, cost_source="reported")
    for provider, model in (
        ("xai", "grok-4.3"),
        ("xai", "grok-4.3-latest"),
        ("xai", "configured"),
        ("local", "local/ocr"),
        ("nobody", "grok-4.3"),
        *(("xai", f"made-up-{number}") for number in range(300)),
    ):
        books.ledger.record(provider, used, model)
    told = await page(Metrics(books, model="configured"))
    assert told.all("grok_vision_cost_usd_total") == {
        frozenset({("model", "grok-4.3")}): 1.0,
        frozenset({("model", "configured")}): 0.5,
        frozenset({("model", "local/ocr")}): 0.5,
        frozenset({("model", "other")}): 150.5,
    }


async def test_a_scraper_may_ask_for_openmetrics_and_gzip() -> None:
    accepted = "application/openmetrics-text; version=1.0.0"
    told = await page(Metrics(Books(Settings())), accept=accepted, **{"accept-encoding": "gzip"})
    assert told.text.endswith("# EOF\n")


async def test_nothing_but_get_is_answered() -> None:
    app = Starlette(routes=[Metrics(Books(Settings())).route()])
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://test"
    ) as http:
        assert (await http.post("/metrics")).status_code == 405


async def test_where_there_is_a_token_the_page_needs_it_and_health_does_not(folder: Path) -> None:
    settings = settings_for(folder, auth_token="a-token-of-some-length")
    binding = bind(settings, "127.0.0.1", 0)
    transport = httpx2.ASGITransport(app=build_app(settings, binding, "http"))
    sign = {"Authorization": "Bearer a-token-of-some-length"}
    with binding.socket:
        async with httpx2.AsyncClient(transport=transport, base_url=binding.address) as http:
            assert (await http.get("/health")).status_code == 200
            assert (await http.get("/metrics")).status_code == 401
            assert (await http.get("/metrics", headers=sign)).status_code == 200
