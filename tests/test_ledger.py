"""What calls cost: as the provider reports it, summed by model, and kept within a limit."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client

from grok_vision.app import create_server
from grok_vision.chat import ChatRequest
from grok_vision.errors import RequestError
from grok_vision.providers import endpoint
from grok_vision.relay import Ledger, OwnBudget, Relay
from grok_vision.results import ModelSpending, Spending, Usage
from grok_vision.settings import Settings
from grok_vision.texts import dollars
from grok_vision.tokens import Calibration, ObservationsInFile
from grok_vision.tokens.count import exactly
from grok_vision.vision.asking import Asking
from grok_vision.vision.call import Call
from grok_vision.vision.expectation import Expectation
from grok_vision.watch import NOBODY
from tests.fake_xai import FakeXAI
from tests.support import connected, error_text, noise, saved, settings_for, structured

pytestmark = pytest.mark.anyio


def cost(usd: float) -> Usage:
    return Usage(cost_usd=usd, cost_source="reported")


def refusal(ledger: Ledger, usd: float | None, model: str = "m") -> str:
    with pytest.raises(RequestError) as caught, ledger.reserved(usd, model=model):
        raise AssertionError
    assert caught.value.code == "over_budget"
    return caught.value.message


# The sums


def test_a_new_ledger_has_nothing() -> None:
    assert Ledger().spending() == Spending(models=[], calls=0, cost_usd=0.0)
    assert Ledger(5.0).spending() == Spending(
        models=[], calls=0, cost_usd=0.0, max_usd=5.0, left_usd=5.0
    )


def test_calls_are_summed_by_model_the_most_expensive_first() -> None:
    ledger = Ledger(1.0)
    full = Usage(
        input_tokens=1000,
        output_tokens=100,
        reasoning_tokens=20,
        image_tokens=600,
        cached_tokens=50,
        total_tokens=1120,
        cost_usd=0.1,
        cost_source="computed",
    )
    ledger.record("xai", cost(0.05), "grok-4.3")
    ledger.record("xai", full, "grok-4.6")
    ledger.record("xai", full.model_copy(update={"cost_usd": 0.2}), "grok-4.6")
    ledger.record("ollama", Usage(input_tokens=7, output_tokens=3), "llava")
    ledger.record("local", None, "grok-vision-local")
    nothing = {
        "input_tokens": 0,
        "output_tokens": 0,
        "reasoning_tokens": 0,
        "image_tokens": 0,
        "cached_tokens": 0,
        "calls": 1,
        "cost_usd": 0.0,
    }
    assert ledger.spending() == Spending(
        models=[
            ModelSpending(
                provider="xai",
                model="grok-4.6",
                calls=2,
                input_tokens=2000,
                output_tokens=200,
                reasoning_tokens=40,
                image_tokens=1200,
                cached_tokens=100,
                cost_usd=0.3,
            ),
            ModelSpending(provider="xai", model="grok-4.3", **nothing | {"cost_usd": 0.05}),
            ModelSpending(
                provider="local", model="grok-vision-local", **nothing, calls_without_cost=1
            ),
            ModelSpending(
                provider="ollama",
                model="llava",
                **nothing | {"input_tokens": 7, "output_tokens": 3},
                calls_without_cost=1,
            ),
        ],
        calls=5,
        cost_usd=0.35,
        max_usd=1.0,
        left_usd=0.65,
    )


def test_sums_are_free_of_the_noise_of_adding() -> None:
    ledger = Ledger(1.0)
    for _ in range(3):
        ledger.record("xai", cost(0.1), "m")
    spending = ledger.spending()
    assert [spending.cost_usd, spending.models[0].cost_usd, spending.left_usd] == [0.3, 0.3, 0.7]


def test_names_beyond_200_are_summed_as_other() -> None:
    ledger = Ledger()
    for number in range(250):
        ledger.record("xai", cost(0.01), f"model-{number}")
    ledger.record("xai", cost(0.01), "model-7")
    spending = ledger.spending()
    assert len(spending.models) == 201
    assert (spending.models[0].model, spending.models[0].calls) == ("other", 50)
    assert (spending.models[1].model, spending.models[1].calls) == ("model-7", 2)
    assert spending.calls == 251


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("half \ud83d", "half ?"),
        ("two\nlines", "two lines"),
        ("x" * 9999, f"{'x' * 80}…{'x' * 80}"),
    ],
)
def test_a_name_from_outside_is_kept_as_one_short_line(name: str, kept: str) -> None:
    ledger = Ledger()
    ledger.record("xai", None, name)
    assert ledger.spending().models[0].model == kept


# The limit


def test_without_a_limit_every_call_is_made() -> None:
    ledger = Ledger()
    with ledger.reserved(1e9, model="m"), ledger.reserved(None, model="m"):
        ledger.record("xai", cost(1e9), "m")
    assert ledger.spending().calls == 1


async def test_calls_at_once_do_not_pass_the_limit_together() -> None:
    ledger = Ledger(0.05)
    release = anyio.Event()
    made: list[int] = []
    refused: list[int] = []

    async def call(number: int) -> None:
        try:
            with ledger.reserved(0.02, model="grok-4.6"):
                made.append(number)
                await release.wait()
                ledger.record("xai", cost(0.02), "grok-4.6")
        except RequestError:
            refused.append(number)

    async with anyio.create_task_group() as tasks:
        for number in range(10):
            tasks.start_soon(call, number)
        await anyio.wait_all_tasks_blocked()
        assert (len(made), len(refused)) == (2, 8)
        release.set()
    assert ledger.spending().cost_usd == 0.04
    refusal(ledger, 0.02)
    with ledger.reserved(0.01, model="m"):
        pass


async def test_a_call_that_fails_or_is_cancelled_gives_back_what_it_held() -> None:
    ledger = Ledger(0.05)
    with suppress(OSError), ledger.reserved(0.05, model="m"):
        raise OSError
    with anyio.CancelScope() as scope, ledger.reserved(0.05, model="m"):
        scope.cancel()
        await anyio.sleep_forever()
    with ledger.reserved(0.05, model="m"):
        refusal(ledger, 0.01)


def test_what_calls_really_cost_counts_and_not_what_they_were_held_to() -> None:
    ledger = Ledger(0.10)
    for _ in range(8):
        with ledger.reserved(0.03, model="m"):
            ledger.record("xai", cost(0.01), "m")
    assert ledger.spending().left_usd == 0.02
    refusal(ledger, 0.03)


def test_after_a_call_cost_more_than_the_limit_only_free_ones_are_made() -> None:
    ledger = Ledger(0.10)
    with ledger.reserved(0.05, model="m"):
        ledger.record("xai", cost(0.20), "m")
    assert ledger.spending().left_usd == 0.0
    refusal(ledger, 0.000001)
    with ledger.reserved(0.0, model="local"):
        pass


def test_a_limit_can_be_used_to_the_last_cent() -> None:
    ledger = Ledger(0.30)
    for _ in range(3):
        with ledger.reserved(0.10, model="m"):
            ledger.record("xai", cost(0.10), "m")
    refusal(ledger, 0.10)


def test_a_call_whose_cost_is_not_reported_counts_as_expected() -> None:
    ledger = Ledger(0.05)
    ledger.record("xai", None, "m", expected_usd=0.03)
    ledger.record("xai", Usage(input_tokens=9), "m", expected_usd=0.01)
    ledger.record("xai", cost(0.005), "m", expected_usd=1.0)
    spending = ledger.spending()
    assert (spending.cost_usd, spending.expected_usd, spending.left_usd) == (0.005, 0.04, 0.005)
    assert spending.models[0].calls_without_cost == 2
    assert "with $0.0050 spent and $0.0400 expected of calls whose" in refusal(ledger, 0.01)


def test_a_refusal_says_what_was_spent_what_the_call_costs_and_what_to_do() -> None:
    ledger = Ledger(0.05)
    ledger.record("xai", cost(0.0123), "grok-4.6")
    assert refusal(ledger, 0.04, "grok-4.6") == (
        "the call to grok-4.6 may cost $0.0400, which with $0.0123 spent would pass the limit of "
        "$0.0500, so it was not made: raise GROK_VISION_MAX_USD, restart the server to count from "
        "zero, or use a cheaper model or detail=low."
    )
    with ledger.reserved(0.02, model="m"):
        assert "with $0.0123 spent and $0.0200 in flight would" in refusal(ledger, 0.02)


def test_a_model_without_a_known_price_is_refused_where_a_limit_is_set() -> None:
    assert refusal(Ledger(5.0), None, "a\nb") == (
        "the price of a b is not known, so the limit of $5.00 in GROK_VISION_MAX_USD cannot be "
        "kept and the call was not made: choose a model whose price `grok-vision-mcp models` "
        "shows, or unset GROK_VISION_MAX_USD."
    )


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (0.0, "$0"),
        (0.0000042, "$0.0000042"),
        (0.0123, "$0.0123"),
        (0.5, "$0.5000"),
        (1, "$1.00"),
        (12345.678, "$12,345.68"),
    ],
)
def test_sums_of_any_size_are_told_with_sensible_digits(usd: float, words: str) -> None:
    assert dollars(usd) == words


# What the provider reports

BYOK = {"is_byok": True, "cost": 0, "cost_details": {"upstream_inference_cost": 0.00197}}
"""As recorded: DataDog/dd-trace-py#19324, 2026-07-27."""


