"""The calls of a soak: made as agents make them, and held against what they must return."""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import provider
from mcp import Client
from mcp.types import CallToolResult
from PIL import Image, ImageDraw

RIGHT, WRONG, TRUNCATED, LEFT = "right", "wrong", "truncated and marked", "cancelled"
TOOLS = ["describe_image", "extract_json", "compare_images", "estimate_tokens"]
# What a call may end in where its provider fails: three retries make most of them answers.
_MAY_FAIL = frozenset({"[unavailable]", "[rate_limited]", "[timeout]"})
# Longer than any deadline that is set.
_PATIENCE = 90.0
_SIZES = {"screenshot": (1920, 1080), "changed": (1920, 1080), "photo": (4000, 3000)}
_CHANGED = (600, 500, 900, 640)
_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["asked", "seen", "rows"],
    "properties": {
        "asked": {"type": "string"},
        "seen": {"type": "array", "items": {"type": "integer"}},
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["row", "text"],
                "properties": {"row": {"type": "integer"}, "text": {"type": "string"}},
            },
        },
    },
}
_EXAMPLE = Path(__file__).parent.parent / "examples" / "dashboard.png"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended: `right`, `wrong` and why (`told`), or the code of its error, and so on."""

    tool: str
    how: str
    seconds: float = 0.0
    told: str = ""


class WrongError(Exception):
    """An answer is not what it must be."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The files of one agent, each with a number of its own drawn on it."""

    files: dict[str, Path]
    numbers: dict[str, int]


def drawn(folder: Path, agent: int) -> Pictures:
    """Draws two screenshots, of which one has a changed rectangle, and a photograph."""
    page = Image.open(_EXAMPLE).convert("RGB").resize(_SIZES["screenshot"])
    coarse = Image.frombytes("RGB", (250, 188), random.Random(agent).randbytes(250 * 188 * 3))
    photo = coarse.resize(_SIZES["photo"], Image.Resampling.BICUBIC)
    changed = page.copy()
    ImageDraw.Draw(changed).rectangle(_CHANGED, fill=(agent * 9, 60, 120))
    pictures = Pictures({}, {})
    for kind, image in (("screenshot", page), ("changed", changed), ("photo", photo)):
        number = 1 + agent * 8 + len(pictures.files)
        provider.mark(image, number)
        path = folder / f"{kind}-{agent}.{'jpg' if kind == 'photo' else 'png'}"
        image.save(path, quality=90)
        pictures.files[kind], pictures.numbers[kind] = path, number
    return pictures


