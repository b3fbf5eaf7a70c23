"""The worker process: what may be done in it, how it ends, and what comes back."""

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from grok_vision.errors import (
    AnswerError,
    ConfigurationError,
    ImageError,
    ProviderError,
    RequestError,
    SourceError,
    VisionError,
)
from grok_vision.images.access import Access
from grok_vision.images.formats import sniff
from grok_vision.images.prepare import prepare
from grok_vision.images.prepared import PreparedImage, SentPart
from grok_vision.images.spelling import Reading
from grok_vision.images.wanted import Wanted
from grok_vision.images.worker import end_idle_workers, run_apart
from grok_vision.providers import endpoint
from grok_vision.results import SentImage
from grok_vision.settings import Settings
from tests.documents import pdf
from tests.fake_xai import FakeXAI
from tests.support import encoded, noise, quadrants, saved

LIMITS = endpoint(Settings(xai_api_key="k")).choose().images

SCRIPT = "grok-vision-mcp"

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, or limits of Linux")
not_windows = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")


@pytest.fixture
def limiter() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(2)


async def apart(
    function: Callable[..., Any], *arguments: Any, returns: Any = object, **options: Any
) -> Any:
    return await run_apart(
        function, *arguments, returns=returns, limiter=anyio.CapacityLimiter(1), **options
    )


async def refusal(function: Callable[..., Any], *arguments: Any, **options: Any) -> VisionError:
    with pytest.raises(VisionError) as caught:
        await apart(function, *arguments, **options)
    return caught.value


