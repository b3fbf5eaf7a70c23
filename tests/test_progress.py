"""What hosts see of a call while it goes on: stages, the growing answer, signs of life."""

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

from grok_vision.app import create_server
from grok_vision.errors import ProviderError
from grok_vision.tools import progress
from grok_vision.tools.progress import reported
from grok_vision.watch import NOBODY
from tests.fake_xai import FakeXAI
from tests.held import Held
from tests.support import connected, saved, settings_for, structured
from tests.test_disconnects import serving

pytestmark = pytest.mark.anyio

ASKING = "asking grok-4.3 at xAI"
ANSWER = "First line.\nThen \x1b]0;owned\x07 and ![a](https://b.c) are told, and all the rest."
SO_FAR = r"Then ]0;owned and !\[a](https://b.c)"


class Heard:
    """What a client was told, and how often."""

    def __init__(self) -> None:
        self.told: list[tuple[float, float | None, str | None]] = []
        self._news = anyio.Event()

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        self.told.append((progress, total, message))
        self._news.set()

    @property
    def messages(self) -> list[str | None]:
        return [message for _, _, message in self.told]

    async def until(self, pattern: str) -> None:
        """Wait for a message that fits the pattern."""
        with anyio.fail_after(10):
            while not any(re.fullmatch(pattern, one or "") for one in self.messages):
                await self._news.wait()
                self._news = anyio.Event()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def held() -> Iterator[tuple[Held, str]]:
    """A provider that stops within its second line, and its address."""
    provider = Held(6, answer=ANSWER)
    with provider.serving() as address:
        yield provider, address


async def told_while_it_is_written(
    client: Client, provider: Held, heard: Heard, picture: str
) -> CallToolResult:
    """Call a tool, and let the provider end its answer when the host has seen the half of it."""

    async def go_on() -> None:
        await heard.until(re.escape(SO_FAR))
        provider.go.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(go_on)
        # The token is for the client that calls the server in its own process: it adds none.
        return await client.call_tool(
            "describe_image",
            {"image": picture},
            progress_callback=heard,
            meta={"progress_token": "token"},
        )


def check(heard: Heard, result: CallToolResult) -> None:
    """Check all that was told of a call for `ANSWER`."""
    assert structured(result)["text"].startswith("First line.")
    stages, lines = heard.messages[:2], heard.messages[2:]
    assert stages == ["reading 1 picture", ASKING]
    assert SO_FAR in lines
    assert all("First line.\n".startswith(str(one)) or str(one)[:4] == "Then" for one in lines)
    numbers = [number for number, _, _ in heard.told]
    assert numbers == sorted(set(numbers))
    assert {total for _, total, _ in heard.told} == {None}


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_host_sees_stages_and_then_the_last_line_of_what_is_written(
    held: tuple[Held, str], heard: Heard, folder: Path, mode: str
) -> None:
    provider, address = held
    server = create_server(settings_for(folder, base_url=address))
    async with Client(server, mode=mode) as client:
        result = await told_while_it_is_written(client, provider, heard, saved(folder))
        at_the_end = len(heard.told)
        await client.list_tools()
    assert len(heard.told) == at_the_end
    check(heard, result)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_over_http_it_comes_before_the_answer(
    held: tuple[Held, str], heard: Heard, folder: Path, mode: str
) -> None:
    provider, address = held
    app = create_server(settings_for(folder, base_url=address)).streamable_http_app()
    async with serving(app) as host, Client(f"http://{host}/mcp", mode=mode) as client:
        result = await told_while_it_is_written(client, provider, heard, saved(folder))
    check(heard, result)


async def test_over_http_with_plain_json_the_answer_comes_all_the_same(
    xai: FakeXAI, heard: Heard, folder: Path
) -> None:
    server = create_server(settings_for(folder), transport=xai.transport())
    app = server.streamable_http_app(json_response=True)
    async with serving(app) as host, Client(f"http://{host}/mcp") as client:
        asked = {"image": saved(folder)}
        result = await client.call_tool("describe_image", asked, progress_callback=heard)
    assert structured(result)["text"] == "A picture."
    assert heard.told == []


async def test_a_process_tells_it_on_stdout(
    held: tuple[Held, str], heard: Heard, folder: Path
) -> None:
    provider, address = held
    env = {
        "XAI_API_KEY": "test",
        "GROK_VISION_BASE_URL": address,
        "GROK_VISION_ROOTS": str(folder),
        "GROK_VISION_STATE_DIR": str(folder / "state"),
    }
    server = StdioServerParameters(command=sys.executable, args=["-m", "grok_vision"], env=env)
    async with Client(server) as client:
        result = await told_while_it_is_written(client, provider, heard, saved(folder))
    check(heard, result)


