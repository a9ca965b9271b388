"""The pydantic models of contracts, made in this process: the very ones that `protoc-gen-protogate-pydantic` writes."""

from __future__ import annotations

import itertools
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from protoc_gen_protogate.kit.model_names import WITH_RUNTIME, class_names
from protoc_gen_protogate.targets.pydantic.module import module_text
from protoc_gen_protogate.targets.pydantic.names import Names
from protogate.descriptors import Schema, python_module_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.descriptors import File, Message

__all__ = ["ContractModels"]

_COUNT: Final = itertools.count(1)


class ContractModels:
    """Models by message; a file of contracts is turned into a module when one of its messages is first asked for."""

    def __init__(self, schema: Schema) -> None:
        """Serve the messages of compiled contracts."""
        self._schema = schema
        # Modules of one name belong to one set of contracts: a process may look at two versions.
        self._prefix = f"protogate_contract_{next(_COUNT)}"
        self._names: Names | None = None

    def model(self, message: Message) -> type[Any]:
        """The model of a message: `model_validate` reads ProtoJSON, `to_json_dict` writes it."""
        module = self._module(message.file)
        made: type[Any] = getattr(module, class_names(message.file)[message.full_name])
        return made

    def _module(self, file: File) -> ModuleType:
        for one in _with_imports(file, self._schema):
            if one.name not in WITH_RUNTIME and _module_name(self._prefix, one) not in sys.modules:
                self._make(one)
        return sys.modules[_module_name(self._prefix, file)]

    def _make(self, file: File) -> None:
        if self._names is None:
            names = [one.name for one in self._schema.files.values() if one.name not in WITH_RUNTIME]
            self._names = Names(Schema(self._schema.raw, names), self._prefix)
        text, _ = module_text(file, self._names, rules=True)
        name = _module_name(self._prefix, file)
        parent = name.rpartition(".")[0]
        while parent and parent not in sys.modules:
            package = ModuleType(parent)
            package.__path__ = []
            sys.modules[parent] = package
            parent = parent.rpartition(".")[0]
        module = ModuleType(name)
        sys.modules[name] = module
        try:
            exec(compile(text, f"<models of {file.name}>", "exec"), module.__dict__)  # noqa: S102 - our own plugin wrote it
        except BaseException:
            del sys.modules[name]
            raise


def _module_name(prefix: str, file: File) -> str:
    path = python_module_path(file.name, "_models").removesuffix(".py")
    return f"{prefix}.{path.replace('/', '.')}"


def _with_imports(file: File, schema: Schema, seen: set[str] | None = None) -> Iterator[File]:
    """A file and all that it imports, imports first, each once."""
    seen = set() if seen is None else seen
    if file.name in seen:
        return
    seen.add(file.name)
    for name in file.imports:
        yield from _with_imports(schema.files[name], schema, seen)
    yield file
