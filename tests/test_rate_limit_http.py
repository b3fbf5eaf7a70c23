"""Over HTTP, a client that asks too often is told when to come back, and others are not held up."""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from limits.aio.storage import MemoryStorage
from pydantic import SecretStr
from starlette.types import ASGIApp, Message

from grok_vision.web.rate import RateLimit, RecentRequests
from tests.authorization_server import authorization_server
from tests.guarded import WHO_ASKS, bearing, behind, calling, known_by

ANN, BOB = "token-of-ann-0123456789", "token-of-bob-0123456789"
BOTH = (SecretStr(ANN), SecretStr(BOB))
MINUTE = 60.0


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limited(clock: Clock, per_minute: int = 2, app: ASGIApp = WHO_ASKS) -> RateLimit:
    return RateLimit(app, per_minute, open_paths=("/health",), clock=clock)


async def statuses(client: httpx2.AsyncClient, count: int, **options: Any) -> list[int]:
    return [(await client.post("/mcp", **options)).status_code for _ in range(count)]


async def test_what_is_asked_too_often_is_refused_until_the_time_that_is_told(clock: Clock) -> None:
    async with calling(limited(clock)) as client:
        first = await statuses(client, 1)
        clock.now += 20
        second = await statuses(client, 1)
        clock.now += 0.5
        refused = await client.post("/mcp")
        clock.now += float(refused.headers["retry-after"]) - 1
        still = await statuses(client, 1)
        clock.now += 1
        # The first is over, the second is not.
        then = await statuses(client, 2)

    assert (first, second, refused.status_code, still, then) == (
        [200],
        [200],
        429,
        [429],
        [200, 429],
    )
    assert refused.headers["retry-after"] == "40"
    assert refused.json()["error"]["message"].startswith(
        "More than 2 requests within a minute; try again in 40 s."
    )


async def test_every_minute_counts_not_only_those_of_the_clock(clock: Clock) -> None:
    clock.now += MINUTE - clock.now % MINUTE - 1
    async with calling(limited(clock)) as client:
        before = await statuses(client, 2)
        clock.now += 2
        after = await statuses(client, 2)

    assert (before, after) == ([200, 200], [429, 429])


async def test_refused_requests_do_not_count(clock: Clock) -> None:
    async with calling(limited(clock)) as client:
        await statuses(client, 2)
        for _ in range(10):
            clock.now += 5
            await statuses(client, 1)
        clock.now += 10
        told = await statuses(client, 2)

    assert told == [200, 200]


async def test_each_token_has_requests_of_its_own(clock: Clock) -> None:
    app = behind(known_by(auth_token=BOTH), limited(clock))
    async with calling(app) as client:
        ann = await statuses(client, 3, headers=bearing(ANN))
        bob = await statuses(client, 3, headers=bearing(BOB))
        unknown = await statuses(client, 3)

    assert ann == bob == [200, 200, 429]
    assert unknown == [401] * 3


async def test_a_new_token_of_the_same_user_brings_no_new_requests(clock: Clock) -> None:
    async with authorization_server() as issuing:
        app = behind(known_by(oauth_issuer=issuing.issuer), limited(clock))
        async with calling(app) as client:
            ann = [
                *await statuses(client, 2, headers=bearing(issuing.token(jti="1"))),
                *await statuses(client, 1, headers=bearing(issuing.token(jti="2"))),
            ]
            bob = await statuses(client, 1, headers=bearing(issuing.token(sub="bob")))
            other = await statuses(client, 1, headers=bearing(issuing.token(client_id="other")))

    assert (ann, bob, other) == ([200, 200, 429], [200], [200])


async def test_without_tokens_each_address_has_requests_of_its_own(clock: Clock) -> None:
    app = limited(clock)
    async with calling(app) as here:
        mine = await statuses(here, 3)
        way = httpx2.AsyncHTTPTransport(local_address="127.0.0.2", trust_env=False)
        async with httpx2.AsyncClient(base_url=here.base_url, transport=way) as there:
            theirs = await statuses(there, 3)

    assert mine == theirs == [200, 200, 429]


async def test_addresses_of_one_ipv6_network_are_one_client(clock: Clock) -> None:
    app = limited(clock)
    told = [
        await status_for(app, address)
        for address in ("2001:db8::1", "2001:db8::2", "2001:db8::ffff:3", "2001:db8:0:1::1", "x")
    ]

    assert told == [200, 200, 429, 200, 200]


async def status_for(app: ASGIApp, address: str) -> int:
    """Return the status of an answer to that address; no socket of a test has such a one."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": [], "query_string": b""}
    await app({**scope, "client": (address, 1)}, receive, send)
    return int(sent[0]["status"])


async def test_open_paths_are_neither_counted_nor_refused(clock: Clock) -> None:
    async with calling(limited(clock)) as client:
        health = {(await client.get("/health")).status_code for _ in range(5)}
        told = await statuses(client, 3)
        health |= {(await client.get("/health")).status_code}

    assert (health, told) == ({200}, [200, 200, 429])


async def test_a_clock_that_is_set_back_locks_nobody_out(clock: Clock) -> None:
    async with calling(limited(clock)) as client:
        before = await statuses(client, 3)
        clock.now -= 3600
        after = await statuses(client, 3)

    assert before == after == [200, 200, 429]


async def test_no_more_is_kept_than_is_of_use(clock: Clock) -> None:
    storage = RecentRequests(clock, most_clients=3, most_requests=8)

    async def asks(client: str, times: int = 1) -> bool:
        return all([await storage.acquire_entry(client, 4, 60) for _ in range(times)])

    for client in "abc":
        assert await asks(client)
    assert await asks("a", 3)
    assert await asks("d")  # `b` was silent longest
    assert set(storage._times) == {"c", "a", "d"}
    assert not await asks("a")  # others' requests do not give it new ones
    assert await asks("d", 3)
    assert set(storage._times) == {"a", "d"}  # or nine requests would be kept
    clock.now += 60
    assert await asks("e")
    assert set(storage._times) == {"e"}
    assert storage._kept == 1


async def test_a_single_client_may_have_more_requests_than_are_kept_of_all(clock: Clock) -> None:
    storage = RecentRequests(clock, most_requests=8)
    told = [await storage.acquire_entry("a", 20, 60) for _ in range(21)]

    assert told == [True] * 20 + [False]


async def test_another_storage_can_count_instead() -> None:
    async with calling(RateLimit(WHO_ASKS, 2, storage=MemoryStorage())) as client:
        told = await statuses(client, 3)
        refused = await client.post("/mcp")

    assert told == [200, 200, 429]
    assert 1 <= int(refused.headers["retry-after"]) <= 60
