"""The text of the page: what is in it, what is cut, and that nothing of a repository becomes markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.discovery.page import page
from protogate.discovery.page_data import page_data
from tests.discovery.page_documents import HOSTILE, handmade, hostile, huge, of_shop
from tests.support.node import node_modules

GOLDEN = Path(__file__).parent / "golden" / "page-data.json"
ASSETS = Path(str(files("protogate.discovery") / "assets"))
_VOID = frozenset({"meta", "link", "input", "br", "wbr"})


class _Reader(HTMLParser):
    """Reads a page as a browser does, and keeps what is open, what was made, and the texts of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.made: list[tuple[str, dict[str, str | None]]] = []
        self.mistakes: list[str] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": [], "title": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.made.append((tag, dict(attrs)))
        if tag in self.texts:
            self.texts[tag].append("")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.texts:
            self.texts[self.open[-1]][-1] += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.made if name == tag]


def _embedded(text: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(_Reader(text).texts["script"][0])


def test_the_data_of_a_small_page_are_the_accepted_ones(*, update_golden: bool) -> None:
    text = json.dumps(_embedded(page(handmade())), indent=1) + "\n"
    if update_golden:
        GOLDEN.write_text(text, "utf-8")
    assert GOLDEN.read_text("utf-8") == text


def test_the_page_is_whole_and_asks_for_nothing() -> None:
    read = _Reader(page(handmade()))
    assert (read.open, read.mistakes) == ([], [])
    assert read.made[0] == ("html", {"lang": "en", "data-root": "../.."})
    assert read.texts["title"] == ["shop: what to take out next"]
    assert [one.get("type") for one in read.of("script")] == ["application/json", None]
    # Nothing is loaded, and nothing stands in an attribute that a policy would have to allow.
    named = [value for _, one in read.made for name, value in one.items() if name in {"src", "href"}]
    assert named == ["data:,", "#main"]
    assert not [name for _, one in read.made for name in one if name.startswith("on") or name == "style"]
    ids = [one["id"] for _, one in read.made if "id" in one]
    assert len(ids) == len(set(ids))


def test_only_the_scripts_and_styles_of_the_page_are_allowed() -> None:
    read = _Reader(page(hostile(handmade())))
    policy = next(one["content"] for one in read.of("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == _digest(read.texts["script"][1])
    assert rules["style-src"] == _digest(read.texts["style"][0])
    assert "unsafe" not in policy


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_a_hostile_repository_makes_the_same_elements() -> None:
    plain, poisoned = _Reader(page(handmade())), _Reader(page(hostile(handmade())))
    assert [tag for tag, _ in poisoned.made] == [tag for tag, _ in plain.made]
    assert poisoned.mistakes == []
    assert poisoned.texts["title"] == [f"shop{HOSTILE}: what to take out next"]
    assert _embedded(page(hostile(handmade())))["name"] == f"shop{HOSTILE}"
    assert poisoned.texts["script"][1] == plain.texts["script"][1]


@given(
    st.text(st.characters(), max_size=40) | st.sampled_from(["</script>", "<!--<script>", "{{data}}", "\ud800", "\0"])
)
def test_any_name_comes_back_as_it_was(name: str) -> None:
    documents = {
        "repository-profile": {"frameworks": [name], "repo_root": name},
        "module-candidates": [{"module": name}],
    }
    text = page(documents)
    raw = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert raw is not None
    assert "<" not in raw[1]
    found = json.loads(raw[1])
    assert (found["name"], found["profile"]["frameworks"], found["candidates"]["rows"][0]["module"]) == (
        name,
        [name],
        name,
    )
    text.encode()


def test_scripts_and_styles_cannot_be_left_early() -> None:
    for path in sorted(ASSETS.iterdir()):
        if path.suffix in {".js", ".css"}:
            assert not re.search(r"</?(?:script|style)|<!--", path.read_text("utf-8"), re.IGNORECASE), path.name


@pytest.mark.parametrize("script", sorted(ASSETS.glob("*.js")), ids=lambda path: path.name)
def test_scripts_never_make_markup_of_text(script: Path) -> None:
    text = script.read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|fetch\(", text)


@pytest.mark.node
def test_scripts_have_no_type_errors() -> None:
    strict = (
        *("--noEmit", "--allowJs", "--checkJs", "--strict", "--noUncheckedIndexedAccess", "--noImplicitReturns"),
        *("--noUnusedLocals", "--noUnusedParameters", "--target", "esnext", "--module", "esnext"),
        *("--moduleResolution", "bundler", "--lib", "esnext,dom,dom.iterable", "--types", ""),
    )
    scripts = map(str, sorted(ASSETS.glob("*.js")))
    command = ["node", str(node_modules() / "typescript" / "bin" / "tsc"), *strict, *scripts]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == ""


def test_empty_documents_make_a_page_that_says_so() -> None:
    data = page_data({})
    assert data["name"] == ""
    assert data["candidates"] == {"rows": [], "total": 0, "archetypes": [], "phases": []}
    assert _Reader(page({})).texts["title"] == ["Repository: what to take out next"]


def test_documents_that_somebody_broke_are_shown_as_far_as_they_go() -> None:
    broken = dict.fromkeys(handmade(), 7) | {"module-candidates": [None, {"rank": "first", "scores": []}]}
    (row,) = _embedded(page(broken))["candidates"]["rows"]
    assert (row["rank"], row["module"], row["scores"]) == (0, "", [])


def test_a_real_repository_is_shown_with_its_lines(tmp_path: Path) -> None:
    data = _embedded(page(of_shop(tmp_path)))
    words = data["words"]
    orders = next(one for one in data["slices"]["rows"] if one["module"] == "shop.orders")
    cuts = {(words[row[1]], row[2], words[row[3]], words[row[8]]) for row in orders["cuts"]["rows"]}
    assert ("shop/billing/invoices.py", 5, "place", "api") in cuts
    assert ["POST /api/orders/{order_id}/cancel", "shop/orders/api.py"] in [row[:2] for row in orders["routes"]["rows"]]
    assert {one["slice"] for one in data["candidates"]["rows"] if one["slice"]} == {
        one["name"] for one in data["slices"]["rows"]
    }


def test_a_route_knows_who_asks_it_and_its_tables() -> None:
    orders = _embedded(page(handmade()))["slices"]["rows"][0]
    # Once as a line to cut and once as a request of a page that moves along: one and the same.
    assert orders["routes"]["rows"] == [["POST /api/orders", "shop/orders/api.py", 8, ["ui/orders.ts:3"], ["orders"]]]


def test_equal_documents_make_equal_pages_in_any_process(tmp_path: Path) -> None:
    path = tmp_path / "documents.json"
    path.write_text(json.dumps(huge(800)), "utf-8")
    program = (
        "import json,sys,hashlib; from pathlib import Path; from protogate.discovery.page import page;"
        "from protogate.discovery.pictures import dot, mermaid; d = json.loads(Path(sys.argv[1]).read_text());"
        "print(hashlib.sha256((page(d) + dot(d) + mermaid(d)).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(found) == 1


def test_long_lists_are_cut_and_say_how_long_they_are() -> None:
    data = _embedded(page(huge()))
    assert (len(data["candidates"]["rows"]), data["candidates"]["total"]) == (500, 3000)
    assert [(len(one["cuts"]["rows"]), one["cuts"]["total"]) for one in data["slices"]["rows"]] == [(400, 1500)] * 8
    assert (len(data["graph"]["nodes"]), len(data["matrix"]["nodes"])) == (30, 60)
    assert (data["graph"]["nodes"][-1]["name"], data["graph"]["nodes"][-1]["many"]) == ("971 others", 971)
    assert sum(one["modules"] for one in data["matrix"]["nodes"]) == 8000


@pytest.mark.parametrize(("modules", "slices"), [(8000, 8), (40_000, 8), (8000, 200)])
def test_pages_of_large_repositories_stay_small(modules: int, slices: int) -> None:
    assert len(page(huge(modules, slices)).encode()) < 3_000_000


def test_what_is_planned_is_shown_however_low_it_ranks() -> None:
    documents = huge()
    documents["module-candidates"][2999]["module"] = documents["delegation-plan.generated"][0]["module"]
    rows = _embedded(page(documents))["candidates"]["rows"]
    assert (len(rows), rows[-1]["rank"], rows[-1]["slice"]) == (501, 3000, "slice_0")


def test_the_matrix_begins_with_the_slices_wave_by_wave() -> None:
    matrix = page_data(handmade())["matrix"]
    assert isinstance(matrix, dict)
    assert [(one["name"], one["wave"]) for one in matrix["nodes"]] == [
        ("shop.orders", 1),
        ("shop.catalog", 2),
        ("shop.billing", 0),
    ]
    assert matrix["cells"] == [[0, 1, 2], [1, 0, 1], [2, 0, 5], [2, 1, 1]]


def test_links_may_lead_elsewhere() -> None:
    assert _Reader(page({}, root='https://forge/"a"')).of("html") == [{"lang": "en", "data-root": 'https://forge/"a"'}]
