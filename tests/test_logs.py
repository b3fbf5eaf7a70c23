"""What goes to stderr: one line a record, as text or JSON, and never a secret or content."""

import asyncio
import hashlib
import io
import json
import logging
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Literal

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from pydantic import SecretStr

from grok_vision.logs import log_to_stderr
from grok_vision.settings import Settings
from grok_vision.web.access import AccessLog
from grok_vision.web.app import build_app
from grok_vision.web.binding import Binding, bind
from grok_vision.web.protocol import Deadlines
from grok_vision.web.serving import http_server
from tests.fake_xai import FakeXAI
from tests.programs import ended, python
from tests.support import saved, settings_for
from tests.tracing import recorded

pytestmark = pytest.mark.anyio

Form = Literal["text", "json"]
FORMS: list[Form] = ["text", "json"]
KEY = "key-7f3a9c"
# With what JSON, Python and URLs each write in another way.
ODD = 'odd"7f3a\\é/9c'


class Lines:
    """What was written to stderr."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def only(self) -> dict[str, Any]:
        [line] = self.objects()
        return line


Open = Callable[..., Lines]
BASIC = frozenset({"time", "level", "logger", "message"})


@pytest.fixture
def logging_as(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Log to a stderr of the test's own, and leave everything as it was."""
    root = logging.getLogger()
    levels = {
        name: one.level
        for name, one in logging.Logger.manager.loggerDict.items()
        if isinstance(one, logging.Logger)
    }
    monkeypatch.setattr(root, "handlers", [])
    before = root.level

    def start(form: Form, level: str = "DEBUG", keys: tuple[str, ...] = (KEY, ODD)) -> Lines:
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        log_to_stderr(level, map(SecretStr, keys), form=form)
        return Lines(stream)

    with warnings.catch_warnings():
        yield start
    root.setLevel(before)
    for name, one in logging.Logger.manager.loggerDict.items():
        if isinstance(one, logging.Logger):
            one.setLevel(levels.get(name, logging.NOTSET))


def test_a_record_is_one_object_with_time_level_logger_and_message(logging_as: Open) -> None:
    lines = logging_as("json")
    record = logging.LogRecord("a.b", logging.INFO, "f.py", 7, "say %s\nand %d", ("é", 2), None)
    record.created = 1795000000.1234
    logging.getLogger().handle(record)
    assert lines.text.count("\n") == 1
    assert lines.only() == {
        "time": "2026-11-18T11:06:40.123Z",
        "level": "INFO",
        "logger": "a.b",
        "message": "say é\nand 2",
    }


def test_an_exception_is_told_with_its_traceback_on_the_same_line(logging_as: Open) -> None:
    lines = logging_as("json")
    try:
        raise ValueError(f"it has {KEY}")
    except ValueError:
        logging.getLogger("x").exception("failed")
    told = lines.only()
    assert told["message"] == "failed"
    assert told["exception"].startswith("Traceback (most recent call last):")
    assert told["exception"].endswith("ValueError: it has [key]")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "written",
    [
        "plain",
        "quoted",
        "in JSON",
        "in ASCII JSON",
        "in JSON in JSON",
        "in a URL",
    ],
)
@pytest.mark.parametrize("secret", [KEY, ODD], ids=["simple", "odd"])
def test_a_secret_is_taken_out_however_it_is_written(
    logging_as: Open, form: Form, written: str, secret: str
) -> None:
    forms: dict[str, Callable[[str], str]] = {
        "plain": str,
        "quoted": repr,
        "in JSON": lambda one: json.dumps({"k": one}, ensure_ascii=False),
        "in ASCII JSON": lambda one: json.dumps({"k": one}),
        "in JSON in JSON": lambda one: json.dumps(json.dumps({"k": one})),
        "in a URL": lambda one: str(httpx2.QueryParams({"k": one})),
    }
    lines = logging_as(form)
    logging.getLogger("x").warning("it is %s.", forms[written](secret))
    assert "7f3a" not in lines.text
    assert "9c" not in lines.text.partition("it is")[2]
    assert "[key]" in lines.text


def test_one_secret_may_begin_with_another(logging_as: Open) -> None:
    lines = logging_as("text", keys=("abc", "abc-more", ""))
    logging.getLogger("x").warning("it is abc-more, then abc")
    assert lines.text.endswith("it is [key], then [key]\n")


