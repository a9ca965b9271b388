"""What a repository needs to be built by Protogate, worked out before the first file is written.

Files that are there are never replaced: lists in them get an entry more where one is missing, everything else stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.scaffold.edits import with_yaml_items
from protogate.scaffold.plan import contracts_directory, read_text, rendered, with_modules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["CI_SYSTEMS", "ProjectPlan", "plan_project"]

CI_SYSTEMS: Final = ("github", "gitlab", "none")
"""Whose workflow is written."""

_TASKS: Final = re.compile(r"^\s*(from|import)\s+protogate\.tasks\b", re.MULTILINE)
_OUR_PLUGIN: Final = re.compile(r"\bprotoc-gen-protogate-")
_IGNORED: Final = (".protogate/", "generated/")
_HOOKS: Final = {
    "protogate-lint": ("lint and format of contracts", "protogate lint"),
    "protogate-generated": ("generated code is up to date", "protogate generate all"),
    "protogate-compat": ("contracts break nobody", "protogate compat"),
}
"""What every repository with contracts wants to hear before a commit: a name for people, and a command."""


class ProjectPlan(NamedTuple):
    """Paths are relative to the project, with `/`."""

    created: Mapping[str, str]
    """Files that are not there yet: path to text."""
    edited: Mapping[str, str]
    """Files of the project that get entries more."""
    notes: tuple[str, ...]
    """What a person has to do, because a file is not ours to change."""


def plan_project(root: Path, *, ci: str = "", pre_commit: bool = True) -> ProjectPlan:
    """Work out what a repository lacks.

    Args:
        root: the repository; may be empty.
        ci: one of `CI_SYSTEMS`; empty for the one that the repository shows.
        pre_commit: whether it gets hooks.

    Raises:
        UserError: a file cannot be read, or cannot be added to.
    """
    template = read_text(root, "buf.gen.yaml")
    contracts = contracts_directory(template, "buf.gen.yaml")
    notes: list[str] = []
    wanted = {
        "buf.yaml": _workspace(root, contracts),
        "buf.gen.yaml": _template(template, contracts),
        "dodo.py": _dodo(root, notes),
        ".gitignore": _ignore(read_text(root, ".gitignore")),
        **_example(root, contracts),
    }
    if pre_commit:
        wanted[".pre-commit-config.yaml"] = _hooks(read_text(root, ".pre-commit-config.yaml"))
    wanted |= _workflow(root, ci or _shown_ci(root), notes)
    changed = {path: text for path, text in wanted.items() if text != read_text(root, path)}
    created = {path: text for path, text in changed.items() if not (root / path).exists()}
    return ProjectPlan(
        created, {path: text for path, text in changed.items() if path not in created}, tuple(notes)
    )  # fmt: skip


def _workspace(root: Path, contracts: str) -> str:
    text = read_text(root, "buf.yaml")
    if text:
        return with_modules(text)
    return rendered({"buf.yaml": "buf.yaml"}, {"contracts": contracts})["buf.yaml"]


def _template(text: str, contracts: str) -> str:
    """The template that is there, with our plugins where it has none of them."""
    if not text:
        return rendered({"": "project/buf.gen.yaml"}, {"contracts": contracts})[""]
    if _OUR_PLUGIN.search(text):
        return text
    items = []
    for name, out in (("pydantic", "generated/python"), ("zod", "generated/ts")):
        value = {"local": f"protoc-gen-protogate-{name}", "out": out, "strategy": "all"}
        items.append(
            (value, "\n".join(f"{'- ' if key == 'local' else '  '}{key}: {one}" for key, one in value.items()))
        )
    return with_yaml_items(text, "buf.gen.yaml", "plugins", items)


def _dodo(root: Path, notes: list[str]) -> str:
    text = read_text(root, "dodo.py")
    if text and not _TASKS.search(text):
        notes.append("dodo.py: add the line `from protogate.tasks import *`; the file is yours, so it stays as it is")
    return text or rendered({"": "project/dodo.py"}, {})[""]


def _ignore(text: str) -> str:
    present = {line.strip().strip("/") for line in text.splitlines()}
    missing = [line for line in _IGNORED if line.strip("/") not in present]
    gap = "" if not text or text.endswith("\n") else "\n"
    return text + gap + "".join(f"{line}\n" for line in missing) if missing else text


def _example(root: Path, contracts: str) -> dict[str, str]:
    """A first contract, where there is none."""
    if any((root / contracts).rglob("*.proto")):
        return {}
    return rendered({f"{contracts}/example/v1/example.proto": "project/example.proto"}, {})


def _hooks(text: str) -> str:
    if not text:
        text = "repos:\n"
        return text + _indented(_hook_block())
    if all(f"id: {name}" in text for name in _HOOKS):
        return text
    return with_yaml_items(text, ".pre-commit-config.yaml", "repos", [(_hook_value(), _hook_block())])


def _hook_value() -> dict[str, object]:
    hooks = [
        {
            "id": name,
            "name": summary,
            "entry": entry,
            "language": "system",
            "files": r"(\.proto|buf\.yaml|buf\.gen\.yaml)$",
            "pass_filenames": False,
        }
        for name, (summary, entry) in _HOOKS.items()
    ]
    return {"repo": "local", "hooks": hooks}


def _hook_block() -> str:
    lines = ["- repo: local", "  hooks:"]
    for name, (summary, entry) in _HOOKS.items():
        lines += [
            f"    - id: {name}",
            f"      name: {summary}",
            f"      entry: {entry}",
            "      language: system",
            r"      files: (\.proto|buf\.yaml|buf\.gen\.yaml)$",
            "      pass_filenames: false",
        ]
    return "\n".join(lines)


def _indented(block: str) -> str:
    return "".join(f"  {line}\n" for line in block.splitlines())


def _shown_ci(root: Path) -> str:
    """Whose CI a repository uses, by the files that it has."""
    if (root / ".gitlab-ci.yml").exists() and not (root / ".github").exists():
        return "gitlab"
    return "github"


def _workflow(root: Path, ci: str, notes: list[str]) -> dict[str, str]:
    if ci == "none":
        return {}
    path, template = _WORKFLOWS[ci]
    if not (root / path).exists():
        return rendered({path: template}, {})
    if "protogate ci" not in read_text(root, path) and "doit ci" not in read_text(root, path):
        notes.append(f"{path}: add a job that runs `protogate ci`; the file is yours, so it stays as it is")
    return {}


_WORKFLOWS: Final[Mapping[str, Sequence[str]]] = {
    "github": (".github/workflows/protogate.yml", "project/github.yml"),
    "gitlab": (".gitlab-ci.yml", "project/gitlab.yml"),
}