async def reported(
    folder: Path, usage: dict[str, Any], provider: str = "openrouter"
) -> dict[str, Any]:
    """Return the usage of a call that the provider answered with `usage`."""
    answer = {
        "choices": [{"message": {"content": "fine"}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, **usage},
    }
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=json.dumps(answer)))
    given = settings_for(folder, provider=provider, **{f"{provider}_api_key": "test"})
    arguments = {"image": saved(folder), "model": "acme/some-model"}
    async with Client(create_server(given, transport=transport)) as client:
        return dict(structured(await client.call_tool("describe_image", arguments))["usage"])


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        pytest.param({"cost": 0.00014}, 0.00014, id="openrouter.ai/docs, usage accounting"),
        pytest.param({"cost": 0}, 0.0, id="a free model"),
        pytest.param({"cost": 1, "cost_in_usd_ticks": 5}, 1.0, id="ticks of xAI behind it"),
        pytest.param({"cost": 0.95, "cost_details": {"upstream_inference_cost": 0.9}}, 0.95),
        pytest.param(BYOK, 0.00197, id="one's own key"),
        pytest.param(BYOK | {"cost": 0.0001}, 0.00207, id="one's own key and a fee"),
    ],
)
async def test_openrouter_reports_the_cost_in_dollars(
    folder: Path, usage: dict[str, Any], usd: float
) -> None:
    used = await reported(folder, usage)
    assert used["cost_usd"] == pytest.approx(usd)
    assert used["cost_source"] == "reported"