def test_secrets_are_taken_out_of_keys_of_their_own_too(logging_as: Open) -> None:
    lines = logging_as("json")
    extra = {
        "one": KEY,
        f"in {KEY}": 1,
        "many": [ODD, {KEY: ("x", Path(KEY))}],
        "count": 3,
        "nothing": None,
        "odd": float("nan"),
    }
    logging.getLogger("x").warning("told", extra=extra)
    told = lines.only()
    assert KEY not in lines.text
    assert {name: told[name] for name in told if name not in BASIC} == {
        "one": "[key]",
        "in [key]": 1,
        "many": ["[key]", {"[key]": ["x", "[key]"]}],
        "count": 3,
        "nothing": None,
        "odd": "nan",
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["image/png", 'image/png;charset="x"', ""])
def test_tokens_and_bytes_that_nobody_named_are_taken_out(
    logging_as: Open, form: Form, kind: str
) -> None:
    lines = logging_as(form)
    logging.getLogger("x").warning(
        "Authorization: Bearer abc.def, data:%s;base64,%s", kind, "A" * 99
    )
    assert "abc.def" not in lines.text
    assert "AAAA" not in lines.text


@pytest.mark.parametrize("form", FORMS)
def test_a_record_that_cannot_be_written_shows_nothing_of_itself(
    logging_as: Open, form: Form
) -> None:
    lines = logging_as(form)
    logging.getLogger("x").warning("a number: %d", KEY)
    assert "test_logs.py" in lines.text
    assert "could not be written: TypeError" in lines.text
    assert KEY not in lines.text
    assert lines.text.count("\n") == 1


async def test_lines_of_uvicorn_and_asyncio_are_objects_too(logging_as: Open) -> None:
    lines = logging_as("json", "ERROR")
    logging.getLogger("uvicorn.error").error(
        "Started", extra={"color_message": "\x1b[31mStarted\x1b[0m"}
    )
    asyncio.get_running_loop().call_exception_handler({"message": f"lost with {KEY}"})
    uvicorns, asyncios = lines.objects()
    assert (uvicorns["logger"], uvicorns["message"]) == ("uvicorn.error", "Started")
    assert "color_message" not in uvicorns
    assert (asyncios["logger"], asyncios["message"]) == ("asyncio", "lost with [key]")


UNCAUGHT = """
import threading, warnings
from pydantic import SecretStr
from grok_vision.logs import log_to_stderr
key = {key!r}
log_to_stderr("WARNING", [SecretStr(key)], form={form!r})
warnings.warn("odd " + key)
def fail(error):
    raise error
for error in (ValueError("in a thread, " + key), SystemExit(key)):
    thread = threading.Thread(target=fail, args=[error]); thread.start(); thread.join()
class Last:
    def __del__(self):
        raise ValueError("in the end of an object, " + key)
Last()
raise RuntimeError("at the end, " + key)
"""


def uncaught(form: Form) -> str:
    """Return what a process writes that warns and fails in every way."""
    process = python(UNCAUGHT.format(key=KEY, form=form))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    return err


def test_warnings_and_uncaught_exceptions_are_objects_too() -> None:
    warning, thread, ignored, last = map(json.loads, uncaught("json").splitlines())
    assert "UserWarning: odd [key]" in warning["message"]
    assert thread["exception"].endswith("ValueError: in a thread, [key]")
    assert ignored["exception"].endswith("ValueError: in the end of an object, [key]")
    assert last["exception"].endswith("RuntimeError: at the end, [key]")
    levels = [one["level"] for one in (thread, ignored, last)]
    assert levels == ["CRITICAL", "ERROR", "CRITICAL"]


def test_warnings_and_uncaught_exceptions_have_no_secret_as_text_either() -> None:
    err = uncaught("text")
    assert KEY not in err
    assert err.count("[key]") == 4
    assert err.count("Traceback") == 3


def test_text_lines_need_nothing_of_json() -> None:
    out, err = ended(
        python(
            "import logging, sys\n"
            "from grok_vision.logs import log_to_stderr\n"
            "log_to_stderr('WARNING', [])\n"
            "logging.getLogger('x').warning('hello')\n"
            "print('pythonjsonlogger' in sys.modules)"
        )
    )
    assert out == "False\n"
    assert err.endswith(" WARNING x: hello\n")


# The access log


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """Answer as the path says."""
    await receive()
    if scope["path"] == "/fails":
        raise RuntimeError("a bug")
    if scope["path"] == "/hangs":
        await anyio.sleep_forever()
    status = 503 if scope["query_string"] == b"busy" else 200
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"12345", "more_body": True})
    await send({"type": "http.response.body", "body": b"678"})


async def known(scope: Any, receive: Any, send: Any) -> None:
    """Answer a client whose token is known, as the SDK keeps it; scopes may be copied before."""
    token = AccessToken(token=KEY, client_id="token-0a1b2c3d", scopes=[])
    await AuthContextMiddleware(answering)(
        {**scope, "user": AuthenticatedUser(token)}, receive, send
    )


async def ask(path: str, app: Any = answering) -> None:
    transport = httpx2.ASGITransport(app=AccessLog(app))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        await http.post(path)


