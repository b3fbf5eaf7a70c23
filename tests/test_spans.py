"""What a tracer is told of a call: sizes and codes below the SDK's span, and never content."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from opentelemetry.trace import SpanKind, StatusCode

from grok_vision.app import create_server
from grok_vision.errors import ImageError
from grok_vision.spans import span
from grok_vision.threads import in_thread
from grok_vision.tracing import export_traces
from tests.fake_xai import FakeXAI
from tests.peers import LEGACY, asked, sent, serving
from tests.programs import ended, python
from tests.support import (
    compare,
    connected,
    describe,
    error_text,
    quadrants,
    saved,
    settings_for,
    structured,
)
from tests.tracing import Recording, recorded, told

pytestmark = pytest.mark.anyio

CALL = "tools/call describe_image"


@pytest.fixture
def recording() -> Iterator[Recording]:
    with recorded() as recording:
        yield recording


async def test_the_way_of_a_call_is_below_the_span_of_the_sdk(
    recording: Recording, xai: FakeXAI, folder: Path
) -> None:
    structured(await describe(xai, folder, saved(folder)))
    ours = {"load", "prepare", "relay", "wait", "attempt"}
    assert [one for one in recording.spans().tree() if one[1] in ours] == [
        (CALL, "load"),
        (CALL, "prepare"),
        (CALL, "relay"),
        ("relay", "wait"),
        ("relay", "attempt"),
    ]


async def test_spans_tell_sizes_tokens_and_who_answered(
    recording: Recording, xai: FakeXAI, folder: Path
) -> None:
    path = saved(folder, image=quadrants(64, 48))
    result = structured(await describe(xai, folder, path))
    spans = recording.spans()
    size = Path(path).stat().st_size
    [sent] = result["images"]
    assert told(spans.one("load")) == {"grok_vision.source": "file", "grok_vision.bytes": size}
    assert told(spans.one("prepare")) == {
        "grok_vision.bytes": size,
        "grok_vision.cached": False,
        "grok_vision.format": "PNG",
        "grok_vision.width": 64,
        "grok_vision.height": 48,
        "grok_vision.parts": 1,
        "grok_vision.sent_bytes": sent["sent_bytes"],
        "grok_vision.sent_width": sent["sent_width"],
        "grok_vision.sent_height": sent["sent_height"],
    }
    assert told(spans.one("relay")) == {
        "gen_ai.provider.name": "x_ai",
        "gen_ai.request.model": "grok-4.3",
        "grok_vision.cached": False,
        "grok_vision.attempts": 1,
    }
    attempt = spans.one("attempt")
    usage = result["usage"]
    assert attempt.kind is SpanKind.CLIENT
    assert told(attempt) == {
        "gen_ai.provider.name": "x_ai",
        "gen_ai.request.model": "grok-4.3",
        "gen_ai.request.stream": True,
        "server.address": "api.x.ai",
        "http.request.body.size": xai.requests[0].length,
        "http.response.status_code": 200,
        "gen_ai.response.model": result["model"],
        "gen_ai.usage.input_tokens": usage["input_tokens"],
        "gen_ai.usage.output_tokens": usage["output_tokens"],
        "gen_ai.usage.cache_read.input_tokens": usage["cached_tokens"],
        "grok_vision.image_tokens": usage["image_tokens"],
        "grok_vision.number": 1,
        "grok_vision.outcome": "answered",
    }


async def test_a_retry_is_a_wait_and_an_attempt_of_its_own(
    recording: Recording, xai: FakeXAI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grok_vision.relay.exchange.pause", lambda *_: 0.0)
    xai.fail(503)
    structured(await describe(xai, folder, saved(folder)))
    spans = recording.spans()
    first, second = spans.named("attempt")
    assert told(first)["error.type"] == "unavailable"
    assert told(first)["http.response.status_code"] == 503
    assert first.status.status_code is StatusCode.ERROR
    assert "error.type" not in told(second)
    assert [told(one)["grok_vision.reason"] for one in spans.named("wait")] == ["place", "pause"]
    assert told(spans.one("relay"))["grok_vision.attempts"] == 2


async def test_an_error_is_told_by_its_code(
    recording: Recording, xai: FakeXAI, folder: Path
) -> None:
    (folder / "a.png").write_bytes(b"no picture")
    error_text(await describe(xai, folder, str(folder / "a.png")))
    prepare = recording.spans().one("prepare")
    assert told(prepare)["error.type"] == "not_an_image"
    assert prepare.status.status_code is StatusCode.ERROR
    assert not prepare.status.description
    assert not prepare.events


async def test_an_answer_that_was_kept_is_told_as_such(
    recording: Recording, xai: FakeXAI, folder: Path, tmp_path: Path
) -> None:
    path = saved(folder)
    async with connected(xai, folder, cache=str(tmp_path / "answers")) as client:
        for _ in range(2):
            structured(await client.call_tool("describe_image", {"image": path}))
    spans = recording.spans()
    assert [told(one)["grok_vision.cached"] for one in spans.named("relay")] == [False, True]
    assert [told(one)["grok_vision.cached"] for one in spans.named("prepare")] == [False, True]
    assert len(spans.named("attempt")) == 1


async def test_a_comparison_is_a_span_beside_the_loads(recording: Recording, folder: Path) -> None:
    images = [saved(folder), saved(folder, "b.png", quadrants().rotate(180))]
    structured(await compare(None, folder, images, mode="pixels"))
    spans = recording.spans()
    assert told(spans.one("compare")) == {"grok_vision.pictures": 2}
    assert {spans.parent(one) for one in (*spans.named("load"), spans.one("compare"))} == {
        "tools/call compare_images"
    }


async def test_a_call_that_is_cancelled_ends_its_spans(
    recording: Recording, xai: FakeXAI, folder: Path
) -> None:
    path = saved(folder)
    xai.delay = 60.0
    async with connected(xai, folder) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.call_tool, "describe_image", {"image": path})
        with anyio.fail_after(10):
            while not xai.requests:
                await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    attempt = recording.spans().one("attempt")
    assert told(attempt)["error.type"] == "cancelled"
    assert told(attempt)["grok_vision.outcome"] == "unknown"


async def test_the_parent_is_kept_in_a_thread(recording: Recording) -> None:
    threads = set()

    def work() -> None:
        threads.add(threading.get_ident())
        with span("prepare"):
            pass

    with span("load"):
        await in_thread(work, limiter=anyio.CapacityLimiter(1))
    assert threads != {threading.get_ident()}
    assert recording.spans().tree() == [(None, "load"), ("load", "prepare")]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ImageError("animated", "SECRET"), "animated"),
        (ValueError("SECRET"), "ValueError"),
        (KeyboardInterrupt("SECRET"), "cancelled"),
    ],
    ids=["ours", "another", "the end"],
)
def test_no_words_of_an_error_are_told(
    recording: Recording, error: BaseException, code: str
) -> None:
    with pytest.raises(type(error)), span("prepare"):
        raise error
    spans = recording.spans()
    assert told(spans.one("prepare")) == {"error.type": code}
    assert "SECRET" not in spans.text()


def test_a_name_that_a_caller_chose_is_cut(recording: Recording) -> None:
    with span("relay", model="m" * 10_000):
        pass
    assert len(told(recording.spans().one("relay"))["gen_ai.request.model"]) == 200


async def test_names_that_a_caller_made_up_are_not_told(
    recording: Recording, xai: FakeXAI, folder: Path
) -> None:
    server = create_server(settings_for(folder), transport=xai.transport())
    async with serving(server.streamable_http_app(stateless_http=True)) as host:
        for method in ("tools/call", "prompts/get", "SECRET", "notifications/SECRET"):
            number = None if method.startswith("notifications/") else "SECRET"
            peer = await sent(host, asked(method, {"name": "SECRET"}, number), LEGACY)
            await peer.rest()
    spans = recording.spans()
    assert {one.name for one in spans} == {"tools/call other", "prompts/get other", "other other"}
    assert told(spans.one("tools/call other"))["gen_ai.tool.name"] == "other"
    assert "SECRET" not in spans.text()


async def test_a_prompt_is_told_by_its_name(
    recording: Recording, xai: FakeXAI, folder: Path
) -> None:
    async with connected(xai, folder) as client:
        await client.get_prompt("read_chart", {"image": "SECRET"})
    span = recording.spans().one("prompts/get read_chart")
    assert told(span)["gen_ai.prompt.name"] == "read_chart"
    assert told(span)["mcp.method.name"] == "prompts/get"


def test_without_an_sdk_nothing_is_imported_for_it() -> None:
    out, _ = ended(
        python(
            "import sys\n"
            "from grok_vision.spans import span\n"
            "from grok_vision.tracing import export_traces\n"
            "with export_traces(None), span('load', bytes=1): pass\n"
            "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
        )
    )
    assert out == "[]\n"


EXPORTS = """
from grok_vision.spans import span
from grok_vision.tracing import export_traces
with export_traces({address!r}):
    with span("load", source="file", bytes=7):
        pass
