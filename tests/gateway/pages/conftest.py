"""The pages in a browser; a machine that has none skips their tests and says so."""

from tests.support.browser import browser, started_browser

__all__ = ["browser", "started_browser"]
