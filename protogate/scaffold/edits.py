"""Adds an entry to a list in a file that a person keeps, without touching anything else in it."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["with_slice", "with_yaml_items"]

_TABLE: Final = re.compile(r"^[ \t]*\[\s*tool\s*\.\s*protogate\s*\][ \t]*(#[^\r\n]*)?\r?$", re.MULTILINE)
_ANY_TABLE: Final = re.compile(r"^[ \t]*\[", re.MULTILINE)
_SLICES: Final = re.compile(r"^[ \t]*slices[ \t]*=[ \t]*\[", re.MULTILINE)


def with_slice(text: str, entry: str) -> str:
    r"""Register a slice in the text of a pyproject.toml.

    >>> with_slice("", "a.slice:SLICE")
    '[tool.protogate]\nslices = ["a.slice:SLICE"]\n'

    Raises:
        UserError: it is no TOML, or is written in a way that cannot be added to.
    """
    before = _toml(text)
    listed: Sequence[Any] = before.get("tool", {}).get("protogate", {}).get("slices", [])
    if entry in listed:
        return text
    made = _with_entry(text, f'"{entry}"')
    wanted = _toml(text)
    wanted.setdefault("tool", {}).setdefault("protogate", {})["slices"] = [entry, *listed]
    try:
        is_right = tomllib.loads(made) == wanted
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise UserError(f'pyproject.toml: cannot be added to; write "{entry}" into slices of [tool.protogate] yourself')
    return made


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"pyproject.toml: cannot be read as TOML: {error}") from None


def _with_entry(text: str, entry: str) -> str:
    table = _TABLE.search(text)
    if table is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[tool.protogate]\nslices = [{entry}]\n"
    following = _ANY_TABLE.search(text, table.end())
    slices = _SLICES.search(text, table.end(), following.start() if following else len(text))
    if slices is None:
        return f"{text[: table.end()]}\nslices = [{entry}]{text[table.end() :]}"
    # At the beginning of the list: its end may be any number of lines and comments away.
    start = slices.end()
    is_empty = re.match(r"\s*\]", text[start:]) is not None
    if text[start : start + 1] in {"\n", "\r"}:
        indent = re.match(r"\s*", text[start:].lstrip("\r\n"))
        space = indent.group() if indent and not is_empty else "  "
        return f"{text[:start]}\n{space}{entry},{text[start:]}"
    return f"{text[:start]}{entry}{'' if is_empty else ', '}{text[start:]}"


def with_yaml_items(text: str, path: str, key: str, items: Sequence[tuple[Mapping[str, Any], str]]) -> str:
    """Add items at the end of a list at the top of a YAML document.

    Args:
        text: the document.
        path: of its file, for messages.
        key: of the list: `plugins`.
        items: each as a value and as block text whose first line begins with `- `.

    Raises:
        UserError: it is no YAML, or is written in a way that cannot be added to.
    """
    import yaml  # noqa: PLC0415 - only where something is to be added

    def load(content: str) -> Any:  # noqa: ANN401 - YAML
        try:
            return yaml.safe_load(content)
        except yaml.YAMLError as error:
            line = str(error).splitlines()[0]
            raise UserError(f"{path}: cannot be read as YAML: {line}") from None

    before = load(text)
    if not isinstance(before, dict) or not isinstance(before.get(key) or [], list):
        raise UserError(f"{path}: has no list {key!r}; add one")
    listed = before.get(key) or []
    missing = [(value, block) for value, block in items if value not in listed]
    if not missing:
        return text
    made = _with_blocks(text, key, [block for _, block in missing])
    wanted = {**before, key: [*listed, *(value for value, _ in missing)]}
    if _loads_as(made, wanted, load):
        return made
    raise UserError(f"{path}: cannot be added to; write this into {key!r} yourself: {missing[0][0]}")


def _loads_as(text: str, wanted: Mapping[str, Any], load: Callable[[str], Any]) -> bool:
    try:
        return bool(load(text) == wanted)
    except UserError:
        return False


def _with_blocks(text: str, key: str, blocks: Sequence[str]) -> str:
    """Put blocks behind the last line of a list, indented as its items are."""
    lines = text.splitlines()
    start = next((number for number, line in enumerate(lines) if re.match(rf"{key}\s*:\s*(#.*)?$", line)), None)
    if start is None:
        return text.rstrip("\n") + f"\n{key}:\n" + "".join(_indented(block, "  ") for block in blocks)
    indent = "  "
    end = start + 1
    for number in range(start + 1, len(lines)):
        line = lines[number]
        item = re.match(r"(\s*)- ", line)
        if item and end == start + 1:
            indent = item.group(1)
        if line.strip() and not line.startswith((" ", "\t", "- ", "#")):
            break
        if line.strip() and not line.lstrip().startswith("#"):
            end = number + 1
    return "\n".join(
        [*lines[:end], *("".join(_indented(block, indent) for block in blocks)).splitlines(), *lines[end:], ""]
    )


def _indented(block: str, indent: str) -> str:
    return "".join(f"{indent}{line}\n" for line in block.splitlines())
