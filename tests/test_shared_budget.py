"""A limit on spending that processes share: kept whoever asks, dies, or loses what it knew."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

from grok_vision.errors import RequestError, SharedStateError
from grok_vision.relay import Bill, Ledger
from grok_vision.relay.account_scripts import HOLD
from grok_vision.relay.budget import OwnBudget
from grok_vision.relay.shared_account import Account
from grok_vision.relay.shared_budget import SharedBudget
from grok_vision.results import Usage
from grok_vision.shared import Reply, Shared, UnavailableError
from tests.programs import ended, python
from tests.redis_server import RedisServer, black_hole, redis_server

pytestmark = pytest.mark.anyio

PROCESS = """
import sys
import anyio
from grok_vision.errors import RequestError
from grok_vision.relay import Bill, Ledger
from grok_vision.relay.shared_budget import SharedBudget
from grok_vision.results import Usage
from grok_vision.shared import Shared

shared = Shared({url!r}, prefix="test")
budget = SharedBudget(Ledger(), shared, limit=1.0, seconds={seconds}, margin=0)

async def main() -> None:
{body}
    await shared.aclose()

anyio.run(main)
"""
SPENDS = """
    made = 0
    async def one() -> None:
        nonlocal made
        try:
            async with budget.booked(0.01, model="m") as booking:
                booking.bill = Bill(provider="xai", model="m", usage=Usage(cost_usd=0.01))
        except RequestError:
            return
        made += 1
    for _ in range(20):
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(one)
    print(made)
"""
HOLDS = """
    async with budget.booked(0.25, model="m"):
        print("held", flush=True)
        await anyio.sleep_forever()
