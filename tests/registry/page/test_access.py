"""The page for people who use a keyboard, a screen reader, dark colours or a small screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

from tests.registry.page.shop import ORDER, Shop
from tests.support.node import node_modules

if TYPE_CHECKING:
    from tests.support.browser import Browser

_PLACES = {
    "home": "",
    "subject": f"subjects/{ORDER}",
    "version": f"subjects/{ORDER}/versions/1",
    "side by side": f"subjects/{ORDER}/diff/1/3?layout=split",
    "unified": f"subjects/{ORDER}/diff/1/3?layout=unified",
    "every profile": f"subjects/{ORDER}/diff/1/3?profile=source&profile=buf:FILE&profile=wire_json&mode=FULL",
    "not found": "subjects/absent",
    "unknown": "nowhere",
}


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility checker, as a script."""
    return (node_modules() / "axe-core" / "axe.min.js").read_text()


@pytest.mark.node
@pytest.mark.parametrize("place", _PLACES.values(), ids=_PLACES)
def test_axe_finds_nothing(browser: Browser, shop: Shop, axe: str, place: str) -> None:
    browser.open(shop.at(place))
    # What is out of sight has no layout yet, and what has none cannot be measured.
    browser.run("for (const one of document.querySelectorAll('.chunk')) one.style.contentVisibility = 'visible'")
    browser.run(axe)
    for scheme in ("light", "dark"):
        for width in (1440, 400):
            browser.prefer(scheme)
            browser.resize(width, 900)
            assert (scheme, width, _violations(browser)) == (scheme, width, [])


def _violations(browser: Browser) -> list[tuple[str, list[str]]]:
    script = "axe.run(document, {resultTypes: ['violations']}).then((it) => done(it.violations), done)"
    return [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in browser.run_async(script)]


@pytest.mark.node
def test_axe_would_find_something(browser: Browser, shop: Shop, axe: str) -> None:
    browser.open(shop.page)
    browser.run("document.querySelector('h1').style.color = '#999'; document.querySelector('.finder label').remove()")
    browser.run(axe)
    assert {"color-contrast", "label"} <= {rule for rule, _ in _violations(browser)}


@pytest.mark.parametrize("place", _PLACES.values(), ids=_PLACES)
def test_the_page_never_scrolls_sideways(browser: Browser, shop: Shop, place: str) -> None:
    browser.open(shop.at(place))
    for width in (320, 400, 768, 1440):
        browser.resize(width, 800)
        assert browser.run("return document.documentElement.scrollWidth") <= width


def test_the_first_key_leads_past_the_list(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/versions/1"))
    browser.press(Keys.TAB)
    assert browser.focused() == "skip"
    browser.press(Keys.ENTER)
    assert browser.focused() == "main"
    browser.press(Keys.TAB)
    assert browser.focused() == "Versions"
    assert browser.driver.current_url == shop.at(f"subjects/{ORDER}/versions/1")


def test_the_focus_goes_to_the_headline_of_what_was_opened(browser: Browser, shop: Shop) -> None:
    browser.open(shop.page)
    browser.type("#filter", "order")
    browser.press(Keys.TAB, Keys.TAB, Keys.ENTER)
    browser.wait(lambda: browser.driver.current_url.endswith("order.proto"))
    browser.wait_until_shown()
    assert browser.focused() == ORDER
    assert browser.run("return document.activeElement.tagName") == "H1"


def test_a_diff_is_read_with_the_keyboard_alone(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}"))
    browser.run("document.querySelector('button.primary').focus()")
    browser.press(Keys.ENTER)
    browser.wait(lambda: "/diff/2/3" in browser.driver.current_url)
    browser.wait_until_shown()
    browser.run("document.querySelector('.jump').focus()")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.focused() == "finding-1")
    browser.run("document.querySelector('.fold').focus()")
    folds = browser.count(".fold")
    browser.press(Keys.ENTER)
    assert browser.count(".fold") == folds - 1


def test_the_page_has_its_landmarks(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3"))
    assert browser.count("header.top") == browser.count("main") == browser.count("nav[aria-label]") == 1
    assert browser.count("h1") == 1
    assert browser.texts("[role=columnheader]") == ["Version 1", "Version 3"]


def test_copied_text_has_no_line_numbers(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/versions/1"))
    copied = browser.run(
        "getSelection().selectAllChildren(document.querySelector('.source')); return String(getSelection())"
    )
    assert copied.startswith('syntax = "proto3";\npackage shop.v1;\n')