async def test_a_request_is_a_line_with_its_fields_as_keys(logging_as: Open) -> None:
    lines = logging_as("json", "INFO")
    await ask("/a%0Ab?session=SECRET", known)
    told = lines.only()
    took = told.pop("ms")
    assert isinstance(took, int)
    del told["time"]
    assert told == {
        "level": "INFO",
        "logger": "grok_vision.access",
        "message": f"POST /a%0Ab 200, {took} ms, 8 bytes, client token-0a1b2c3d",
        "method": "POST",
        "path": "/a%0Ab",
        "status": 200,
        "bytes": 8,
        "client": "token-0a1b2c3d",
    }


async def test_a_request_that_fails_or_is_left_is_a_line_too(logging_as: Open) -> None:
    lines = logging_as("json", "INFO")
    with suppress(RuntimeError):
        await ask("/fails")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask, "/hangs")
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    told = [(one["path"], one["status"], "client" in one) for one in lines.objects()]
    assert told == [("/fails", 500, False), ("/hangs", 499, False)]


async def test_those_who_watch_are_not_told_of_unless_it_is_not_ready(logging_as: Open) -> None:
    lines = logging_as("json", "INFO")
    for path in ("/health", "/ready", "/ready?busy", "/metrics"):
        await ask(path)
    assert [(one["path"], one["status"]) for one in lines.objects()] == [
        ("/ready", 503),
        ("/metrics", 200),
    ]


async def test_above_info_there_is_no_access_log(logging_as: Open) -> None:
    lines = logging_as("json", "WARNING")
    await ask("/mcp")
    assert lines.text == ""


# Everything at once

FILE, QUERY, PROMPT, ANSWER = "canaryfile", "canaryquery", "canaryprompt", "canaryanswer"
TOKEN, PROVIDER_KEY = "canarytoken-0123456789abcdef", "canarykey"
CANARIES = (FILE, QUERY, PROMPT, ANSWER, TOKEN, PROVIDER_KEY)


@asynccontextmanager
async def serving(app: Any, settings: Settings, binding: Binding) -> AsyncIterator[None]:
    server = http_server(app, settings, Deadlines(end=1.0))
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve(sockets=[binding.socket]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@pytest.mark.parametrize("kind", ["http", "sse"])
@pytest.mark.parametrize("form", FORMS)
async def test_lines_spans_and_figures_never_have_content_or_secrets(
    logging_as: Open, folder: Path, form: Form, kind: Literal["http", "sse"]
) -> None:
    lines = logging_as(form)
    xai = FakeXAI(key=PROVIDER_KEY)
    xai.answer = ANSWER
    picture = saved(folder, f"{FILE}.png")
    settings = settings_for(folder, xai_api_key=PROVIDER_KEY, auth_token=TOKEN, log_level="DEBUG")
    binding = bind(settings, "127.0.0.1", 0)
    app = build_app(settings, binding, kind, transport=xai.transport())
    sign = {"Authorization": f"Bearer {TOKEN}"}
    with recorded() as recording:
        async with (
            serving(app, settings, binding),
            httpx2.AsyncClient(headers=sign, base_url=binding.address) as http,
        ):
            address = f"{binding.address}/{'mcp' if kind == 'http' else 'sse'}?q={QUERY}"
            transport = (
                streamable_http_client(address, http_client=http)
                if kind == "http"
                else sse_client(address, headers=sign)
            )
            async with Client(transport) as client:
                for tool, arguments in _calls(picture):
                    with suppress(Exception):
                        await client.call_tool(tool, arguments)
                for uri in (f"vision://{QUERY}", f"file:///{FILE}"):
                    with suppress(Exception):
                        await client.read_resource(uri)
            await http.get(f"/{kind}/x?q={QUERY}")
            figures = (await http.get("/metrics")).text
        spans = recording.spans().text()
    assert figures.count("grok_vision_calls_total{") == len(_calls(picture))
    assert "_created" not in figures
    assert "gen_ai.request.model" in spans
    assert f"token-{hashlib.sha256(TOKEN.encode()).hexdigest()[:8]}" in lines.text
    for canary in CANARIES:
        assert canary not in lines.text
        assert canary not in spans
        assert canary not in figures


def _calls(picture: str) -> list[tuple[str, dict[str, Any]]]:
    url = f"https://127.0.0.1/{FILE}.png?sig={QUERY}"
    broken = f"{picture}#page={QUERY}"
    data = "data:image/png;base64,Y2FuYXJ5YW5zd2Vy"
    return [
        *(
            ("describe_image", {"image": image, "prompt": PROMPT})
            for image in (picture, url, broken, data, f"{picture}.gone", picture[::-1])
        ),
        ("extract_json", {"images": [picture], "prompt": PROMPT, "preset": "table"}),
        ("extract_json", {"images": [picture], "schema": {"type": PROMPT}}),
        ("compare_images", {"images": [picture, picture], "prompt": PROMPT, "mode": "model"}),
        ("estimate_tokens", {"images": [picture], "prompt": PROMPT}),
        ("describe_image", {"image": picture, "prompt": [PROMPT], PROMPT: PROMPT}),
    ]
