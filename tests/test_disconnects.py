"""Over HTTP, a client that leaves takes its request along: the provider is left at once, too."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.server.streamable_http import EventStore

from grok_vision.app import create_server
from grok_vision.disconnects import CancelOnDisconnect
from grok_vision.vision_server import VisionServer
from tests.fake_xai import FakeXAI
from tests.peers import HELLO, LEGACY, Peer, asked, call, sent, serving, session, until
from tests.support import saved, settings_for, structured

LONG = 60.0
"""Seconds that the provider takes: no test waits for it."""
MODERN = "2026-07-28"
META = "io.modelcontextprotocol"


@pytest.fixture
def provider(xai: FakeXAI) -> Iterator[str]:
    """The address of a provider that takes long."""
    xai.delay = LONG
    with xai.serve() as address:
        yield address


@pytest.fixture
def picture(folder: Path) -> str:
    return saved(folder)


@pytest.fixture
def server(folder: Path, provider: str) -> VisionServer:
    return create_server(settings_for(folder, base_url=provider))


async def modern_call(host: str, picture: str) -> Peer:
    meta = {
        f"{META}/protocolVersion": MODERN,
        f"{META}/clientCapabilities": {},
        f"{META}/clientInfo": {"name": "test", "version": "1"},
    }
    headers = {
        "MCP-Protocol-Version": MODERN,
        "Mcp-Method": "tools/call",
        "Mcp-Name": "describe_image",
    }
    return await sent(host, call(picture, meta=meta), headers)


async def session_call(host: str, picture: str) -> Peer:
    return await sent(host, call(picture), await session(host))


async def stateless_call(host: str, picture: str) -> Peer:
    return await sent(host, call(picture), LEGACY)


@pytest.mark.parametrize("json_response", [False, True], ids=["stream", "json"])
@pytest.mark.parametrize("calling", [session_call, stateless_call, modern_call])
async def test_a_client_that_leaves_takes_the_request_to_the_provider_along(
    server: VisionServer, xai: FakeXAI, picture: str, calling: Any, json_response: bool
) -> None:
    app = server.streamable_http_app(
        json_response=json_response, stateless_http=calling is stateless_call
    )
    async with serving(app) as host:
        peer = await calling(host, picture)
        await until(lambda: len(xai.requests))
        await peer.leave()
        await until(lambda: xai.left)
    assert (len(xai.requests), xai.left, xai.answered) == (1, 1, 0)


async def test_who_leaves_over_sse_takes_all_its_requests_along(
    server: VisionServer, xai: FakeXAI, picture: str
) -> None:
    async with serving(server.sse_app()) as host:
        events = await sent(host, path="/sse", method="GET")
        await events.reader.readuntil(b"data: ")
        path = (await events.reader.readline()).decode().strip()
        opened = HELLO, asked("notifications/initialized", {}, None)
        for message in (*opened, call(picture, "a"), call(picture, "b")):
            await (await sent(host, message, path=path)).rest()
        await until(lambda: len(xai.requests), 2)
        await events.leave()
        await until(lambda: xai.left, 2)
    assert xai.answered == 0


async def test_in_a_session_only_what_was_left_is_cancelled(
    server: VisionServer, xai: FakeXAI, picture: str
) -> None:
    async with serving(server.streamable_http_app()) as host:
        headers = await session(host)
        stays = await sent(host, call(picture, "stays"), headers)
        await until(lambda: len(xai.requests))
        leaves = await sent(host, call(picture, "leaves"), headers)
        await until(lambda: len(xai.requests), 2)
        await leaves.leave()
        await until(lambda: xai.left)
        note = asked("notifications/cancelled", {"requestId": "stays"}, None)
        assert (await (await sent(host, note, headers)).rest()).startswith("HTTP/1.1 202")
        assert "Request cancelled" in await stays.rest()
        xai.delay = 0.0
        answer = await (await sent(host, call(picture, "later"), headers)).rest()
    assert "A picture." in answer
    assert (xai.left, xai.answered) == (2, 1)


@pytest.mark.parametrize("stateless", [False, True], ids=["sessions", "stateless"])
async def test_a_real_client_of_each_era_is_answered_and_can_cancel(
    server: VisionServer, xai: FakeXAI, picture: str, stateless: bool
) -> None:
    async with serving(server.streamable_http_app(stateless_http=stateless)) as host:
        for number, mode in enumerate(["auto", "legacy"], 1):
            async with Client(f"http://{host}/mcp", mode=mode) as client:
                xai.delay = 0.0
                answer = await client.call_tool("describe_image", {"image": picture})
                assert structured(answer)["text"] == "A picture."
                xai.delay = LONG
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(client.call_tool, "describe_image", {"image": picture})
                    await until(lambda: len(xai.requests), 2 * number)
                    tasks.cancel_scope.cancel()
                await until(lambda: xai.left, number)
    assert xai.answered == 2


class _Events(EventStore):
    """Keeps nothing; that there is one is enough."""

    async def store_event(self, stream_id: str, message: Any) -> str:
        return "1"

    async def replay_events_after(self, last_event_id: str, send_callback: Any) -> None:
        return None


def test_where_events_are_kept_a_client_may_come_back(server: VisionServer) -> None:
    def middleware(**options: Any) -> list[Any]:
        return [one.cls for one in server.streamable_http_app(**options).user_middleware]

    assert middleware() == [CancelOnDisconnect]
    assert middleware(event_store=_Events()) == []


# The middleware alone, before an application that is made for the test.

ASKED = json.dumps(call("a.png", 7)).encode()


class Stage:
    """An application, and a client that sends `body` in these parts and then leaves.

    Attributes:
        seen: The bodies that arrived, one for each request.
        ended: How what was asked ended.
        headers: Those of the last request.
    """

    def __init__(self, *parts: bytes, answers: bool = False) -> None:
        self.parts = list(parts)
        self.answers = answers
        self.seen: list[bytes] = []
        self.ended: list[str] = []
        self.headers: dict[bytes, bytes] = {}

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        self.seen.append(body)
        self.headers = dict(scope["headers"])
        scope["root_path"] = scope["path"]  # as routers do
        if len(self.seen) > 1:
            return
        if self.answers:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"answer"})
        try:
            await anyio.sleep(0.05 if self.answers else LONG)
            self.ended.append("by itself")
        except BaseException:
            self.ended.append("cancelled")
            raise

    async def play(self, *, in_session: bool = True, max_body: int = 1_000, **scope: Any) -> None:
        headers = [(b"content-length", b"1"), (b"host", b"h"), (b"authorization", b"Bearer x")]
        asked = {
            "type": "http",
            "method": "POST",
            "path": "/mcp",
            "headers": [*headers, (b"mcp-session-id", b"s")] if in_session else headers,
            **scope,
        }

        async def receive() -> Any:
            if self.parts:
                part = self.parts.pop(0)
                return {"type": "http.request", "body": part, "more_body": bool(self.parts)}
            return {"type": "http.disconnect"}

        async def send(_: Any) -> None:
            pass

        await CancelOnDisconnect(self.application, path="/mcp", max_body=max_body)(
            asked, receive, send
        )


@pytest.mark.parametrize("body", [ASKED, b"[%s]" % ASKED], ids=["one", "a batch of one"])
async def test_a_session_is_told_what_is_cancelled_by_the_same_client(body: bytes) -> None:
    stage = Stage(body[:20], body[20:])
    await stage.play()
    assert stage.ended == ["cancelled"]
    told = json.loads(stage.seen[1])
    assert (told["method"], told["params"]["requestId"]) == ("notifications/cancelled", 7)
    assert stage.headers == {
        b"host": b"h",
        b"authorization": b"Bearer x",
        b"mcp-session-id": b"s",
        b"content-length": str(len(stage.seen[1])).encode(),
    }


async def test_who_leaves_after_the_answer_cancels_nothing() -> None:
    stage = Stage(ASKED, answers=True)
    await stage.play()
    assert (stage.ended, stage.seen) == (["by itself"], [ASKED])


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (ASKED, {"in_session": False}),
        (ASKED, {"max_body": len(ASKED) - 1}),
        (ASKED[:-1], {}),
        (b"[" * 100_000, {"max_body": 10**6}),
        (b"7", {}),
        (json.dumps(asked("notifications/roots", {}, None)).encode(), {}),
        (json.dumps({"jsonrpc": "2.0", "id": 7, "result": {}}).encode(), {}),
    ],
)
async def test_where_no_request_is_known_no_session_is_told(
    body: bytes, options: Mapping[str, Any]
) -> None:
    stage = Stage(body)
    await stage.play(**options)
    assert (stage.ended, stage.seen) == (["cancelled"], [body])


@pytest.mark.parametrize(
    "scope", [{"path": "/upload"}, {"method": "GET"}, {"path": "/mcp", "root_path": "/mcp"}]
)
async def test_what_is_no_post_to_the_protocol_is_let_alone(scope: Mapping[str, Any]) -> None:
    stage = Stage(ASKED)
    with anyio.move_on_after(0.05) as patience:
        await stage.play(**scope)
    assert patience.cancelled_caught
    assert stage.seen == [ASKED]


async def test_below_another_application_it_works_as_well() -> None:
    stage = Stage(ASKED)
    await stage.play(path="/below/mcp", root_path="/below")
    assert len(stage.seen) == 2


async def test_where_the_server_cancels_instead_of_telling_the_session_is_told_too() -> None:
    stage = Stage(ASKED)

    async def receive() -> Any:
        if not stage.parts:
            await anyio.sleep_forever()
        return {"type": "http.request", "body": stage.parts.pop(), "more_body": False}

    async def send(_: object) -> None:
        pass

    headers = [(b"mcp-session-id", b"s")]
    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": headers}
    guarded = CancelOnDisconnect(stage.application, path="/mcp", max_body=1_000)
    task = asyncio.ensure_future(guarded(scope, receive, send))
    await until(lambda: len(stage.seen))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(stage.seen) == 2


async def test_what_the_application_raises_is_raised_with_its_cause() -> None:
    failure = ValueError("why")
    failure.__cause__ = cause = OSError("the reason")

    async def application(*_: Any) -> None:
        raise failure

    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": []}
    with pytest.raises(ValueError, match="why") as raised:
        await CancelOnDisconnect(application, path="/mcp", max_body=1)(scope, Any, Any)  # type: ignore[arg-type]
    assert raised.value is failure
    assert failure.__cause__ is cause
