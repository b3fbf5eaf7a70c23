"""Shows the page of compare_images in Chromium, within a host as the specification prescribes.

The page lies in a frame with `sandbox="allow-scripts"` under the policy of a resource that names no
domains, and talks to the bridge of the official SDK. What the page may load is answered here: any
other request is refused and kept in `Hosted.strangers`.
"""

import base64
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Frame,
    Page,
    Route,
    expect,
    sync_playwright,
)

from grok_vision.apps import COMPARE_PAGE, PICTURES
from tests.support import encoded

HOST = Path(__file__).parent / "host.html"

# https://github.com/modelcontextprotocol/ext-apps/blob/main/specification/2026-01-26/apps.mdx,
# "Restrictive Default"; read in November 2026.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data:; connect-src 'none'"
)

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def installed_browser() -> str | None:
    """Return the path of a Chromium of this machine; none is ever downloaded."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


@contextmanager
def browser(path: str) -> Iterator[Browser]:
    """Give the browser, without a window."""
    # Its own sandbox does not start for root, as whom containers run tests.
    options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=options)
        yield started
        started.close()


class Hosted:
    """The page within the host."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        tab.route("**/*", self._answer)
        tab.on("console", self._heard)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _answer(self, route: Route) -> None:
        files = {"http://host.test/": (HOST, {}), "http://page.test/": (COMPARE_PAGE, _strict())}
        file, headers = files.get(route.request.url, (None, {}))
        if file is not None:
            route.fulfill(path=file, content_type="text/html", headers=headers)
        else:
            self.strangers.append(route.request.url)
            route.abort()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def open(self, pictures: Mapping[str, Image.Image] | None = None, **context: Any) -> "Hosted":
        """Show the page; without pictures the host passes no resources on."""
        given = {uri: _resource(image) for uri, image in pictures.items()} if pictures else None
        return self.open_with(given, **context)

    def open_with(
        self, resources: Mapping[str, Mapping[str, str]] | None, **context: Any
    ) -> "Hosted":
        """Show the page; `resources` are what a server gives for each URI, if there is one."""
        self.tab.goto("http://host.test/")
        self.tab.evaluate(
            "([pictures, context]) => host.open('http://page.test/', pictures, context)",
            [resources, context],
        )
        return self

    @property
    def page(self) -> Frame:
        """The frame that holds the page."""
        frame = self.tab.frame(url="http://page.test/")
        assert frame is not None
        return frame

    def tell(self, what: str, value: object) -> None:
        """Send what a host sends: `input`, `result`, `cancel` or `context`."""
        self.tab.evaluate(f"value => host.{what}(value)", value)

    def show(self, structured: Mapping[str, Any], pictures: Mapping[str, Image.Image]) -> Frame:
        """Open the page, send the result and wait until its pictures are there."""
        self.open(pictures, theme="light")
        self.tell("result", result(structured, pictures))
        return self.with_pictures()

    def with_pictures(self) -> Frame:
        """Wait until the pictures of a result are there."""
        # Where room was made in a picture it is drawn in two parts.
        expect(self.page.locator("#stage .candidate img").first).to_be_visible()
        return self.page

    def colour_at(self, x: float, y: float) -> tuple[int, ...]:
        """Return the colour that is seen where a pixel of the pictures lies, without outlines."""
        outlines = self.page.get_by_role("checkbox", name="Outlines")
        if outlines.is_visible():
            outlines.uncheck()
        left, top, scale = self._placed()
        screen = Image.open(BytesIO(self.page.locator("#pane-1").screenshot())).convert("RGB")
        colour = screen.getpixel((round(left + x * scale), round(top + y * scale)))
        assert isinstance(colour, tuple)
        return tuple(map(int, colour))

    @property
    def scale(self) -> float:
        """Pixels of the screen for one of the pictures."""
        return self._placed()[2]

    def _placed(self) -> tuple[float, float, float]:
        script = """board => {
            const {e, f, a} = new DOMMatrix(getComputedStyle(board).transform);
            return [e, f, a];
        }"""
        left, top, scale = self.page.locator(".board").first.evaluate(script)
        return left, top, scale

    def known(self, name: str) -> Any:
        """Return what the host has noted: `read`, `modes` or `sizes`."""
        return self.tab.evaluate(f"host.{name}")


def _strict() -> dict[str, str]:
    return {"Content-Security-Policy": POLICY}


def _resource(image: Image.Image) -> dict[str, str]:
    blob = base64.b64encode(encoded(image, "PNG")).decode()
    # As a resource template of the server says it, which has one type for all that it gives.
    return {"mimeType": "application/octet-stream", "blob": blob}


def result(
    structured: Mapping[str, Any], images: Mapping[str, Image.Image] | None = None
) -> dict[str, Any]:
    """Return a result of compare_images whose pictures are `images`, each in full size."""
    listed = [
        {"uri": uri, "width": image.width, "height": image.height}
        for uri, image in (images or {}).items()
    ]
    text = {"type": "text", "text": str(structured.get("summary"))}
    return {"content": [text], "structuredContent": structured, "_meta": {PICTURES: listed}}