@pytest.mark.parametrize(
    "usage",
    [
        {"cost": True},
        {"cost": "0.01"},
        {"cost": -0.01},
        {"cost": float("nan")},
        {"cost": float("inf")},
        {"cost": None},
        {"cost": [0.1]},
        {"is_byok": True, "cost": 0},
        {"is_byok": True, "cost": 0, "cost_details": {"upstream_inference_cost": "0.1"}},
        {"is_byok": True, "cost": 0, "cost_details": None},
        {"cost_in_usd_ticks": 20_000_000},
    ],
)
async def test_a_cost_that_is_none_or_not_all_of_it_is_unknown(
    folder: Path, usage: dict[str, Any]
) -> None:
    used = await reported(folder, usage)
    assert used["input_tokens"] == 100
    assert "cost_usd" not in used


async def test_a_cost_in_a_currency_that_nobody_told_is_not_taken(folder: Path) -> None:
    used = await reported(folder, {"cost": 0.5}, provider="together")
    assert "cost_usd" not in used


ANSWER = {
    "model": "grok-4.3",
    "choices": [{"message": {"content": "fine"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 0},
}


async def test_the_price_is_that_of_the_model_that_answered(xai: FakeXAI, folder: Path) -> None:
    xai.answer = lambda _: {**ANSWER, "usage": {"prompt_tokens": 1_000, "completion_tokens": 0}}
    async with connected(xai, folder, model="grok-4.6") as client:
        result = await client.call_tool("describe_image", {"image": saved(folder)})
    assert structured(result)["usage"]["cost_usd"] == pytest.approx(1_000 * 1.25e-6)


@pytest.mark.parametrize("asked", ["grok-4.6", "grok-4-0709"])
async def test_an_answer_of_a_model_that_nobody_knows_has_no_price(
    xai: FakeXAI, folder: Path, asked: str
) -> None:
    xai.answer = lambda _: {**ANSWER, "model": "somebody-else"}
    async with connected(xai, folder, model=asked) as client:
        result = await client.call_tool("describe_image", {"image": saved(folder)})
    assert "cost_usd" not in structured(result)["usage"]


async def test_another_address_is_presumed_to_cost_the_same_and_may_report_what_it_does(
    folder: Path,
) -> None:
    """A relay of xAI."""
    xai = FakeXAI()
    without = {**ANSWER, "usage": {"prompt_tokens": 1_000, "completion_tokens": 10}}
    with_ticks = {"usage": {**without["usage"], "cost_in_usd_ticks": 20_000_000}}
    bodies = iter([without, {**without, **with_ticks}])
    xai.answer = lambda _: next(bodies)
    async with connected(xai, folder, base_url="https://relay.example/v1", max_usd=1.0) as client:
        used = [
            structured(await client.call_tool("describe_image", {"image": saved(folder)}))["usage"]
            for _ in range(2)
        ]
        told = await usage_of(client)
    assert (used[0]["cost_usd"], used[0]["cost_source"]) == (0.001275, "computed")
    assert (used[1]["cost_usd"], used[1]["cost_source"]) == (0.002, "reported")
    assert (told["calls"], told["cost_usd"]) == (2, 0.003275)
    assert "expected_usd" not in told


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": 9, "cost_in_usd_ticks": 9e14}])
async def test_a_server_of_ones_own_costs_nothing_whatever_it_says(
    folder: Path, usage: dict[str, Any] | None
) -> None:
    transport = answering({**ANSWER, "usage": usage})
    given = settings_for(folder, xai_api_key=None, provider="ollama", model="llava", max_usd=1e-9)
    async with Client(create_server(given, transport=transport)) as client:
        answer = structured(await client.call_tool("describe_image", {"image": saved(folder)}))
        told = await usage_of(client)
    assert ("usage" in answer) == (usage is not None)
    assert answer.get("usage", {}).get("cost_usd", 0) == 0
    assert (told["calls"], told["cost_usd"], told["left_usd"]) == (1, 0, 1e-9)
    assert told["models"][0]["calls_without_cost"] == 0


async def test_the_offline_engine_is_known_to_cost_nothing(folder: Path) -> None:
    settings = Settings(provider="local", roots=(folder,))
    async with Client(create_server(settings)) as client:
        structured(await client.call_tool("describe_image", {"image": saved(folder)}))
        told = await usage_of(client)
    assert told["models"][0]["calls_without_cost"] == 0
    assert "expected_usd" not in told


# What may have been paid


def answering(document: Any, status: int = 200) -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda _: httpx2.Response(status, json=document))


async def usage_of(client: Client) -> dict[str, Any]:
    (content,) = (await client.read_resource("vision://usage")).contents
    return dict(json.loads(content.text))


async def spent_at(
    transport: httpx2.AsyncBaseTransport | None, folder: Path, **given: Any
) -> tuple[str, dict[str, Any]]:
    """Return the error of one call, and what the server says that it used."""
    settings = settings_for(folder, **{"max_usd": 1.0, "retries": 0, **given})
    async with Client(create_server(settings, transport=transport)) as client:
        result = await client.call_tool("describe_image", {"image": saved(folder)})
        return error_text(result), await usage_of(client)


class Failing(httpx2.AsyncBaseTransport):
    """A network that fails after it took so many bytes of the body; -1: one byte short of all."""

    def __init__(self, error: type[httpx2.TransportError], taken: float) -> None:
        self.error = error
        self.taken = taken

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        left = self.taken if self.taken >= 0 else int(request.headers["content-length"]) - 1
        if left:
            async for chunk in request.stream:
                left -= len(chunk)
                if left <= 0:
                    break
        raise self.error("broken")


EVERYTHING = float("inf")


@pytest.mark.parametrize(
    ("error", "taken", "calls"),
    [
        (httpx2.ConnectTimeout, 0, 0),
        (httpx2.ConnectError, 0, 0),
        (httpx2.PoolTimeout, 0, 0),
        (httpx2.WriteError, 1, 0),
        (httpx2.WriteTimeout, 1, 0),
        (httpx2.WriteTimeout, -1, 1),
        (httpx2.ReadError, EVERYTHING, 1),
        (httpx2.ReadTimeout, EVERYTHING, 1),
        (httpx2.RemoteProtocolError, EVERYTHING, 1),
    ],
)
async def test_a_call_counts_as_paid_from_the_last_byte_on_that_is_sent(
    folder: Path, error: type[httpx2.TransportError], taken: float, calls: int
) -> None:
    text, told = await spent_at(Failing(error, taken), folder)
    assert text.startswith(("[unavailable]", "[timeout]"))
    assert told["calls"] == calls
    assert told["left_usd"] == pytest.approx(1.0 - told.get("expected_usd", 0.0))
    assert ("expected_usd" in told) == bool(calls)


@asynccontextmanager
async def breaking_off(said: bytes) -> AsyncIterator[tuple[str, list[int]]]:
    """Serve one who reads a whole request, says so much and closes; give address and sizes."""
    read: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        (length,) = re.findall(r"content-length: (\d+)", head)
        read.append(len(await reader.readexactly(int(length))))
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", read
    finally:
        server.close()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="half a header"),
        pytest.param(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"choices', id="half a body"),
    ],
)
async def test_a_connection_that_breaks_after_the_request_counts_as_paid(
    folder: Path, said: bytes
) -> None:
    large = saved(folder, "large.png", noise(1000, 900))
    async with breaking_off(said) as (address, read):
        settings = settings_for(folder, base_url=address, max_usd=1.0, retries=0)
        async with Client(create_server(settings)) as client:
            result = await client.call_tool("describe_image", {"image": large})
            told = await usage_of(client)
    assert "broke off" in error_text(result)
    assert read[0] > 1_000_000
    assert told["calls"] == told["models"][0]["calls_without_cost"] == 1
    assert told["left_usd"] == pytest.approx(1.0 - told["expected_usd"])


