"""The page in a browser; a machine that has none skips its tests and says so."""

from tests.support.browser import browser, started_browser

__all__ = ["browser", "started_browser"]
