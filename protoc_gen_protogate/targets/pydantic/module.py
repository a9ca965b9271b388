"""A Python module for a `.proto` file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit import header_lines
from protoc_gen_protogate.targets.pydantic.enums import enum_text
from protoc_gen_protogate.targets.pydantic.messages import message_text
from protoc_gen_protogate.targets.pydantic.text import docstring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protoc_gen_protogate.targets.pydantic.names import Names
    from protogate.descriptors import Enum, Field, File

__all__ = ["Module", "module_text"]


class Module:
    """What the classes of one file share: names, and the imports that they turn out to need."""

    __slots__ = ("_file", "_imports", "_names", "_references", "classes", "own_types", "uses_pydantic")

    def __init__(self, file: File, names: Names) -> None:
        self.classes: Final[Mapping[str, str]] = names.classes(file)
        self.uses_pydantic = False
        self.own_types: Final[set[str]] = set()
        """Classes of this module that the annotations of the message at hand use."""
        self._file: Final = file
        self._names: Final = names
        self._imports: Final[dict[str, str]] = {}
        self._references: Final[dict[str, str]] = {}

    def reference(self, field: Field) -> str:
        """How this module writes the class of the message or enum in `field`."""
        full_name = field.type_name
        found = self._references.get(full_name)
        if found is None:
            found = self.classes.get(full_name)
            if found is None:
                schema = self._file.schema
                thing = schema.messages.get(full_name) or schema.enums.get(full_name) or field.message
                found = f"{self._alias(thing.file)}.{self._names.classes(thing.file)[full_name]}"
            self._references[full_name] = found
        if "." not in found:
            self.own_types.add(found)
        return found

    def zero_member(self, field: Field) -> str:
        """The first value of the enum in `field`."""
        enum: Enum = field.enum
        return f"{self.reference(field)}.{self._names.members(enum)[enum.values[0].name]}"

    def import_lines(self) -> str:
        """The imports of everything that was referred to."""
        lines = [f"import {module} as {alias}\n" for module, alias in self._imports.items()]
        lines.append("import protogate.models as _pg\n")
        if self.uses_pydantic:
            lines.append("import pydantic as _p\n")
        return "".join(sorted(lines))

    def _alias(self, file: File) -> str:
        module = self._names.module(file.name)
        alias = self._imports.get(module)
        if alias is None:
            alias = "_" + module.replace(".", "_")
            while alias in self._imports.values():
                alias += "_"
            self._imports[module] = alias
        return alias


def module_text(file: File, names: Names) -> str:
    """The module of `file`."""
    module = Module(file, names)
    enums = [enum_text(enum, module.classes[enum.full_name], names.members(enum)) for enum in file.all_enums()]
    messages = [message_text(message, module) for message in file.all_messages()]
    generated, source = header_lines("pydantic", file.name)
    body = "".join([f"\n\n{text}" for text in (*enums, *messages)])
    return (
        f"# {generated}\n# {source}\n"
        f"{docstring(file.doc or f'Models of {file.name}.', '')}\n"
        "from __future__ import annotations\n\n"
        f"{module.import_lines() if body else ''}{body}"
    )
