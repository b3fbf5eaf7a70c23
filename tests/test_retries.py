"""What is tried again: which failures, how often, how long after, and within which budget."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grok_vision.relay.retry import RetryBudget, is_transient, pause
from grok_vision.relay.retry_after import retry_after
from tests.fake_xai import FakeXAI
from tests.support import connected, describe, error_text, saved, structured

pytestmark = pytest.mark.anyio

BUSY = {"code": "rate-limited", "error": "Too many requests"}
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 529, 530])
async def test_a_failure_that_may_pass_is_tried_again_and_the_answer_is_returned(
    xai: FakeXAI, folder: Path, status: int
) -> None:
    xai.fail(status)
    answer = structured(await describe(xai, folder, saved(folder)))
    assert answer["text"] == "A picture."
    assert len(xai.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 415, 422, 525, 526])
async def test_a_failure_that_stays_is_not_tried_again(
    xai: FakeXAI, folder: Path, status: int
) -> None:
    xai.fail(status)
    error_text(await describe(xai, folder, saved(folder)))
    assert len(xai.requests) == 1


async def test_no_status_but_those_of_failures_that_pass_is_tried_again() -> None:
    assert {status for status in range(100, 1000) if is_transient(status)} == {
        *(408, 409, 425, 429),
        *range(500, 525),
        *range(527, 600),
    }


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, {"code": "x", "error": "Your team has used all available credits"}),
        (429, {"error": {"message": "You exceeded your current quota"}}),
        (403, {"code": "content-safety", "error": "Content violates usage guidelines"}),
        (500, {"error": {"message": "image input is not supported by this server"}}),
        (200, {"code": "x", "error": "The service is currently unavailable"}),
    ],
    ids=["credit", "quota", "content", "blind", "success"],
)
async def test_what_no_waiting_mends_is_not_tried_again(
    xai: FakeXAI, folder: Path, status: int, body: Any
) -> None:
    xai.fail(status, body)
    error_text(await describe(xai, folder, saved(folder)))
    assert len(xai.requests) == 1


@pytest.mark.parametrize("retries", [0, 1, 2])
async def test_after_the_last_retry_the_error_says_how_often_it_was_tried(
    xai: FakeXAI, folder: Path, retries: int
) -> None:
    xai.fail(503, times=5, headers={"x-request-id": "0191-ab"})
    text = error_text(await describe(xai, folder, saved(folder), setting_retries=retries))
    assert len(xai.requests) == 1 + retries
    assert text.startswith("[unavailable] xAI (HTTP 503, request 0191-ab) is failing now")
    assert text.endswith(f" ({retries + 1} attempts made)") == (retries > 0)


async def test_each_retry_is_logged_with_the_request_id_and_the_count(
    xai: FakeXAI, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    xai.fail(500, headers={"x-request-id": "0191-ab"})
    with caplog.at_level(logging.WARNING, "grok_vision"):
        structured(await describe(xai, folder, saved(folder)))
    (told,) = [record.getMessage() for record in caplog.records if "trying again" in record.message]
    assert told.startswith("xAI (HTTP 500, request 0191-ab) is failing now: trying again in 0.")
    assert told.endswith("(attempt 2 of 4).")


async def test_a_provider_that_forbids_another_try_is_obeyed(xai: FakeXAI, folder: Path) -> None:
    xai.fail(503, headers={"x-should-retry": "false"})
    error_text(await describe(xai, folder, saved(folder)))
    assert len(xai.requests) == 1


async def test_a_provider_cannot_ask_for_another_try_of_what_is_wrong(
    xai: FakeXAI, folder: Path
) -> None:
    xai.fail(400, headers={"x-should-retry": "true", "retry-after": "0"})
    error_text(await describe(xai, folder, saved(folder)))
    assert len(xai.requests) == 1


@pytest.mark.parametrize("header", ["100000", "inf", "1e3", "Fri, 01 Jan 2100 00:00:00 GMT"])
async def test_a_wait_that_is_longer_than_the_call_is_not_waited_for(
    xai: FakeXAI, folder: Path, header: str
) -> None:
    xai.fail(429, BUSY, headers={"retry-after": header})
    result = await describe(xai, folder, saved(folder), setting_deadline=30)
    if header == "inf":  # says nothing, so that the usual pause is made
        structured(result)
        return
    assert error_text(result).startswith("[rate_limited]")
    assert len(xai.requests) == 1


FORMS: list[tuple[Mapping[str, str], float | None]] = [
    ({"retry-after": "2"}, 2.0),
    ({"retry-after": " 1.5 "}, 1.5),
    ({"retry-after": "0"}, 0.0),
    ({"retry-after-ms": "250"}, 0.25),
    ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
    ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
    ({"retry-after": "Sat, 21 Nov 2026 12:00:07 GMT"}, 7.0),
    ({"retry-after": "Saturday, 21-Nov-26 12:00:07 GMT"}, 7.0),
    ({"retry-after": "Sat Nov 21 12:00:07 2026"}, 7.0),
    ({"retry-after": "Sat, 21 Nov 2026 11:59:00 GMT"}, 0.0),
    ({"retry-after": "Sat, 21 Nov 2026 14:00:07 +0200"}, 7.0),
    ({}, None),
    ({"retry-after": ""}, None),
    ({"retry-after": "-1"}, None),
    ({"retry-after": "nan"}, None),
    ({"retry-after": "inf"}, None),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "Sat, 99 Nov 2026 12:00:07 GMT"}, None),
    ({"retry-after": "Sat, 21 Nov 99999999999 12:00:07 GMT"}, None),
]


@pytest.mark.parametrize(("headers", "seconds"), FORMS)
def test_a_wait_is_read_in_every_form_in_which_it_is_told(
    headers: Mapping[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_of_any_text_breaks_the_reading(told: str) -> None:
    for name in ("retry-after", "retry-after-ms"):
        seconds = retry_after({name: told}, NOW)
        assert seconds is None or seconds >= 0


@given(st.integers(0, 20), st.none() | st.floats(0, 100))
def test_a_pause_grows_to_a_bound_and_is_never_shorter_than_what_was_asked_for(
    retry: int, after: float | None
) -> None:
    least = after or 0.0
    assert least <= pause(retry, after) <= least + min(8.0, 0.5 * 2**retry)


async def test_a_limit_on_spending_that_forbids_another_try_leaves_the_failure_told(
    xai: FakeXAI, folder: Path
) -> None:
    """What is expected of a call that may be billed counts, though nobody knows its cost."""
    xai.fail(504)
    text = error_text(await describe(xai, folder, saved(folder), setting_max_usd=0.01))
    assert text.startswith("[unavailable] xAI (HTTP 504")
    assert text.endswith("(it may be billed; not tried again: over_budget)")
    assert len(xai.requests) == 1


async def test_an_answer_after_an_attempt_that_may_be_billed_says_so(
    xai: FakeXAI, folder: Path
) -> None:
    xai.fail(504)
    answer = structured(await describe(xai, folder, saved(folder)))
    assert answer["warnings"] == ["xAI may bill 1 failed attempt besides."]


async def test_while_a_call_waits_for_its_next_attempt_another_takes_its_place(
    xai: FakeXAI, folder: Path
) -> None:
    xai.fail(429, BUSY, headers={"retry-after": "1"})
    path, ended = saved(folder), list[str]()
    async with connected(xai, folder, concurrency=1) as client:

        async def ask(model: str) -> None:
            structured(await client.call_tool("describe_image", {"image": path, "model": model}))
            ended.append(model)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, "grok-4.3")
            while not xai.requests:  # noqa: ASYNC110 - what is awaited has no event
                await anyio.sleep(0.01)
            tasks.start_soon(ask, "grok-4.6")
    assert ended == ["grok-4.6", "grok-4.3"]


async def test_in_an_outage_calls_soon_fail_at_their_first_attempt_and_say_so(
    folder: Path,
) -> None:
    """Thirty calls of up to eleven attempts would be 330 requests."""
    xai = FakeXAI()
    xai.fail(503, times=1_000, headers={"retry-after-ms": "0"})
    path, told = saved(folder), list[str]()
    async with connected(xai, folder, retries=10, concurrency=30) as client:

        async def ask() -> None:
            told.append(error_text(await client.call_tool("describe_image", {"image": path})))

        async with anyio.create_task_group() as tasks:
            for _ in range(30):
                tasks.start_soon(ask)
    assert 30 < len(xai.requests) <= 30 + 500 / 14 + 1
    assert sum("too many calls failed lately" in text for text in told) >= 20


def test_the_budget_for_retries_is_spent_by_failures_and_earned_by_success_and_time() -> None:
    clock = 0.0
    budget = RetryBudget(lambda: clock)
    assert sum(budget.take() for _ in range(100)) == 35
    budget.succeeded(retried=True)
    assert budget.take()
    assert not budget.take()
    for _ in range(14):
        budget.succeeded(retried=False)
    assert budget.take()
    assert not budget.take()
    clock = 600.0
    assert sum(budget.take() for _ in range(100)) == 35
