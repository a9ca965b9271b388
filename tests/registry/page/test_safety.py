"""What others wrote is text, and a token stays in its tab."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.registry.page.shop import HOSTILE, ORDER, Shop, fill, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.browser import Browser

_TOKEN = "open-sesame-open-sesame"  # noqa: S105 - a secret of this test only


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A registry that asks for a token."""
    with open_shop(tmp_path_factory.mktemp("guarded"), token=_TOKEN) as made:
        fill(made)
        yield made


@pytest.mark.parametrize("place", ["", "/versions/1", "/diff/1/2?layout=split", "/diff/1/2?layout=unified"])
def test_hostile_names_and_texts_are_shown_as_text(browser: Browser, shop: Shop, place: str) -> None:
    browser.open(shop.at(f"subjects/{quote(HOSTILE, safe='')}{place}"))
    assert browser.text("h1 .name") == HOSTILE
    assert browser.text("#subjects a[aria-current]") == HOSTILE
    if place:
        assert HOSTILE in " ".join(browser.texts("main code"))
    assert browser.run("return typeof hacked") == "undefined"
    assert browser.count("main img, main script, #subjects img, #subjects script") == 0
    assert browser.driver.title.startswith(HOSTILE)


def test_links_of_a_hostile_subject_lead_to_it(browser: Browser, shop: Shop) -> None:
    browser.open(shop.page)
    browser.type("#filter", "<script>")
    browser.click("#subjects a")
    assert browser.text("h1 .name") == HOSTILE
    browser.click(".versions tbody tr:last-child th a")
    assert browser.text("h1") == f"{HOSTILE} version 1"


def test_a_hostile_address_is_shown_as_text(browser: Browser, shop: Shop) -> None:
    name = "<img src=x onerror=hacked=1>"
    browser.open(shop.at(f"subjects/{name}/versions/1"))
    assert browser.text("h1 .name") == name
    assert name in browser.text(".panel")
    assert browser.run("return typeof hacked") == "undefined"


def test_the_page_refuses_scripts_and_markup_that_are_not_its_own(browser: Browser, shop: Shop) -> None:
    browser.open(shop.page)
    refused = browser.run(
        """const script = document.createElement("script");
        try { script.text = "window.hacked = 1"; document.head.append(script); } catch {}
        try { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=hacked=1>"); } catch {}
        return typeof window.hacked === "undefined" && document.querySelector("body > img") === null"""
    )
    assert refused
    assert browser.complaints()  # said why, and nothing else did


def test_characters_that_reorder_a_text_are_shown(browser: Browser, tmp_path: Path) -> None:
    text = 'syntax = "proto3";\nmessage M {\n  string a = 1; // \u202e;2 = b gnirts\u2066\n}\n'
    with open_shop(tmp_path) as shop:
        shop.register("m", text)
        browser.open(shop.at("subjects/m/versions/1"))
        codes = browser.run("return [...document.querySelectorAll('.p-control')].map((one) => one.dataset.code)")
        assert codes == ["U+202E", "U+2066"]
        assert browser.run("return document.querySelector('.source').textContent") == text
        # What follows the override still stands to the right of it.
        assert browser.run(
            """const box = (selector) => document.querySelector(selector).getBoundingClientRect();
            return box(".p-control").right <= box(".p-control ~ .p-comment").left + 1"""
        )


def test_nothing_is_asked_of_other_hosts(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3"))
    names = browser.run("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert names
    assert [name for name in names if not name.startswith(shop.server.url)] == []


def test_a_registry_that_asks_for_a_token_is_opened_with_it(browser: Browser, guarded: Shop) -> None:
    browser.open(guarded.at(f"subjects/{ORDER}"))
    assert browser.text("h1") == "This registry asks for a token"
    assert browser.count("#subjects a") == 0
    browser.type("#token", "wrong")
    browser.click(".token .primary")
    assert browser.text("#token-problem") == "The registry does not accept this token."
    assert browser.focused() == "token"
    browser.type("#token", _TOKEN)
    browser.click(".token .primary")
    assert browser.text("h1") == ORDER
    browser.go(f"#/subjects/{ORDER}/diff/1/3")
    assert browser.count("#verdict") == 1


def test_a_token_is_kept_in_its_tab_until_it_is_forgotten(browser: Browser, guarded: Shop) -> None:
    browser.open(guarded.page)
    browser.run("sessionStorage.clear()")
    browser.open(guarded.page)
    browser.type("#token", _TOKEN)
    browser.click(".token .primary")
    browser.open(guarded.page)
    assert browser.text("h1") == "Registry"
    assert browser.run("return [Object.values(sessionStorage), localStorage.length, document.cookie]") == [
        [_TOKEN],
        0,
        "",
    ]
    assert _TOKEN not in browser.driver.current_url
    browser.click("#forget")
    assert browser.text("h1") == "This registry asks for a token"
    assert browser.run("return sessionStorage.length") == 0
    assert browser.count("#subjects a") == 0