def wait_for_the_end_of(process: int) -> None:
    """Wait until a process, which need not be a child of ours, has ended."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], 30)[0], "the process goes on"
    finally:
        os.close(handle)


async def test_the_work_is_done_in_another_process_which_is_used_again() -> None:
    first = await apart(os.getpid)
    assert first != os.getpid()
    assert await apart(os.getpid) == first


@not_windows
async def test_calls_beside_each_other_have_a_process_each(
    limiter: anyio.CapacityLimiter, tmp_path: Path
) -> None:
    found: set[int] = set()
    meeting = str(tmp_path / "meeting")
    os.mkfifo(meeting)

    async def work(side: int) -> None:
        # Each end of a pipe can be opened only where the other is being opened.
        there = f"__import__('os').open({meeting!r}, {side}), __import__('os').getpid()"
        told = await run_apart(
            eval, there, returns=tuple[int, int], limiter=limiter, may_open_files=True
        )
        found.add(told[1])

    async with anyio.create_task_group() as group:
        group.start_soon(work, os.O_RDONLY)
        group.start_soon(work, os.O_WRONLY)
    assert len(found) == 2
    end_idle_workers()  # those ends of the pipe with them


PICTURES = {
    "PNG": encoded(quadrants(), "PNG"),
    "PNG 16": encoded(quadrants(mode="I;16"), "PNG"),
    "PNG P": encoded(quadrants(mode="P"), "PNG", transparency=0),
    "JPEG": encoded(noise(64, 48), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0"),
    "JPEG CMYK": encoded(quadrants(mode="CMYK"), "JPEG"),
    "MPO": encoded(noise(64, 48), "MPO", save_all=True, append_images=[noise(64, 48)]),
    "WEBP": encoded(noise(64, 48), "WEBP"),
    "GIF": encoded(quadrants(), "GIF"),
    "BMP": encoded(quadrants(), "BMP"),
    "TIFF": encoded(quadrants(), "TIFF", compression="tiff_lzw"),
    "TIFF JPEG": encoded(noise(64, 48), "TIFF", compression="jpeg"),
    "AVIF": encoded(noise(64, 48), "AVIF"),
}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES)
async def test_a_picture_is_prepared_in_it_as_it_would_be_here(data: bytes) -> None:
    wanted = Wanted(limits=LIMITS, detail="auto", most_parts=None, max_pixels=100_000_000)
    assert await apart(prepare, data, wanted, returns=PreparedImage) == prepare(data, wanted)


async def test_what_is_told_to_the_caller_arrives_as_it_was_raised() -> None:
    error = await refusal(sniff, b"")
    assert (type(error), error.code) == (ImageError, "not_an_image")
    assert str(error) == "[not_an_image] it is empty; pass a picture."


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError("missing_key", "why"),
        SourceError("not_found", "why").about("image 2 (a.png)"),
        ImageError("damaged_image", "why").about("image 1 (b.png)"),
        RequestError("bad_argument", "why"),
        ProviderError("timeout", "why"),
        AnswerError("empty_answer", "why"),
    ],
)
async def test_every_failure_survives_the_way_between_processes(error: VisionError) -> None:
    make = f"__import__('grok_vision.errors').errors.{type(error).__name__}"
    thrown = f"(_ for _ in ()).throw({make}({error.code!r}, {error.message!r}))"
    arrived = await refusal(eval, thrown)
    assert type(arrived) is type(error)
    assert (arrived.code, arrived.message, arrived.args, str(arrived)) == (
        error.code,
        error.message,
        error.args,
        str(error),
    )


async def test_a_bug_arrives_with_its_traceback() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*TypeError"):
        await apart(len, 7)


# Nothing ever sets it.
ENDLESS = "__import__('threading').Event().wait()"


async def test_work_that_takes_too_long_is_killed_and_the_next_is_done() -> None:
    worker = await apart(os.getpid)
    error = await refusal(eval, ENDLESS, kill_after=0.3)
    assert error.code == "damaged_image"
    assert error.message == "it takes longer than 0.3 s to decode; save it again as PNG or JPEG."
    assert await apart(os.getpid) != worker


@pytest.mark.parametrize(
    "work",
    [
        partial(os.abort),
        # As texts: coverage puts a function in the place of the system's that cannot be sent.
        partial(eval, "__import__('os')._exit(0)"),
        partial(eval, "__import__('os')._exit(75)"),
        partial(sys.exit, 1),
    ],
    ids=["abort", "exit 0", "exit 75", "SystemExit"],
)
async def test_work_that_its_process_dies_of_is_refused_and_the_next_is_done(
    work: Callable[[], Any],
) -> None:
    error = await refusal(work)
    assert error.code == "damaged_image"
    assert "broke down" in error.message
    assert await apart(len, b"12") == 2


@only_linux
async def test_memory_is_bounded() -> None:
    error = await refusal(bytes, 2 * 1024**3)
    assert error.code == "too_many_pixels"
    assert await apart(eval, "len(bytes(1024**3))") == 1024**3


@not_windows
@pytest.mark.parametrize(
    "work", [partial(os.open, os.devnull, os.O_RDONLY), socket.socket, os.pipe]
)
async def test_no_file_and_no_socket_can_be_opened(work: Callable[[], Any]) -> None:
    with pytest.raises(RuntimeError, match="Too many open files"):
        await apart(work)


@not_windows
async def test_files_can_be_read_but_not_written_where_it_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "font").write_bytes(b"outlines")
    assert await apart((tmp_path / "font").read_bytes, may_open_files=True) == b"outlines"
    with pytest.raises(RuntimeError, match="File too large"):
        await apart((tmp_path / "left").write_bytes, b"x", may_open_files=True)
    with pytest.raises(RuntimeError, match="Too many open files"):
        await apart((tmp_path / "font").read_bytes)


async def test_what_decoders_print_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    assert await apart(os.write, 1, b"a line of libtiff\n") == 18
    assert await apart(os.write, 2, b"a line of libtiff\n") == 18
    assert await apart(len, b"12") == 2
    assert capfd.readouterr() == ("", "")


async def test_no_key_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XAI_API_KEY", "CANARY")
    await refusal(os.abort)  # whoever was there before knew nothing of it
    assert "CANARY" not in str(await apart(eval, "dict(__import__('os').environ)"))
    if sys.platform == "linux":
        worker = await apart(os.getpid)
        assert b"CANARY" not in Path(f"/proc/{worker}/environ").read_bytes()


def framed(words: object, behind: bytes = b"") -> bytes:
    """Return an answer in the form in which workers give them."""
    told = words if isinstance(words, bytes) else json.dumps(words).encode()
    return struct.pack(">QQ", len(told), len(behind)) + told + behind


def named(module: str, name: str) -> bytes:
    """Return the pickle of what has this name."""
    texts = (b"\x8c" + bytes((len(text),)) + text.encode() for text in (module, name))
    return b"".join(texts) + b"\x93"


# How the pickle of a pair begins.
RETURNED = b"\x80\x04(\x8c\x08returned"
ACCESS, READING = (
    named("grok_vision.images.access", "Access"),
    named("grok_vision.images.spelling", "Reading"),
)
SENT = {
    "parts": [{"data": {"bytes behind": 4}, "media_type": "image/png", "size": [3, 2]}],
    "report": {"source": ""},
    "warnings": [],
}
ANSWERS = {
    "an attribute set": RETURNED + ACCESS + b"N}\x8c\x05holds" + READING + b"s\x86bt.",
    "a call": RETURNED + named("os", "getpid") + b")Rt.",
    "an import": RETURNED + named("this", "s") + b"t.",
    "a pickle in the frame": framed(RETURNED + ACCESS + b"t."),
    "garbage": bytes(range(256)),
    "zeroes": bytes(1_000),
    "too much": struct.pack(">QQ", 2, 2**40) + b"{}",
    "far too many words": struct.pack(">QQ", 2**40, 0),
    "no JSON": framed(b"\xff\xfe{"),
    "another shape": framed({"returned": 1}),
    "another kind": framed(["sent", SENT], b"data"),
    "too deep": framed(b"[" * 100_000),
    "a huge number": framed(b'["returned", ' + b"9" * 10_000 + b"]"),
    "bytes of no length": framed(["returned", {"bytes behind": "4"}]),
    "bytes of a huge length": framed(["returned", {"bytes behind": 2**70}]),
    "another type": framed(["returned", ["parts"]]),
    "a media type of its own": framed(
        ["returned", {**SENT, "parts": [{**SENT["parts"][0], "media_type": "text/html"}]}], b"data"
    ),
    "a URL to fetch": framed(["returned", {**SENT, "parts": [{"url": "https://example.com"}]}]),
    "a field of its own": framed(["returned", {**SENT, "report": {"source": "", "x": 1}}], b"data"),
    "an error of its own": framed(["raised", ["OSError", "damaged_image", "why"]]),
    "a code of its own": framed(["raised", ["ImageError", "missing_key", "why"]]),
    "an error without words": framed(["raised", ["ImageError", "damaged_image", {}]]),
    "an error of many parts": framed(["raised", ["ImageError", "damaged_image", "why", "more"]]),
    "no error": framed(["raised", None]),
    "a bug without words": framed(["failed", 7]),
}
# Writes to every pipe that is open, as a decoder does that was taken over.
SAID = """[
    __import__('os').write(number, bytes.fromhex({answer!r}))
    for number in range(3, 9)
    if __import__('os').path.exists(f'/proc/self/fd/{{number}}')
    and __import__('stat').S_ISFIFO(__import__('os').fstat(number).st_mode)
]"""


@only_linux
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_an_answer_that_no_worker_gives_by_itself_is_refused(answer: bytes) -> None:
    worker = await apart(os.getpid)
    before = {name: vars(each).copy() for name, each in (("Access", Access), ("Reading", Reading))}
    error = await refusal(eval, SAID.format(answer=answer.hex()), returns=PreparedImage)
    assert error.code == "damaged_image"
    assert {"Access": vars(Access), "Reading": vars(Reading)} == before
    assert "this" not in sys.modules
    assert await apart(os.getpid) != worker


@only_linux
async def test_the_answer_of_a_worker_is_told_from_those() -> None:
    said = SAID.format(answer=framed(["returned", SENT], b"data").hex())
    sent = await apart(eval, said, returns=PreparedImage)
    assert sent == PreparedImage((SentPart(b"data", "image/png", (3, 2)),), SentImage(source=""))
    end_idle_workers()  # its own answer is still in the pipe


@pytest.mark.parametrize("value", ["{1, 2}", "__import__('pathlib').PurePath()", "[bytes] * 3"])
async def test_what_is_not_made_of_plain_values_is_a_bug(value: str) -> None:
    with pytest.raises(RuntimeError, match="a worker cannot return a"):
        await apart(eval, value)


@pytest.mark.parametrize("value", ["'x' * 2**21", "[bytes(2**28), b'x']"])
async def test_what_is_far_too_large_is_a_bug(value: str) -> None:
    with pytest.raises(RuntimeError, match="a worker cannot return as much"):
        await apart(eval, value)


async def test_an_extra_that_is_installed_later_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "pypdfium2.py"
    missing.write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path)
    end_idle_workers()
    wanted = Wanted(limits=LIMITS, detail="auto", most_parts=None, max_pixels=100_000_000)
    await apart(os.getpid)
    missing.unlink()
    error = await refusal(prepare, pdf(), wanted)
    assert (type(error), error.code) == (ConfigurationError, "missing_extra")
    sent = await apart(prepare, pdf(), wanted, returns=PreparedImage)
    assert sent.report.format == "PDF"


def children(of: int | str = "self") -> set[str]:
    found: set[str] = set()
    for listed in Path(f"/proc/{of}/task").glob("*/children"):
        # A thread may end while the others are looked at.
        with contextlib.suppress(FileNotFoundError):
            found |= set(listed.read_text().split())
    return found


CALLS = 3


async def as_they_begin(*_: object) -> None:
    await anyio.lowlevel.checkpoint()


async def as_a_process_starts(before: set[str], *_: object) -> None:
    with anyio.fail_after(30):
        while not children() - before:
            await anyio.lowlevel.checkpoint()


async def as_they_work(_: set[str], pipes: list[Path]) -> None:
    for pipe in pipes:
        # It can be opened only where a worker opens the other end.
        os.close(await anyio.to_thread.run_sync(os.open, pipe, os.O_WRONLY))


@only_linux
@pytest.mark.parametrize("moment", [as_they_begin, as_a_process_starts, as_they_work])
@pytest.mark.parametrize("by_asyncio", [0, 1, 2])
async def test_calls_that_are_cancelled_leave_no_process_behind(
    tmp_path: Path, moment: Callable[..., Awaitable[None]], by_asyncio: int
) -> None:
    end_idle_workers()
    before, limiter = children(), anyio.CapacityLimiter(CALLS)
    pipes = [tmp_path / f"{number}" for number in range(CALLS)]
    for pipe in pipes:
        os.mkfifo(pipe)
    calls = [
        partial(
            run_apart,
            eval,
            f"open({str(pipe)!r}), {ENDLESS}",
            returns=object,
            limiter=limiter,
            may_open_files=True,
        )
        for pipe in pipes
    ]
    if by_asyncio:
        tasks = [asyncio.create_task(call()) for call in calls]
        await moment(before, pipes)
        for _ in range(by_asyncio):
            for task in tasks:
                task.cancel()
            await asyncio.sleep(0)
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(each) for each in ended} == {asyncio.CancelledError}
    else:
        async with anyio.create_task_group() as group:
            for call in calls:
                group.start_soon(call)
            await moment(before, pipes)
            group.cancel_scope.cancel()
    with anyio.fail_after(30):
        # A process that was killed is still there for a moment.
        while children() - before:
            await anyio.lowlevel.checkpoint()
    assert limiter.borrowed_tokens == 0


async def test_waiting_for_the_limiter_is_not_counted(limiter: anyio.CapacityLimiter) -> None:
    found: list[int] = []

    async def wait_and_work() -> None:
        found.append(await run_apart(len, b"12", returns=int, limiter=limiter, kill_after=1.0))

    async def work_until_killed() -> None:
        with pytest.raises(ImageError, match="longer than 1 s"):
            await run_apart(eval, ENDLESS, returns=object, limiter=limiter, kill_after=1.0)

    limiter.total_tokens = 1
    async with anyio.create_task_group() as group:
        group.start_soon(work_until_killed)
        await anyio.lowlevel.checkpoint()
        # All that time it waits for the one token.
        group.start_soon(wait_and_work)
    assert found == [2]


# No guard around what it does: a worker must not run its server's main script again.
SERVER = """
import os
import anyio
from grok_vision.images.worker import run_apart

