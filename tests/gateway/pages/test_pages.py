"""The pages of the gateway, in a browser, before a gateway that runs as users start it."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.keys import Keys

from gateway.delegation.parity import Observation, ParityBook
from gateway.routes.pages import ASSETS, DASHBOARD, FOLDER, SEARCH
from gateway.stores.sqlite import SqliteStore
from protogate.comparison import Difference
from protogate.cqrs.messages import NewEvent
from tests.support.gateway import ROOT, serve_gateway
from tests.support.node import node_modules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import httpx

    from tests.support.browser import Browser
    from tests.support.gateway import RunningGateway

HOSTILE = """<img src=x onerror="hacked=1">&amp;"'><script>hacked=2</script>]["""
"""A text that is a danger to whoever takes it for markup."""
_ROUTE = "GET /queries/user/{id}"
_TOKEN = "open-sesame-open-sesame"  # noqa: S105 - a secret of these tests only
_BUDGET = 50_000
"""Bytes of everything that the pages are made of."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """A gateway with entries, events that no slice would write, and answers that differ."""
    data = tmp_path_factory.mktemp("pages") / "data"
    data.mkdir()
    asyncio.run(_write_hostile_event(data))
    _write_differences(data)
    with serve_gateway(data) as running, running.client() as client:
        for number in range(45):
            _index(client, id=f"part-{number}", title=f"Spare part {number}", category="spare-part")
        _index(client, id=HOSTILE[:128], title=HOSTILE, category="article", content=f"a poisoned pill {HOSTILE}")
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """A gateway that asks for a token."""
    folder = tmp_path_factory.mktemp("guarded")
    tokens = folder / "tokens.txt"
    tokens.write_text(f"{_TOKEN} admin\nonly-search-only-search reader search:read\n")
    with serve_gateway(folder / "data", "--token-file", str(tokens)) as running:
        yield running


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility checker, as a script."""
    return (node_modules() / "axe-core" / "axe.min.js").read_text()


async def _write_hostile_event(data: Path) -> None:
    store = SqliteStore(str(data / "events.db"))
    try:
        await store.append(f"<b>bold/{HOSTILE}", [NewEvent("<i>Odd</i>", {"html": HOSTILE}, {})])
    finally:
        await store.aclose()


def _write_differences(data: Path, window: int = 0) -> None:
    book = ParityBook(data / "parity.db")
    differences = (Difference("state.email", "value", HOSTILE, "b"), Difference("age", "missing", 1, None))
    book.record(Observation("user", _ROUTE, window, f"GET /queries/user/{HOSTILE}", differences))
    for _ in range(3):
        book.record(Observation("user", _ROUTE, window, "GET /queries/user/1"))
    book.record(Observation("user", _ROUTE, window, "GET /queries/user/1", skipped="too slow"))
    assert book.flush()
    book.close()


def _index(client: httpx.Client, **entry: str) -> None:
    answer = client.post("/commands/search/index", json={"content": "", **entry})
    assert answer.status_code == 201, answer.text
    position = str(answer.json()["position"])
    assert client.get("/queries/search", headers={"X-Min-Position": position}).status_code == 200


def _open(browser: Browser, url: str) -> None:
    """Load a page and wait until it has shown what it asked for."""
    browser.driver.get("about:blank")
    browser.driver.get(url)
    _settle(browser)


def _settle(browser: Browser) -> None:
    browser.wait(lambda: browser.run("return document.querySelector('main')?.getAttribute('aria-busy') === 'false'"))


def _until(browser: Browser, selector: str, expected: str) -> None:
    browser.wait(lambda: expected in " ".join(browser.texts(selector)))


