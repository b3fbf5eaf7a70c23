"""Clients that let the server wait: none is waited for without end, none holds up the others."""

import asyncio
import json
import logging
import random
import socket

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from grok_vision.settings import Settings
from grok_vision.web.bodies import Bodies
from grok_vision.web.protocol import Deadlines
from tests.web import PATIENCE, request, serving, status

MIB = 1024 * 1024
SOON = Deadlines(head=0.1, end=1.0)
STALLED = "Content-Length: 100000"
CHUNKED = "Transfer-Encoding: chunked"
EXPECTING = "Expect: 100-continue"


class Stage:
    """An application that tells how much was sent, when it may."""

    def __init__(self, size: int = 0) -> None:
        self._calls = asyncio.Semaphore(0)
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.seen: list[bytes] = []
        self._answer = b"x" * size

    async def answered(self, asked: Request) -> Response:
        self.seen.append(await asked.body())
        self._calls.release()
        await self.may_end.wait()
        return PlainTextResponse(self._answer or str(len(self.seen[-1])))

    async def begun(self) -> None:
        """Wait until one call more has begun."""
        with anyio.fail_after(PATIENCE):
            await self._calls.acquire()

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/", self.answered, methods=["GET", "POST"])])


def guarded(stage: Stage, *, held: int = 256 * MIB, window: float = 10.0) -> ASGIApp:
    return Bodies(stage.app(), MIB, max_held=held, window=window)


def message(answer: bytes) -> str:
    """Return what a refusal says, in the form of the protocol's errors."""
    told = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert set(told) == {"jsonrpc", "id", "error"}
    text: str = told["error"]["message"]
    return text


async def test_a_client_that_says_too_little_is_left() -> None:
    async with serving(Stage().app(), deadlines=SOON) as served:
        said = {
            "nothing": b"",
            "half a head": request(served)[:-2],
            "half a second head": request(served, b"ok") + request(served)[:10],
            "half a body that nobody reads": request(served, None, STALLED, path="/unknown") + b"a",
        }
        for peer in [await served.peer(each) for each in said.values()]:
            await peer.rest()
        assert not served.open()


async def test_a_client_that_goes_on_slowly_is_left_all_the_same() -> None:
    async with serving(Stage().app(), deadlines=SOON) as served:
        for begun in (
            request(served)[:-2] + b"X-Long: ",
            request(served, None, STALLED, path="/unknown"),
        ):
            await (await served.peer(begun)).drip(b"a")
        assert not served.open()


async def test_a_call_may_take_longer_than_its_head() -> None:
    stage = Stage()
    stage.may_end.clear()
    async with serving(stage.app(), deadlines=SOON) as served:
        calling = await served.peer(request(served, b"ok"))
        await stage.begun()
        await (await served.peer()).rest()  # the same deadline, begun later
        stage.may_end.set()
        assert (await calling.answer()).endswith(b"2")


async def test_a_body_that_does_not_come_is_told_to_come_again() -> None:
    stage = Stage()
    async with serving(guarded(stage, window=0.1)) as served:
        parts = request(served, None, CHUNKED)
        said = {
            "none of it": request(served, None, STALLED),
            "some of it": request(served, None, STALLED) + b"something",
            "some parts": parts + b"5\r\nparts\r\n",
            "half a part": parts + b"5\r\npa",
        }
        for peer in [await served.peer(each) for each in said.values()]:
            answer = await peer.rest()
            assert status(answer) == 408
            assert b"connection: close" in answer
            assert "too slowly" in message(answer)
    assert stage.seen == []


async def test_a_body_that_drips_is_told_to_come_again() -> None:
    async with serving(guarded(Stage(), window=0.2)) as served:
        peer = await served.peer(request(served, None, STALLED))
        assert status(await peer.drip(b"a")) == 408


async def test_a_body_whose_length_is_too_large_is_refused_before_it_comes() -> None:
    stage = Stage()
    async with serving(guarded(stage)) as served:
        peer = await served.peer(request(served, None, f"Content-Length: {MIB + 1}"))
        answer = await peer.answer()
        assert status(answer) == 413
        assert message(answer) == (
            "[request_too_large] The request is larger than 1 MiB; send less or smaller pictures, "
            "or raise GROK_VISION_MAX_BODY_BYTES."
        )
    assert stage.seen == []