"""


class Collector:
    """An OpenTelemetry collector: keeps what it is sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.requests.append((scope["path"], body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def test_spans_go_to_the_collector_before_the_process_ends() -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    from tests.fake_xai.server import serve

    collector = Collector()
    with serve(collector) as address:
        ended(python(EXPORTS.format(address=address.removesuffix("/v1"))))
    [(path, body)] = collector.requests
    assert path == "/v1/traces"
    [resource] = ExportTraceServiceRequest.FromString(body).resource_spans
    names = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert names["service.name"] == "grok-vision-mcp"
    [exported] = [one for scope in resource.scope_spans for one in scope.spans]
    assert exported.name == "load"
    assert {one.key for one in exported.attributes} == {"grok_vision.source", "grok_vision.bytes"}


def test_no_spans_are_sent_where_otlp_is_not_named() -> None:
    out, _ = ended(
        python(
            "import sys\n"
            "from grok_vision.tracing import export_traces\n"
            "with export_traces('http://127.0.0.1:1', exporters='none'): pass\n"
            "with export_traces('http://127.0.0.1:1', exporters='console,zipkin'): pass\n"
            "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
        )
    )
    assert out == "[]\n"


@pytest.mark.parametrize("exporters", ["none", "otlp"])
def test_the_server_heeds_the_variables_of_opentelemetry(exporters: str) -> None:
    _, err = ended(
        python(
            "import os\n"
            "os.environ['OTEL_EXPORTER_OTLP_ENDPOINT'] = 'http://127.0.0.1:1'\n"
            f"os.environ['OTEL_TRACES_EXPORTER'] = {exporters!r}\n"
            "os.environ['OTEL_EXPORTER_OTLP_PROTOCOL'] = 'grpc'\n"
            "os.dup2(os.open(os.devnull, os.O_RDONLY), 0)\n"
            "from grok_vision.cli.serve import serve_stdio\n"
            "serve_stdio()"
        )
    )
    assert ("spans are sent as http/protobuf, the only form" in err) == (exporters == "otlp")


def test_a_process_without_the_extra_is_told_so_and_goes_on() -> None:
    _, err = ended(
        python(
            "import sys\n"
            "sys.modules['opentelemetry.sdk'] = None\n"
            "from grok_vision.tracing import export_traces\n"
            "with export_traces('http://127.0.0.1:1'): pass"
        )
    )
    assert "install grok-vision-mcp[otel]" in err


@pytest.mark.parametrize("address", ["collector:4318", "grpc://collector:4317"])
def test_an_address_that_is_none_is_warned_of_and_nothing_is_kept_from_serving(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with export_traces(None, address):
        assert "no http(s) address" in caplog.text
