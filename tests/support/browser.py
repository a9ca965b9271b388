"""A real browser without a window: Debian's Chromium, driven over WebDriver."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selenium.webdriver.remote.webelement import WebElement

__all__ = ["Browser", "BrowserMissingError", "browser", "chromium", "started_browser"]

_PATIENCE = 20.0
"""Seconds for what takes one: two cores are shared with other tests."""
_SWITCHES = (
    "--headless=new",
    "--no-sandbox",  # as root there is no other way
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


class BrowserMissingError(Exception):
    """There is no Chromium with its driver on this machine."""


class Browser:
    """What a person does with a page, and what they see."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        """Load a page anew, also where only what follows `#` differs, and wait until it is shown."""
        self.driver.get("about:blank")
        self.driver.get(url)
        self.wait_until_shown()

    def go(self, fragment: str) -> None:
        """Follow a link inside of the page."""
        self.run("location.hash = arguments[0]", fragment)
        self.wait_until_shown()

    def wait_until_shown(self) -> None:
        """Wait until the page has what it asked for."""
        script = """const main = document.querySelector("main");
            return main?.getAttribute("aria-busy") === "false" && main.dataset.place === location.hash"""
        self.wait(lambda: self.run(script))

    def wait(self, holds: Callable[[], object]) -> None:
        """Wait until something is true."""
        WebDriverWait(self.driver, _PATIENCE, poll_frequency=0.02).until(lambda _: holds())

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 - what a script gives
        """Run a script in the page."""
        return self.driver.execute_script(script, *arguments)

    def run_async(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 - as above
        """Run a script that calls `done` with its result."""
        return self.driver.execute_async_script(f"const done = arguments[arguments.length - 1]; {script}", *arguments)

    def one(self, selector: str) -> WebElement:
        """The first element of a selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        """What each element of a selector says, folded and hidden words included."""
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent.trim())"
        found: list[str] = self.run(script, selector)
        return found

    def text(self, selector: str) -> str:
        """What the first element of a selector says."""
        return self.texts(selector)[0]

    def count(self, selector: str) -> int:
        """How many elements there are."""
        return len(self.texts(selector))

    def click(self, selector: str) -> None:
        """Click on an element and wait until the page has followed."""
        element = self.one(selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        self.wait_until_shown()

    def type(self, selector: str, text: str) -> None:
        """Write into a field in place of what it has."""
        field = self.one(selector)
        field.clear()
        field.send_keys(text)

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def choose(self, selector: str, value: str) -> None:
        """Choose an option and wait until the page has followed."""
        self.one(f"{selector} option[value='{value}']").click()
        self.wait_until_shown()

    def focused(self) -> str:
        """Where the focus is: id, name or text of the element."""
        script = "const one = document.activeElement; return one.id || one.name || one.textContent.trim()"
        found: str = self.run(script)
        return found

    def resize(self, width: int, height: int) -> None:
        """Give the page another size."""
        self._command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def prefer(self, scheme: str) -> None:
        """Ask for `light` or `dark` colours."""
        self._command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def complaints(self) -> list[str]:
        """What the console was told since the last call, answers that say no left out."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries if entry["source"] != "network"]

    def _command(self, name: str, **parameters: object) -> None:
        self.driver.execute_cdp_cmd(name, parameters)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser with a profile of its own and stop it in the end."""
    program, driver = _program("chromium"), _program("chromedriver")
    profile = tempfile.mkdtemp(prefix="protogate-browser-")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for switch in (*_SWITCHES, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = None
    try:
        started = webdriver.Chrome(options=options, service=Service(driver, log_output=os.devnull))
        started.set_script_timeout(_PATIENCE)
        yield Browser(started)
    finally:
        if started is not None:
            started.quit()
        shutil.rmtree(profile, ignore_errors=True)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BrowserMissingError(
            f"{name} is not on the PATH; install Debian's packages 'chromium' and 'chromium-driver'"
        )
    return str(Path(found))


@pytest.fixture(scope="module")
def started_browser() -> Iterator[Browser]:
    """One browser for the tests of a module; a machine that has none skips them and says so."""
    try:
        with chromium() as started:
            yield started
    except BrowserMissingError as error:
        pytest.skip(str(error))


@pytest.fixture
def browser(started_browser: Browser) -> Iterator[Browser]:
    """The browser in the state of a fresh start; a test fails when the page complained on the console."""
    started_browser.resize(1440, 900)
    started_browser.prefer("light")
    started_browser.complaints()
    yield started_browser
    assert started_browser.complaints() == []
