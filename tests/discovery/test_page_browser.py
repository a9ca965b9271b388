"""What people see on the page and do with it, opened as a file in a real browser."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.keys import Keys

from protogate.discovery.page import page
from tests.discovery.page_documents import HOSTILE, handmade, hostile, huge, of_shop
from tests.support.node import node_modules

if TYPE_CHECKING:
    from tests.support.browser import Browser

_OPEN_ALL = """
const closed = () => document.querySelectorAll("main details:not([open]), .open[aria-expanded=false]");
for (let round = 0; round < 4; round++) {
    for (const one of closed()) one.tagName === "DETAILS" ? (one.open = true) : one.click();
    await new Promise((next) => setTimeout(next, 50));
}
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The addresses of pages as they stand on a disk."""
    folder = tmp_path_factory.mktemp("project") / "reports" / "migration-discovery"
    folder.mkdir(parents=True)
    made: dict[str, Any] = {
        "shop": handmade(),
        "hostile": hostile(handmade()),
        "huge": huge(),
        "real": of_shop(tmp_path_factory.mktemp("real")),
        "empty": {},
    }
    for name, documents in made.items():
        (folder / f"{name}.html").write_text(page(documents), "utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in made}


def _open_all(browser: Browser) -> None:
    """Open everything that can be opened, what is in it too."""
    browser.run_async(f"(async () => {{{_OPEN_ALL}}})().then(done)")


def _column(browser: Browser, place: int) -> list[str]:
    return browser.texts(f"#candidates tbody tr:not(.opened) > :nth-child({place})")


class TestWhole:
    @pytest.mark.parametrize("name", ["shop", "hostile", "huge", "real", "empty"])
    def test_it_asks_no_network_and_the_console_stays_empty(
        self, browser: Browser, pages: dict[str, str], name: str
    ) -> None:
        browser.open(pages[name])
        _open_all(browser)
        assert browser.run("return performance.getEntriesByType('resource').map((one) => one.name)") == []
        assert browser.driver.get_log("browser") == []  # type: ignore[no-untyped-call]

    def test_a_repository_of_8000_modules_opens_at_once(self, browser: Browser, pages: dict[str, str]) -> None:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            browser.open(pages["huge"])
            times.append(time.perf_counter() - start)
        assert min(times) < 3
        # What is folded is made when it is opened.
        assert browser.count("*") < 12_000

    def test_the_summary_says_what_to_take_out_first(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        assert browser.driver.title == "shop: what to take out next"
        assert browser.texts(".figures li")[:2] == ["6 modules", "1,000 lines"]
        assert browser.texts(".cards h3 a") == ["orders"]
        assert "10 to 15.5" in browser.text(".cards li")

    def test_an_empty_repository_is_told_as_such(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["empty"])
        assert "No slice is planned" in browser.text("#summary")
        assert "No boundaries" in browser.text("#boundaries")

    def test_colours_can_be_chosen(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        ground = "return getComputedStyle(document.body).backgroundColor"
        light = browser.run(ground)
        browser.click("#view > summary")
        browser.choose("#theme", "dark")
        assert browser.run(ground) != light
        browser.prefer("dark")
        browser.choose("#theme", "light")
        assert browser.run(ground) == light

    def test_it_can_be_printed(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        browser.click("#slice-orders > summary")
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        try:
            shown = "return [...document.querySelectorAll(arguments[0])].some((one) => one.getClientRects().length)"
            assert not browser.run(shown, "header, .copy, .filters")
            assert browser.run(shown, "#slice-orders td")
        finally:
            browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


class TestCandidates:
    def test_they_are_sorted_by_any_column(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        assert browser.run("return [...document.querySelectorAll('#candidates .sort')].map((one) => one.textContent)")[
            :2
        ] == ["rank", "module"]
        browser.click("#candidates th:nth-child(8) .sort")
        assert _column(browser, 8) == ["300", "200", "100"]
        assert browser.one("#candidates th:nth-child(8)").get_attribute("aria-sort") == "descending"
        browser.click("#candidates th:nth-child(8) .sort")
        assert _column(browser, 8) == ["100", "200", "300"]
        browser.click("#candidates th:nth-child(1) .sort")
        assert [row.removeprefix("Details") for row in _column(browser, 1)] == ["1", "2", "3"]
        assert browser.count("#candidates [aria-sort]") == 1

    def test_they_are_filtered_by_words_kind_and_state(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        browser.type("#candidates input[type=search]", "SHOP cat")
        assert browser.text("#candidates .count") == "1 of 3 candidates"
        assert _column(browser, 2) == ["shop.catalog planned as catalog"]
        browser.type("#candidates input[type=search]", "nothing like it")
        assert _column(browser, 2) == []
        browser.open(pages["shop"])
        browser.choose("#candidates .filter:nth-child(2) select", "shared-library")
        assert browser.text("#candidates .count") == "1 of 3 candidates"
        browser.choose("#candidates .filter:nth-child(2) select", "")
        browser.choose("#candidates .filter:nth-child(3) select", "phase-1")
        browser.choose("#candidates .filter:nth-child(4) select", "out")
        assert _column(browser, 2) == ["shop.tiny left out: too little code"]

    def test_a_row_opens_to_the_parts_of_its_three_scores(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        browser.click("#candidates .open")
        assert browser.one("#candidates .open").get_attribute("aria-expanded") == "true"
        assert browser.texts(".opened h3") == ["service-slice 71.5", "shared-library 71.5", "plugin-family 71.5"]
        assert browser.texts(".opened .bars li")[0] == "inbound seam22.5 of 301 module outside uses 1 module of it"
        filled = "return [...document.querySelectorAll('.opened .bar > span')].map((one) => one.style.width)"
        assert browser.run(filled) == ["75%"] * 3
        browser.click("#candidates .open")
        assert browser.count(".opened") == 0

    def test_more_rows_follow_on_demand(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["huge"])
        assert browser.text("#candidates .count") == "500 candidates here"
        assert len(_column(browser, 1)) == 60
        browser.click("#candidates .longer")
        assert len(_column(browser, 1)) == 120
        assert browser.text("#candidates .more-in") == "2,500 more in module-candidates.json"


class TestSlices:
    def test_a_link_opens_a_slice(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        assert browser.count(".slice .body") == 0
        browser.click(".cards h3 a")
        browser.wait(lambda: browser.count("#slice-orders .body") == 1)
        assert browser.count(".slice .body") == 1
        assert browser.texts("#slice-orders ol li") == ["Write 1 command in contracts/orders/v1."]
        browser.open(f"{pages['shop']}#slice-catalog")
        browser.wait(lambda: browser.count("#slice-catalog .body") == 1)

    def test_lines_to_cut_are_filtered_by_direction_remedy_and_words(
        self, browser: Browser, pages: dict[str, str]
    ) -> None:
        browser.open(f"{pages['shop']}#slice-orders")
        browser.wait(lambda: browser.count("#slice-orders .listing tbody tr") == 3)
        lines = "#slice-orders .listing tbody th a"
        browser.choose("#slice-orders .filter:nth-child(1) select", "inbound")
        assert browser.texts(lines) == ["ui/orders.ts:3", "shop/billing.py:5"]
        browser.choose("#slice-orders .filter:nth-child(2) select", "api")
        assert browser.texts(lines) == ["shop/billing.py:5"]
        browser.choose("#slice-orders .filter:nth-child(1) select", "")
        browser.choose("#slice-orders .filter:nth-child(2) select", "")
        browser.type("#slice-orders input[type=search]", "product")
        assert browser.texts(lines) == ["shop/orders/models.py:4"]

    def test_everything_of_a_slice_can_be_opened(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(f"{pages['shop']}#slice-orders")
        browser.wait(lambda: browser.count("#slice-orders .folded") > 0)
        _open_all(browser)
        assert browser.texts("#slice-orders .folded > summary") == [
            "Tables: 1 of its own, 0 of the legacy side",
            "Routes and their tables: 1",
            "Contract: 1 command, 0 queries",
            "Contents: 1 module, 1 test",
            "Shared code: 1 module",
            "Parity: 1 check",
        ]
        route = browser.texts("#slice-orders [aria-label='Routes of orders'] tbody tr")[0]
        assert route == "ui/orders.ts:3POST /api/ordersshop/orders/api.py:8orders"
        assert "no-tests: no module of tests uses it" in browser.text("#slice-orders .body")
        assert "protogate slice phase orders planned" in browser.text("#slice-orders .body")

    def test_long_lists_say_where_the_rest_is(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(f"{pages['huge']}#slice-slice_0")
        browser.wait(lambda: browser.count("#slice-slice_0 .body") == 1)
        assert browser.text("#slice-slice_0 .more-in") == "1,100 more in delegation-plan.generated.json"
        assert browser.text("#slice-slice_0 .count") == "400 lines here"

    def test_a_line_can_be_copied(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(f"{pages['shop']}#slice-orders")
        browser.wait(lambda: browser.count("#slice-orders .copy") > 0)
        browser.click("#slice-orders .listing .copy")
        browser.wait(lambda: browser.text("#told") == "Copied ui/orders.ts:3")
        browser.click("#view > summary")
        browser.one("#root").clear()
        browser.one("#root").send_keys(Keys.CONTROL, "v")
        assert browser.one("#root").get_attribute("value") == "ui/orders.ts:3"

    @pytest.mark.parametrize(
        ("root", "expected"),
        [
            ("", "../../ui/orders.ts"),
            ("vscode://file/home/me/shop/", "vscode://file/home/me/shop/ui/orders.ts:3"),
            ("https://forge.test/shop/blob/main", "https://forge.test/shop/blob/main/ui/orders.ts#L3"),
            ("idea://open?file={file}%26line={line}", "idea://open?file=ui/orders.ts&line=3"),
            ("javascript:hacked=1//", "../../ui/orders.ts"),
            ("%20JavaScript:hacked=1//", "../../ui/orders.ts"),
            ("data:text/html,x", "../../ui/orders.ts"),
        ],
        ids=["folder", "editor", "forge", "pattern", "script", "spelled script", "data"],
    )
    def test_links_lead_where_the_address_says(
        self, browser: Browser, pages: dict[str, str], root: str, expected: str
    ) -> None:
        browser.open(f"{pages['shop']}?root={root}#slice-orders")
        browser.wait(lambda: browser.count("#slice-orders .place a") > 0)
        links = "return document.querySelector('#slice-orders .listing .place a').getAttribute('href')"
        assert browser.run(links) == expected

    def test_links_follow_the_field(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(f"{pages['shop']}#slice-orders")
        browser.wait(lambda: browser.count("#slice-orders .place a") > 0)
        browser.click("#view > summary")
        browser.type("#root", "cursor://file/x")
        link = browser.one("#slice-orders .listing .place a")
        assert link.get_attribute("href") == "cursor://file/x/ui/orders.ts:3"
        browser.type("#root", "javascript:hacked=1")
        assert browser.one("#root").get_attribute("aria-invalid") == "true"
        assert str(link.get_attribute("href")).startswith("file:")


class TestWaves:
    def test_bars_of_a_wave_begin_where_the_one_before_is_likely_to_end(
        self, browser: Browser, pages: dict[str, str]
    ) -> None:
        browser.open(pages["shop"])
        bars = "return [...document.querySelectorAll('.gantt rect:not(.track)')].map((one) => [one.className.baseVal, "
        bars += "Math.round(one.getAttribute('x')), Math.round(one.getAttribute('width'))])"
        whole = 10 + 15.5
        assert browser.run(bars) == [
            ["p90", 0, round(15500 / whole)],
            ["p50", 0, round(10000 / whole)],
            ["p90", round(10000 / whole), round(15500 / whole)],
            ["p50", round(10000 / whole), round(10000 / whole)],
        ]
        assert browser.texts(".gantt li") == ["orders10 to 15.5", "catalog needs orders10 to 15.5"]

    def test_circles_are_told_with_their_cheapest_cut(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        assert "catalog, orders need each other. Cheapest to cut first: orders → catalog, 3 points." in browser.text(
            "#waves"
        )


class TestBoundaries:
    def test_a_boundary_shows_its_modules_and_neighbours(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        assert browser.texts(".node title") == [
            "shop.billing, 1 module",
            "shop.catalog, 2 modules, slice catalog",
            "shop.orders, 2 modules, slice orders",
        ]
        browser.click("[data-node='2']")
        assert browser.text("#boundaries .panel h3") == "shop.orders"
        assert browser.texts("#boundaries .panel h4") == ["Uses", "Used by", "Modules"]
        assert browser.texts("#boundaries .neighbours li") == ["shop.catalog2", "shop.billing5", "shop.catalog1"]
        assert browser.texts("#boundaries .modules li") == ["shop.orders", "shop.orders.models"]
        browser.click("#boundaries .neighbours button")
        assert browser.text("#boundaries .panel h3") == "shop.catalog"
        assert browser.one("[data-node='1']").get_attribute("aria-pressed") == "true"

    def test_it_needs_only_a_keyboard(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        browser.run("document.querySelector('[data-node=\"0\"]').focus()")
        browser.press(Keys.TAB, Keys.ENTER)
        assert browser.text("#boundaries .panel h3") == "shop.catalog"
        browser.press(Keys.TAB, Keys.SPACE)
        assert browser.text("#boundaries .panel h3") == "shop.orders"

    def test_a_chosen_boundary_shows_all_of_its_lines(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["huge"])
        assert browser.count(".node") == 30
        browser.click("[data-node='29']")
        assert browser.text("#boundaries .panel h3") == "971 others"
        assert browser.count(".extra path") == browser.count("#boundaries .neighbours li")
        assert browser.count(".node.is-near") > 1

    def test_labels_stay_in_their_boxes(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["huge"])
        wide = """return [...document.querySelectorAll(".node")].filter((one) => {
            const box = one.querySelector("rect").getBBox().width;
            return [...one.querySelectorAll("text")].some((text) => text.getBBox().width > box);
        }).length"""
        assert browser.run(wide) == 0


class TestMatrix:
    def test_a_figure_leads_to_the_lines_behind_it(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        assert browser.texts(".row-name") == ["shop.orders", "shop.catalog", "shop.billing"]
        browser.click("[data-cell='2 0']")
        assert browser.text("#matrix .panel h3") == "shop.billing uses shop.orders"
        assert browser.texts("#matrix .panel tbody tr") == ["shop/billing.py:5placeapiorders"]
        browser.click("[data-cell='2 1']")
        assert browser.texts("#matrix .panel tbody tr") == ["shop/billing.py:9Productin no plan"]
        browser.click("[data-cell='1 0']")
        assert "No slice is planned here" in browser.text("#matrix .panel")
        browser.click("#matrix .panel .link")
        assert browser.text("#matrix .panel h3") == "shop.orders uses shop.catalog"
        assert browser.texts("#matrix .panel tbody tr") == ["shop/orders/models.py:4Productcopyorders"]
        assert browser.one("[data-cell='0 1']").get_attribute("aria-current") == "true"

    def test_figures_say_what_they_count_and_which_lead_back(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        assert browser.one("[data-cell='2 0']").get_attribute("aria-label") == (
            "shop.billing uses shop.orders: 5 references"
        )
        backs = browser.run("return [...document.querySelectorAll('.matrix .is-back')].map((one) => one.dataset.cell)")
        assert backs == ["1 0", "2 0", "2 1"]

    def test_arrows_lead_from_figure_to_figure(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        assert browser.count(".matrix [tabindex='0']") == 1
        browser.run("document.querySelector('.matrix [tabindex=\"0\"]').focus()")
        focused = "return document.activeElement.dataset.cell"
        assert browser.run(focused) == "0 1"
        browser.press(Keys.ARROW_DOWN)
        assert browser.run(focused) == "2 1"
        browser.press(Keys.ARROW_LEFT, Keys.ARROW_UP, Keys.ARROW_UP)
        assert browser.run(focused) == "1 0"
        browser.press(Keys.ENTER)
        assert browser.text("#matrix .panel h3") == "shop.catalog uses shop.orders"

    def test_real_lines_stand_behind_real_figures(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["real"])
        places = browser.run("return [...document.querySelectorAll('[data-cell]')].map((one) => one.dataset.cell)")
        found: set[str] = set()
        for place in places:
            browser.click(f"[data-cell='{place}']")
            found.update(browser.texts("#matrix .panel tbody th a"))
        assert "shop/billing/invoices.py:5" in found


class TestHostile:
    def test_names_stay_text_wherever_they_are_shown(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["hostile"])
        _open_all(browser)
        browser.click("[data-node='1']")
        browser.click("[data-cell='2 0']")
        assert browser.run("return [window.hacked, document.querySelectorAll('img, main script').length]") == [None, 0]
        assert browser.text("h1").startswith(f"shop{HOSTILE}")
        for part in ("#candidates tbody", "#slices", "#boundaries .panel", "#matrix .panel", "#pages", "#problems"):
            assert HOSTILE in browser.text(part), part

    def test_no_address_of_a_name_runs(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["hostile"])
        _open_all(browser)
        schemes = browser.run("return [...new Set([...document.links].map((one) => one.protocol))]")
        assert schemes == ["file:"]

    def test_the_policy_stops_what_would_be_put_in(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        browser.run("""const one = document.createElement("script");
            one.textContent = "window.hacked = 4"; document.body.append(one);""")
        assert browser.run("return window.hacked") is None
        assert any("Content Security Policy" in one for one in browser.complaints())


class TestAccess:
    @pytest.mark.node
    @pytest.mark.parametrize("name", ["shop", "hostile", "empty"])
    def test_axe_finds_nothing(self, browser: Browser, pages: dict[str, str], name: str) -> None:
        browser.open(pages[name])
        _open_all(browser)
        if name != "empty":
            browser.click("[data-node='1']")
            browser.click("[data-cell='2 0']")
        browser.click("#view > summary")
        for scheme in ("light", "dark"):
            for width in (1440, 400):
                browser.prefer(scheme)
                browser.resize(width, 900)
                assert (scheme, width, _violations(browser)) == (scheme, width, [])

    @pytest.mark.parametrize("name", ["shop", "hostile", "huge"])
    def test_it_never_scrolls_sideways(self, browser: Browser, pages: dict[str, str], name: str) -> None:
        browser.open(pages[name])
        _open_all(browser)
        for width in (320, 400, 768, 1440):
            browser.resize(width, 800)
            assert browser.run("return document.documentElement.scrollWidth") <= width

    def test_it_has_landmarks_and_a_way_past_the_head(self, browser: Browser, pages: dict[str, str]) -> None:
        browser.open(pages["shop"])
        assert [browser.count(one) for one in ("header", "main", "h1", "nav[aria-label=Sections]")] == [1, 1, 1, 1]
        assert browser.texts("main > section > h2") == [
            "Summary",
            "Waves 3",
            "Slices 2",
            "Boundaries 3",
            "Matrix",
            "Candidates 3",
            "Pages and routes",
            "Patterns 1",
            "Left out 1",
            "Problems of reading 1",
        ]
        browser.press(Keys.TAB)
        assert browser.focused() == "Skip to content"
        browser.press(Keys.ENTER)
        assert browser.focused() == "main"


def _violations(browser: Browser) -> list[Any]:
    """What axe finds; the picture is left to its own tests, as axe takes what is dimmed for too pale."""
    if not browser.run("return typeof axe === 'object'"):
        # The policy stops scripts of the page, not those of the debugger.
        source = (node_modules() / "axe-core" / "axe.min.js").read_text("utf-8")
        browser.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": source})
    found: list[Any] = browser.run_async(
        """axe.run(document, {resultTypes: ["violations"]}).then(({violations}) =>
            done(violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))])))"""
    )
    return found
