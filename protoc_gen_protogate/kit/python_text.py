"""Python literals and docstrings as the formatter would write them."""

from __future__ import annotations

from typing import Final

__all__ = ["arguments", "docstring", "literal"]

_WIDTH: Final = 120
_INDENT: Final = "    "


def literal(text: str) -> str:
    """The string literal of `text`, in double quotes."""
    if '"' not in text and "\\" not in text:
        if text.isprintable():
            return f'"{text}"'
        if "\n" in text and text.replace("\n", "").isprintable():
            return '"' + text.replace("\n", "\\n") + '"'
    quoted = repr(text)
    if quoted[0] == '"':
        return quoted
    body = quoted[1:-1].replace("\\'", "'")
    return f'"{body.replace(chr(34), chr(92) + chr(34))}"'


def docstring(text: str, indent: str) -> str:
    """The docstring of `text` as a line or lines, indented."""
    if "\\" in text or '"""' in text or not text.replace("\n", "").isprintable():
        text = "\n".join([_escaped(line) for line in text.split("\n")])
    if text.endswith('"'):
        text = text[:-1] + '\\"'
    if "\n" not in text:
        return f'{indent}"""{text}"""\n'
    lines = [indent + line if line else "" for line in text.split("\n")]
    return f'{indent}"""{lines[0].lstrip()}\n' + "\n".join(lines[1:]) + f'\n{indent}"""\n'


def _escaped(line: str) -> str:
    return literal(line)[1:-1].replace('\\"', '"').replace('"""', '\\"\\"\\"')


def arguments(head: str, items: list[str], tail: str, indent: str) -> str:
    """`head(items)tail` on one line, or one item a line when that is too long."""
    line = f"{indent}{head}({', '.join(items)}){tail}\n"
    if len(line) <= _WIDTH:
        return line
    inner = f",\n{indent}{_INDENT}".join(items)
    return f"{indent}{head}(\n{indent}{_INDENT}{inner},\n{indent}){tail}\n"
