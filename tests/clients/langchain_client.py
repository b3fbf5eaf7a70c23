"""The adapters of LangChain, on the first Python SDK; see task.py for what it reads and writes."""

import asyncio
import json
import os
import sys

from langchain_mcp_adapters.callbacks import Callbacks
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools


async def main() -> None:
    task = json.load(sys.stdin)
    if task["transport"] == "stdio":
        command, *arguments = task["command"]
        server = {"command": command, "args": arguments, "env": dict(os.environ)}
    else:
        server = {"url": task["address"]}
    transport = {"http": "streamable_http"}.get(task["transport"], task["transport"])
    progress = []

    async def told(*news: object) -> None:
        progress.append(news)

    client = MultiServerMCPClient(
        {"vision": {"transport": transport, **server}}, callbacks=Callbacks(on_progress=told)
    )
    async with client.session("vision") as session:
        prompts = (await session.list_prompts()).prompts
        resources = (await session.list_resources()).resources
        tools = {tool.name: tool for tool in await load_mcp_tools(session)}
        results = []
        for call in task["calls"]:
            asked = {"type": "tool_call", "id": "1", "args": call["arguments"]}
            message = await tools[call["name"]].ainvoke({**asked, "name": call["name"]})
            results.append(message.artifact["structured_content"])
    # A session of our own is opened without callbacks; the client's own way has them.
    own = {tool.name: tool for tool in await client.get_tools()}
    first = task["calls"][0]
    await own[first["name"]].ainvoke(first["arguments"])
    done = {
        "tools": list(tools),
        "prompts": [prompt.name for prompt in prompts],
        "resources": [str(resource.uri) for resource in resources],
        "results": results,
        "progress": len(progress),
    }
    json.dump(done, sys.stdout)


asyncio.run(main())