@pytest.mark.parametrize(
    ("status", "document", "calls"),
    [
        (400, {"error": {"message": "bad"}}, 0),
        (429, {"error": {"message": "slow down"}}, 0),
        (500, {"error": {"message": "boom"}}, 0),
        (503, "busy", 0),
        (200, {"error": {"message": "upstream failed"}}, 0),
        (500, {"error": {"message": "boom"}, "usage": {"prompt_tokens": None}}, 0),
        # A gateway lost patience; who is behind it goes on.
        (504, "<html>gateway timeout</html>", 1),
        (524, "", 1),
        # Half an answer, or something else: nobody knows.
        (200, '{"choices": [{"mess', 1),
    ],
)
async def test_a_call_counts_as_paid_unless_the_provider_itself_says_that_it_failed(
    folder: Path, status: int, document: Any, calls: int
) -> None:
    content = document if isinstance(document, str) else json.dumps(document)
    transport = httpx2.MockTransport(lambda _: httpx2.Response(status, content=content))
    _, told = await spent_at(transport, folder)
    assert told["calls"] == calls
    assert ("expected_usd" in told) == bool(calls)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(
            200,
            {"choices": [{"message": {"content": ""}, "finish_reason": "error"}]},
            id="without a word of why",
        ),
        pytest.param(
            200,
            {"choices": [{"error": {"code": 502, "message": "x"}, "finish_reason": "error"}]},
            id="within the choice",
        ),
        pytest.param(502, {"error": {"code": 502, "message": "x"}}, id="alone"),
    ],
)
async def test_a_failure_that_tells_its_cost_is_entered_with_it(
    folder: Path, status: int, body: dict[str, Any]
) -> None:
    used = {"prompt_tokens": 1_000, "completion_tokens": 0, "cost": 0.5}
    transport = answering({"model": "acme/eyes-1", **body, "usage": used}, status)
    text, told = await spent_at(
        transport,
        folder,
        provider="openrouter",
        openrouter_api_key="k",
        model="acme/eyes",
        max_usd=None,
    )
    assert text.startswith("[unavailable] OpenRouter")
    assert "is failing now" in text
    (row,) = told["models"]
    assert (row["model"], row["input_tokens"], row["cost_usd"]) == ("acme/eyes-1", 1_000, 0.5)


