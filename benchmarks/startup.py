"""Process start to `initialize` answered on stdio, against a bare one-tool MCPServer.

Run: python benchmarks/startup.py [rounds]

The two are started in turn, so that whatever else the machine does falls on both; the figure is
the ratio of the medians.
"""

import json
import statistics
import subprocess
import sys
import time

BARE = """
from mcp.server import MCPServer
server = MCPServer("bare")
@server.tool()
def echo(text: str) -> str:
    return text
server.run("stdio")
"""

COMMANDS = {
    "bare": [sys.executable, "-c", BARE],
    "ours": [sys.executable, "-m", "grok_vision"],
}

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "benchmark", "version": "1"},
    },
}


def seconds_to_initialize(command: list[str]) -> float:
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    taken = time.perf_counter() - started
    process.stdin.close()
    process.wait()
    assert answer["result"]["serverInfo"], answer
    return taken


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for command in COMMANDS.values():
        seconds_to_initialize(command)  # the first start writes bytecode
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            taken[name].append(seconds_to_initialize(command))
    for name, times in taken.items():
        median, least = statistics.median(times), min(times)
        print(f"{name}: median {median * 1000:.0f} ms, least {least * 1000:.0f} ms")
    medians = statistics.median(taken["ours"]) / statistics.median(taken["bare"])
    print(f"ratio of medians {medians:.3f}, of least {min(taken['ours']) / min(taken['bare']):.3f}")


if __name__ == "__main__":
    main()
