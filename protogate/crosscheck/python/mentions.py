"""Which statements of a module can have to do with a name, by the words in their text: most need not be followed."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from protogate.crosscheck.python.modules import Module

__all__ = ["Mentions"]

_WORD: Final = re.compile(rb"\w+")


class Mentions:
    """The words of each statement at the top of a module."""

    def __init__(self, module: Module) -> None:
        """Read the words of a module.

        Args:
            module: whose text is read.
        """
        self._body = module.tree.body
        self._users: dict[bytes, list[int]] = {}
        self._bound: list[tuple[bytes, ...]] = []
        # A name outside of ASCII can be spelled in several ways: there, every statement counts.
        self._is_certain = module.data.isascii()
        lines = module.data.splitlines() if self._is_certain else []
        for index, statement in enumerate(self._body if self._is_certain else ()):
            words = set(_WORD.findall(b"\n".join(lines[_first_line(statement) - 1 : statement.end_lineno])))
            for word in words:
                self._users.setdefault(word, []).append(index)
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self._bound.append((statement.name.encode(),))
            else:
                self._bound.append(tuple(words))

    def statements(self, name: str) -> list[ast.stmt]:
        """Return the statements that mention a name, or something that does, in the order of the text."""
        if not self._is_certain:
            return self._body
        found: set[int] = set()
        waiting = [name.encode()]
        while waiting:
            for index in self._users.get(waiting.pop(), ()):
                if index not in found:
                    found.add(index)
                    waiting += self._bound[index]
        return [self._body[index] for index in sorted(found)]


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)])
