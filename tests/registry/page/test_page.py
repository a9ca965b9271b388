"""What a person sees on the page of the registry, and where its links lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from selenium.webdriver.common.keys import Keys

from tests.registry.page.shop import BIG, MONEY, ORDER, big_text, fill, open_shop

if TYPE_CHECKING:
    from pathlib import Path

    from tests.registry.page.shop import Shop
    from tests.support.browser import Browser


_TIME_UNTIL_SHOWN = """
const [main, start] = [document.querySelector("main"), performance.now()];
const watch = new MutationObserver(() => {
    if (main.getAttribute("aria-busy") !== "false" || main.dataset.place !== location.hash) return;
    watch.disconnect();
    document.body.getBoundingClientRect();
    done(performance.now() - start);
});
watch.observe(main, {attributes: true});
location.hash = arguments[0];
"""


def test_the_list_is_filtered_by_words_as_one_types(browser: Browser, shop: Shop) -> None:
    browser.open(shop.page)
    assert browser.text("#count") == "4 subjects"
    browser.type("#filter", "ORDER shop")
    assert browser.texts("#subjects a") == [ORDER]
    assert browser.text("#count") == "1 of 4 subjects"
    browser.type("#filter", "nothing like it")
    assert browser.count("#subjects a") == 0
    assert browser.text("#count") == "0 of 4 subjects"


def test_thousands_of_subjects_stay_fast(browser: Browser, scripts: str) -> None:
    browser.driver.get(f"{scripts}/icon.svg")
    script = """const index = fetch("/index.html").then((answer) => answer.text());
    Promise.all([index, import("/sidebar.js")]).then(([text, module]) => {
        const frame = new DOMParser().parseFromString(text, "text/html").getElementById("frame");
        document.documentElement.replaceChildren(document.importNode(frame, true));
        const sidebar = new module.Sidebar();
        sidebar.entries = Array.from({length: 10000}, (_, index) => `acme/team${index % 40}/v1/thing_${index}.proto`)
            .map((name) => ({name, folded: name, deleted: false}));
        const times = ["", "t", "te", "team3 99", "zzz", ""].map((word) => {
            const start = performance.now();
            sidebar.filter.value = word;
            sidebar.refresh();
            document.documentElement.getBoundingClientRect();
            return performance.now() - start;
        });
        done([Math.max(...times), document.querySelectorAll("#subjects a").length]);
    })"""
    rounds = [browser.run_async(script) for _ in range(3)]
    assert all(shown < 500 for _, shown in rounds)
    assert min(slowest for slowest, _ in rounds) < 100


def test_scrolling_shows_subjects_beyond_the_first_ones(browser: Browser, tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        for number in range(200):
            shop.register(f"s{number:03}", 'syntax = "proto3"; message M {}')
        browser.open(shop.page)
        assert browser.text("#count") == "200 subjects"
        assert browser.count("#subjects a") < 200
        browser.run("document.querySelector('#subjects .end').scrollIntoView()")
        browser.wait(lambda: browser.count("#subjects a") == 200)
        assert browser.texts("#subjects a")[-1] == "s199"


def test_a_subject_shows_its_settings_and_versions(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}"))
    assert browser.text("h1") == ORDER
    assert browser.texts(".facts dd") == ["3", "FULL", "READWRITE"]
    assert [row.split("latest")[0] for row in browser.texts(".versions tbody th")] == [
        "Version 3",
        "Version 2",
        "Version 1",
    ]
    assert browser.texts(".versions .tag") == ["latest"]
    assert all(re.fullmatch(r"[0-9]+", one) for one in browser.texts(".versions .number"))
    assert browser.texts(".versions .plain li") == [f"{MONEY} version 1"] * 3
    assert browser.text("#subjects a[aria-current]") == ORDER
    assert browser.driver.title == f"{ORDER} · Protogate registry"


def test_older_versions_follow_on_demand(browser: Browser, tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        shop.set_level("m", "NONE")
        for number in range(1, 31):
            shop.register("m", f'syntax = "proto3"; message M {{ string a = {number}; }}')
        browser.open(shop.at("subjects/m"))
        assert browser.count(".versions tbody tr") == 25
        assert browser.text(".more") == "Show 5 older versions"
        browser.click(".more")
        browser.wait(lambda: browser.count(".versions tbody tr") == 30)
        assert browser.texts(".versions tbody th")[-1] == "Version 1"
        assert not browser.one(".more").is_displayed()


def test_a_reference_leads_to_the_version_that_stands_for_it(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}"))
    browser.click(".versions .plain a")
    assert browser.text("h1") == f"{MONEY} version 1"


def test_a_version_shows_its_text_with_numbered_lines(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/versions/1"))
    lines = browser.run("return [...document.querySelectorAll('.line')].map((one) => one.textContent)")
    assert lines[0] == 'syntax = "proto3";\n'
    assert "  int32 amount = 3;\n" in lines
    numbers = browser.run("return [...document.querySelectorAll('.line')].map((one) => Number(one.dataset.n))")
    assert numbers == list(range(1, len(lines) + 1))
    assert browser.run("return getComputedStyle(document.querySelector('.line'), '::before').content") == '"1"'
    assert browser.texts(".p-keyword")[:2] == ["syntax", "package"]


def test_two_versions_are_chosen_and_compared(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}"))
    browser.click("input[name=from][value='1']")
    browser.click("input[name=to][value='2']")
    browser.click("button.primary")
    assert browser.driver.current_url == shop.at(f"subjects/{ORDER}/diff/1/2")
    assert browser.text("h1") == f"{ORDER} from version 1 to version 2"
    assert browser.texts(".is-new code") == ["string page_token = 2;"]


def test_changed_words_are_marked_side_by_side_on_wide_screens(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3"))
    assert browser.count(".is-split") == 1
    assert browser.texts(".cell.is-gone") == ["int32 amount = 3;", "string nick = 4;"]
    assert browser.texts(".cell.is-new") == ["string amount = 3;", "string page_token = 2;"]
    assert browser.texts("del") == ["int32"]
    assert browser.texts("ins") == ["string"]
    row = browser.run("return [...document.querySelector('del').closest('.row').children].map((one) => one.dataset.n)")
    assert row == ["9", "9"]


def test_narrow_screens_get_one_column_unless_asked(browser: Browser, shop: Shop) -> None:
    browser.resize(420, 800)
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3"))
    assert browser.count(".is-unified") == 1
    assert browser.texts(".cell.is-gone, .cell.is-new")[:3] == [
        "int32 amount = 3;",
        "string nick = 4;",
        "string amount = 3;",
    ]
    browser.choose("#choice-layout", "split")
    assert browser.count(".is-split") == 1
    assert "layout=split" in browser.driver.current_url


def test_unchanged_stretches_are_folded_and_open_on_demand(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3"))
    folds = browser.texts(".fold")
    assert folds
    assert "enum State" not in " ".join(browser.texts(".cell"))
    browser.click(".chunk:nth-last-of-type(2) .fold")
    assert len(browser.texts(".fold")) == len(folds) - 1
    assert "enum State {" in browser.texts(".cell code")
    assert browser.run("return document.activeElement.getAttribute('role')") == "row"


def test_every_finding_is_listed_and_marked_at_its_line(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3?profile=wire&profile=wire_json&mode=BACKWARD"))
    assert browser.text("#verdict").startswith("Not compatible")
    listed = browser.texts(".findings .rule")
    assert listed
    assert all(rule.startswith(("wire/", "wire_json/")) for rule in listed)
    assert sorted(browser.texts(".is-remark .rule")) == sorted(listed)
    changed = "return document.querySelector('ins').closest('.row').nextElementSibling.classList.contains('is-remark')"
    assert browser.run(changed)
    assert browser.count(".cell.has-error") >= 1


def test_a_finding_of_a_line_that_is_gone_stands_at_the_old_line(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3?profile=buf:FILE"))
    row = browser.run(
        """const gone = [...document.querySelectorAll('.is-gone')].find((one) => one.textContent.includes('nick'));
        return gone.closest('.row').nextElementSibling.textContent"""
    )
    assert "nick" in row
    assert "FIELD_NO_DELETE" in row


def test_a_finding_of_an_import_stands_above_the_lines(browser: Browser, tmp_path: Path) -> None:
    money = 'syntax = "proto3"; package m; message Money {{ {} units = 1; }}'
    order = 'syntax = "proto3"; package o; import "money.proto"; message Order {{ m.Money total = {}; }}'
    with open_shop(tmp_path) as shop:
        for number, kind in enumerate(("int64", "string"), 1):
            for subject in ("money.proto", "order"):
                shop.set_level(subject, "NONE")
            shop.register("money.proto", money.format(kind))
            shop.register("order", order.format(number), {"money.proto": number})
        browser.open(shop.at("subjects/order/diff/1/2?profile=wire&mode=BACKWARD"))
        assert "money.proto" in browser.texts(".jump")
        first = "return document.querySelector('.diff .chunk .row').classList.contains('is-remark')"
        assert browser.run(first)


def test_a_finding_in_the_list_leads_to_its_line(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3"))
    browser.click(".findings li:last-child .jump")
    number = browser.count(".findings li")
    assert browser.focused() == f"finding-{number}"
    assert f"finding={number}" in browser.driver.current_url
    box = browser.run("const box = document.activeElement.getBoundingClientRect(); return [box.top, box.bottom]")
    assert 0 < box[0] < box[1] < 900


def test_a_deep_link_to_a_finding_opens_at_it(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3?finding=1"))
    assert browser.focused() == "finding-1"


def test_profiles_and_mode_decide_the_verdict(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3"))
    browser.choose("#choice-mode", "NONE")
    assert browser.text("#verdict").startswith("Compatible")
    assert "mode=NONE" in browser.driver.current_url
    assert browser.focused() == "choice-mode"
    browser.choose("#choice-mode", "BACKWARD")
    for profile in ("confluent", "wire", "wire_json"):
        browser.click(f"input[value='{profile}']") if profile != "wire_json" else None
    browser.click("input[value='buf:WIRE']")
    rules = browser.texts(".findings .rule")
    assert any(rule.startswith(("buf:WIRE/", "buf/")) for rule in rules)
    assert not any(rule.startswith("confluent/") for rule in rules)


def test_versions_are_exchanged_in_place(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/1/3"))
    browser.choose("#choice-to", "2")
    assert "/diff/1/2" in browser.driver.current_url
    assert browser.focused() == "choice-to"
    browser.driver.back()
    browser.wait_until_shown()
    assert browser.text("h1") == f"{ORDER} from version 1 to version 3"


def test_a_version_does_not_differ_from_itself(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{ORDER}/diff/2/2"))
    assert browser.text("#verdict").startswith("Compatible")
    assert browser.text(".changes .quiet-text") == "The two texts are the same."
    assert browser.count(".fold") == 1


def test_deleted_versions_and_subjects_are_marked(browser: Browser, tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        fill(shop)
        shop.delete(ORDER, 3)
        browser.open(shop.at(f"subjects/{ORDER}"))
        assert browser.texts(".versions .tag") == ["deleted", "latest"]
        assert browser.run("return document.querySelector('input[name=from]:checked').value") == "1"
        browser.open(shop.at(f"subjects/{ORDER}/diff/2/3"))
        assert browser.count(".cell.is-new") == 1
        shop.delete(BIG, 1)
        browser.open(shop.page)
        assert BIG not in browser.texts("#subjects a")
        browser.click("#deleted")
        browser.wait(lambda: browser.count("#subjects .is-deleted") == 1)
        assert browser.text("#subjects .is-deleted") == f"{BIG}deleted"
        browser.click("#subjects .is-deleted")
        assert browser.texts(".versions .tag") == ["deleted"]


def test_a_schema_of_five_thousand_lines_is_compared_within_a_second(browser: Browser, tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        shop.set_level(BIG, "NONE")
        shop.register(BIG, big_text("string"))
        shop.register(BIG, big_text("bytes"))
        browser.open(shop.page)
        took = []
        for layout in ("unified", "split", "unified"):
            took.append(browser.run_async(_TIME_UNTIL_SHOWN, f"#/subjects/{BIG}/diff/1/2?mode=NONE&layout={layout}"))
            browser.wait(lambda: browser.count(".diff[aria-busy=false]"))
            assert browser.count(".cell.is-new") == browser.count(".cell.is-gone") == 4000
        assert min(took) < 1000


def test_a_link_to_a_finding_far_below_is_followed_at_once(browser: Browser, tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        shop.set_level(BIG, "NONE")
        shop.register(BIG, big_text("string"))
        shop.register(BIG, big_text("int32"))
        browser.open(shop.at(f"subjects/{BIG}/diff/1/2?mode=BACKWARD&profile=wire&finding=3990"))
        assert browser.focused() == "finding-3990"
        assert browser.run("return document.activeElement.previousElementSibling.querySelector('[data-n]').dataset.n")
        box = browser.run("const box = document.activeElement.getBoundingClientRect(); return [box.top, box.bottom]")
        assert 0 < box[0] < box[1] < 900


def test_an_empty_registry_says_how_to_begin(browser: Browser, tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        browser.open(shop.page)
        assert browser.text("h1") == "No subjects yet"
        assert "protogate registry register" in browser.text("main")


@pytest.mark.parametrize(
    ("fragment", "says"),
    [
        pytest.param("subjects/absent", "40401", id="subject"),
        pytest.param(f"subjects/{ORDER}/versions/9", "40402", id="version"),
        pytest.param(f"subjects/{ORDER}/diff/1/9", "40402", id="diff"),
    ],
)
def test_what_does_not_exist_is_said_to_be_not_found(browser: Browser, shop: Shop, fragment: str, says: str) -> None:
    browser.open(shop.at(fragment))
    assert browser.text(".panel h2") == "Not found"
    assert says in browser.text(".panel")
    browser.click(".panel .button")
    assert browser.text("h1") == "Registry"


def test_an_address_that_names_nothing_says_so(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at("nowhere"))
    assert browser.text("h1") == "There is no such place"


def test_a_server_that_went_away_is_said_to_be_gone_until_it_is_back(browser: Browser, tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        shop.register(MONEY, 'syntax = "proto3"; message M {}')
        browser.open(shop.page)
    browser.click("#subjects a")
    assert browser.text(".panel h1") == "The registry does not answer"
    assert browser.count("#subjects a") == 1
    with open_shop(tmp_path, port=shop.server.url.rpartition(":")[2]):
        browser.click(".panel .primary")
        assert browser.text("h1") == MONEY


def test_the_root_leads_browsers_to_the_page(browser: Browser, shop: Shop) -> None:
    browser.open(shop.server.url)
    assert browser.driver.current_url.startswith(shop.page)


def test_an_encoded_subject_in_a_link_is_understood(browser: Browser, shop: Shop) -> None:
    browser.open(shop.at(f"subjects/{quote(ORDER, safe='')}/diff/1/2"))
    assert browser.text("h1") == f"{ORDER} from version 1 to version 2"


def test_arrow_keys_lead_from_the_filter_through_the_list(browser: Browser, shop: Shop) -> None:
    browser.open(shop.page)
    browser.one("#filter").click()
    browser.press("shop/", Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert browser.focused() == MONEY
    browser.press(Keys.ARROW_UP, Keys.ARROW_UP)
    assert browser.focused() == "filter"
    browser.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    browser.wait_until_shown()
    assert browser.text("h1") == MONEY
