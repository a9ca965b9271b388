from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.build.project import Input, YamlCache, load_project
from protogate.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

ONE_PLUGIN = "plugins: [{local: protoc-gen-x, out: out}]\n"


def load(root: Path, template: str, **files: str) -> object:
    (root / "buf.gen.yaml").write_text(template)
    for name, text in files.items():
        (root / name.replace("_", ".")).write_text(text)
    return load_project(str(root), YamlCache())


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param("", "a mapping with 'version: v2' is expected", id="empty"),
        pytest.param("- a", "a mapping with 'version: v2' is expected", id="list"),
        pytest.param("version: v2\nplugins: [", r"^buf.gen.yaml:\d+:\d+: ", id="broken yaml"),
        pytest.param("version: v1", "version 'v1' is not known; use v2", id="v1"),
        pytest.param("version: v2", "'plugins' is empty", id="no plugins"),
        pytest.param("version: v2\nplugins: [x]", "plugin 1 is 'x'; a mapping is expected", id="text plugin"),
        pytest.param("version: v2\nplugins: [{local: x}]", "plugin 1 has no 'out'", id="no out"),
        pytest.param(
            "version: v2\nplugins: [{out: x}]", "plugin 1 needs one of local, remote, protoc_builtin", id="no command"
        ),
        pytest.param("version: v2\nplugins: [{local: 3, out: x}]", "'local: 3' is not a command", id="number"),
        pytest.param(
            f"version: v2\ninputs: [{{git_repo: x}}]\n{ONE_PLUGIN}",
            "input 'git_repo' cannot be tracked",
            id="git input",
        ),
        pytest.param(f"version: v2\ndate: 2020-01-01\n{ONE_PLUGIN}", "cannot be read as YAML", id="not JSON"),
    ],
)
def test_mistakes_in_the_template_are_named(tmp_path: Path, template: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, template)


def test_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^buf.gen.yaml: no such file in "):
        load_project(str(tmp_path), YamlCache())


@pytest.mark.parametrize(
    ("plugin", "name"),
    [
        ("local: protoc-gen-protogate-zod", "zod"),
        ("local: ./bin/protoc-gen-go", "go"),
        ("local: [python, -m, some.plugin]", "some.plugin"),
        ("local: [node, plugins/each.py]", "each"),
        ("remote: 'buf.example/acme/es:v1.2'", "es"),
        ("protoc_builtin: python", "python"),
    ],
)
def test_targets_have_short_names(tmp_path: Path, plugin: str, name: str) -> None:
    project = load(tmp_path, f"version: v2\nplugins: [{{{plugin}, out: ./o/}}]")
    (target,) = project.targets  # type: ignore[attr-defined]
    assert (target.names, target.out) == ((name,), "o")


def test_plugins_with_one_output_directory_are_one_target(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        "version: v2\nplugins: [{protoc_builtin: python, out: o}, {protoc_builtin: pyi, out: ./o}, {local: x, out: p}]",
    )
    assert [target.label for target in project.targets] == ["python+pyi", "x"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("contracts/a/x.proto", True),
        ("contracts/b/x.proto", False),
        ("contracts/a/skip/x.proto", False),
        ("contracts/ab/x.proto", False),
        ("other/a/x.proto", False),
    ],
)
def test_input_holds_paths(path: str, held: object) -> None:
    one = Input("contracts", ("contracts/a",), ("contracts/a/skip",))
    assert one.holds(path) is held


def test_modules_come_from_the_nearest_buf_yaml(tmp_path: Path) -> None:
    (tmp_path / "proto").mkdir()
    (tmp_path / "proto/buf.yaml").write_text("version: v2\nmodules: [{path: a, excludes: [a/x]}, {path: b}]")
    project = load(tmp_path, f"version: v2\ninputs: [{{directory: proto}}]\n{ONE_PLUGIN}")
    assert [(one.path, one.excludes) for one in project.modules] == [  # type: ignore[attr-defined]
        ("proto/a", ("proto/a/x",)),
        ("proto/b", ()),
    ]


def test_cache_parses_a_document_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path, f"version: v2\n{ONE_PLUGIN}")
    cache = YamlCache()
    first = load_project(str(tmp_path), cache)
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    again = YamlCache(cache.documents)
    assert load_project(str(tmp_path), again) == first
    assert (cache.has_news, again.has_news) == (True, False)
