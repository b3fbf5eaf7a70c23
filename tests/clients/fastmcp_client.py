"""The client of fastmcp; see task.py for what it reads and writes."""

import asyncio
import json
import os
import sys

from fastmcp import Client
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport


async def main() -> None:
    task = json.load(sys.stdin)
    if task["transport"] == "stdio":
        command, *arguments = task["command"]
        transport = StdioTransport(command, arguments, env=dict(os.environ))
    else:
        kind = SSETransport if task["transport"] == "sse" else StreamableHttpTransport
        transport = kind(task["address"])
    progress = []

    async def told(*news: object) -> None:
        progress.append(news)

    async with Client(transport, progress_handler=told, mode=task["mode"]) as client:
        done = {
            "tools": [tool.name for tool in await client.list_tools()],
            "prompts": [prompt.name for prompt in await client.list_prompts()],
            "resources": [str(resource.uri) for resource in await client.list_resources()],
            "results": [
                (await client.call_tool(call["name"], call["arguments"])).structured_content
                for call in task["calls"]
            ],
        }
    json.dump({**done, "progress": len(progress)}, sys.stdout)


asyncio.run(main())
