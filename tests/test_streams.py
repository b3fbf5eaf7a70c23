"""Answers that come word by word: what is asked for, and what is kept of those that break off."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client

from grok_vision.app import create_server
from grok_vision.vision import build_vision
from grok_vision.watch import NOBODY
from tests.fake_provider import FakeProvider
from tests.fake_provider.groq import GROQ
from tests.fake_xai import FakeXAI, Recorded, Response
from tests.support import (
    connected,
    describe,
    error_text,
    extract,
    saved,
    settings_for,
    structured,
)

pytestmark = pytest.mark.anyio

STREAM = {"stream": True, "stream_options": {"include_usage": True}}
SCHEMA = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
SLOW = "One two three four five six seven eight nine ten. " * 100


def events(*data: str) -> Response:
    return Response(200, tuple(f"data: {one}\n\n".encode() for one in data))


def words(text: str, **choice: Any) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": {"content": text}, **choice}]})


async def test_an_answer_is_asked_for_word_by_word_with_what_it_used(
    xai: FakeXAI, folder: Path
) -> None:
    answer = structured(await describe(xai, folder, saved(folder)))
    (request,) = xai.requests
    assert {name: request.body.get(name) for name in STREAM} == STREAM
    assert answer["usage"]["cost_source"] == "reported"


async def test_an_answer_in_one_piece_tells_the_same(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder)
    streamed = structured(await describe(xai, folder, path))
    async with build_vision(settings_for(folder), transport=xai.transport()) as vision:
        whole = await (await vision.journey()).describe_image(path, stream=False)
    assert "stream" not in xai.requests[1].body
    assert whole.told() == streamed


@pytest.mark.parametrize(("as_json", "streamed"), [(False, True), (True, False)])
async def test_groq_streams_prose_and_no_json_of_a_schema(
    folder: Path, as_json: bool, streamed: bool
) -> None:
    groq = FakeProvider(GROQ)
    groq.answer = '{"a": "b"}'
    given = {"xai_api_key": None, "provider": "groq", "groq_api_key": "test"}
    async with connected(groq, folder, **given) as client:
        tool, asked = ("extract_json", {"schema": SCHEMA}) if as_json else ("describe_image", {})
        picture = {"images" if as_json else "image": saved(folder)}
        structured(await client.call_tool(tool, {**picture, **asked}))
    assert ("stream" in groq.requests[0].body) == streamed


async def test_a_stream_that_tells_no_usage_is_an_answer_without_usage(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = lambda _: events(words("Fine."), words("", finish_reason="stop"), "[DONE]")
    answer = structured(await describe(xai, folder, saved(folder)))
    assert (answer["text"], answer["truncated"]) == ("Fine.", False)
    assert "usage" not in answer


REFUSALS = [
    (400, {"error": {"message": "Unrecognized request argument supplied: stream_options"}}),
    (400, {"error": {"message": "Streaming is not supported by this model."}}),
    (422, {"detail": [{"loc": ["body", "stream"], "msg": "stream: extra fields not permitted"}]}),
]


@pytest.mark.parametrize(("status", "body"), REFUSALS)
async def test_a_server_that_knows_no_streams_is_asked_in_one_piece_from_then_on(
    xai: FakeXAI, folder: Path, status: int, body: Mapping[str, Any]
) -> None:
    xai.fail(status, dict(body))
    path = saved(folder)
    async with connected(xai, folder, retries=0) as client:
        for _ in range(2):
            structured(await client.call_tool("describe_image", {"image": path}))
    assert ["stream" in request.body for request in xai.requests] == [True, False, False]


async def test_what_came_before_the_deadline_is_returned_and_marked(folder: Path) -> None:
    xai = FakeXAI(answer=SLOW, chunk_delay=0.05)
    with xai.serve() as address:
        given = {"base_url": address, "deadline": 1.0, "max_usd": 1.0}
        async with connected(None, folder, **given) as client:
            result = structured(await client.call_tool("describe_image", {"image": saved(folder)}))
            spent = (await client.read_resource("vision://usage")).contents[0]
    assert result["text"]
    assert SLOW.startswith(result["text"])
    assert result["truncated"] is True
    assert result["warnings"] == [
        "the time of the call was over before the end of the answer (GROK_VISION_DEADLINE): this "
        "is what had come until then. It may be billed in full."
    ]
    assert len(xai.requests) == 1
    assert '"expected_usd"' in spent.text  # type: ignore[union-attr]


async def test_json_that_the_deadline_ends_is_returned_as_it_came_and_not_asked_for_again(
    folder: Path,
) -> None:
    xai = FakeXAI(answer='{"a": "' + SLOW + '"}', chunk_delay=0.05)
    with xai.serve() as address:
        async with connected(None, folder, base_url=address, deadline=1.0) as client:
            result = structured(
                await client.call_tool("extract_json", {"images": saved(folder), "schema": SCHEMA})
            )
    assert (result["valid"], result["truncated"]) == (False, True)
    assert result["raw"].startswith('{"a": "One')
    assert "GROK_VISION_DEADLINE" in " ".join(result["warnings"])
    assert len(xai.requests) == 1


BROKEN = {
    "error event": (words("The first"), '{"error": {"message": "overloaded", "code": 502}}'),
    "xAI's error event": (words("The first"), '{"code": "x", "error": "unavailable"}'),
    "no end": (words("The first"),),
    "no JSON": (words("The first"), "<html>"),
    "a list": (words("The first"), "[1]"),
}


@pytest.mark.parametrize("name", list(BROKEN))
async def test_words_before_a_stream_breaks_are_returned_marked_and_not_asked_for_again(
    xai: FakeXAI, folder: Path, name: str
) -> None:
    xai.answer = lambda _: events(*BROKEN[name])
    answer = structured(await describe(xai, folder, saved(folder)))
    assert (answer["text"], answer["truncated"]) == ("The first", True)
    assert answer["warnings"][0].endswith("until then. It may be billed in full.")
    assert len(xai.requests) == 1


@pytest.mark.parametrize(
    ("data", "code", "requests"),
    [
        (('{"error": {"message": "overloaded", "code": 502}}',), "unavailable", 1),
        (('{"error": {"message": "slow down", "code": 429}}',), "rate_limited", 1),
        (("<html>",), "unavailable", 1),
        ((words(""),), "unavailable", 2),
        ((words("", finish_reason="stop"), "[DONE]"), "empty_answer", 1),
        ((words("", finish_reason="content_filter"), "[DONE]"), "refused", 1),
        (("[DONE]",), "empty_answer", 1),
    ],
    ids=["error", "rate limit", "no JSON", "no end", "no words", "filtered", "only the end"],
)
async def test_a_stream_without_a_word_ends_in_one_code(
    xai: FakeXAI, folder: Path, data: tuple[str, ...], code: str, requests: int
) -> None:
    xai.answer = lambda _: events(*data)
    text = error_text(await describe(xai, folder, saved(folder), setting_retries=1))
    assert text.startswith(f"[{code}]")
    assert len(xai.requests) == requests


END = words("", finish_reason="stop")
MESSAGE = json.dumps(
    {"choices": [{"index": 0, "message": {"content": "Hello"}, "finish_reason": "stop"}]}
)
SOUND = {
    "the whole once more": ((words("Hel"), words("lo"), MESSAGE, "[DONE]"), "Hello"),
    "only the whole": ((MESSAGE, "[DONE]"), "Hello"),
    "signs of life": (("", words("Hel"), " ", words("lo"), END, "[DONE]"), "Hello"),
    "halves of a character": (
        (r'{"choices": [{"delta": {"content": "a\ud83d"}}]}', words("x"), END),
        "a?x",
    ),
    "a character in two events": (
        (
            r'{"choices": [{"delta": {"content": "a\ud83d"}}]}',
            r'{"choices": [{"delta": {"content": "\ude00b"}}]}',
            END,
        ),
        "a\U0001f600b",
    ),
    "the end told with every word": (
        (words("Hel", finish_reason="stop"), words("lo", finish_reason="stop"), "[DONE]"),
        "Hello",
    ),
    "words beside an empty delta": (
        (
            '{"choices": [{"delta": {"content": ""}, "message": {"content": "Hello"}}]}',
            END,
        ),
        "Hello",
    ),
    "several answers": (
        (words("Hello"), '{"choices": [{"index": 1, "delta": {"content": "No"}}]}', END),
        "Hello",
    ),
}


@pytest.mark.parametrize("name", list(SOUND))
async def test_an_answer_is_put_together_from_events_of_every_known_form(
    xai: FakeXAI, folder: Path, name: str
) -> None:
    data, text = SOUND[name]
    xai.answer = lambda _: events(*data)
    answer = structured(await describe(xai, folder, saved(folder)))
    assert (answer["text"], answer["truncated"]) == (text, False)


USED = {"prompt_tokens": 1_000, "completion_tokens": 10, "cost_in_usd_ticks": 5_000_000_000}


@pytest.mark.parametrize(
    "data",
    [
        (words("Hello"), END, json.dumps({"choices": [], "usage": USED}), "[DONE]"),
        (words("Hello"), END, json.dumps({"x_groq": {"usage": USED}}), "[DONE]"),
        (words("Hello"), json.dumps({"usage": USED}), '{"usage": {"total_tokens": 0}}', END),
        (words("Hello"), json.dumps({"usage": USED}), '{"error": {"message": "boom"}}'),
    ],
    ids=["last", "Groq's", "emptied", "before an error"],
)
async def test_what_a_stream_used_is_read_wherever_it_is_told(
    xai: FakeXAI, folder: Path, data: tuple[str, ...]
) -> None:
    xai.answer = lambda _: events(*data)
    usage = structured(await describe(xai, folder, saved(folder)))["usage"]
    assert (usage["input_tokens"], usage["cost_usd"]) == (1_000, 0.5)


async def test_an_error_before_the_first_word_that_tells_its_cost_is_entered_with_it(
    xai: FakeXAI, folder: Path
) -> None:
    failed = '{"code": "x", "error": "unavailable"}'
    xai.answer = lambda _: events(json.dumps({"usage": USED}), failed)
    async with connected(xai, folder, max_usd=1.0) as client:
        error_text(await client.call_tool("describe_image", {"image": saved(folder)}))
        spent = (await client.read_resource("vision://usage")).contents[0]
    assert json.loads(spent.text)["cost_usd"] == 0.5  # type: ignore[union-attr]


class Held(httpx2.AsyncBaseTransport):
    """A provider whose connection breaks off, or stays open, after what it sends."""

    def __init__(self, *data: str, breaks: bool, kind: str = "text/event-stream") -> None:
        self.sent = 0
        self._content = [f"data: {one}\n\n".encode() for one in data]
        self._breaks = breaks
        self._kind = kind

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.sent += 1
        return httpx2.Response(200, headers={"content-type": self._kind}, stream=Body(self))

    async def parts(self) -> AsyncIterator[bytes]:
        for one in self._content:
            yield one
        if self._breaks:
            raise httpx2.ReadError("reset")
        await anyio.sleep_forever()


class Body(httpx2.AsyncByteStream):
    def __init__(self, held: Held) -> None:
        self._held = held

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._held.parts()


async def held(folder: Path, provider: Held, **given: Any) -> Any:
    server = create_server(settings_for(folder, **given), transport=provider)
    async with Client(server) as client:
        return await client.call_tool("describe_image", {"image": saved(folder)})


@pytest.mark.parametrize("breaks", [True, False], ids=["reset", "open"])
async def test_an_answer_that_came_to_its_end_waits_for_nothing_more(
    folder: Path, breaks: bool
) -> None:
    with anyio.fail_after(30):
        provider = Held(words("Hello"), END, breaks=breaks)
        answer = structured(await held(folder, provider, deadline=600))
    assert (answer["text"], answer["truncated"], answer["warnings"]) == ("Hello", False, [])


@pytest.mark.parametrize(
    ("reason", "code"), [("content_filter", "refused"), ("length", "empty_answer")]
)
async def test_an_end_without_words_is_not_asked_for_again(
    folder: Path, reason: str, code: str
) -> None:
    provider = Held(words("", finish_reason=reason), breaks=True)
    assert error_text(await held(folder, provider)).startswith(f"[{code}]")
    assert provider.sent == 1


async def test_json_that_came_whole_before_the_deadline_is_an_answer(folder: Path) -> None:
    provider = Held(breaks=False, kind="application/json")
    provider._content = [b'{"choices": [{"message": {"content": "Hello"}}]}']
    answer = structured(await held(folder, provider, deadline=1))
    assert (answer["text"], answer["truncated"]) == ("Hello", False)


async def test_words_after_what_looked_like_the_end_and_then_nothing_are_marked(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = lambda _: events(words("Hel", finish_reason="stop"), words("lo"))
    answer = structured(await describe(xai, folder, saved(folder)))
    assert (answer["text"], answer["truncated"]) == ("Hello", True)


async def test_an_event_that_is_called_an_error_is_one(xai: FakeXAI, folder: Path) -> None:
    said = b'event: error\ndata: {"type": "overloaded_error", "message": "busy"}\n\n'
    xai.answer = lambda _: Response(200, (said,))
    assert error_text(await describe(xai, folder, saved(folder))).startswith("[unavailable]")
    assert len(xai.requests) == 1


async def test_a_broken_half_of_json_is_completed_by_asking_for_its_rest(
    xai: FakeXAI, folder: Path
) -> None:
    def answer(_: Recorded) -> Any:
        return events(words('{"a": "b')) if len(xai.requests) == 1 else '"}'

    xai.answer = answer
    result = structured(await extract(xai, folder, saved(folder), schema=SCHEMA))
    assert (result["data"], result["valid"]) == ({"a": "b"}, True)


async def test_nobody_may_follow_a_call(xai: FakeXAI, folder: Path) -> None:
    async with build_vision(settings_for(folder), transport=xai.transport()) as vision:
        told = await (await vision.journey()).describe_image(saved(folder), watch=NOBODY)
    assert told.text == "A picture."


async def test_those_who_follow_a_call_are_told_its_stages_and_its_words_in_order(
    xai: FakeXAI, folder: Path
) -> None:
    told: list[str] = []

    class Watching:
        def stage(self, words: str) -> None:
            told.append(words)

        def written(self, text: str) -> None:
            told.append(text)

    xai.fail(503)
    async with build_vision(settings_for(folder), transport=xai.transport()) as vision:
        await (await vision.journey()).describe_image(saved(folder), watch=Watching())
    assert told[:2] == ["reading 1 picture", "asking grok-4.3 at xAI"]
    assert told[2].startswith("xAI failed; trying again in 0.")
    assert told[3:] == ["asking grok-4.3 at xAI", "A ", "picture."]
