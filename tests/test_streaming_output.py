"""What people and programs see of `describe` while the answer is written, and at its end."""

import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio.lowlevel
import pytest

from grok_vision.answers import read_text
from grok_vision.cli.streaming import output
from grok_vision.cli.terminal import Waiting, tell_warnings
from grok_vision.relay import Completion
from grok_vision.results import Description, Sent
from tests.commands import COMMAND, Run, in_process, on_terminal, run
from tests.fake_xai import FakeXAI, Recorded
from tests.fake_xai.response import Response
from tests.held import Held
from tests.support import EXAMPLES

DASHBOARD = str(EXAMPLES / "dashboard.png")
TALL = "# All of it\n\n" + "\n".join(f"- Line **{number}**" for number in range(60))
FOOTER = "xai: grok-4.3 · sent 1280x800 PNG"
ERASED = "\x1b[2K"
PATIENCE = 1.1
"""Seconds after which a person is shown that work goes on."""
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def environment(address: str, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "XAI_API_KEY": "test",
        "GROK_VISION_BASE_URL": address,
        "TERM": "xterm-256color",
        "COLUMNS": "80",
        "PYTHONUNBUFFERED": "",
        **more,
    }


@pytest.fixture
def env(xai: FakeXAI) -> Iterator[dict[str, str]]:
    with xai.serve() as address:
        yield environment(address)


@pytest.fixture
def held() -> Iterator[tuple[Held, dict[str, str]]]:
    """A provider that stops after two words."""
    provider = Held(2, answer="\n One ![two](https://c.d) and three.\n\n")
    with provider.serving() as address:
        yield provider, environment(address)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return in_process(monkeypatch, capsys)


def started(*arguments: str, env: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start `describe` in a pipe."""
    return subprocess.Popen(
        [*COMMAND, "describe", DASHBOARD, *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )


def watched(provider: Held, sign: bytes, env: dict[str, str]) -> str:
    """Describe on a terminal; the provider goes on when `sign` is seen. Return all that is."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([*COMMAND, "describe", DASHBOARD], env=env, stdout=theirs) as process:
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # Linux says so when the other side is closed
            while chunk := os.read(ours, 4096):
                seen += chunk
                if sign in seen:
                    provider.go.set()
    os.close(ours)
    assert process.returncode == 0
    return seen.decode()


def seen_at_last(screen: str) -> str:
    """Return what was printed after the last redrawing, without colours."""
    *_, last = screen.split(ERASED)
    return re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", last).replace("\r", "")


# --- in a pipe


def test_in_a_pipe_words_come_while_the_answer_is_written_and_once(
    held: tuple[Held, dict[str, str]],
) -> None:
    provider, env = held
    with started("--stream", env=env) as process:
        assert process.stdout is not None
        half = rb"One !\[two](https://c.d)"
        seen = b""
        while len(seen) < len(half):
            seen += os.read(process.stdout.fileno(), 100)
        # The provider has not sent more, and will not before it is told to.
        assert seen == half
        provider.go.set()
        rest, errors = process.communicate(timeout=20)
    assert rest == b" and three.\n"
    assert (process.returncode, errors) == (0, b"")


def test_at_the_deadline_what_came_stays_and_the_warnings_follow(
    held: tuple[Held, dict[str, str]],
) -> None:
    _, env = held
    done = run("describe", DASHBOARD, "--stream", env={**env, "GROK_VISION_DEADLINE": "2"})
    assert done.returncode == 0
    assert done.stdout == "One !\\[two](https://c.d)\n"
    # Why it ends here is told once.
    assert done.stderr.startswith("warning: the time of the call was over before the end of the ")
    assert done.stderr.count("\n") == 1


def test_a_reader_that_leaves_ends_the_call_and_nothing_is_told(
    held: tuple[Held, dict[str, str]],
) -> None:
    provider, env = held
    with started("--stream", env=env) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        os.read(process.stdout.fileno(), 100)
        process.stdout.close()
        provider.go.set()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_a_failure_after_words_leaves_them_and_its_line_follows(
    xai: FakeXAI, env: dict[str, str]
) -> None:
    usage = {"prompt_tokens": 9, "prompt_tokens_details": {"image_tokens": 0}}
    events: list[dict[str, Any]] = [
        {"choices": [{"delta": {"content": "I see nothing! "}}]},
        {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": usage},
    ]
    lines = [*map(json.dumps, events), "[DONE]"]
    xai.answer = lambda _: Response(200, tuple(f"data: {line}\n\n".encode() for line in lines))
    done = run("describe", DASHBOARD, "--stream", env=env)
    assert done.returncode == 1
    assert done.stdout == "I see nothing!\n"
    assert done.stderr.startswith("error[blind_answer]: ")
    code, screen = on_terminal("describe", DASHBOARD, env=env)
    assert code == 1
    assert seen_at_last(screen).split("\n")[0].rstrip() == "I see nothing!"
    assert "error[blind_answer]: " in seen_at_last(screen)


@pytest.mark.parametrize(
    ("option", "is_streamed"), [([], True), (["--no-stream"], False), (["--json"], True)]
)
def test_without_the_option_a_pipe_gets_the_answer_in_one_piece(
    xai: FakeXAI, env: dict[str, str], command: Run, option: list[str], is_streamed: bool
) -> None:
    done = command("describe", DASHBOARD, *option, env=env)
    text = json.loads(done.stdout)["text"] if "--json" in option else done.stdout.rstrip("\n")
    assert (text, done.stderr) == ("A picture.", "")
    (request,) = xai.requests
    assert bool(request.body.get("stream")) == is_streamed


def test_stream_and_json_exclude_each_other(
    xai: FakeXAI, env: dict[str, str], command: Run
) -> None:
    done = command("describe", DASHBOARD, "--stream", "--json", env=env)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error[bad_argument]: give either --stream or --json.\n"
    assert xai.requests == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    "text",
    [
        "  A picture! [Really](x) ![a](b)!![c](d) \n",
        "<img src=x> <IMG> <imgs> < img <i <im <img",
        "\n\nIt ends with a mark !",
        "a\x1b[31m\x9bb \x07\n \n\x00 c\t",
        "!\n[ ! [ <im\ng>",
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_however_the_words_come_what_is_printed_is_the_answer_of_the_result(
    capsys: pytest.CaptureFixture[str], text: str, size: int
) -> None:
    answer = read_text(Completion(text, "", "stop", "grok-4.3"), provider="xAI").text
    growing = output(stream=True, as_json=False)
    printed = ""
    async with growing.following(Waiting("Looking …")) as watch:
        for start in range(0, len(text), size):
            watch.written(text[start : start + size])
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
            printed += capsys.readouterr().out
    grown = len(printed)
    growing.end(
        Description(text=answer, truncated=False, model="", provider="xai", images=[], warnings=[])
    )
    printed += capsys.readouterr().out
    assert printed == CONTROLS.sub("", answer) + "\n"
    assert grown > 0


# --- on a terminal


def test_on_a_terminal_the_end_of_a_tall_answer_grows_and_all_of_it_stays() -> None:
    words_until_line_49 = 4 + 3 * 50
    provider = Held(words_until_line_49, answer=TALL + " ![a](b)")
    with provider.serving() as address:
        screen = watched(provider, b"49", environment(address, LINES="20"))
    *_, growing, _ = (drawn for drawn in screen.split(ERASED) if "Line" in drawn)
    drawn = re.findall(r"Line \S*?(\d+)\x1b", growing)
    assert 10 < len(drawn) < 20
    assert int(drawn[-1]) >= 49
    last = seen_at_last(screen)
    assert re.findall(r"Line (\d+)", last) == [str(number) for number in range(60)]
    assert "![a](b)" in last
    assert last.strip().split("\n")[-1].startswith(FOOTER)
    assert screen.endswith("\n")
    # Shown again, so that the person has a cursor.
    assert screen.rindex("\x1b[?25h") > screen.rindex("\x1b[?25l")


def test_on_a_terminal_without_streaming_nothing_is_drawn_twice(
    xai: FakeXAI, env: dict[str, str]
) -> None:
    xai.answer = TALL
    code, screen = on_terminal("describe", DASHBOARD, "--no-stream", env=env, errors=False)
    assert code == 0
    assert ERASED not in screen
    assert "stream" not in xai.requests[0].body
    assert seen_at_last(screen).count("Line 0") == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["extract", DASHBOARD], "Reading … asking grok-4.3 at xAI"),
        (["compare", DASHBOARD, DASHBOARD, "--always-ask"], "Comparing … asking grok-4.3 at xAI"),
    ],
)
def test_a_person_who_waits_sees_for_what(
    xai: FakeXAI, env: dict[str, str], call: list[str], words: str
) -> None:
    xai.answer = '{"summary": "All is the same.", "differences": []}'
    xai.delay = PATIENCE
    code, screen = on_terminal(*call, env=env)
    assert code == 0
    assert words in screen


