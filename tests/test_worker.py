"""The worker process: what may be done in it, how it ends, and what comes back."""

import json
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from grok_vision.errors import (
    AnswerError,
    ConfigurationError,
    ImageError,
    ProviderError,
    RequestError,
    SeveralProblemsError,
    SourceError,
    VisionError,
)
from grok_vision.images.formats import sniff
from grok_vision.images.prepare import prepare
from grok_vision.images.wanted import Wanted
from grok_vision.images.worker import run_apart
from grok_vision.providers import endpoint
from grok_vision.settings import Settings
from tests.fake_xai import FakeXAI
from tests.support import encoded, noise, quadrants, saved

LIMITS = endpoint(Settings(xai_api_key="k")).provider.images

SCRIPT = "grok-vision-mcp"

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, or limits of Linux")
not_windows = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")


@pytest.fixture
def limiter() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(2)


async def apart(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    return await run_apart(function, *arguments, limiter=anyio.CapacityLimiter(1), **options)


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


async def test_calls_beside_each_other_have_a_process_each(limiter: anyio.CapacityLimiter) -> None:
    found: set[int] = set()

    async def work() -> None:
        found.add((await run_apart(eval, GETPID_SLOWLY, limiter=limiter))[0])

    async with anyio.create_task_group() as group:
        group.start_soon(work)
        group.start_soon(work)
    assert len(found) == 2


GETPID_SLOWLY = "__import__('os').getpid(), __import__('time').sleep(0.3)"

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
    assert await apart(prepare, data, wanted) == prepare(data, wanted)


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
        SeveralProblemsError([ImageError("too_small", "why"), SourceError("not_found", "x")], 3),
    ],
)
def test_every_failure_survives_the_way_between_processes(error: VisionError) -> None:
    arrived = pickle.loads(pickle.dumps(error))
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


async def test_work_that_takes_too_long_is_killed_and_the_next_is_done() -> None:
    worker = await apart(os.getpid)
    error = await refusal(time.sleep, 600, kill_after=0.3)
    assert error.code == "damaged_image"
    assert error.message == "it takes longer than 0.3 s to decode; save it again as PNG or JPEG."
    assert await apart(os.getpid) != worker


@pytest.mark.parametrize("work", [partial(os.abort), partial(os._exit, 0), partial(sys.exit, 1)])
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


@pytest.mark.parametrize("answer", ["os.getenv", "pathlib.PurePosixPath('/etc')"])
async def test_an_answer_that_names_code_is_not_read(answer: str) -> None:
    module = answer.partition(".")[0]
    error = await refusal(eval, answer.replace(module, f"__import__({module!r})", 1))
    assert error.code == "damaged_image"


def children(of: int | str = "self") -> set[str]:
    lists = Path(f"/proc/{of}/task").glob("*/children")
    return {child for listed in lists for child in listed.read_text().split()}


@only_linux
async def test_calls_that_are_cancelled_leave_no_process_behind() -> None:
    before = children()
    limiter = anyio.CapacityLimiter(8)
    # The first of them are cancelled while their process starts, the others while it works.
    for seconds in (0.001, 0.01, 0.05, 1.0):
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as group:
                for _ in range(4):
                    group.start_soon(partial(run_apart, time.sleep, 600, limiter=limiter))
    assert children() <= before
    assert limiter.borrowed_tokens == 0


async def test_waiting_for_the_limiter_is_not_counted(limiter: anyio.CapacityLimiter) -> None:
    found: list[int] = []

    async def work() -> None:
        found.append(await run_apart(len, b"12", limiter=limiter, kill_after=1.0))

    limiter.total_tokens = 1
    async with anyio.create_task_group() as group, limiter:
        group.start_soon(work)
        await anyio.sleep(1.2)
    assert found == [2]


# No guard around what it does: a worker must not run its server's main script again.
SERVER = """
import os
import anyio
from grok_vision.images.worker import run_apart

async def main():
    limiter = anyio.CapacityLimiter(1)
    print(await run_apart(os.getpid, limiter=limiter), flush=True)
    await run_apart(eval, {work!r}, limiter=limiter, kill_after=0.5)
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
