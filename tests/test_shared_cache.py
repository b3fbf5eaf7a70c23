"""Kept answers that processes share: found exactly as they were, or not, and never a failure."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from grok_vision.cache import AnswerCache, Answers, AnswersInFile, SharedAnswers
from grok_vision.relay import Completion
from grok_vision.shared import Shared
from grok_vision.shelves import MemoryShelf, RedisShelf
from tests.redis_server import RedisServer, black_hole

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
ONE = Completion(text="The total is 48,210.", refusal="", finish_reason="stop", model="grok-4.3")
OTHER = replace(ONE, text="Wörter ✓")


def shelf_of(shared: Shared) -> RedisShelf:
    return RedisShelf(shared, "answers", per_owner=MIB, in_all=MIB, seconds=60, refreshes=True)


@pytest.fixture
async def shared(redis: RedisServer) -> AsyncIterator[Shared]:
    shared = Shared(redis.url, prefix="test", rest=0)
    yield shared
    await shared.aclose()


async def in_memory() -> SharedAnswers:
    return SharedAnswers(MemoryShelf(per_owner=MIB, in_all=MIB, seconds=60))


async def test_what_one_process_kept_another_finds(redis: RedisServer, shared: Shared) -> None:
    await SharedAnswers(shelf_of(shared)).keep("a", ONE)
    await SharedAnswers(shelf_of(shared)).keep("b", OTHER)
    other = Shared(redis.url, prefix="test")
    found = SharedAnswers(shelf_of(other))
    assert [await found.find(key) for key in "abc"] == [ONE, OTHER, None]
    await other.aclose()


@pytest.mark.parametrize(
    "answer",
    [
        replace(ONE, text=" "),
        replace(ONE, finish_reason="length"),
        replace(ONE, refusal="I cannot."),
        replace(ONE, text="\ud800"),
    ],
)
async def test_what_is_not_complete_is_not_kept(answer: Completion) -> None:
    answers = await in_memory()
    await answers.keep("a", answer)
    assert await answers.find("a") is None


async def test_a_changed_byte_or_another_key_is_no_answer() -> None:
    shelf = MemoryShelf(per_owner=MIB, in_all=MIB, seconds=60)
    answers = SharedAnswers(shelf)
    await answers.keep("a", ONE)
    kept = await shelf.get("", "a")
    assert kept is not None
    await shelf.put("", "b", kept)
    await shelf.put("", "c", kept.replace(b"48,210", b"48,211"))
    await shelf.put("", "d", b"")
    assert [await answers.find(key) for key in "abcd"] == [ONE, None, None, None]


async def test_without_redis_nothing_is_found_or_kept_and_that_is_told_once(
    redis: RedisServer, shared: Shared, caplog: pytest.LogCaptureFixture
) -> None:
    answers = SharedAnswers(shelf_of(shared))
    await answers.keep("a", ONE)
    redis.stop()
    for _ in range(3):
        assert await answers.find("a") is None
        await answers.keep("b", OTHER)
    redis.start()
    await answers.keep("c", ONE)
    assert await answers.find("c") == ONE
    told = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert told[1:] == [
        "Kept answers are not found: Redis cannot be reached (GROK_VISION_CACHE).",
        "Redis answers again.",
    ]


async def test_a_redis_that_never_answers_is_waited_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("grok_vision.shelves.redis_shelf._SECONDS", 0.1)
    async with black_hole() as hole:
        shared = Shared(hole.url, prefix="test", clock=lambda: 0.0)
        answers = SharedAnswers(shelf_of(shared))
        for _ in range(5):
            assert await answers.find("a") is None
            await answers.keep("a", ONE)
        assert hole.connections == 1
        await shared.aclose()


async def test_answers_in_a_file_are_the_same_answers(tmp_path: Path) -> None:
    answers: Answers = AnswersInFile(AnswerCache(tmp_path, MIB))
    await answers.keep("a", ONE)
    assert await answers.find("a") == ONE
    assert await answers.find("b") is None
    assert AnswerCache(tmp_path, MIB).find("a") == ONE


async def test_a_disk_that_hangs_holds_an_answer_up_no_longer_than_a_second(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("grok_vision.cache.answers_in_file._SECONDS", 0.05)
    hung = anyio.Event()

    def hang(*_: object) -> None:
        anyio.from_thread.run(hung.wait)

    cache = AnswerCache(tmp_path, MIB)
    monkeypatch.setattr(cache, "find", hang)
    monkeypatch.setattr(cache, "keep", hang)
    answers = AnswersInFile(cache)
    with anyio.fail_after(2):
        assert await answers.find("a") is None
        await answers.keep("a", ONE)
    hung.set()