async def test_a_client_that_sends_it_nonetheless_can_read_why_and_go_on() -> None:
    async with serving(guarded(Stage())) as served:
        peer = await served.peer(request(served, b"a" * 4 * MIB))
        assert status(await peer.answer()) == 413
        peer.writer.write(request(served, b"less"))
        assert (await peer.answer()).endswith(b"4")


async def test_a_body_of_unknown_length_is_refused_when_it_is_too_large() -> None:
    body = in_parts(b"a" * 2 * MIB, MIB)
    async with serving(guarded(Stage())) as served:
        peer = await served.peer(request(served, None, CHUNKED) + body)
        assert status(await peer.answer()) == 413


def in_parts(body: bytes, size: int) -> bytes:
    """Return a body as it is sent where its length is not told."""
    cuts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n" % len(cut) + cut + b"\r\n" for cut in [*cuts, b""])


async def test_a_body_arrives_as_it_was_sent() -> None:
    bodies = [random.Random(size).randbytes(size) for size in (0, 1, 70_000, MIB)]
    stage = Stage()
    async with serving(guarded(stage)) as served:
        peer = await served.peer()
        for body in bodies:
            peer.writer.write(request(served, body))
            await peer.answer()
            peer.writer.write(request(served, None, CHUNKED) + in_parts(body, 9_999))
            await peer.answer()
    assert stage.seen == [body for body in bodies for _ in range(2)]


async def test_large_bodies_have_a_bounded_room_and_small_ones_go_on() -> None:
    large = b"a" * (MIB - 1)
    stage = Stage()
    stage.may_end.clear()
    async with serving(guarded(stage, held=MIB)) as served:
        first = await served.peer(request(served, large))
        await stage.begun()
        refused = await (await served.peer(request(served, large))).answer()
        assert status(refused) == 503
        assert b"retry-after: 5" in refused
        assert "Other requests" in message(refused)
        small = await served.peer(request(served, b"a" * 60_000))
        await stage.begun()
        stage.may_end.set()
        assert (await small.answer()).endswith(b"60000")
        assert status(await first.answer()) == 200
        again = await served.peer(request(served, large))
        assert status(await again.answer()) == 200


