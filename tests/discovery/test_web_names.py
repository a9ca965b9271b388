"""Which file an import means: relative, by alias, by package, through barrels; and edges with lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from protogate.discovery.facts import ImportFact
from protogate.discovery.model import Edge, EdgeKind
from protogate.discovery.python_names import Target
from protogate.discovery.web_names import WebNames, edges, module_name, module_names, read_configs
from protogate.discovery.web_reader import read_web

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from protogate.discovery.facts import FileFacts


def _read(files: Mapping[str, str]) -> dict[str, FileFacts]:
    return {path: read_web(text.encode(), path[path.rfind(".") :]) for path, text in files.items()}


def _empty(*paths: str) -> dict[str, FileFacts]:
    return _read(dict.fromkeys(paths, ""))


def _names(files: Mapping[str, str], configs: Mapping[str, object] | None = None) -> WebNames:
    return WebNames(_read(files), {path: dict(config) for path, config in (configs or {}).items()})  # type: ignore[call-overload]


def _wanted(module: str, name: str = "", alias: str = "x") -> ImportFact:
    return ImportFact(1, module, 0, name, alias, is_type_only=False, is_lazy=False, references=1)


# Names of modules


def test_a_module_is_named_by_its_path_without_ending() -> None:
    assert module_name("frontend/src/pages/orders.tsx") == "frontend/src/pages/orders"
    assert module_name("a/b/index.ts") == "a/b"
    assert module_name("types/shop.d.ts") == "types/shop"
    assert module_name("index.ts") == "index"


def test_no_two_files_have_one_name() -> None:
    assert module_names(["x.ts", "x.vue", "a/b.ts", "a/b/index.ts", "c/index.ts", "c/index.vue", "y.d.ts", "y.js"]) == {
        "a/b.ts": "a/b",
        "a/b/index.ts": "a/b/index",
        "c/index.ts": "c",
        "c/index.vue": "c/index",
        "x.ts": "x",
        "x.vue": "x.vue",
        "y.d.ts": "y.d.ts",
        "y.js": "y",
    }


# Where imports lead

_TREE = (
    "src/app.ts",
    "src/card.vue",
    "src/menu.svelte",
    "src/state.svelte.ts",
    "src/shop/index.ts",
    "src/shop/order.ts",
    "src/shop/view.tsx",
    "src/old.js",
    "src/new.mts",
    "src/api.d.ts",
)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("./app", "src/app.ts"),
        ("./app.ts", "src/app.ts"),
        ("./app.js", "src/app.ts"),
        ("./shop/view.jsx", "src/shop/view.tsx"),
        ("./shop/view.js", "src/shop/view.tsx"),
        ("./new.mjs", "src/new.mts"),
        ("./old", "src/old.js"),
        ("./card.vue", "src/card.vue"),
        ("./card", "src/card.vue"),
        ("./menu.svelte", "src/menu.svelte"),
        ("./menu.svelte?raw", "src/menu.svelte"),
        ("./state.svelte", "src/state.svelte.ts"),
        ("./state.svelte.js", "src/state.svelte.ts"),
        ("./shop", "src/shop/index.ts"),
        ("./shop/", "src/shop/index.ts"),
        ("./shop/order", "src/shop/order.ts"),
        ("../src/shop", "src/shop/index.ts"),
        ("./api", "src/api.d.ts"),
        ("./data.json", None),
        ("./style.css", None),
        ("../../elsewhere", None),
        ("react", None),
        ("", None),
    ],
)
def test_relative_imports_find_their_file(written: str, path: str | None) -> None:
    assert WebNames(_empty(*_TREE)).find("src/main.ts", written) == path


@pytest.mark.parametrize(
    ("configs", "written", "path"),
    [
        ({"web/tsconfig.json": {"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}}, "@/a", "web/src/a.ts"),
        (
            {"web/tsconfig.json": {"compilerOptions": {"baseUrl": "src", "paths": {"~*": ["*"]}}}},
            "~a",
            "web/src/a.ts",
        ),
        ({"web/jsconfig.json": {"compilerOptions": {"baseUrl": "src"}}}, "a", "web/src/a.ts"),
        (
            {"web/tsconfig.json": {"compilerOptions": {"paths": {"@x/*": ["none/*", "src/*"], "@x/a": ["src/b"]}}}},
            "@x/a",
            "web/src/b.ts",
        ),
        (
            {
                "web/tsconfig.json": {"extends": "../tsconfig.base"},
                "tsconfig.base.json": {"compilerOptions": {"paths": {"@web/*": ["web/src/*"]}}},
            },
            "@web/a",
            "web/src/a.ts",
        ),
        (
            {
                "web/tsconfig.json": {"extends": ["./one.json", "./two.json"]},
                "web/one.json": {"compilerOptions": {"paths": {"@/*": ["./src/*"]}}},
                "web/two.json": {"compilerOptions": {"strict": True}},
            },
            "@/a",
            "web/src/a.ts",
        ),
        (
            {
                "web/tsconfig.json": {"extends": "@shop/config/base"},
                "config/package.json": {"name": "@shop/config"},
                "config/base.json": {"compilerOptions": {"paths": {"$a/*": ["${configDir}/src/*"]}}},
            },
            "$a/a",
            "web/src/a.ts",
        ),
        (
            {
                "web/tsconfig.json": {"references": [{"path": "./tsconfig.app.json"}]},
                "web/tsconfig.app.json": {"compilerOptions": {"paths": {"app/*": ["./src/*"]}}},
            },
            "app/a",
            "web/src/a.ts",
        ),
        (
            {"web/tsconfig.json": {"extends": "./tsconfig.json", "compilerOptions": {"baseUrl": "."}}},
            "src/a",
            "web/src/a.ts",
        ),
        ({"web/tsconfig.json": {"compilerOptions": {"paths": {"@/*": ["./none/*"]}}}}, "@/a", "web/src/a.ts"),
        ({"web/tsconfig.json": {"compilerOptions": {"paths": "no table"}, "references": 7}}, "@/a", "web/src/a.ts"),
        ({}, "@/a", "web/src/a.ts"),
        ({}, "~/a", "web/src/a.ts"),
        ({}, "~/src/a", "web/src/a.ts"),
        ({}, "$lib/c", "web/src/lib/c.ts"),
        ({}, "$lib", "web/src/lib/index.ts"),
        ({}, "$app/stores", None),
        ({}, "/src/a.ts", "web/src/a.ts"),
        ({}, "@lib/c", "web/src/lib/c.ts"),
        ({"web/package.json": {"dependencies": {"@lib/other": "1"}}}, "@lib/c", None),
        ({"web/package.json": {"imports": {"#inner/*": "./src/*.js"}}}, "#inner/a", "web/src/a.ts"),
        ({"web/package.json": {"imports": {"#a": {"node": "./src/b.ts"}}}}, "#a", "web/src/b.ts"),
        ({"web/package.json": {}}, "#a", None),
    ],
)
def test_aliases_find_their_file(configs: dict[str, object], written: str, path: str | None) -> None:
    files: dict[str, str] = dict.fromkeys(
        (
            "src/a.ts",
            "web/src/a.ts",
            "web/src/b.ts",
            "web/src/lib/c.ts",
            "web/src/lib/index.ts",
            "web/src/deep/main.ts",
        ),
        "",
    )
    assert _names(files, configs).find("web/src/deep/main.ts", written) == path


@pytest.mark.parametrize(
    ("package", "written", "path"),
    [
        ({"main": "dist/index.js"}, "@shop/ui", "packages/ui/src/index.ts"),
        ({"source": "src/all.ts", "main": "dist/index.js"}, "@shop/ui", "packages/ui/src/all.ts"),
        ({"exports": "./src/all.ts"}, "@shop/ui", "packages/ui/src/all.ts"),
        ({"exports": {"import": "./dist/all.mjs", "types": "./dist/all.d.ts"}}, "@shop/ui", "packages/ui/src/index.ts"),
        ({"exports": {".": {"import": {"default": "./src/all.ts"}}}}, "@shop/ui", "packages/ui/src/all.ts"),
        ({"exports": {".": [{"types": "./dist/all.ts"}]}}, "@shop/ui", "packages/ui/src/all.ts"),
        ({"exports": {"./*": "./src/parts/*.ts"}}, "@shop/ui/button", "packages/ui/src/parts/button.ts"),
        ({"exports": {"./b": {"import": "./dist/parts/button.js"}}}, "@shop/ui/b", "packages/ui/src/parts/button.ts"),
        ({}, "@shop/ui/src/parts/button", "packages/ui/src/parts/button.ts"),
        ({}, "@shop/ui/parts/button", "packages/ui/src/parts/button.ts"),
        ({}, "@shop/ui/none", None),
        ({}, "@shop/other", None),
    ],
)
def test_packages_of_the_repository_are_found(package: dict[str, object], written: str, path: str | None) -> None:
    files: dict[str, str] = dict.fromkeys(
        ("packages/ui/src/index.ts", "packages/ui/src/all.ts", "packages/ui/src/parts/button.ts", "apps/web/main.ts"),
        "",
    )
    names = _names(files, {"packages/ui/package.json": {"name": "@shop/ui", **package}})
    assert names.find("apps/web/main.ts", written) == path


def test_a_directory_with_a_package_says_its_own_entry() -> None:
    names = _names({"main.ts": "", "ui/entry.ts": ""}, {"ui/package.json": {"main": "./entry.js"}})
    assert names.find("main.ts", "./ui") == "ui/entry.ts"


# Barrels

_BARRELS = {
    "main.ts": 'import { Order, list, other, plain, kept, all } from "./shop";\nimport what from "./shop";\n',
    "shop/index.ts": (
        'export { Order, find as list } from "./order";\nexport * from "./more";\n'
        'export { default as plain } from "./page";\n'
        'export * as all from "./order";\nimport { mine } from "./order";\nexport { mine as kept };\n'
        'export { default } from "./page";\nexport { gone } from "elsewhere";\n'
    ),
    "shop/order.ts": "export class Order {}\nexport function find() {}\nexport const mine = 1;\n",
    "shop/more.ts": 'export * from "./deep";\nexport * from "./index";\n',
    "shop/deep.ts": "export const other = 2;\n",
    "shop/page.vue": "<template><p/></template>\n",
}


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("Order", Target("shop/order", "Order")),
        ("list", Target("shop/order", "find")),
        ("other", Target("shop/deep", "other")),
        ("plain", Target("shop/page", "default")),
        ("default", Target("shop/page", "default")),
        ("all", Target("shop/order", "")),
        ("kept", Target("shop/order", "mine")),
        ("gone", Target("shop", "gone")),
        ("unknown", Target("shop", "unknown")),
        ("*", Target("shop", "")),
        ("", Target("shop", "")),
    ],
)
def test_barrels_are_followed_to_the_definition(name: str, target: Target) -> None:
    assert _names(_BARRELS).resolve("main", _wanted("./shop", name)) == target


def test_a_circle_of_barrels_ends() -> None:
    names = _names({"a.ts": 'export * from "./b";\nexport { x } from "./b";', "b.ts": 'export { x } from "./a";'})
    assert names.resolve("a", _wanted("./b", "x")) == Target("b", "x")
    assert names.resolve("b", _wanted("./a", "y")) == Target("a", "y")


def test_a_long_chain_of_barrels_ends_after_eight() -> None:
    files = {f"m{number}.ts": f'export {{ x }} from "./m{number + 1}";' for number in range(20)}
    found = _names({**files, "m20.ts": "export const x = 1;"}).resolve("m0", _wanted("./m1", "x"))
    assert found == Target("m9", "x")


# Edges


def test_edges_say_what_is_used_and_how_often() -> None:
    facts = _read(
        {
            "a.ts": (
                'import { Order } from "./shop";\nimport type { Row } from "./rows";\nimport "./side";\n'
                'import { nothing } from "react";\nconst page = () => import("./page");\nnew Order(); new Order();\n'
            ),
            "shop/index.ts": 'export { Order } from "./order";\n',
            "shop/order.ts": "export class Order {}",
            "rows.ts": "export interface Row {}",
            "side.ts": "",
            "page.ts": 'import "./page";',
        }
    )
    assert list(edges(WebNames(facts), facts)) == [
        Edge("a", "shop/order", EdgeKind.IMPORT, "a.ts", 1, "Order", 2),
        Edge("a", "rows", EdgeKind.TYPE, "a.ts", 2, "Row", 1),
        Edge("a", "side", EdgeKind.IMPORT, "a.ts", 3, "", 1),
        Edge("a", "page", EdgeKind.IMPORT, "a.ts", 5, "", 1, is_lazy=True),
        Edge("shop", "shop/order", EdgeKind.IMPORT, "shop/index.ts", 1, "Order", 1),
    ]


def test_edges_stand_where_the_use_is_where_a_reader_says_so() -> None:
    facts = _read({"a.ts": 'import * as shop from "./shop";\n', "shop.ts": "export function buy() {}"})
    fact = facts["a.ts"].imports[0]._replace(references=3, uses=((4, "shop.buy", "call"), (9, "shop.x.y", "import")))
    facts["a.ts"] = facts["a.ts"]._replace(imports=(fact,))
    assert list(edges(WebNames(facts), facts)) == [
        Edge("a", "shop", EdgeKind.CALL, "a.ts", 4, "buy", 2),
        Edge("a", "shop", EdgeKind.IMPORT, "a.ts", 9, "x", 1),
    ]


# Configurations


def test_configurations_are_read_with_comments_and_last_commas(tmp_path: Path) -> None:
    text = '{ // why\n "compilerOptions": {"paths": {"@/*": ["./src/*",], "//x": ["a/*b*/,]"]}}, /* , */\n}'
    (tmp_path / "web/src").mkdir(parents=True)
    (tmp_path / "web/tsconfig.json").write_text("\ufeff" + text, "utf-8")
    (tmp_path / "package.json").write_text('{"name": "shop"}', "utf-8")
    (tmp_path / "web/jsconfig.json").write_text("[1]", "utf-8")
    (tmp_path / "web/src/tsconfig.json").write_text('{"a": ', "utf-8")
    (tmp_path / "web/src/tsconfig.app.json").write_bytes(b'{"a": "\xff"}')
    configs, problems = read_configs(tmp_path, ["web/src"])
    assert configs == {
        "package.json": {"name": "shop"},
        "web/tsconfig.json": {"compilerOptions": {"paths": {"@/*": ["./src/*"], "//x": ["a/*b*/,]"]}}},
    }
    assert [(one.path, one.line) for one in problems] == [
        ("web/jsconfig.json", 0),
        ("web/src/tsconfig.app.json", 0),
        ("web/src/tsconfig.json", 0),
    ]


def test_what_a_configuration_extends_is_read_wherever_it_lies(tmp_path: Path) -> None:
    for path, config in {
        "web/tsconfig.json": {"extends": "../shared/base", "references": [{"path": "../ui"}, {}]},
        "shared/base.json": {"extends": "./base.json"},
        "ui/tsconfig.json": {},
        "web/node_modules/x/package.json": {"name": "x"},
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(json.dumps(config), "utf-8")
    configs, problems = read_configs(tmp_path, ["web", "web/node_modules/x"])
    assert list(configs) == ["shared/base.json", "ui/tsconfig.json", "web/tsconfig.json"]
    assert problems == ()