async def test_a_failure_that_tells_tokens_without_a_price_is_not_guessed_at(folder: Path) -> None:
    refused = {"error": {"message": "boom"}, "usage": {"prompt_tokens": 7, "completion_tokens": 0}}
    _, told = await spent_at(answering({"model": "somebody-else", **refused}, 500), folder)
    assert (told["calls"], told["left_usd"]) == (1, 1.0)


class Slots:
    """Calls to a provider that answers when it is told to, each expected to cost $0.004."""

    def __init__(self, folder: Path, output_tokens: int) -> None:
        self.ledger = Ledger(0.05)
        self.sent = 0
        self.answer = anyio.Event()
        self.refused: list[str] = []
        self._output_tokens = output_tokens
        transport = httpx2.MockTransport(self._respond)
        self._relay = Relay(concurrency=4, retries=0, transport=transport)
        observations = ObservationsInFile(Calibration(folder))
        self._asking = Asking(self._relay, OwnBudget(self.ledger), observations, answers=None)
        target = endpoint(Settings(xai_api_key="test"))
        self._call = Call(target, target.choose(), (), (), "auto", None, NOBODY)

    async def call(self) -> None:
        expected = Expectation(exactly(1_200), 0.004, None, "auto")
        request = ChatRequest("grok-4.3", (), {})
        try:
            await self._asking.ask(self._call, request, expected)
        except RequestError as error:
            self.refused.append(error.code)

    async def aclose(self) -> None:
        await self._relay.aclose()

    async def _respond(self, _: httpx2.Request) -> httpx2.Response:
        self.sent += 1
        await self.answer.wait()
        usage = {"prompt_tokens": 1_200, "completion_tokens": self._output_tokens}
        return httpx2.Response(200, json={**ANSWER, "usage": usage})


