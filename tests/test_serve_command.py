"""The command `serve`: what it takes, and what it refuses in a sentence."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from tests.commands import COMMAND, Run, in_process
from tests.support import error_text, saved, structured

MODERN = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
}
DISCOVER = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": META}}
HELLO = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return in_process(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "::1"], "--host is for --transport http or sse"),
        (["--port", "0"], "--port is for --transport http or sse"),
        (["--generate-token"], "--generate-token is for --transport http or sse"),
        (["--transport", "http", "--protocol", "legacy"], "--protocol legacy is for stdio"),
        (["--transport", "carrier-pigeon"], "'carrier-pigeon' is not one of"),
        (["--port", "70000", "--transport", "http"], "less than or equal to 65535"),
    ],
    ids=["host", "port", "token", "legacy over http", "transport", "no port"],
)
def test_options_that_do_not_fit_are_refused(command: Run, arguments: list[str], told: str) -> None:
    done = command("serve", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("error[bad_argument]: ")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_help_of_serve_names_every_option(command: Run) -> None:
    told = command("serve", "--help").stdout
    for option in ("--transport", "--host", "--port", "--protocol", "--generate-token", "FOLDER"):
        assert option in told
    assert "deprecated" in told


@pytest.mark.parametrize("options", [[], ["--protocol", "auto"]], ids=["at once", "with options"])
async def test_folders_that_are_named_are_read_and_no_others(
    tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "with a blank").mkdir()
    (tmp_path / "other").mkdir()
    allowed, other = saved(tmp_path / "with a blank"), saved(tmp_path / "other")
    # A host passes what its user did not fill in literally.
    folders = [str(tmp_path / "with a blank"), "${user_config.folders}", "${HOME}/Desktop", ""]
    server = StdioServerParameters(
        command=COMMAND[0], args=[*COMMAND[1:], "serve", *options, *folders], env=dict(os.environ)
    )
    async with Client(server) as client:
        read = await client.call_tool("estimate_tokens", {"images": [allowed]})
        assert structured(read)["input_tokens"] > 0
        refused = await client.call_tool("estimate_tokens", {"images": [other]})
    assert error_text(refused).startswith("[not_allowed]")


def exchange(*messages: object, options: list[str]) -> list[dict[str, object]]:
    """Send messages to a server of its own; return what it answers to each."""
    with subprocess.Popen(
        [*COMMAND, "serve", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers = []
        for message in messages:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()
    return answers


def test_a_host_that_asks_for_the_newer_protocol_and_goes_on_in_the_older_one_needs_legacy() -> (
    None
):
    found, hello = exchange(DISCOVER, HELLO, options=[])
    assert "result" in found
    assert "error" in hello
    found, hello = exchange(DISCOVER, HELLO, options=["--protocol", "legacy"])
    assert found["error"] == {
        "code": -32601,
        "message": "Method not found",
        "data": "server/discover",
    }
    result = hello["result"]
    assert isinstance(result, dict)
    assert result["protocolVersion"] == "2025-11-25"


async def test_a_server_of_the_older_protocols_only_serves_tools(tmp_path: Path) -> None:
    server = StdioServerParameters(
        command=COMMAND[0],
        args=[*COMMAND[1:], "serve", str(tmp_path), "--protocol", "legacy"],
        env=dict(os.environ),
    )
    async with Client(server) as client:
        assert client.protocol_version == "2025-11-25"
        estimated = await client.call_tool("estimate_tokens", {"images": [saved(tmp_path)]})
    assert structured(estimated)["input_tokens"] > 0
