"""The client of the Python SDK that we are built on; see task.py for what it reads and writes."""

import asyncio
import json
import os
import sys
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client


def target(task: dict[str, Any]) -> Any:
    """Return what the client connects to."""
    if task["transport"] == "stdio":
        command, *arguments = task["command"]
        return StdioServerParameters(command=command, args=arguments, env=dict(os.environ))
    return sse_client(task["address"]) if task["transport"] == "sse" else task["address"]


async def main() -> None:
    """Do the task."""
    task = json.load(sys.stdin)
    progress = []

    async def told(*news: object) -> None:
        progress.append(news)

    async with Client(target(task), mode=task["mode"]) as client:
        done = {
            "tools": [tool.name for tool in (await client.list_tools()).tools],
            "prompts": [prompt.name for prompt in (await client.list_prompts()).prompts],
            "resources": [each.uri for each in (await client.list_resources()).resources],
            "results": [
                (
                    await client.call_tool(call["name"], call["arguments"], progress_callback=told)
                ).structured_content
                for call in task["calls"]
            ],
        }
    json.dump({**done, "progress": len(progress)}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