def test_log_lines_stand_above_what_a_person_who_waits_sees(
    xai: FakeXAI, env: dict[str, str]
) -> None:
    def at_once(_: Recorded) -> str:
        xai.delay = 0.0
        return "A picture."

    xai.answer = at_once
    xai.delay = PATIENCE
    xai.fail(503)
    code, screen = on_terminal("describe", DASHBOARD, env=env)
    assert code == 0
    assert "Looking … asking grok-4.3 at xAI" in screen
    assert re.search(rf"\r{re.escape(ERASED)}\d[^\r\n]* WARNING ", screen)


# --- an answer that was kept

KEPT = "xai: grok-4.3 · kept from an earlier call · nothing sent"


@pytest.mark.parametrize(
    "call",
    [
        ["describe", DASHBOARD],
        ["extract", DASHBOARD],
        ["compare", DASHBOARD, DASHBOARD, "--always-ask"],
    ],
    ids=lambda call: call[0],
)
def test_of_a_kept_answer_a_person_sees_that_nothing_was_sent(
    xai: FakeXAI, env: dict[str, str], tmp_path: Path, call: list[str]
) -> None:
    xai.answer = '{"summary": "All is the same.", "differences": []}'
    env |= {"GROK_VISION_CACHE": str(tmp_path / "kept"), "COLUMNS": "200"}
    footers = [
        seen_at_last(on_terminal(*call, env=env)[1]).strip().split("\n")[-1] for _ in range(2)
    ]
    assert "sent 1280x800 PNG" in footers[0]
    assert footers[1].strip() == KEPT
    assert len(xai.requests) == 1


@pytest.mark.parametrize(
    ("finish_reason", "warnings", "is_told"),
    [
        ("length", [], True),
        ("length", ["it is off."], True),
        (None, [], True),
        (None, ["xAI failed before the end of its answer: this is what had come."], False),
    ],
)
def test_that_an_answer_was_cut_off_is_told_where_no_warning_has_said_why(
    capsys: pytest.CaptureFixture[str],
    finish_reason: str | None,
    warnings: list[str],
    is_told: bool,
) -> None:
    tell_warnings(Sent(truncated=True, finish_reason=finish_reason, images=[], warnings=warnings))
    told = [f"warning: {one}\n" for one in warnings]
    told += ["warning: the answer was cut off before its end.\n"] if is_told else []
    assert capsys.readouterr().err == "".join(told)