"""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Replica:
    """A process of its own, as far as Redis can tell."""

    def __init__(self, url: str, *, limit: float | None = 1.0, seconds: float = 60.0) -> None:
        self.clock = Clock()
        self.shared = Shared(url, prefix="test", rest=1.0, clock=self.clock)
        self.budget = SharedBudget(Ledger(), self.shared, limit=limit, seconds=seconds, margin=0)

    async def call(self, usd: float | None = 0.1, cost: float | None = 0.1, **bill: Any) -> None:
        """Make a call that was reserved for `usd` and came to `cost`."""
        async with self.budget.booked(usd, model="m") as booking:
            booking.bill = bill_of(cost, **bill)

    async def spent(self) -> tuple[float, float | None, float | None]:
        """Return what is known, what is expected, and what is left, once Redis may be asked."""
        self.clock.now += 2
        told = await self.budget.spending()
        return told.cost_usd, told.expected_usd, told.left_usd

    async def refusal(self, usd: float = 0.1) -> str:
        with pytest.raises(RequestError) as failure:
            await self.call(usd)
        assert failure.value.code == "over_budget"
        return failure.value.message

    async def unavailable(self) -> str:
        with pytest.raises(SharedStateError) as failure:
            await self.call()
        assert failure.value.code == "unavailable"
        return failure.value.message


def bill_of(cost: float | None, model: str = "m", **bill: Any) -> Bill:
    return Bill(provider="xai", model=model, usage=Usage(cost_usd=cost), **bill)


@asynccontextmanager
async def replicas(url: str, count: int = 2, **given: Any) -> AsyncIterator[list[Replica]]:
    made = [Replica(url, **given) for _ in range(count)]
    try:
        yield made
    finally:
        for one in made:
            await one.shared.aclose()


async def restarted(redis: RedisServer) -> None:
    """Start it again, and let it be seen that connections ended."""
    redis.stop()
    redis.start()
    for _ in range(5):
        await anyio.lowlevel.checkpoint()


async def held(replica: Replica) -> int:
    """Return how many holds there are."""
    return await replica.shared.call(lambda client: client.zcard("test:budget:holds"))


async def test_what_one_process_spends_is_gone_for_the_other(redis: RedisServer) -> None:
    async with replicas(redis.url) as [one, other]:
        for _ in range(4):
            await one.call()
            await other.call()
        assert await one.spent() == await other.spent() == (0.8, None, 0.2)
        await other.call(0.2, 0.2)
        assert await one.refusal() == (
            "the call to m may cost $0.1000, which with $1.00 spent would pass the limit of "
            "$1.00, shared by all processes, so it was not made: raise GROK_VISION_MAX_USD, count "
            "from zero with `redis-cli set test:epoch <any new word>`, or use a cheaper model or "
            "detail=low."
        )


async def test_what_is_held_for_calls_in_flight_is_taken(redis: RedisServer) -> None:
    async with replicas(redis.url) as [one, other], one.budget.booked(0.95, model="m"):
        await other.call(0.04, None, expected_usd=0.04)
        told = await other.refusal(0.02)
        assert "$0.0400 expected of calls whose cost is not known and $0.9500 in flight" in told
        await other.call(0.01, 0.01)


async def test_what_calls_really_cost_counts_and_not_what_they_were_held_to(
    redis: RedisServer,
) -> None:
    async with replicas(redis.url) as [one, other]:
        await one.call(0.9, 0.1)
        await one.call(0.9, None, expected_usd=0.2)
        async with other.budget.booked(0.7, model="m"):
            pass
        assert await other.spent() == (0.1, 0.2, 0.7)
        assert await held(one) == 0


async def test_the_ledger_of_the_process_has_its_own_calls_only(redis: RedisServer) -> None:
    async with replicas(redis.url) as [one, other]:
        await one.call()
        await other.call()
        assert one.budget.ledger.spending().calls == 1
        assert (await one.budget.spending()).calls == 2


async def test_a_call_of_unknown_price_is_refused_where_a_limit_is_set(redis: RedisServer) -> None:
    async with replicas(redis.url, 1) as [one]:
        with pytest.raises(RequestError, match="the price of m is not known") as failure:
            await one.call(None)
        with pytest.raises(RequestError) as other:
            Ledger(1.0).reserved(None, model="m").__enter__()
        assert failure.value.message == other.value.message
    async with replicas(redis.url, 1, limit=None) as [one]:
        await one.call(None)
        assert await one.spent() == (0.1, None, None)


async def test_the_account_is_that_of_a_ledger(redis: RedisServer) -> None:
    own = OwnBudget(Ledger(3.0))
    usages = [
        Usage(input_tokens=10, output_tokens=7, cost_usd=0.000123456),
        Usage(input_tokens=5, cached_tokens=3, image_tokens=1, reasoning_tokens=2, cost_usd=1.0),
        Usage(input_tokens=1),
        None,
    ]
    async with replicas(redis.url, limit=3.0) as both:
        for number, usage in enumerate(usages * 2):
            bill = Bill(
                provider="xai",
                model=f"model {number % 3}\ud800\n",
                usage=usage,
                expected_usd=0.01 * number,
            )
            for budget in own, both[number % 2].budget:
                async with budget.booked(0.1, model="m") as booking:
                    booking.bill = bill
        assert await both[0].budget.spending() == await own.spending()


async def test_names_beyond_200_are_summed_as_other(redis: RedisServer) -> None:
    async with replicas(redis.url, 1, limit=None) as [one]:
        for number in range(203):
            await one.call(model=f"m{number}")
        await one.call(model="m0")
        spending = await one.budget.spending()
    calls = {row.model: row.calls for row in spending.models}
    assert len(calls) == 201
    assert (calls["m0"], calls["other"], spending.calls) == (2, 3, 204)


@pytest.mark.parametrize("cost", [float("nan"), float("inf"), -1.0, 1e300])
async def test_an_absurd_cost_spoils_no_sum(redis: RedisServer, cost: float) -> None:
    async with replicas(redis.url, 1) as [one]:
        await one.call(0.1, cost)
        known, _, left = await one.spent()
        assert 0 <= known <= 100_000
        assert left is not None


async def test_many_at_once_never_pass_the_limit_and_use_all_of_it(redis: RedisServer) -> None:
    in_flight = most = 0.0
    made = 0

    async def one(replica: Replica) -> None:
        nonlocal in_flight, most, made
        try:
            async with replica.budget.booked(0.05, model="m") as booking:
                in_flight += 0.05
                most = max(most, in_flight + made * 0.02)
                await anyio.lowlevel.checkpoint()
                in_flight -= 0.05
                made += 1
                booking.bill = bill_of(0.02)
        except RequestError:
            pass

    async with replicas(redis.url, 4) as several:
        async with anyio.create_task_group() as tasks:
            for number in range(200):
                tasks.start_soon(one, several[number % 4])
        assert 0 < made <= 48
        while made < 48:
            await one(several[made % 4])
        assert (await several[0].budget.spending()).cost_usd == pytest.approx(0.96)
        await several[1].refusal(0.05)
        assert await held(several[0]) == 0
    assert most <= 1.0 + 1e-9


def test_several_processes_never_pass_the_limit_and_use_all_of_it(redis: RedisServer) -> None:
    code = PROCESS.format(url=redis.url, seconds=60, body=SPENDS)
    processes = [python(code) for _ in range(3)]
    made = [int(ended(process)[0]) for process in processes]
    assert sum(made) == 100


async def test_what_a_killed_process_held_counts_as_expected_in_the_end(
    redis: RedisServer,
) -> None:
    process = python(PROCESS.format(url=redis.url, seconds=0.3, body=HOLDS))
    assert process.stdout is not None
    assert await anyio.to_thread.run_sync(process.stdout.readline) == "held\n"
    process.kill()
    await anyio.to_thread.run_sync(process.communicate)
    async with replicas(redis.url, 1) as [one]:
        # Until then it is held: it is never free in between.
        with anyio.fail_after(5):
            while await one.spent() == (0.0, None, 1.0):
                await one.refusal(0.8)
        assert await one.spent() == (0.0, 0.25, 0.75)


async def test_a_bill_that_comes_after_its_hold_expired_takes_the_place_of_what_was_expected(
    redis: RedisServer,
) -> None:
    async with replicas(redis.url, seconds=0.02) as [one, other]:
        async with one.budget.booked(0.5, model="m") as booking:
            with anyio.fail_after(5):
                while await other.spent() != (0.0, 0.5, 0.5):
                    await anyio.lowlevel.checkpoint()
            booking.bill = bill_of(0.1)
        assert await other.spent() == (0.1, None, 0.9)
        async with one.budget.booked(0.5, model="m"):
            with anyio.fail_after(5):
                while await other.spent() != (0.1, 0.5, 0.4):
                    await anyio.lowlevel.checkpoint()
        assert await other.spent() == (0.1, None, 0.9)


class Deaf(Shared):
    """Loses the reply to a script, once it is told to."""

    lost = False

    async def run(self, *given: Any, **options: Any) -> Reply:
        found = await super().run(*given, **options)
        if self.lost:
            self.lost = False
            raise UnavailableError("Redis does not answer")
        return found


async def test_a_bill_whose_reply_was_lost_is_entered_once(redis: RedisServer) -> None:
    shared = Deaf(redis.url, prefix="test")
    budget = SharedBudget(Ledger(), shared, limit=1.0, seconds=60)
    async with budget.booked(0.5, model="m") as booking:
        booking.bill = bill_of(0.1)
        shared.lost = True
    assert not shared.lost
    told = await budget.spending()
    assert (told.cost_usd, told.calls) == (0.1, 1)
    await shared.aclose()


async def test_a_hold_whose_reply_was_lost_is_let_go(redis: RedisServer) -> None:
    shared = Deaf(redis.url, prefix="test")
    budget = SharedBudget(Ledger(), shared, limit=1.0, seconds=60)
    shared.lost = True
    with pytest.raises(SharedStateError):
        await budget.booked(0.5, model="m").__aenter__()
    async with budget.booked(1.0, model="m"):
        pass
    await shared.aclose()


async def test_a_hold_that_arrives_after_it_was_let_go_is_none(redis: RedisServer) -> None:
    sent: list[Any] = []

    class Slow(Shared):
        async def run(self, *given: Any, **options: Any) -> Reply:
            if given[0] == HOLD:
                sent.extend(given)
                raise UnavailableError("Redis does not answer")
            return await super().run(*given, **options)

    shared = Slow(redis.url, prefix="test")
    budget = SharedBudget(Ledger(), shared, limit=1.0, seconds=60)
    with pytest.raises(SharedStateError):
        await budget.booked(0.5, model="m").__aenter__()
    async with replicas(redis.url, 1) as [one]:
        await one.shared.run(*sent)
        assert await held(one) == 0
    await shared.aclose()


async def test_a_call_that_is_cancelled_leaves_nothing_held_and_its_bill(
    redis: RedisServer,
) -> None:
    async with replicas(redis.url, 1) as [one]:
        await one.call()

        async def call() -> None:
            async with one.budget.booked(0.5, model="m") as booking:
                booking.bill = bill_of(None, expected_usd=0.3)
                await anyio.sleep_forever()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call)
            while not await held(one):
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
        assert await held(one) == 0
        assert await one.spent() == (0.1, 0.3, 0.6)


async def test_a_call_that_is_cancelled_while_it_asks_leaves_nothing_held(
    redis: RedisServer,
) -> None:
    async with replicas(redis.url, 1) as [one]:
        for steps in range(20):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(one.call, 0.5, None)
                for _ in range(steps):
                    await anyio.lowlevel.checkpoint()
                tasks.cancel_scope.cancel()
            assert await held(one) == 0


async def test_with_a_limit_and_without_redis_nothing_is_sent(redis: RedisServer) -> None:
    async with replicas(redis.url, 1) as [one]:
        await one.call()
        redis.stop()
        assert await one.unavailable() == (
            "what all processes have spent cannot be known (Redis cannot be reached), so the "
            "limit of $1.00 in GROK_VISION_MAX_USD cannot be kept; nothing was sent to the "
            "provider: try again in some seconds."
        )
        with pytest.raises(SharedStateError, match="cannot be known"):
            await one.budget.spending()
        await one.call(0.0, 0.0)
        redis.start()
        assert await one.spent() == (0.1, None, 0.9)
        assert (await one.budget.spending()).calls == 1


async def test_without_a_limit_calls_go_on_and_their_bills_come_later(
    redis: RedisServer,
) -> None:
    async with replicas(redis.url, limit=None) as [one, other]:
        await one.call()
        redis.stop()
        for _ in range(150):
            await one.call()
        redis.start()
        one.clock.now += 2
        await one.call()
        assert await other.spent() == (15.2, None, None)
        # By model they are counted anew.
        assert (await other.budget.spending()).calls == 151


async def test_a_bill_that_waits_is_entered_before_the_next_call_is_allowed(
    redis: RedisServer,
) -> None:
    async with replicas(redis.url, 1) as [one]:
        async with one.budget.booked(0.5, model="m") as booking:
            redis.stop()
            booking.bill = bill_of(0.9)
        redis.start()
        one.clock.now += 2
        await one.refusal(0.2)
        assert await one.spent() == (0.9, None, 0.1)


async def test_a_bill_that_waits_is_entered_at_the_end(redis: RedisServer) -> None:
    async with replicas(redis.url, limit=None) as [one, other]:
        redis.stop()
        await one.call()
        await one.budget.aclose()
        redis.start()
        one.clock.now += 2
        await one.budget.aclose()
        assert (await other.spent())[0] == pytest.approx(0.1)


async def test_a_thousand_bills_wait_and_a_loss_is_told_once(
    redis: RedisServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grok_vision.relay.shared_account._MOST_WAITING", 3)
    redis.stop()
    async with replicas(redis.url, 1, limit=None) as [one]:
        for _ in range(5):
            await one.call()
        redis.start()
        assert await one.spent() == (0.3, None, None)
    told = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert sum("missing from what all processes have spent" in one for one in told) == 1


async def test_a_redis_that_never_answers_costs_a_second_once() -> None:
    async with black_hole() as hole, replicas(hole.url, 1) as [one]:
        await anyio.to_thread.run_sync(_loaded)
        began = time.monotonic()
        for _ in range(5):
            assert "Redis does not answer" in await one.unavailable()
        assert time.monotonic() - began < 1.5
        assert hole.connections == 1


async def test_a_free_call_needs_no_redis() -> None:
    async with black_hole() as hole, replicas(hole.url, 1) as [one]:
        async with one.budget.booked(0.0, model="m"):
            pass
        assert hole.connections == 0


async def test_a_redis_that_hangs_when_a_call_ends_holds_its_answer_for_a_second_at_most(
    redis: RedisServer,
) -> None:
    async with replicas(redis.url) as [one, other]:
        async with one.budget.booked(0.5, model="m") as booking:
            redis.freeze()
            booking.bill = bill_of(0.1)
            began = time.monotonic()
        assert time.monotonic() - began < 1.5
        redis.thaw()
        assert await one.spent() == (0.1, None, 0.9)
        assert (await other.budget.spending()).calls == 1


async def test_a_redis_that_comes_back_empty_is_told_what_was_spent_and_held(
    redis: RedisServer,
) -> None:
    async with replicas(redis.url, 3) as [one, other, late]:
        await one.call(0.1, 0.1)
        await late.spent()
        await one.call(0.1, None, expected_usd=0.2)
        await one.call(0.1, 0.07)
        await other.spent()
        async with other.budget.booked(0.3, model="m") as booking:
            await restarted(redis)
            # Who knows least comes first.
            assert await late.spent() == (0.1, None, 0.9)
            await late.call(0.05, 0.05)
            assert await one.spent() == (0.22, 0.2, 0.58)
            assert await other.spent() == (0.22, 0.2, 0.58)
            await one.refusal(0.4)
            booking.bill = bill_of(0.3)
        assert await late.spent() == (0.52, 0.2, 0.28)


async def test_a_redis_that_keeps_its_data_is_as_it_was(tmp_path: Path) -> None:
    with redis_server(tmp_path / "kept", keeps=True) as redis:
        async with replicas(redis.url) as [one, other]:
            async with one.budget.booked(0.5, model="m") as booking:
                await other.call()
                await restarted(redis)
                await other.refusal(0.5)
                booking.bill = bill_of(0.2)
            assert await one.spent() == await other.spent() == (0.3, None, 0.7)
        async with replicas(redis.url, 1) as [new]:
            assert await new.spent() == (0.3, None, 0.7)


async def test_data_that_is_older_than_what_a_process_saw_is_brought_up_to_it(
    redis: RedisServer,
) -> None:
    async with replicas(redis.url) as [one, other]:
        await one.call()
        old = await one.shared.call(lambda client: client.dump("test:budget"))
        await one.call()
        assert old is not None
        await one.shared.call(lambda client: client.restore("test:budget", 0, old, replace=True))
        assert await one.spent() == await other.spent() == (0.2, None, 0.8)


async def test_another_epoch_counts_from_zero_for_all(redis: RedisServer) -> None:
    async with replicas(redis.url) as [one, other]:
        await other.call()
        await one.call(0.5, None, expected_usd=0.5)
        async with one.budget.booked(0.3, model="m") as booking:
            await one.shared.call(lambda client: client.set("test:epoch", "december\xff"))
            assert await other.spent() == (0.0, None, 1.0)
            await other.refusal(0.8)
            booking.bill = bill_of(0.3)
        assert await one.spent() == await other.spent() == (0.3, None, 0.7)
        # It is a wish for once: what is lost now belongs to it.
        await restarted(redis)
        assert await one.spent() == (0.3, None, 0.7)


async def test_a_hold_that_expired_before_another_epoch_takes_nothing_from_it(
    redis: RedisServer,
) -> None:
    async with replicas(redis.url, seconds=0.02) as [one, other]:
        async with one.budget.booked(0.5, model="m") as booking:
            with anyio.fail_after(5):
                while await other.spent() != (0.0, 0.5, 0.5):
                    await anyio.lowlevel.checkpoint()
            await one.shared.call(lambda client: client.set("test:epoch", "new"))
            booking.bill = bill_of(0.1)
        assert await other.spent() == (0.1, None, 0.9)


async def test_what_is_kept_of_calls_that_ended_is_bounded(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grok_vision.relay.shared_account._MOST_DONE", 10)
    async with replicas(redis.url, 1, limit=100.0) as [one]:
        for _ in range(30):
            await one.call()
        assert await one.shared.call(lambda client: client.zcard("test:budget:done")) == 10
        # Of an hour ago.
        await one.shared.call(lambda client: client.zadd("test:budget:done", {"old": 1.0}))
        await one.call()
        assert (
            await one.shared.call(lambda client: client.zscore("test:budget:done", "old")) is None
        )
        keys = await one.shared.call(lambda client: client.keys("*"))
        assert len(keys) <= 8
        assert await one.shared.call(lambda client: client.ttl("test:budget:done")) > 0


async def test_what_others_write_there_is_passed_over(redis: RedisServer) -> None:
    async with replicas(redis.url, 1) as [one]:
        await one.call()
        foreign = {
            "x": "1",
            "[1] calls": "1",
            '["a", "b"] calls': "?",
            "\udcff": "2",
            "[" * 9999: "3",
        }
        await one.shared.call(lambda client: client.hdel("test:budget", "life"))
        await one.shared.call(
            lambda client: client.hset(
                "test:budget:rows",
                mapping={k.encode("utf-8", "surrogateescape"): v for k, v in foreign.items()},
            )
        )
        await one.call()
        told = await one.budget.spending()
    assert [(row.model, row.calls) for row in told.models] == [("m", 2)]
    assert told.cost_usd == pytest.approx(0.2)


async def test_a_reply_that_comes_late_lowers_no_sum(redis: RedisServer) -> None:
    class Late(Shared):
        told: Reply = None
        is_late = False

        async def run(self, *given: Any, **options: Any) -> Reply:
            found = await super().run(*given, **options)
            self.told = self.told if self.is_late else found
            return self.told

    shared = Late(redis.url, prefix="test")
    account = Account(shared, seconds=60)
    async with replicas(redis.url, 1) as [one]:
        await one.call()
        await account.spent()
        first = shared.told
        await one.call()
        await account.spent()
        shared.told, shared.is_late = first, True
        late, _ = await account.spent()
        assert late.known == 100_000_000
        shared.is_late = False
        await restarted(redis)
        found, _ = await account.spent()
        assert found.known == 200_000_000
    await shared.aclose()


def _loaded() -> None:
    """Load the library before time is taken."""
    import grok_vision.shared.client  # noqa: F401