async def test_a_retry_is_told(xai: FakeXAI, heard: Heard, folder: Path) -> None:
    xai.fail(503)
    async with connected(xai, folder) as client:
        result = await client.call_tool(
            "describe_image",
            {"image": saved(folder)},
            progress_callback=heard,
            meta={"progress_token": 1},
        )
    assert structured(result)["text"] == "A picture."
    reading, asking, retrying, again = map(str, heard.messages[:4])
    assert (reading, asking, again) == ("reading 1 picture", ASKING, ASKING)
    assert re.fullmatch(r"xAI failed; trying again in \d\.\d s", retrying)


@pytest.mark.parametrize(
    ("tool", "first"),
    [
        ("extract_json", ["reading 2 pictures", ASKING]),
        ("compare_images", ["comparing 2 pictures", ASKING]),
        ("estimate_tokens", []),
    ],
)
async def test_tools_that_ask_tell_and_the_others_do_not(
    xai: FakeXAI, heard: Heard, folder: Path, tool: str, first: list[str]
) -> None:
    xai.answer = '{"summary": "All differs.", "differences": []}'
    pictures = [saved(folder, "a.png"), saved(folder, "b.jpg")]
    asked = {"images": pictures} | ({"mode": "model"} if tool == "compare_images" else {})
    async with connected(xai, folder) as client:
        result = await client.call_tool(
            tool, asked, progress_callback=heard, meta={"progress_token": 1}
        )
    assert not result.is_error, result.content
    assert heard.messages[:2] == first


# --- the reporter alone


def told_to(report: Any, **meta: Any) -> Any:
    """Return the context of a call whose host is told by `report`."""

    async def report_progress(number: float, *, message: str) -> None:
        await report(number, None, message)

    return SimpleNamespace(
        request_context=SimpleNamespace(meta=meta), report_progress=report_progress
    )


async def test_a_host_that_gives_no_token_costs_nothing(heard: Heard) -> None:
    async with reported(told_to(heard)) as watch:
        assert watch is NOBODY


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("one\ntwo\n \n", "two"),
        ("a\tb\x00c\x9b\u202ed\ud83d", "a b c d"),
        ("<IMG src=x>", "&lt;img src=x>"),
        ("word " * 100 + "end", "…" + ("word " * 100 + "end")[-199:]),
        ("x" * 5_000, "…" + "x" * 199),
    ],
)
async def test_what_is_written_is_told_as_one_short_line_that_drives_nothing(
    heard: Heard, written: str, told: str
) -> None:
    async with reported(told_to(heard, progress_token=1)) as watch:
        watch.written(written)
        await heard.until(re.escape(told))


async def test_a_fast_answer_is_told_only_now_and_then(heard: Heard) -> None:
    begun = time.monotonic()
    async with reported(told_to(heard, progress_token=1)) as watch:
        for number in range(2_000):
            watch.written(f"{number} ")
            await anyio.lowlevel.checkpoint()
        await heard.until(r".*1999")
    assert len(heard.told) <= 1 + (time.monotonic() - begun) * 3


async def test_where_nothing_is_new_the_host_is_told_that_the_call_goes_on(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_QUIET", progress._PAUSE + 0.01)
    async with reported(told_to(heard, progress_token=1)) as watch:
        await heard.until(r"starting \(\d+ s so far\)")
        watch.stage(ASKING)
        watch.written("Some words")
        await heard.until(rf"{ASKING} \(\d+ s so far\)")
    assert "Some words" in heard.messages


async def test_a_host_that_does_not_read_holds_up_neither_a_call_nor_its_cancellation() -> None:
    begun = anyio.Event()

    async def never(*_: object) -> None:
        begun.set()
        await anyio.sleep_forever()

    with anyio.fail_after(5):
        async with reported(told_to(never, progress_token=1)) as watch:
            watch.stage(ASKING)
            await begun.wait()
        with anyio.CancelScope() as scope:
            async with reported(told_to(never, progress_token=1)) as watch:
                watch.stage(ASKING)
                scope.cancel()
                await anyio.sleep_forever()
    assert scope.cancelled_caught


async def test_the_failure_of_a_call_comes_out_as_it_is(heard: Heard) -> None:
    failure = ProviderError("timeout", "It took too long.")
    failure.__cause__ = cause = ValueError("the reason")
    with pytest.raises(ProviderError) as raised:
        async with reported(told_to(heard, progress_token=1)):
            raise failure
    assert raised.value is failure
    assert failure.__cause__ is cause
