"""What answers taught, shared by processes: the bounds of the file, and never a failure."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from grok_vision.shared import Shared
from grok_vision.tokens import (
    Calibration,
    Correction,
    Observation,
    Observations,
    ObservationsInFile,
    SharedObservations,
)
from tests.redis_server import RedisServer

pytestmark = pytest.mark.anyio

SEEN = Observation(1000, 1500, 1)


@pytest.fixture
async def shared(redis: RedisServer) -> AsyncIterator[Shared]:
    shared = Shared(redis.url, prefix="test", rest=0)
    yield shared
    await shared.aclose()


async def correction(observations: Observations, model: str = "m") -> Correction | None:
    return await observations.correction("xai", model, "tiles")


async def record(observations: Observations, *seen: Observation, model: str = "m") -> None:
    for one in seen:
        await observations.record("xai", model, "tiles", one)


async def test_what_one_process_saw_corrects_the_estimates_of_another(
    redis: RedisServer, shared: Shared
) -> None:
    await record(SharedObservations(shared), SEEN, SEEN)
    other = Shared(redis.url, prefix="test")
    found = await correction(SharedObservations(other))
    assert found is not None
    assert (found.slope, found.answers) == (1.5, 2)
    await other.aclose()


async def test_it_corrects_as_the_file_does(shared: Shared, tmp_path: Path) -> None:
    seen = [Observation(500 * size, 700 * size + 90, size) for size in (1, 2, 3, 5, 8)]
    in_redis, in_file = SharedObservations(shared), ObservationsInFile(Calibration(tmp_path))
    await record(in_redis, *seen)
    await record(in_file, *seen)
    assert await correction(in_redis) == await correction(in_file) is not None


async def test_models_rules_and_providers_are_kept_apart(shared: Shared) -> None:
    observations = SharedObservations(shared)
    await observations.record("a", "b", "c\ud800", SEEN)
    for words in ("a", "b", "c"), ("a", "b c", "\ud800"), ("ab", "", "c\ud800"):
        assert await observations.correction(*words) is None
    assert await observations.correction("a", "b", "c\ud800") is not None


async def test_what_tells_nothing_is_not_kept(shared: Shared) -> None:
    observations = SharedObservations(shared)
    await record(observations, Observation(1000, 0, 1))
    assert await correction(observations) is None
    assert await shared.call(lambda client: client.keys("*")) == []


async def test_the_newest_64_answers_of_a_model_are_kept(shared: Shared) -> None:
    observations = SharedObservations(shared)
    await record(observations, Observation(1000, 9000, 1), *[SEEN] * 64)
    found = await correction(observations)
    assert found is not None
    assert (found.slope, found.answers) == (1.5, 64)
    [key] = await shared.call(lambda client: client.keys("test:observed:*"))
    assert await shared.call(lambda client: client.llen(key)) == 64


async def test_the_200_models_that_answered_last_are_kept(shared: Shared) -> None:
    observations = SharedObservations(shared)
    for number in range(200):
        await record(observations, SEEN, model=f"{number}")
    await record(observations, SEEN, model="0")
    await record(observations, SEEN, model="new")
    assert await correction(observations, "1") is None
    for model in "0", "2", "new":
        assert await correction(observations, model) is not None
    assert len(await shared.call(lambda client: client.keys("*"))) == 201


async def test_what_others_wrote_there_is_passed_over(shared: Shared) -> None:
    observations = SharedObservations(shared)
    await record(observations, SEEN)
    [key] = await shared.call(lambda client: client.keys("test:observed:*"))
    for words in "", "1 2", "a b c", "1 2 3 4", "1 -1 1", "9" * 5000:
        await shared.call(lambda client, words=words: client.rpush(key, words))  # type: ignore[misc]
    found = await correction(observations)
    assert found is not None
    assert found.answers == 1


async def test_without_redis_nothing_is_known_and_that_is_told_once(
    redis: RedisServer, shared: Shared, caplog: pytest.LogCaptureFixture
) -> None:
    observations = SharedObservations(shared)
    redis.stop()
    for _ in range(3):
        await record(observations, SEEN)
        assert await correction(observations) is None
    redis.start()
    await record(observations, SEEN)
    assert await correction(observations) is not None
    told = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert told[1:] == [
        "Token counts of answers are neither kept nor used: Redis cannot be reached.",
        "Redis answers again.",
    ]


async def test_a_disk_that_hangs_holds_a_call_up_no_longer_than_a_second(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("grok_vision.tokens.observations_in_file._SECONDS", 0.05)
    hung = anyio.Event()

    def hang(*_: object) -> None:
        anyio.from_thread.run(hung.wait)

    calibration = Calibration(tmp_path)
    monkeypatch.setattr(calibration, "record", hang)
    monkeypatch.setattr(calibration, "correction", hang)
    observations = ObservationsInFile(calibration)
    with anyio.fail_after(2):
        await record(observations, SEEN)
        assert await correction(observations) is None
    hung.set()
