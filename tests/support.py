"""Pictures and servers for tests."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.types import CallToolResult
from PIL import Image

from grok_vision.app import create_server
from grok_vision.settings import Settings
from tests.fake_xai import FakeXAI, Recorded

EXAMPLES = Path(__file__).parent.parent / "examples"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return the bytes of the picture in the format `kind`."""
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def quadrants(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Return a picture whose corners differ, so that turning it shows: red, green, blue, white."""
    image = Image.new("RGB", (width, height), "white")
    half = (width // 2, height // 2)
    image.paste("red", (0, 0, *half))
    image.paste("lime", (half[0], 0, width, half[1]))
    image.paste("blue", (0, half[1], half[0], height))
    return image.convert(mode)


def noise(width: int, height: int) -> Image.Image:
    """Return a picture that no encoder can make small."""
    return Image.frombytes("RGB", (width, height), random.Random(7).randbytes(width * height * 3))


def saved(
    folder: Path, name: str = "shot.png", image: Image.Image | None = None, **options: Any
) -> str:
    """Save a picture in the format of the name's ending; return its path."""
    path = folder / name
    kind = {"jpg": "JPEG", "tif": "TIFF"}.get(path.suffix[1:], path.suffix[1:].upper())
    path.write_bytes(encoded(image or quadrants(), kind, **options))
    return str(path)


def settings_for(folder: Path, **given: Any) -> Settings:
    """Return settings with xAI's key `test`, one readable folder, and a folder for drawings."""
    return Settings(
        **{
            "xai_api_key": "test",
            "roots": (folder,),
            "output_dir": folder.parent / "drawn",
            **given,
        }
    )


@asynccontextmanager
async def connected(xai: FakeXAI | None, folder: Path, **given: Any) -> AsyncIterator[Client]:
    """Give an in-memory MCP client of a server whose provider is the stand-in.

    Without a stand-in the server uses the network: pass its `base_url`.
    """
    transport = xai.transport() if xai else None
    server = create_server(settings_for(folder, **given), transport=transport)
    async with Client(server) as client:
        yield client


async def describe(xai: FakeXAI, folder: Path, image: str, /, **arguments: Any) -> CallToolResult:
    """Call describe_image once; arguments that start with `setting_` are settings."""
    return await _called("describe_image", xai, folder, {"image": image, **arguments})


def error_text(result: CallToolResult) -> str:
    """Return the one line of an error result, after checking its form."""
    assert result.is_error, result
    assert result.structured_content is None
    assert len(result.content) == 1
    assert result.content[0].type == "text"
    return result.content[0].text


def structured(result: CallToolResult) -> Mapping[str, Any]:
    """Return the structured result of a call that succeeded."""
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


async def extract(
    xai: FakeXAI, folder: Path, images: str | list[str], /, **arguments: Any
) -> CallToolResult:
    """Call extract_json once; arguments that start with `setting_` are settings."""
    return await _called("extract_json", xai, folder, {"images": images, **arguments})


async def compare(
    xai: FakeXAI | None, folder: Path, images: list[str], /, **arguments: Any
) -> CallToolResult:
    """Call compare_images once; arguments that start with `setting_` are settings."""
    return await _called("compare_images", xai, folder, {"images": images, **arguments})


async def _called(
    tool: str, xai: FakeXAI | None, folder: Path, arguments: Mapping[str, Any]
) -> CallToolResult:
    prefix = "setting_"
    given = {
        name.removeprefix(prefix): value
        for name, value in arguments.items()
        if name.startswith(prefix)
    }
    asked = {name: value for name, value in arguments.items() if not name.startswith(prefix)}
    async with connected(xai, folder, **given) as client:
        return await client.call_tool(tool, asked)


def in_turn(*answers: Any) -> Any:
    """Return an answer of a stand-in that gives one after the other, and fails after the last.

    An answer may be a function of the request, as the stand-in's own.
    """
    left = iter(answers)

    def answer(request: Recorded) -> Any:
        given = next(left)
        return given(request) if callable(given) else given

    return answer
