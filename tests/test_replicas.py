"""Two replicas behind nginx, over one Redis: one is killed or restarted while many ask."""

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from tests.clients.served import EXAMPLES
from tests.fake_xai import FakeXAI
from tests.redis_server import redis_server
from tests.replicas import HEADERS, PATIENCE, Replica, nginx, program, provider, replicas

pytestmark = pytest.mark.anyio

CLIENTS, CALLS, SEED = 16, 200, 9
ANSWER = json.dumps({"summary": "One word is another.", "differences": []})
DASHBOARD = str(EXAMPLES / "dashboard.png")
PAIR = [str(EXAMPLES / "page-before.png"), str(EXAMPLES / "page-after.png")]
AGAIN = "[unavailable]"
_ACCEPT = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-11-25"}

Ask = Callable[[str, dict[str, Any]], Awaitable["Outcome"]]


@dataclass(frozen=True)
class Outcome:
    """What a call came to: the structured result, or what was said in its place."""

    result: dict[str, Any] | None
    told: str = ""

    @property
    def cost(self) -> float:
        return float(((self.result or {}).get("usage") or {}).get("cost_usd", 0.0))


@dataclass
class Fleet:
    """Two replicas behind nginx."""

    address: str
    replicas: list[Replica]
    xai: FakeXAI
    outcomes: list[Outcome] = field(default_factory=list)

    async def run(self, calls: Sequence[tuple[str, dict[str, Any]]], clients: int) -> None:
        """Make the calls by so many clients, each of which makes one after another."""
        left = list(reversed(calls))

        async def work(number: int) -> None:
            async with self._client(number) as ask:
                while left:
                    self.outcomes.append(await ask(*left.pop()))

        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                for number in range(clients):
                    tasks.start_soon(work, number)

    async def come_to(self, count: int) -> None:
        """Wait until so many calls have ended."""
        with anyio.fail_after(PATIENCE):
            while len(self.outcomes) < count:  # noqa: ASYNC110
                await anyio.sleep(0.002)

    @asynccontextmanager
    async def _client(self, number: int) -> AsyncIterator[Ask]:
        """A client of its kind: the SDK's in either era, and raw HTTP."""
        async with httpx2.AsyncClient(headers=HEADERS, timeout=PATIENCE) as http:
            if number % 2:
                yield lambda name, arguments: self._raw(http, name, arguments)
                return
            transport = streamable_http_client(f"{self.address}/mcp", http_client=http)
            async with Client(transport, mode="legacy" if number % 4 else "auto") as client:
                yield lambda name, arguments: self._sdk(client, http, name, arguments)

    async def _sdk(
        self, client: Client, http: httpx2.AsyncClient, name: str, arguments: dict[str, Any]
    ) -> Outcome:
        if name == "upload":
            return await self._uploaded(http, arguments)
        try:
            result = await client.call_tool(name, arguments)
        except MCPError as error:
            return Outcome(None, error.error.message)
        if result.is_error:
            return Outcome(None, result.content[0].text)  # type: ignore[union-attr]
        return Outcome(result.structured_content)

    async def _raw(self, http: httpx2.AsyncClient, name: str, arguments: dict[str, Any]) -> Outcome:
        if name == "upload":
            return await self._uploaded(http, arguments)
        params = {"name": name, "arguments": arguments}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        text = ""
        async with http.stream(
            "POST", f"{self.address}/mcp", json=message, headers=_ACCEPT
        ) as answer:
            # The answer is in the first event: nothing is lost with what a stream has after it.
            with suppress(httpx2.RemoteProtocolError):
                async for part in answer.aiter_text():
                    text += part
        told = json.loads(text[text.index("{") :])
        if "error" in told:
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            return Outcome(None, told["error"]["message"])
        result = told["result"]
        if result.get("isError"):
            return Outcome(None, result["content"][0]["text"])
        return Outcome(result["structuredContent"])

    async def _uploaded(self, http: httpx2.AsyncClient, arguments: dict[str, Any]) -> Outcome:
        content = Path(arguments["image"]).read_bytes()
        answer = await http.post(f"{self.address}/images", content=content)
        told = answer.json()
        if answer.status_code == 201:
            return Outcome(told)
        assert answer.headers["retry-after"]
        return Outcome(None, f"[{told['error']['code']}] {told['error']['message']}")


