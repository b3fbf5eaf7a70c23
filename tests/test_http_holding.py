"""The head of an answer waits for its first bytes."""

from collections.abc import Sequence

import pytest
from starlette.types import Message, Receive, Scope, Send

from grok_vision.web.app import build_app
from grok_vision.web.binding import bind
from grok_vision.web.holding import Held
from tests import peers
from tests.fake_xai import FakeXAI
from tests.support import EXAMPLES, settings_for
from tests.web import serving

HEAD: Message = {"type": "http.response.start", "status": 200, "headers": []}
EMPTY: Message = {"type": "http.response.body", "body": b"", "more_body": True}
EVENT: Message = {"type": "http.response.body", "body": b"data: 1", "more_body": True}
END: Message = {"type": "http.response.body", "body": b""}


async def passed_on(
    said: Sequence[Message], method: str = "POST", path: str = "/mcp"
) -> list[Message]:
    """Return what leaves of an answer that says this, without an end of its own."""
    sent: list[Message] = []

    async def app(_: Scope, __: Receive, send: Send) -> None:
        for message in said:
            await send(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await Held(app, path="/mcp")(
        {"type": "http", "method": method, "path": path, "headers": []}, receive, send
    )
    return sent


@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        ([HEAD], []),
        ([HEAD, EMPTY], []),
        ([HEAD, EVENT], [HEAD, EVENT]),
        ([HEAD, EMPTY, EVENT, EMPTY, END], [HEAD, EVENT, EMPTY, END]),
        ([HEAD, END], [HEAD, END]),
    ],
    ids=["a head alone", "an empty part", "an event", "all of it", "an answer without a body"],
)
async def test_the_head_of_an_answer_leaves_with_its_first_bytes(
    said: list[Message], leaves: list[Message]
) -> None:
    assert await passed_on(said) == leaves


@pytest.mark.parametrize(("method", "path"), [("GET", "/mcp"), ("POST", "/elsewhere")])
async def test_other_answers_go_their_way(method: str, path: str) -> None:
    assert await passed_on([HEAD, EMPTY], method, path) == [HEAD, EMPTY]


async def test_a_call_whose_head_is_held_is_cancelled_as_others_are(xai: FakeXAI) -> None:
    xai.delay = 60.0
    with xai.serve() as address:
        settings = settings_for(EXAMPLES, base_url=address)
        binding = bind(settings, "127.0.0.1", 0)
        async with serving(build_app(settings, binding, "http"), settings, binding=binding) as http:
            headers = await peers.session(http.host)
            call = peers.call(str(EXAMPLES / "dashboard.png"), 7)
            cancelled = await peers.sent(http.host, call, headers)
            left = await peers.sent(http.host, call)
            await peers.until(lambda: len(xai.requests), 2)
            note = peers.asked("notifications/cancelled", {"requestId": 7}, None)
            await (await peers.sent(http.host, note, headers)).rest()
            told = await cancelled.rest()
            await left.leave()
            await peers.until(lambda: xai.left, 2)
    assert told.startswith("HTTP/1.1 200 OK")
    assert "data:" not in told