class TestServed:
    def test_pages_are_guarded_by_their_headers(self, client: httpx.Client) -> None:
        for path in (SEARCH, DASHBOARD):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"

    def test_the_first_address_leads_to_the_search_page(self, client: httpx.Client) -> None:
        answer = client.get("/")
        assert (answer.status_code, answer.headers["location"]) == (307, SEARCH)

    @pytest.mark.parametrize("path", [SEARCH, DASHBOARD])
    def test_pages_are_whole_and_have_nothing_inline(self, client: httpx.Client, path: str) -> None:
        text = client.get(path).text
        named = set(re.findall(r'(?:src|href)="([^"#]+)"', text))
        assert {f"{ASSETS}style.css", f"{ASSETS}icon.svg"} < named
        assert {name: client.get(name).status_code for name in named} == dict.fromkeys(named, 200)
        assert not re.search(r"<style|\son\w+=|\sstyle=|<script(?![^>]*\ssrc=)", text)

    def test_scripts_find_what_they_import(self, client: httpx.Client) -> None:
        for script in FOLDER.glob("*.js"):
            for name in re.findall(r'from "\./([^"]+)"', script.read_text()):
                assert client.get(f"{ASSETS}{name}").headers["content-type"] == "text/javascript; charset=utf-8"

    def test_what_a_browser_has_is_not_sent_again(self, client: httpx.Client) -> None:
        tag = client.get(f"{ASSETS}style.css").headers["etag"]
        again = client.get(f"{ASSETS}style.css", headers={"If-None-Match": f'W/"x", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)

    def test_head_has_no_body(self, client: httpx.Client) -> None:
        answer = client.head(SEARCH)
        assert (answer.status_code, answer.content) == (200, b"")

    @pytest.mark.parametrize("path", ["../../security.py", "%2e%2e/app.py", "..%2f..%2fapp.py", "search.html", "", "x"])
    def test_nothing_else_is_served(self, client: httpx.Client, path: str) -> None:
        answer = client.get(f"{ASSETS}{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")

    def test_pages_are_small(self) -> None:
        assert sum(path.stat().st_size for path in FOLDER.iterdir()) < _BUDGET

    @pytest.mark.parametrize("script", sorted(FOLDER.glob("*.js")), ids=lambda path: path.name)
    def test_scripts_never_make_markup_of_text(self, script: Path) -> None:
        text = script.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)

    @pytest.mark.node
    def test_scripts_have_no_type_errors(self) -> None:
        strict = (
            *("--noEmit", "--allowJs", "--checkJs", "--strict", "--noUncheckedIndexedAccess", "--noImplicitReturns"),
            *("--noUnusedLocals", "--noUnusedParameters", "--target", "esnext", "--module", "esnext"),
            *("--moduleResolution", "bundler", "--lib", "esnext,dom,dom.iterable", "--types", ""),
        )
        command = ["node", str(node_modules() / "typescript" / "bin" / "tsc"), *strict, *map(str, FOLDER.glob("*.js"))]
        assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == ""


class TestSearch:
    def test_words_are_found_and_marked(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, shop.url)
        assert browser.driver.current_url == f"{shop.url}{SEARCH}"
        browser.type("#q", "poisoned")
        browser.press(Keys.ENTER)
        _until(browser, "#count", "1 entry found")
        assert browser.texts(".snippet mark")[0] == "poisoned"
        assert browser.driver.current_url.endswith("?q=poisoned")

    def test_it_searches_while_one_types(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{SEARCH}")
        browser.type("#q", "spare part 44")
        _until(browser, "#count", "1 entry found")
        assert browser.texts(".results h2") == ["Spare part 44"]

    def test_pages_of_results_can_be_turned_and_gone_back_to(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{SEARCH}?q=spare")
        first = browser.texts(".results h2")
        assert len(first) == 20
        assert browser.text("#page") == "1 to 20"
        assert browser.one("#previous").get_attribute("href") in {None, ""}
        browser.one("#next").click()
        _until(browser, "#page", "21 to 40")
        browser.one("#next").click()
        _until(browser, "#page", "41 to 45")
        assert not browser.one("#next").get_attribute("href")
        assert browser.run("return document.querySelector('.results').start") == 41
        browser.driver.back()
        browser.driver.back()
        _until(browser, "#page", "1 to 20")
        assert browser.texts(".results h2") == first

    def test_a_category_narrows_the_search(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{SEARCH}")
        assert browser.text("#count") == "46 entries"
        browser.one(".results .tag").click()
        _until(browser, "#count", "45 entries")
        assert browser.one("#category").get_attribute("value") == "spare-part"
        assert set(browser.texts(".results .tag")) == {"spare-part"}

    def test_hostile_entries_are_shown_as_text(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{SEARCH}?q=poisoned")
        assert browser.texts(".results h2") == [HOSTILE]
        assert browser.text(".results code") == HOSTILE[:128]
        assert '<img src=x onerror="hacked=1">' in browser.text(".snippet")
        assert _is_unharmed(browser)

    @pytest.mark.parametrize(
        "question",
        ['"', "a AND", "nosuch:x", HOSTILE, "\ud83d", "-", "*", "x" * 500],
        ids=lambda text: ascii(text)[:12],
    )
    def test_any_text_gets_an_answer(self, browser: Browser, shop: RunningGateway, question: str) -> None:
        _open(browser, f"{shop.url}{SEARCH}")
        browser.run("document.querySelector('#q').value = JSON.parse(arguments[0])", json.dumps(question))
        browser.run("document.querySelector('#search').requestSubmit()")
        _settle(browser)
        browser.wait(lambda: browser.text("#count"))
        assert browser.text("#problem") == ""
        assert _is_unharmed(browser)

    def test_nothing_found_says_what_to_do(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{SEARCH}?q=absent-word")
        assert browser.text("#count") == "Nothing was found. Try fewer words, or leave the category empty."
        assert browser.count(".results li") == 0
        assert not browser.one("#pager").is_displayed()

    def test_an_address_beyond_the_end_leads_back(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{SEARCH}?offset=5000")
        assert browser.text("#count") == "There are only 46 entries; go back a page."
        assert browser.one("#previous").get_attribute("href")

    def test_a_refusal_is_told_in_the_words_of_the_gateway(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{SEARCH}?category={'c' * 65}")
        assert browser.text("#problem strong") == "The request breaks a rule"
        assert browser.text("#problem p").startswith("category: ")
        assert browser.count(".results li") == 0
        browser.type("#category", "article")
        _until(browser, "#count", "1 entry")
        assert browser.text("#problem") == ""

    def test_a_gateway_that_is_gone_is_told(self, browser: Browser, tmp_path: Path) -> None:
        with serve_gateway(tmp_path / "data") as running:
            _open(browser, f"{running.url}{SEARCH}")
            assert browser.text("#count").startswith("The index is empty.")
        browser.type("#q", "more")
        _until(browser, "#problem", "The gateway does not answer")


class TestDashboard:
    def test_slices_show_phase_health_and_parity(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{DASHBOARD}")
        assert browser.text("#summary") == "2 slices, all with what they need"
        assert browser.texts(".slice h3") == ["search", "user"]
        assert browser.texts(".slice .status") == ["ok", "ok"]
        assert browser.texts(".slice .phase") == ["live", "live"]
        user = browser.text("[data-slice=user]")
        assert "commands4" in user
        assert "parity75.00% of 4" in user

    def test_a_change_of_phase_shows_by_itself(self, browser: Browser, tmp_path: Path) -> None:
        # A comparison begins with the event that makes it phase-1, which will be the first one.
        _write_differences(tmp_path / "data", window=1)
        with serve_gateway(tmp_path / "data") as running, running.client() as client:
            _open(browser, f"{running.url}{DASHBOARD}")
            assert "Nothing has been compared." in browser.text("#parity")
            _until(browser, "#stream", "connected")
            for phase, shown in (
                ({"phase": "phase-1"}, "phase-1"),
                ({"phase": "phase-2", "percent": 25}, "phase-2 · 25%"),
            ):
                body = {**phase, "force": True, "reason": "a test"}
                answer = client.post("/delegation/slices/user/phase", json=body)
                assert answer.status_code == 200, answer.text
                _until(browser, "[data-slice=user] .phase", shown)
            _until(browser, "#events strong", "SlicePhaseChanged")
            assert browser.texts("#parity .badge") == ["not ready to be cut over"]

    def test_a_slice_that_lacks_something_turns_degraded(self, browser: Browser, tmp_path: Path) -> None:
        contracts = tmp_path / "contracts"
        shutil.copytree(ROOT / "contracts", contracts)
        with serve_gateway(tmp_path / "data", "--contracts", str(contracts)) as running:
            _open(browser, f"{running.url}{DASHBOARD}")
            browser.wait(lambda: browser.texts(".slice .status") == ["ok", "ok"])
            (contracts / "user" / "v1" / "user.proto").unlink()
            _until(browser, "#summary", "1 of 2 slices degraded")
            assert browser.texts(".slice .status") == ["ok", "degraded"]
            assert browser.texts(".missing li") == ["missing: contracts/user/v1/user.proto"]

    def test_differences_are_listed_field_by_field(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{DASHBOARD}")
        assert browser.texts("#parity td") == ["4", "3", "75.00%"]
        assert "1 not compared: too slow" in browser.text("#parity tbody th")
        assert browser.text("#parity .badge") == "cut over"
        browser.one("#parity summary").click()
        fields = browser.texts("#parity .fields p")
        assert sorted(fields) == ["age: missing, 1 time", "state.email: value, 1 time"]
        assert json.dumps(HOSTILE)[:20] in " ".join(browser.texts("#parity .example dd"))
        assert _is_unharmed(browser)

    def test_opened_differences_stay_open(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{DASHBOARD}")
        browser.one("#parity summary").click()
        browser.run("window.dispatchEvent(new Event('online')); document.dispatchEvent(new Event('visibilitychange'))")
        _settle(browser)
        assert browser.run("return document.querySelector('#parity details').open")

    def test_events_appear_as_they_happen(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{DASHBOARD}")
        _until(browser, "#stream", "connected")
        with shop.client() as client:
            user = shop.create_user(client)["id"]
        _until(browser, "#events li:first-child", f"user/{user}")
        assert browser.text("#events li:first-child strong") == "UserCreated"

    def test_hostile_events_are_shown_as_text(self, browser: Browser, tmp_path: Path) -> None:
        data = tmp_path / "data"
        data.mkdir()
        asyncio.run(_write_hostile_event(data))
        with serve_gateway(data) as running:
            _open(browser, f"{running.url}{DASHBOARD}")
            _until(browser, "#events strong", "<i>Odd</i>")
            assert browser.text("#events li code") == f"<b>bold/{HOSTILE} v1"
            assert json.loads(browser.text("#events .payload")) == {"html": HOSTILE}
            assert _is_unharmed(browser)
            with running.client() as client:
                _index(client, id="long", title="Long", content="\U0001f6b2" * 200_000)
            _until(browser, "#events li:first-child", "search/long")
            assert len(browser.text("#events li:first-child .payload")) <= 601

    def test_nothing_happened_yet_is_told(self, browser: Browser, tmp_path: Path) -> None:
        with serve_gateway(tmp_path / "data") as running:
            _open(browser, f"{running.url}{DASHBOARD}")
            _until(browser, "#stream", "connected")
            assert browser.one("#no-events").is_displayed()
            assert "Nothing has been compared." in browser.text("#parity")
            with running.client() as client:
                running.create_user(client)
            browser.wait(lambda: browser.count("#events li") == 1)
            assert not browser.one("#no-events").is_displayed()

    def test_a_paused_list_stands_still_and_loses_nothing(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{DASHBOARD}")
        _until(browser, "#stream", "connected")
        browser.wait(lambda: browser.count("#events li") >= 45)
        before = browser.texts("#events .position")
        browser.one("#pause").click()
        with shop.client() as client:
            for _ in range(3):
                shop.create_user(client)
        _until(browser, "#stream", "paused; 3 events to show")
        assert browser.texts("#events .position") == before
        assert browser.one("#pause").get_attribute("aria-pressed") == "true"
        browser.one("#pause").click()
        browser.wait(lambda: browser.texts("#events .position")[3:] == before)
        _until(browser, "#stream", "connected")

    def test_a_lost_stream_comes_back_where_it_was(self, browser: Browser, tmp_path: Path) -> None:
        port = str(_free_port())
        with serve_gateway(tmp_path / "data", "--port", port) as running, running.client() as client:
            _open(browser, f"{running.url}{DASHBOARD}")
            _until(browser, "#stream", "connected")
            running.create_user(client)
            _until(browser, "#events .position", "#1")
        _until(browser, "#stream", "no connection; next try in")
        with serve_gateway(tmp_path / "data", "--port", port) as running, running.client() as client:
            running.create_user(client)
            _until(browser, "#stream", "connected")
            running.create_user(client)
            browser.wait(lambda: browser.texts("#events .position") == ["#3", "#2", "#1"])

    def test_a_flood_of_events_does_not_grow_the_page(self, browser: Browser, tmp_path: Path) -> None:
        data = tmp_path / "data"
        data.mkdir()

        async def flood(count: int) -> None:
            store = SqliteStore(str(data / "events.db"))
            try:
                await store.append("flood/1", [NewEvent("Dropped", {"n": n}, {}) for n in range(count)])
            finally:
                await store.aclose()

        with serve_gateway(data) as running:
            _open(browser, f"{running.url}{DASHBOARD}")
            _until(browser, "#stream", "connected")
            asyncio.run(flood(3000))
            _until(browser, "#events .position", "#3000")
            assert browser.count("#events li") == 200
            assert browser.texts("#events .position") == [f"#{number}" for number in range(3000, 2800, -1)]


class TestTokens:
    @pytest.mark.parametrize(("page", "shown"), [(SEARCH, "#count"), (DASHBOARD, "#summary")])
    def test_a_page_asks_for_a_token_and_keeps_it_in_its_tab(
        self, browser: Browser, guarded: RunningGateway, page: str, shown: str
    ) -> None:
        _open(browser, f"{guarded.url}{page}")
        browser.run("sessionStorage.clear()")
        _open(browser, f"{guarded.url}{page}")
        assert browser.one("#token-form").is_displayed()
        assert browser.text(shown) == ""
        browser.type("#token", "wrong-wrong-wrong")
        browser.press(Keys.ENTER)
        _until(browser, "#token-problem", "The gateway does not accept this token.")
        assert browser.focused() == "token"
        browser.type("#token", _TOKEN)
        browser.press(Keys.ENTER)
        browser.wait(lambda: browser.text(shown))
        assert not browser.one("#token-form").is_displayed()
        assert _TOKEN not in browser.driver.current_url
        kept = browser.run("return [Object.values(sessionStorage), localStorage.length, document.cookie]")
        assert kept == [[_TOKEN], 0, ""]
        browser.one("#forget").click()
        browser.wait(lambda: browser.run("return sessionStorage.length") == 0)
        _settle(browser)
        assert browser.one("#token-form").is_displayed()

    def test_the_stream_is_heard_with_a_token(self, browser: Browser, guarded: RunningGateway) -> None:
        _open(browser, f"{guarded.url}{DASHBOARD}")
        browser.run("sessionStorage.setItem('protogate.gateway.token', arguments[0])", _TOKEN)
        _open(browser, f"{guarded.url}{DASHBOARD}")
        _until(browser, "#stream", "connected")

    def test_a_token_that_may_not_is_told_why(self, browser: Browser, guarded: RunningGateway) -> None:
        _open(browser, f"{guarded.url}{DASHBOARD}")
        browser.run("sessionStorage.setItem('protogate.gateway.token', 'only-search-only-search')")
        _open(browser, f"{guarded.url}{DASHBOARD}")
        _until(browser, "#stream", "refused: The token has not the scope events:read.")
        assert "delegation:read" in browser.text("#parity-problem")


class TestAccess:
    PLACES: Mapping[str, str] = {
        "search": f"{SEARCH}?q=spare",
        "nothing found": f"{SEARCH}?q=absent-word",
        "refused": f"{SEARCH}?category={'c' * 65}",
        "hostile": f"{SEARCH}?q=poisoned",
        "dashboard": DASHBOARD,
    }

    @pytest.mark.node
    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
    def test_axe_finds_nothing(self, browser: Browser, shop: RunningGateway, axe: str, place: str) -> None:
        _open(browser, f"{shop.url}{place}")
        if place == DASHBOARD:
            browser.wait(lambda: browser.count("#events li") >= 45)
            browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
        browser.run(axe)
        for scheme in ("light", "dark"):
            for width in (1440, 360):
                browser.prefer(scheme)
                browser.resize(width, 900)
                assert (scheme, width, _violations(browser)) == (scheme, width, [])

    @pytest.mark.node
    def test_axe_finds_nothing_on_the_form_for_tokens(self, browser: Browser, tmp_path: Path, axe: str) -> None:
        tokens = tmp_path / "tokens.txt"
        tokens.write_text(f"{_TOKEN}\n")
        with serve_gateway(tmp_path / "data", "--token-file", str(tokens)) as running:
            _open(browser, f"{running.url}{DASHBOARD}")
            browser.type("#token", "wrong-wrong-wrong")
            browser.press(Keys.ENTER)
            _until(browser, "#token-problem", "does not accept")
            browser.run(axe)
            assert _violations(browser) == []

    @pytest.mark.node
    def test_axe_would_find_something(self, browser: Browser, shop: RunningGateway, axe: str) -> None:
        _open(browser, f"{shop.url}{SEARCH}")
        browser.run(
            "document.querySelector('h1').style.color = '#999'; document.querySelector('label[for=q]').remove()"
        )
        browser.run(axe)
        assert {"color-contrast", "label"} <= {rule for rule, _ in _violations(browser)}

    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
    def test_pages_never_scroll_sideways(self, browser: Browser, shop: RunningGateway, place: str) -> None:
        _open(browser, f"{shop.url}{place}")
        for width in (320, 400, 768, 1440):
            browser.resize(width, 800)
            assert browser.run("return document.documentElement.scrollWidth") <= width

    @pytest.mark.parametrize("place", [SEARCH, DASHBOARD])
    def test_pages_have_their_landmarks(self, browser: Browser, shop: RunningGateway, place: str) -> None:
        _open(browser, f"{shop.url}{place}")
        assert [browser.count(one) for one in ("header", "main", "h1", "nav[aria-label=Pages]")] == [1, 1, 1, 1]
        assert browser.count("[aria-current=page]") == 1
        assert browser.count("[role=status]") >= 1

    def test_a_search_needs_only_a_keyboard(self, browser: Browser, shop: RunningGateway) -> None:
        _open(browser, f"{shop.url}{SEARCH}")
        browser.press(Keys.TAB)
        assert browser.focused() == "Skip to content"
        browser.press(Keys.ENTER, Keys.TAB)
        assert browser.focused() == "q"
        browser.press("spare", Keys.ENTER)
        _until(browser, "#page", "1 to 20")
        browser.run("document.querySelector('#next').focus()")
        browser.press(Keys.ENTER)
        _until(browser, "#page", "21 to 40")
        assert browser.focused() == "main"

    def test_nothing_is_asked_of_other_hosts(self, browser: Browser, shop: RunningGateway) -> None:
        for place in (SEARCH, DASHBOARD):
            _open(browser, f"{shop.url}{place}")
            names = browser.run("return performance.getEntriesByType('resource').map((one) => one.name)")
            assert names
            assert [name for name in names if not name.startswith(shop.url)] == []

    def test_pages_refuse_scripts_and_markup_that_are_not_their_own(
        self, browser: Browser, shop: RunningGateway
    ) -> None:
        _open(browser, f"{shop.url}{DASHBOARD}")
        refused = browser.run(
            """const script = document.createElement("script");
            try { script.text = "window.hacked = 1"; document.head.append(script); } catch {}
            try { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=hacked=1>"); } catch {}
            return typeof window.hacked === "undefined" && document.querySelector("body > img") === null"""
        )
        assert refused
        assert browser.complaints()  # said why, and nothing else did


class TestReader:
    """Server-sent events as the page reads them, by the rules of the HTML standard."""

    @pytest.mark.parametrize(
        ("text", "messages"),
        [
            ("data: a\n\n", [["", "message", "a"]]),
            ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", [["", "message", text] for text in "abc"]),
            ("data\ndata:\ndata:  two\n\n", [["", "message", "\n\n two"]]),
            (": ping\n\nevent: E\nid: 7\ndata: x\n\ndata: y\n\n", [["7", "E", "x"], ["7", "message", "y"]]),
            ("event: lost\n\nid: 1\n\ndata: z\n\n", [["1", "message", "z"]]),
            ("id: a\0b\ndata: z\n\n", [["", "message", "z"]]),
            ("\ufeffdata: a\n\n", [["", "message", "a"]]),
            ("data: \u2028\U0001f6b2:\n\n", [["", "message", "\u2028\U0001f6b2:"]]),
            ("data: unfinished\n", []),
            ("other: a\nDATA: b\n\n", []),
        ],
        ids=[
            "one",
            "line ends",
            "several lines",
            "comment, type, id",
            "no data",
            "bad id",
            "bom",
            "unicode",
            "cut",
            "odd",
        ],
    )
    def test_any_cut_gives_the_same(
        self, browser: Browser, shop: RunningGateway, text: str, messages: list[list[str]]
    ) -> None:
        _open(browser, f"{shop.url}{SEARCH}")
        found: Any = browser.run_async(
            """const [path, text] = arguments;
            import(path).then(({reader}) => {
              const all = [];
              for (let size = 1; size <= text.length; size += 1) {
                const found = [];
                const read = reader((one) => found.push([one.id, one.type, one.data]));
                for (let place = 0; place < text.length; place += size) read(text.slice(place, place + size));
                all.push(found);
              }
              done(all);
            }, (error) => done(String(error)));""",
            f"{ASSETS}events.js",
            text,
        )
        assert [one for one in found if one != messages] == []


def _is_unharmed(browser: Browser) -> bool:
    inside = "main img, main script, main i, main b"
    return bool(browser.run("return typeof hacked === 'undefined'")) and browser.count(inside) == 0


def _violations(browser: Browser) -> list[tuple[str, list[str]]]:
    script = "axe.run(document, {resultTypes: ['violations']}).then((it) => done(it.violations), done)"
    return [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in browser.run_async(script)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