@pytest.fixture
def fleet(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Fleet]:
    """Two replicas over one Redis; the parameter has settings of theirs."""
    xai = FakeXAI(answer=ANSWER, delay=0.05)
    with ExitStack() as stack:
        program()
        redis = stack.enter_context(redis_server(tmp_path / "redis"))
        settings = {**stack.enter_context(provider(xai)), **getattr(request, "param", {})}
        started = stack.enter_context(
            replicas(tmp_path, 2, GROK_VISION_REDIS_URL=redis.url, **settings)
        )
        address = stack.enter_context(nginx(tmp_path, [one.port for one in started]))
        yield Fleet(address, started, xai)


def mixed(count: int, chance: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Return calls of all tools, each of which that is paid asks something of its own."""
    kinds: list[Callable[[str], tuple[str, dict[str, Any]]]] = [
        lambda words: ("describe_image", {"image": DASHBOARD, "prompt": words}),
        lambda words: ("extract_json", {"images": [DASHBOARD], "prompt": words}),
        lambda words: ("compare_images", {"images": PAIR, "prompt": words}),
        lambda _: ("compare_images", {"images": PAIR, "mode": "pixels"}),
        lambda words: ("estimate_tokens", {"images": [DASHBOARD], "prompt": words}),
        lambda _: ("upload", {"image": DASHBOARD}),
    ]
    return [chance.choice(kinds)(f"question {number}.") for number in range(count)]


def asked(xai: FakeXAI) -> list[str]:
    """Return the numbers of all that was asked; a request that broke off is none."""
    sent = [one.body for one in xai.requests if one.path.endswith("/chat/completions")]
    return [json.dumps(body).split("question ")[1].split(".")[0] for body in sent if body]


@asynccontextmanager
async def client_of(replica: Replica) -> AsyncIterator[Client]:
    """A client of one replica, without nginx."""
    async with (
        httpx2.AsyncClient(headers=HEADERS) as http,
        Client(streamable_http_client(f"{replica.url}/mcp", http_client=http)) as client,
    ):
        yield client


async def counted(replica: Replica) -> int:
    """Return how many requests the ledger has, which the replicas share."""
    async with client_of(replica) as client:
        (told,) = (await client.read_resource("vision://usage")).contents
    return sum(model["calls"] for model in json.loads(told.text)["models"])  # type: ignore[union-attr]


async def described(replica: Replica, source: str) -> str:
    """Return the text about a picture, or the error."""
    async with client_of(replica) as client:
        result = await client.call_tool("describe_image", {"image": source})
    return str((result.structured_content or {}).get("text", result.content))


async def sent_up(replica: Replica) -> dict[str, Any]:
    """Upload a picture, and return what is told of it."""
    async with httpx2.AsyncClient(headers=HEADERS) as http:
        content = Path(DASHBOARD).read_bytes()
        told: dict[str, Any] = (await http.post(f"{replica.url}/images", content=content)).json()
    return told


async def test_calls_succeed_or_are_told_to_come_again_when_a_replica_is_killed(
    fleet: Fleet,
) -> None:
    chance = random.Random(SEED)
    calls = mixed(CALLS, chance)
    killed, stays = chance.sample(fleet.replicas, 2)
    source = (await sent_up(killed))["source"]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(fleet.run, calls, CLIENTS)
        await fleet.come_to(chance.randrange(CALLS // 4, CALLS // 2))
        killed.kill()
    assert len(fleet.outcomes) == CALLS
    failed = [one.told for one in fleet.outcomes if one.result is None]
    assert [told for told in failed if not told.startswith(AGAIN)] == []
    assert [told for told in failed if "try again" not in told] == []
    # At most what each client had under way.
    assert len(failed) <= CLIENTS
    # No call was sent by two replicas, and what the ledger lacks was in flight.
    requests = asked(fleet.xai)
    assert len(set(requests)) == len(requests)
    assert 0 <= len(requests) - await counted(stays) <= len(failed)
    # And what the one took, the other reads.
    assert await described(stays, source) == ANSWER


LIMIT = 0.05


@pytest.mark.parametrize(
    "fleet", [{"GROK_VISION_MAX_USD": str(LIMIT)}], indirect=True, ids=["with a limit"]
)
async def test_replicas_never_spend_more_than_the_limit_together(fleet: Fleet) -> None:
    calls = [
        ("describe_image", {"image": DASHBOARD, "prompt": f"question {number}."})
        for number in range(60)
    ]
    await fleet.run(calls, CLIENTS)
    failed = [one.told for one in fleet.outcomes if one.result is None]
    assert failed
    assert [told for told in failed if not told.startswith("[over_budget]")] == []
    paid = [one.cost for one in fleet.outcomes if one.result is not None]
    assert len(paid) == len(asked(fleet.xai))
    assert 0 < sum(paid) <= LIMIT
    # What is left is less than another call may cost, by far not the share of a replica.
    assert sum(paid) > LIMIT / 2


async def test_replicas_that_are_restarted_one_after_the_other_lose_no_call(
    tmp_path: Path,
) -> None:
    program()
    xai = FakeXAI(answer=ANSWER, delay=0.3)
    with ExitStack() as stack:
        settings = stack.enter_context(provider(xai))
        started = stack.enter_context(replicas(tmp_path, 2, **settings))
        address = stack.enter_context(nginx(tmp_path, [one.port for one in started]))
        fleet = Fleet(address, started, xai)
        stop = anyio.Event()

        async def ask() -> None:
            number = 0
            while not stop.is_set():
                calls = [
                    ("describe_image", {"image": DASHBOARD, "prompt": f"question {number + one}."})
                    for one in range(18)
                ]
                number += len(calls)
                await fleet.run(calls, 4)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            first, second = started
            await fleet.come_to(12)
            assert await anyio.to_thread.run_sync(first.ended) == 0
            await anyio.to_thread.run_sync(first.again)
            assert await anyio.to_thread.run_sync(second.ended) == 0
            await fleet.come_to(len(fleet.outcomes) + 12)
            stop.set()
    assert [one.told for one in fleet.outcomes if one.result is None] == []


@asynccontextmanager
async def outage(
    tmp_path: Path, calls: Sequence[tuple[str, dict[str, Any]]], **settings: str
) -> AsyncIterator[Fleet]:
    """A fleet that has made the calls, while its Redis was away for a third of them."""
    program()
    xai = FakeXAI(answer=ANSWER, delay=0.05)
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server(tmp_path / "redis", keeps=True))
        settings |= stack.enter_context(provider(xai))
        started = stack.enter_context(
            replicas(tmp_path, 2, GROK_VISION_REDIS_URL=redis.url, **settings)
        )
        address = stack.enter_context(nginx(tmp_path, [one.port for one in started]))
        fleet = Fleet(address, started, xai)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(fleet.run, calls, 8)
            await fleet.come_to(len(calls) // 3)
            redis.stop()
            await fleet.come_to(2 * len(calls) // 3)
            redis.start()
        yield fleet


async def test_without_redis_uploads_are_refused_and_all_else_goes_on(tmp_path: Path) -> None:
    calls = mixed(72, random.Random(SEED))
    async with outage(tmp_path, calls, GROK_VISION_CACHE="redis") as fleet:
        failed = [one.told for one in fleet.outcomes if one.result is None]
        assert failed
        uploads = "[unavailable] uploads cannot be reached"
        assert [told for told in failed if not told.startswith(uploads)] == []
        assert [told for told in failed if "try again" not in told] == []
        # It is back, and no server was started again.
        one, other = fleet.replicas
        with anyio.fail_after(PATIENCE):
            while "source" not in (told := await sent_up(one)):  # noqa: ASYNC110
                await anyio.sleep(0.1)
            assert await described(other, told["source"]) == ANSWER
            # Each enters the bills of the meantime when it is asked next.
            await counted(one)
            assert await counted(other) == len(fleet.xai.requests)


async def test_without_redis_a_limit_refuses_calls_rather_than_be_passed(tmp_path: Path) -> None:
    calls = [
        ("describe_image", {"image": DASHBOARD, "prompt": f"question {number}."})
        for number in range(90)
    ]
    async with outage(tmp_path, calls, GROK_VISION_MAX_USD=str(LIMIT)) as fleet:
        failed = [one.told for one in fleet.outcomes if one.result is None]
        codes = {told.partition(" ")[0] for told in failed}
        assert codes <= {AGAIN, "[over_budget]"}
        assert AGAIN in codes
        paid = [one.cost for one in fleet.outcomes if one.result is not None]
        assert len(paid) == len(asked(fleet.xai))
        assert 0 < sum(paid) <= LIMIT
