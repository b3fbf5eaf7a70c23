"""Calls of tools that share what they spend: each attempt is booked once, whatever happens."""

from collections.abc import Awaitable, Callable, Generator
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import anyio
import pytest
from mcp import MCPError

from grok_vision.errors import ProviderError
from grok_vision.vision import State, build_vision
from grok_vision.web.metrics import Metrics
from tests.commands import here
from tests.fake_xai import FakeXAI, Recorded, Response
from tests.redis_server import RedisServer
from tests.support import connected, saved, settings_for, structured
from tests.test_http_metrics import page

pytestmark = pytest.mark.anyio

T = TypeVar("T")


class CutAt(Generic[T]):
    """Awaits another, and calls `cut` at the given step.

    Attributes:
        steps: How often the other has waited.
    """

    def __init__(self, other: Awaitable[T], step: int, cut: Callable[[], None]) -> None:
        self._other = other
        self._step = step
        self._cut = cut
        self.steps = 0

    def __await__(self) -> Generator[Any, Any, T]:
        other = self._other.__await__()
        waits_for = next(other)
        while True:
            self.steps += 1
            if self.steps == self._step:
                self._cut()
            try:
                given = yield waits_for
            except BaseException as error:  # noqa: BLE001 - the other is told, whatever it is
                go_on = partial(other.throw, error)
            else:
                go_on = partial(other.send, given)
            try:
                waits_for = go_on()
            except StopIteration as ended:
                value: T = ended.value
                return value


async def held(state: State) -> int:
    """Return how many holds there are."""
    assert state.shared is not None
    return await state.shared.call(lambda client: client.zcard("grok-vision:budget:holds"))


@pytest.mark.parametrize("limit", [None, 1.0])
async def test_a_call_that_is_cancelled_at_any_step_is_booked_once_and_holds_nothing(
    limit: float | None, xai: FakeXAI, folder: Path, redis: RedisServer
) -> None:
    path = saved(folder)
    settings = settings_for(folder, redis_url=redis.url, cache="redis", max_usd=limit)
    state = State(settings)
    step, is_whole = 0, False
    async with build_vision(settings, transport=xai.transport(), state=state) as vision:
        journey = await vision.journey()
        await journey.describe_image(path)
        while not is_whole:
            step += 1
            with anyio.CancelScope() as scope:
                call = CutAt(journey.describe_image(path, prompt=f"{step}"), step, scope.cancel)
                await call
            is_whole = call.steps < step
            all_of_them = await state.books.budget.spending()
            own = state.books.ledger.spending()
            sent = sum(one.path.endswith("/completions") for one in xai.requests)
            assert all_of_them.calls == own.calls == sent
            assert all_of_them.cost_usd == own.cost_usd
            assert all_of_them.expected_usd == own.expected_usd
            assert await held(state) == 0
    assert step > 20


async def test_a_redis_that_goes_between_two_attempts_leaves_the_failure_told(
    xai: FakeXAI, folder: Path, redis: RedisServer
) -> None:
    """The first was sent, and may be billed: that the second was not is no comfort."""

    def fail(_: Recorded) -> Response:
        redis.stop()
        return Response(504)

    xai.answer = fail
    settings = settings_for(folder, redis_url=redis.url, max_usd=1.0)
    async with build_vision(settings, transport=xai.transport()) as vision:
        journey = await vision.journey()
        with pytest.raises(ProviderError) as failure:
            await journey.describe_image(saved(folder))
    told = failure.value
    assert told.message.startswith("xAI (HTTP 504")
    assert told.message.endswith(
        "(it may be billed; not tried again: the limit on spending cannot be kept)"
    )
    assert (told.unsent, told.unbilled) == (False, False)
    assert len(xai.requests) == 1


async def test_while_redis_is_away_an_estimate_says_so_and_what_was_spent_is_not_told(
    xai: FakeXAI, folder: Path, redis: RedisServer
) -> None:
    images = [saved(folder)]
    async with connected(xai, folder, redis_url=redis.url, max_usd=1.0) as client:
        estimate = structured(await client.call_tool("estimate_tokens", {"images": images}))
        assert estimate.get("warnings", []) == []
        redis.stop()
        estimate = structured(await client.call_tool("estimate_tokens", {"images": images}))
        assert estimate["warnings"] == [
            "what is left of GROK_VISION_MAX_USD cannot be told: Redis cannot be reached."
        ]
        with pytest.raises(MCPError, match=r"\[unavailable\] what all processes have spent"):
            await client.read_resource("vision://usage")


async def test_metrics_tell_what_is_left_for_all_and_leave_it_out_while_redis_is_away(
    xai: FakeXAI, folder: Path, redis: RedisServer
) -> None:
    settings = settings_for(folder, redis_url=redis.url, max_usd=1.0)
    async with build_vision(settings, transport=xai.transport()) as other:
        await (await other.journey()).describe_image(saved(folder))
    state = State(settings)
    metrics = Metrics(state.books)
    told = await page(metrics)
    left = told.value("grok_vision_budget_left_usd")
    assert left == (await state.books.budget.spending()).left_usd
    assert 0 < left < 1
    assert not told.all("grok_vision_cost_usd_total")
    redis.stop()
    assert (await page(metrics)).value("grok_vision_budget_left_usd") is None
    await state.aclose()


def test_a_command_that_may_not_spend_because_redis_is_away_ends_as_where_the_provider_is(
    folder: Path,
) -> None:
    env = {
        "PATH": "",
        "HOME": str(folder),
        "XAI_API_KEY": "test",
        "GROK_VISION_BASE_URL": "http://127.0.0.1:1/v1",
        "GROK_VISION_REDIS_URL": "redis://127.0.0.1:1/0",
        "GROK_VISION_MAX_USD": "1",
    }
    done = here("describe", saved(folder), env=env)
    assert done.returncode == 1
    assert "error[unavailable]: what all processes have spent cannot be known" in done.stderr