async def main():
    limiter = anyio.CapacityLimiter(1)
    print(await run_apart(os.getpid, returns=int, limiter=limiter), flush=True)
    await run_apart(eval, {work!r}, returns=object, limiter=limiter, kill_after=0.5)
    os.kill(os.getpid(), 9)

anyio.run(main)
"""
KILL_THE_SERVER = "__import__('os').kill(__import__('os').getppid(), 9)"


@only_linux
@pytest.mark.parametrize("work", ["0", f"{KILL_THE_SERVER}, __import__('time').sleep(600)"])
def test_it_ends_with_a_server_that_is_killed(tmp_path: Path, work: str) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER.format(work=work))
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        wait_for_the_end_of(int(server.stdout.readline()))
        assert server.stdout.read() == b""
        assert server.wait() == -signal.SIGKILL


def asked(server: subprocess.Popen[bytes], number: int, method: str, parameters: object) -> Any:
    """Send a request over stdio, and return its result."""
    assert server.stdin is not None
    assert server.stdout is not None
    request = {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
    server.stdin.write(json.dumps(request).encode() + b"\n")
    server.stdin.flush()
    return json.loads(server.stdout.readline())["result"]


HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


@only_linux
@pytest.mark.parametrize("how", [["-m", "grok_vision"], [Path(sys.executable).parent / SCRIPT]])
def test_the_worker_of_a_real_server_knows_no_key_says_nothing_and_ends_with_it(
    folder: Path, how: list[str]
) -> None:
    picture = saved(folder, "shot.webp")
    xai = FakeXAI(key="CANARY")
    with xai.serve() as address:
        env = {
            **os.environ,
            "XAI_API_KEY": "CANARY",
            "GROK_VISION_BASE_URL": address,
            "GROK_VISION_ROOTS": str(folder),
        }
        with subprocess.Popen(
            [sys.executable, *how], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as server:
            asked(server, 1, "initialize", HELLO)
            call = {"name": "describe_image", "arguments": {"image": picture}}
            assert "structuredContent" in asked(server, 2, "tools/call", call)
            (worker,) = children(server.pid)
            assert b"CANARY" not in Path(f"/proc/{worker}/environ").read_bytes()
            left, _ = server.communicate(timeout=30)
            wait_for_the_end_of(int(worker))
    assert (left, server.returncode) == (b"", 0)
