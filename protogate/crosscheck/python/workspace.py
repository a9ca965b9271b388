"""All Python code that one check reads: each file once, found as the import system would find it."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final

from protogate.crosscheck.python.modules import Module
from protogate.crosscheck.python.names import (
    ClassDefinition,
    FunctionDefinition,
    Known,
    ModuleDefinition,
    in_scope,
)
from protogate.crosscheck.python.search import Search
from protogate.crosscheck.python.source import parse_source, read_source
from protogate.crosscheck.shapes import Unresolved
from protogate.findings import Finding, Place

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.names import Definition, Meaning
    from protogate.crosscheck.python.search import Found
    from protogate.crosscheck.shapes import Direction, Shape

__all__ = ["SYMBOL_NOT_FOUND", "Workspace"]

SYMBOL_NOT_FOUND: Final = "crosscheck/symbol-not-found"


class Workspace:
    """The code under a root, and the packages that it imports."""

    def __init__(self, layers_root: str, *, python_path: Sequence[str] = (), site: Sequence[str] | None = None) -> None:
        """Read nothing yet.

        Args:
            layers_root: the directory that the paths of layers are relative to.
            python_path: further directories of modules, searched first.
            site: directories of installed packages; None for those of the project's environment and of this one.
        """
        self.layers_root = os.path.abspath(layers_root)
        self.search = Search(layers_root, python_path, site)
        self.files_read: dict[str, bytes] = {}
        """Digest of each file that was read, by absolute path."""
        self._modules: dict[str, Module | Finding] = {}
        self._start = os.getcwd()
        self.shapes: dict[object, object] = {}
        """What was worked out, by `types`."""

    @property
    def looked_for(self) -> set[str]:
        """Absolute paths of files that were looked for in vain."""
        return self.search.looked_for

    def module(self, path: str) -> Module | Finding:
        """Return a file, parsed; a finding when it cannot be.

        Args:
            path: relative to the root of the layers, or absolute.
        """
        return self._module(os.path.normpath(os.path.join(self.layers_root, path)))

    def symbol(self, path: str, dotted: str) -> Definition | Finding:
        """Return what a layer names.

        Args:
            path: relative to the root of the layers, or absolute.
            dotted: `Class`, `function`, `Class.method`.
        """
        module = self.module(path)
        if isinstance(module, Finding):
            return module
        scope: Scope = module.scope
        found: Meaning | None = None
        for name in dotted.split("."):
            found = in_scope(scope, name)
            if isinstance(found, (ClassDefinition, FunctionDefinition)):
                scope = found.scope
            elif found is None:
                return _no_symbol(module, dotted, name, scope)
        if found is None or isinstance(found, (Known, Unresolved)):
            reason = f": {found.reason}" if isinstance(found, Unresolved) else ""
            place = found.place if isinstance(found, Unresolved) else Place(module.shown)
            message = f"'{dotted}' of {module.shown} is no class or function{reason}"
            return Finding(SYMBOL_NOT_FOUND, place, message, "name a model or a handler")
        return found

    def definition_of_module(self, name: str, found: Found) -> ModuleDefinition | Unresolved:
        """Return a module that was found; unresolved when it cannot be read."""
        if found.kind == "namespace":
            return ModuleDefinition(name, None, self, found.directories)
        if found.kind == "extension":
            return Unresolved(f"module '{name}' is compiled", Place(self.shown(found.path)))
        module = self._module(found.path, name)
        if isinstance(module, Finding):
            return Unresolved(f"module '{name}': {module.message}", module.place)
        return ModuleDefinition(name, module, self, found.directories)

    def shape_of(
        self, target: Meaning | ast.expr, direction: Direction, *, scope: Scope | None = None, line: int | None = None
    ) -> Shape:
        """Return the documents that a type accepts or writes.

        Args:
            target: a class or alias, or the expression of a type.
            direction: accepts (`input`) or writes (`output`).
            scope: where an expression stands.
            line: where an expression is evaluated; None for the end of its module.
        """
        from protogate.crosscheck.python.types import shape_of

        return shape_of(self, target, direction, scope=scope, line=line)

    def shown(self, path: str) -> str:
        """Return a path as findings have it: relative to the working directory, where it is below."""
        below = self._start.rstrip(os.sep) + os.sep
        return path.removeprefix(below).replace(os.sep, "/")

    def _module(self, path: str, name: str = "") -> Module | Finding:
        known = self._modules.get(path)
        if known is None:
            known = self._modules[path] = self._read(path, name)
        return known

    def _read(self, path: str, name: str) -> Module | Finding:
        shown = self.shown(path)
        data = read_source(path, shown)
        if isinstance(data, Finding):
            self.search.looked_for.add(path)
            return data
        self.files_read[path] = hashlib.blake2b(data, digest_size=16).digest()
        tree = parse_source(shown, data)
        if isinstance(tree, Finding):
            return tree
        # What imported it may have named only the end of it; of namespace packages only an import knows the beginning.
        own = self._name(path)
        return Module(self, path, name if f".{name}".endswith(f".{own}") else own, tree, data)

    def _name(self, path: str) -> str:
        """The dotted name that a file is imported by, as far as its directories tell."""
        root = self.search.package_root(path)
        name = os.path.relpath(path, root).removesuffix(".py").replace(os.sep, ".")
        return name.removesuffix(".__init__")


def _no_symbol(module: Module, dotted: str, name: str, scope: Scope) -> Finding:
    from difflib import get_close_matches

    near = get_close_matches(name, list(scope.bindings), 1)
    hint = f"did you mean '{near[0]}'" if near else "name a class or a function that it defines or imports"
    where = f"'{dotted}'" if name == dotted else f"'{name}' of '{dotted}'"
    return Finding(SYMBOL_NOT_FOUND, Place(module.shown), f"{module.shown} has no {where}", hint)