class Agent:
    """One of those who call the server; it waits for each answer before its next call."""

    def __init__(self, client: Client, pictures: Pictures, seed: int) -> None:
        self._client = client
        self._pictures = pictures
        self._chance = random.Random(seed)
        self._calls: dict[str, tuple[int, Callable[[], Awaitable[str]]]] = {
            "describe_image, screenshot": (24, lambda: self._describe("screenshot")),
            "describe_image, photo": (8, lambda: self._describe("photo")),
            "extract_json": (14, self._extract),
            "compare_images auto": (8, self._compare),
            "compare_images pixels": (6, self._pixels),
            "estimate_tokens": (14, self._estimate),
            "tools/list": (8, self._list),
            "ping": (8, self._ping),
            "a missing file": (4, self._missing),
            "a call that is cancelled": (6, self._leave),
        }

    @property
    def names(self) -> list[str]:
        """The kinds of calls that it makes."""
        return list(self._calls)

    async def call(self, name: str = "") -> Ended:
        """Makes a call of this kind, or of any."""
        shares = [share for share, _ in self._calls.values()]
        name = name or self._chance.choices(self.names, shares)[0]
        started = time.perf_counter()
        try:
            with anyio.fail_after(_PATIENCE):
                how, why = await self._calls[name][1](), ""
        except TimeoutError:
            how, why = WRONG, "nothing was answered"
        except WrongError as wrong:
            how, why = WRONG, str(wrong)
        return Ended(name, how, time.perf_counter() - started, why)

    def _asked(self) -> str:
        return f"{self._chance.getrandbits(48):012x}"

    def _file(self, kind: str) -> str:
        """Returns a file, every other time a changed one: bytes behind a picture are no part."""
        path = self._pictures.files[kind]
        if self._chance.random() < 0.5:
            with path.open("ab") as file:
                file.write(b"+")
        return str(path)

    def _numbers(self, *kinds: str) -> list[int]:
        return [self._pictures.numbers[kind] for kind in kinds]

    async def _ask(self, tool: str, **arguments: Any) -> CallToolResult:
        return await self._client.call_tool(tool, arguments)

    async def _describe(self, kind: str) -> str:
        asked = self._asked()
        result = await self._ask("describe_image", image=self._file(kind), prompt=f"asked {asked}")
        if result.is_error:
            return _code(result, _MAY_FAIL)
        found = result.structured_content or {}
        wanted = provider.told(asked, self._numbers(kind))
        if found.get("truncated"):
            _check(found["text"] and wanted.startswith(found["text"]), found["text"])
            _check(found["warnings"], "nothing says that it is truncated")
            return TRUNCATED
        _check(found["text"] == wanted, found["text"])
        return RIGHT

    async def _extract(self) -> str:
        asked, kinds = self._asked(), ("screenshot", "changed")
        result = await self._ask(
            "extract_json",
            images=[self._file(kind) for kind in kinds],
            prompt=f"asked {asked}",
            schema=_SCHEMA,
        )
        if result.is_error:
            return _code(result, _MAY_FAIL)
        found = result.structured_content or {}
        wanted = provider.extracted(asked, self._numbers(*kinds))
        if found.get("truncated") and not found["valid"]:
            _check(asked in found["raw"][:40], found["raw"])
            return TRUNCATED
        _check(found["valid"] and found["data"] == wanted, str(found))
        return RIGHT

    async def _compare(self) -> str:
        asked, kinds = self._asked(), ("screenshot", "changed")
        images = [self._file(kind) for kind in kinds]
        result = await self._ask("compare_images", images=images, prompt=f"asked {asked}")
        if result.is_error:
            return _code(result, _MAY_FAIL)
        found = result.structured_content or {}
        _check_pixels(found)
        if found.get("truncated"):
            return TRUNCATED
        wanted = provider.compared(asked, self._numbers(*kinds))
        if found["summary"] != wanted and any(code in str(found) for code in _MAY_FAIL):
            return "measured only, and says so"
        _check(found["summary"] == wanted, str(found))
        return RIGHT

    async def _pixels(self) -> str:
        images = [self._file(kind) for kind in ("screenshot", "changed")]
        result = await self._ask("compare_images", images=images, mode="pixels")
        if result.is_error:
            return _code(result, frozenset())
        _check_pixels(result.structured_content or {})
        return RIGHT

    async def _estimate(self) -> str:
        kind = self._chance.choice(list(_SIZES))
        result = await self._ask("estimate_tokens", images=[self._file(kind)])
        if result.is_error:
            return _code(result, frozenset())
        found = (result.structured_content or {})["images"][0]
        _check((found["width"], found["height"]) == _SIZES[kind], str(found))
        return RIGHT

    async def _list(self) -> str:
        listed = await self._client.list_tools(cache_mode="bypass")
        _check([tool.name for tool in listed.tools] == TOOLS, str(listed))
        return RIGHT

    async def _ping(self) -> str:
        await self._client.session.send_ping()
        return RIGHT

    async def _missing(self) -> str:
        name = f"{self._pictures.files['photo']}.missing"
        result = await self._ask("describe_image", image=name)
        _check(result.is_error, "a missing file was described")
        _check(name in _text(result), _text(result))
        return _code(result, frozenset({"[not_found]"}), RIGHT)

    async def _leave(self) -> str:
        with anyio.move_on_after(self._chance.uniform(0.0, 0.4)):
            return await self._describe(self._chance.choice(["screenshot", "photo"]))
        return LEFT


def _check(holds: object, told: str) -> None:
    if not holds:
        raise WrongError(told[:2000])


def _check_pixels(found: dict[str, Any]) -> None:
    """Looks whether the changed rectangle is among what was measured."""
    left, top, right, bottom = _CHANGED
    wanted = {"x": left, "y": top, "width": right - left + 1, "height": bottom - top + 1}
    regions = found["pixels"][0]["regions"]
    _check(any(wanted.items() <= region.items() for region in regions), str(found))


def _text(result: CallToolResult) -> str:
    return "".join(getattr(part, "text", "") for part in result.content)


def _code(result: CallToolResult, expected: frozenset[str], how: str = "") -> str:
    text = _text(result)
    code = text.partition(" ")[0]
    _check(code in expected, text)
    return how or code
