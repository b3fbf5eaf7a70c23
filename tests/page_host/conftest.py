"""The host that each test of the page starts from; skipped where this machine has no Chromium."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.page_host.driver import Hosted


# Not for the whole session: while it is open it holds this thread's event loop.
@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """The browser of this machine; none is ever downloaded."""
    from tests.page_host.driver import browser, installed_browser

    path = installed_browser()
    if path is None:
        pytest.skip("the page is driven in Chromium, and this machine has none")
    with browser(path) as started:
        yield started


@pytest.fixture
def hosted(chromium: "Browser") -> "Iterator[Hosted]":
    """A host that has not opened the page yet; the page must neither complain nor load a thing."""
    from tests.page_host.driver import Hosted

    viewport = {"width": 1000, "height": 1200}
    context = chromium.new_context(viewport=viewport, reduced_motion="reduce")
    host = Hosted(context.new_page())
    yield host
    context.close()
    assert host.strangers == []
    assert host.complaints == []