async def test_a_call_that_waited_is_refused_by_what_those_before_it_cost(folder: Path) -> None:
    """Sixteen calls at once, of which each costs five times what is held back for it."""
    slots = Slots(folder, output_tokens=8_000)
    async with anyio.create_task_group() as tasks:
        for _ in range(16):
            tasks.start_soon(slots.call)
        await anyio.wait_all_tasks_blocked()
        assert slots.sent == 4
        slots.answer.set()
    await slots.aclose()
    assert (slots.sent, slots.refused) == (4, ["over_budget"] * 12)
    assert slots.ledger.spending().cost_usd == pytest.approx(4 * (1_200 * 1.25 + 8_000 * 2.5) / 1e6)


async def test_a_call_that_waits_holds_nothing_of_the_limit(folder: Path) -> None:
    slots = Slots(folder, output_tokens=100)
    async with anyio.create_task_group() as tasks:
        for _ in range(16):
            tasks.start_soon(slots.call)
        await anyio.wait_all_tasks_blocked()
        slots.answer.set()
    await slots.aclose()
    assert (slots.sent, slots.refused) == (16, [])


async def test_a_call_that_never_got_its_turn_is_not_counted(folder: Path) -> None:
    slots = Slots(folder, output_tokens=100)
    async with anyio.create_task_group() as tasks:
        for _ in range(7):
            tasks.start_soon(slots.call)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    await slots.aclose()
    spending = slots.ledger.spending()
    assert (slots.sent, spending.calls, spending.expected_usd) == (4, 4, 0.016)


async def test_a_limit_reckons_with_the_most_that_the_pictures_may_be_and_with_an_answer(
    xai: FakeXAI, folder: Path
) -> None:
    """How grok-4.3 counts pictures is not published: the estimate is a range."""
    path = saved(folder, image=noise(800, 600))
    async with connected(xai, folder, max_usd=1.0) as client:
        arguments = {"images": [path], "model": "grok-4.3"}
        page = structured(await client.call_tool("estimate_tokens", arguments))
        short = structured(
            await client.call_tool("estimate_tokens", {**arguments, "max_output_tokens": 10})
        )
    assert page["input_tokens_max"] > page["input_tokens"]
    least = page["input_tokens_max"] * 1.25e-6
    assert page["reserved_usd"] == pytest.approx(least + 1_000 * 2.50e-6)
    assert short["reserved_usd"] == pytest.approx(least + 10 * 2.50e-6)
    for limit, sent in ((short["reserved_usd"] * 0.999, 0), (short["reserved_usd"], 1)):
        async with connected(xai, folder, max_usd=limit) as client:
            call = {"image": path, "model": "grok-4.3", "max_tokens": 10}
            result = await client.call_tool("describe_image", call)
        assert result.is_error == (not sent)
        assert len(xai.requests) == sent


async def test_a_limit_reckons_with_the_thoughts_of_a_model_that_always_reasons(
    xai: FakeXAI, folder: Path
) -> None:
    async with connected(xai, folder, max_usd=1.0) as client:
        arguments = {"images": [saved(folder)], "model": "grok-4.6", "max_output_tokens": 10}
        found = structured(await client.call_tool("estimate_tokens", arguments))
    held = found["input_tokens_max"] * 2.00e-6 + (10 + 2_000) * 6.00e-6
    assert found["reserved_usd"] == pytest.approx(held)
