"""The page of compare_images: that it is in step with its sources and inert, and its door.

How it behaves is tested within a host, in the folder page_host.
"""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from mcp import Client
from mcp.server import MCPServer

from grok_vision.apps import COMPARE_PAGE, COMPARE_URI, PICTURES, extension, tool_meta

ROOT = Path(__file__).parent.parent
HOST = ROOT / "tests/page_host/host.html"
LARGEST = 400_000
"""Bytes; 330 000 are the SDK, with the schemas that it checks messages against."""


# The file


def test_the_page_and_the_host_of_its_tests_are_built_from_the_sources_that_are_here() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "scripts/build-page"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stdout + checked.stderr == ""
    assert checked.returncode == 0


def test_the_page_is_one_file_of_less_than_400_kb() -> None:
    assert COMPARE_PAGE.stat().st_size < LARGEST


class References(HTMLParser):
    """Collects what a document would load, link or run from an attribute."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"src", "srcset", "href", "action", "data", "poster", "style"}:
                self.found.append((tag, f"{name}={value}"))
            if name.startswith("on"):
                self.found.append((tag, name))


@pytest.mark.parametrize("page", [COMPARE_PAGE, HOST], ids=["page", "host"])
def test_a_page_loads_nothing_and_runs_nothing_from_an_attribute(page: Path) -> None:
    text = page.read_text("utf-8")
    assert References(text).found == []
    assert not re.findall(r"@import|url\(\s*['\"]?(?:https?:)?//|\bimport\(", text)


def test_the_sources_never_make_elements_of_words() -> None:
    sources = sorted((COMPARE_PAGE.parent / "page/src").glob("*.ts"))
    made = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\.href\b")
    assert sources
    assert [path.name for path in sources if made.search(path.read_text("utf-8"))] == []


def test_the_licences_of_all_that_is_inside_lie_beside_the_page() -> None:
    inside = re.search(r"<!-- Holds (.*); licences in (.*)\. -->", COMPARE_PAGE.read_text("utf-8"))
    assert inside is not None
    licences = COMPARE_PAGE.with_name(inside[2]).read_text("utf-8")
    assert [name for name in inside[1].split(", ") if name not in licences] == []
    assert "Apache License" in licences


# The door


async def test_a_server_serves_the_page_as_an_app_and_says_nothing_of_domains() -> None:
    async with Client(MCPServer("test", extensions=[extension()])) as client:
        [listed] = (await client.list_resources()).resources
        [content] = (await client.read_resource(COMPARE_URI)).contents
    assert (listed.uri, listed.mime_type) == (COMPARE_URI, "text/html;profile=mcp-app")
    assert content.mime_type == "text/html;profile=mcp-app"
    assert content.meta == {"ui": {"prefersBorder": True}}
    assert content.model_dump()["text"] == COMPARE_PAGE.read_text("utf-8")


def test_the_door_loads_no_protocol_and_reads_no_file_before_it_is_asked() -> None:
    script = (
        "import sys; import grok_vision.apps\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('mcp', 'pydantic')])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_tool_names_the_page_in_the_way_of_today_and_in_the_older_one() -> None:
    assert tool_meta() == {
        "ui": {"resourceUri": COMPARE_URI, "visibility": ["model"]},
        "ui/resourceUri": COMPARE_URI,
    }


def test_the_page_finds_the_pictures_under_the_key_that_the_door_names() -> None:
    assert f'"{PICTURES}"' in (COMPARE_PAGE.parent / "page/src/comparison.ts").read_text("utf-8")
