"""The line diff of the page, run where it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.registry.page.shop import big_text

if TYPE_CHECKING:
    from tests.support.browser import Browser

_LINES = st.lists(
    st.sampled_from(["", "}", "  string a = 1;", "  int32 a = 1;", "message M {", "message N {"]), max_size=14
)
_few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Scripts:
    """The functions of the page, called from here."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        # Any file will do: what counts is that scripts may be loaded from there.
        browser.driver.get(f"{url}/icon.svg")

    def call(self, module: str, name: str, *arguments: object) -> Any:  # noqa: ANN401 - any value of JSON
        """The result of a function."""
        script = """import(`/${arguments[0]}.js`)
            .then((module) => done({value: module[arguments[1]](...arguments[2])}))
            .catch((error) => done({error: String(error)}))"""
        answer = self._browser.run_async(script, module, name, list(arguments))
        assert "error" not in answer, answer
        return answer["value"]

    def diff(self, old: list[str], new: list[str]) -> list[dict[str, Any]]:
        """The parts of a diff."""
        parts: list[dict[str, Any]] = self.call("diff", "diffLines", old, new)
        return parts


@pytest.fixture
def page(browser: Browser, scripts: str) -> Scripts:
    return Scripts(browser, scripts)


def _sides(parts: list[dict[str, Any]], old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    left: list[str] = []
    right: list[str] = []
    for part in parts:
        if "same" in part:
            start, other, size = (part["same"][name] for name in ("old", "fresh", "size"))
            assert old[start : start + size] == new[other : other + size]
            left += old[start : start + size]
            right += new[other : other + size]
        else:
            left += old[slice(*part["change"]["gone"])]
            right += new[slice(*part["change"]["fresh"])]
    return left, right


@_few
@given(old=_LINES, new=_LINES)
def test_parts_cover_both_texts_in_order(page: Scripts, old: list[str], new: list[str]) -> None:
    assert _sides(page.diff(old, new), old, new) == (old, new)


@_few
@given(lines=_LINES)
def test_a_text_does_not_differ_from_itself(page: Scripts, lines: list[str]) -> None:
    assert all("same" in part for part in page.diff(lines, lines))


@_few
@given(old=_LINES, new=_LINES)
def test_lines_that_became_each_other_are_in_order_and_part_of_the_change(
    page: Scripts, old: list[str], new: list[str]
) -> None:
    for part in page.diff(old, new):
        if "change" not in part:
            continue
        pairs = part["change"]["pairs"]
        assert [pair[0] for pair in pairs] == sorted({pair[0] for pair in pairs})
        assert [pair[1] for pair in pairs] == sorted({pair[1] for pair in pairs})
        gone, fresh = (range(*part["change"][side]) for side in ("gone", "fresh"))
        assert all(pair[0] in gone and pair[1] in fresh for pair in pairs)


def test_a_message_that_was_added_ends_with_its_own_brace(page: Scripts) -> None:
    old = ["message A {", "  string a = 1;", "}"]
    new = [*old, "", "message B {", "  string b = 1;", "}"]
    assert page.diff(old, new) == [
        {"same": {"old": 0, "fresh": 0, "size": 3}},
        {"change": {"gone": [3, 3], "fresh": [3, 7], "pairs": []}},
    ]


def test_a_field_that_changed_beside_one_that_was_added_is_paired_with_its_successor(page: Scripts) -> None:
    old = ["message A {", "  int32 amount = 3;", "}"]
    new = ["message A {", "  bool fresh = 9 [deprecated = true];", "  int64 amount = 3;", "}"]
    assert page.diff(old, new)[1] == {"change": {"gone": [1, 2], "fresh": [1, 3], "pairs": [[1, 2]]}}


@pytest.mark.parametrize(
    ("old", "new", "gone", "fresh"),
    [
        pytest.param("int32 a = 3;", "string a = 3;", ["int32"], ["string"], id="type"),
        pytest.param("string a = 3;", "string a = 3 [deprecated = true];", [], [" [deprecated = true]"], id="option"),
        pytest.param(
            "string übergröße = 1;", "string größe = 1;", ["übergröße"], ["größe"], id="letters of any script"
        ),
        pytest.param("// 😀 a", "// 😀 b", ["a"], ["b"], id="beyond the basic plane"),
        pytest.param("same", "same", [], [], id="nothing"),
    ],
)
def test_words_that_changed_are_marked(page: Scripts, old: str, new: str, gone: list[str], fresh: list[str]) -> None:
    ranges = page.call("diff", "diffWords", old, new)
    assert [_utf16(old, part) for part in ranges["gone"]] == gone
    assert [_utf16(new, part) for part in ranges["fresh"]] == fresh


def _utf16(text: str, part: list[int]) -> str:
    start, end = part
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(big_text("string"), big_text("bytes"), id="every field changed"),
        pytest.param(
            big_text("string"), big_text("string").replace("M", "Other").replace("field", "x"), id="all replaced"
        ),
        pytest.param("}\n{\n" * 2500, "{\n{\n}\n" * 1700, id="two lines only"),
    ],
)
def test_five_thousand_lines_are_compared_within_half_a_second(page: Scripts, old: str, new: str) -> None:
    script = """import("/diff.js").then(({diffLines}) => {
        const [old, fresh] = [arguments[0].split("\\n"), arguments[1].split("\\n")];
        const start = performance.now();
        diffLines(old, fresh);
        done(performance.now() - start);
    })"""
    browser = page._browser  # noqa: SLF001 - the clock has to stand inside of the browser
    assert min(browser.run_async(script, old, new) for _ in range(3)) < 500


_ANY_TEXT = st.text(min_size=1, max_size=20)
_TRICKY = st.lists(st.sampled_from(["versions", "diff", "1", "2", "", "a b", "%2F", "?", "#"]), min_size=1).map(
    "/".join
)


@_few
@given(subject=st.one_of(_ANY_TEXT, _TRICKY.filter(bool)), old=st.integers(1, 10**9 - 1), new=st.integers(1, 10**9 - 1))
def test_every_subject_has_links_that_lead_to_it(page: Scripts, subject: str, old: int, new: int) -> None:
    def parsed(name: str, *arguments: int) -> dict[str, Any]:
        link = page.call("route", name, subject, *arguments)
        found: dict[str, Any] = page.call("route", "parseRoute", link)
        return found

    assert parsed("subjectLink") == {"view": "subject", "subject": subject}
    assert parsed("versionLink", old) == {"view": "version", "subject": subject, "version": old}
    found = parsed("diffLink", old, new)
    assert (found["view"], found["subject"], found["from"], found["to"]) == ("diff", subject, old, new)


@pytest.mark.parametrize("fragment", ["#/nowhere", "#/subjects/", "#/subjects/%E0%A4%A", "#main"])
def test_an_address_that_names_nothing_is_unknown(page: Scripts, fragment: str) -> None:
    assert page.call("route", "parseRoute", fragment) == {"view": "unknown"}


@_few
@given(lines=st.lists(st.text(alphabet="a1 \"'\\/*{};=_ü😀\u202e", max_size=16), max_size=8))
def test_colours_never_change_the_text(page: Scripts, lines: list[str]) -> None:
    painted = page.call("proto", "paint", lines)
    assert ["".join(piece["text"] for piece in pieces) for pieces in painted] == lines