async def test_what_a_client_that_left_had_sent_takes_no_room() -> None:
    stage = Stage()
    async with serving(guarded(stage, held=MIB)) as served:
        half = b"a" * (MIB // 2)
        for _ in range(3):
            peer = await served.peer(request(served, None, f"Content-Length: {MIB}") + half)
            await peer.writer.drain()
            peer.writer.close()
            await peer.writer.wait_closed()
            await served.emptied()
        answer = await (await served.peer(request(served, half))).answer()
    assert status(answer) == 200
    assert stage.seen == [half]


async def test_a_client_that_asks_first_sends_what_it_may() -> None:
    async with serving(guarded(Stage())) as served:
        refused = await served.peer(request(served, None, EXPECTING, f"Content-Length: {2 * MIB}"))
        assert status(await refused.answer()) == 413
        peer = await served.peer(request(served, None, EXPECTING, "Content-Length: 4"))
        assert status(await peer.answer()) == 100
        peer.writer.write(b"body")
        assert (await peer.answer()).endswith(b"4")


async def test_a_client_that_never_reads_its_answer_is_left() -> None:
    stage = Stage(64 * MIB)
    async with serving(stage.app(), deadlines=Deadlines(head=0.1, answer=0.1)) as served:
        for headers in ([], ["Connection: close"]):
            with socket.create_connection(("127.0.0.1", served.port)) as silent:
                silent.sendall(request(served, b"", *headers))
                await stage.begun()
                await served.emptied()


async def test_a_client_that_reads_slowly_gets_the_whole_answer() -> None:
    size = 16 * MIB
    async with serving(Stage(size).app(), deadlines=Deadlines(head=0.2, answer=0.5)) as served:
        peer = await served.peer(request(served, b"", "Connection: close"))
        await peer.reader.readuntil(b"\r\n\r\n")
        read = 0
        while part := await peer.reader.read(MIB // 2):
            read += len(part)
            await asyncio.sleep(0.02)  # the slowness is what is tested
    assert read == size


async def test_the_newest_connection_takes_the_place_of_the_oldest_that_says_nothing() -> None:
    async with serving(Stage().app(), Settings(max_connections=2)) as served:
        silent = [await served.peer(request(served, b"")) for _ in range(2)]
        for peer in silent:
            assert status(await peer.answer()) == 200
        third = await served.peer(request(served, b""))
        assert status(await third.answer()) == 200
        assert await silent[0].rest() == b""
        silent[1].writer.write(request(served, b""))
        assert status(await silent[1].answer()) == 200


async def test_a_client_that_still_takes_its_answer_keeps_its_place() -> None:
    size = 64 * MIB
    async with serving(Stage(size).app(), Settings(max_connections=2)) as served:
        taking = await served.peer(request(served, b""))
        await taking.reader.readuntil(b"\r\n\r\n")
        silent = await served.peer(request(served, b"", path="/unknown"))
        assert status(await silent.answer()) == 404
        third = await served.peer(request(served, b"", path="/unknown"))
        assert status(await third.answer()) == 404
        assert await silent.rest() == b""
        assert len(await taking.reader.readexactly(size)) == size


async def test_where_every_connection_is_at_work_another_is_told_to_come_again() -> None:
    stage = Stage()
    stage.may_end.clear()
    async with serving(stage.app(), Settings(max_connections=1)) as served:
        first = await served.peer(request(served, b""))
        await stage.begun()
        answer = await (await served.peer()).rest()
        assert status(answer) == 503
        assert "Too many connections" in message(answer)
        stage.may_end.set()
        assert status(await first.answer()) == 200


NO_HTTP = {
    "nothing in it": b"\r\n\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no host": b"POST / HTTP/1.1\r\n\r\n",
    "two hosts": b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a broken part": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n",
    "a long head": b"POST / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 70_000,
    "a long path": b"POST /" + b"a" * 70_000,
}


async def test_what_is_no_http_is_told_so_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with serving(guarded(Stage())) as served:
        for kind, sent in NO_HTTP.items():
            answer = await (await served.peer(sent)).rest()
            assert status(answer) == 400, kind
            assert message(answer) == "This is no HTTP/1.1 request, or its head is too large."
    assert caplog.records == []


async def test_a_body_that_breaks_after_its_answer_ends_the_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving(Stage().app()) as served:
        peer = await served.peer(request(served, None, CHUNKED, path="/unknown"))
        assert status(await peer.answer()) == 404
        peer.writer.write(b"no size\r\n")
        assert await peer.rest() == b""
    assert caplog.records == []


async def test_requests_in_one_go_are_answered_in_their_order() -> None:
    async with serving(guarded(Stage())) as served:
        peer = await served.peer(b"".join(request(served, b"a" * n) for n in range(1, 4)))
        answers = [await peer.answer() for _ in range(3)]
    assert [answer[-1:] for answer in answers] == [b"1", b"2", b"3"]


async def test_a_request_that_tells_two_lengths_is_the_last_of_its_connection() -> None:
    stage = Stage()
    async with serving(guarded(stage)) as served:
        smuggled = request(served, b"smuggled")
        body = in_parts(b"ok", 2) + smuggled
        peer = await served.peer(request(served, None, CHUNKED, f"Content-Length: {len(body)}"))
        peer.writer.write(body)
        assert (await peer.rest()).endswith(b"\r\n\r\n2")
    assert stage.seen == [b"ok"]


async def test_an_older_client_is_answered_and_left() -> None:
    async with serving(guarded(Stage())) as served:
        peer = await served.peer(b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nok")
        assert (await peer.rest()).endswith(b"\r\n\r\n2")


async def test_another_protocol_is_not_spoken() -> None:
    async with serving(guarded(Stage())) as served:
        peer = await served.peer()
        for other in ("websocket", "h2c"):
            upgrade = ("Connection: Upgrade", f"Upgrade: {other}")
            peer.writer.write(request(served, b"ok", *upgrade))
            assert (await peer.answer()).endswith(b"\r\n\r\n2")


async def test_answers_do_not_wait_for_the_word_that_their_head_has_arrived() -> None:
    async with serving(Stage().app()) as served:
        await (await served.peer(request(served, b""))).answer()
        (connection,) = served.server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_answers_do_not_name_the_server() -> None:
    async with serving(Stage().app()) as served:
        peer = await served.peer(request(served, b""))
        head = (await peer.answer()).lower()
    assert b"\r\nserver:" not in head
    assert b"\r\ndate:" in head
