"""What the stories share: people at browsers on this worker's server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.support.browser import Site
    from tests.support.walking import Walk


@pytest.fixture
def walk(browser: Browser, site: Site) -> Iterator[Walk]:
    """People who sign in and work; every script error they meet fails the test."""
    from tests.support.walking import Walk

    walk = Walk(browser, site.url)
    yield walk
    walk.leave()
