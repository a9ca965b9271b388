"""A Python module for a `.proto` file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit import NotCarried, header_lines
from protoc_gen_protogate.kit.python_text import docstring
from protoc_gen_protogate.targets.pydantic.enums import enum_text
from protoc_gen_protogate.targets.pydantic.messages import message_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protoc_gen_protogate.kit.expressions import Contract
    from protoc_gen_protogate.targets.pydantic.names import Names
    from protogate.descriptors import Enum, Field, File, Message, Oneof
    from protogate.descriptors.rules import FieldRules, MessageRules

__all__ = ["Module", "module_text"]


class Module:
    """What the classes of one file share: names, and the imports that they turn out to need."""

    __slots__ = (
        "_contract",
        "_file",
        "_imports",
        "_numbers",
        "_reads_rules",
        "_references",
        "classes",
        "functions",
        "names",
        "not_carried",
        "uses_cel",
        "uses_pydantic",
        "uses_rules",
        "uses_typing",
    )

    def __init__(self, file: File, names: Names, *, rules: bool) -> None:
        self.names: Final = names
        self.classes: Final[Mapping[str, str]] = names.classes(file)
        self.uses_pydantic = False
        self.uses_typing = False
        self.uses_rules = False
        self.uses_cel = False
        self.functions: Final[list[str]] = []
        """Functions that the class at hand refers to."""
        self.not_carried: Final[list[NotCarried]] = []
        self._reads_rules: Final = rules and file.schema.options.knows("buf.validate.field")
        self._numbers = 0
        self._contract: Contract | None = None
        self._file: Final = file
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
                found = f"{self._alias(thing.file)}.{self.names.classes(thing.file)[full_name]}"
            self._references[full_name] = found
        return found

    def zero_member(self, field: Field) -> str:
        """The first value of the enum in `field`."""
        enum: Enum = field.enum
        return f"{self.reference(field)}.{self.names.members(enum)[enum.values[0].name]}"

    def member(self, field: Field, number: int) -> str:
        """The value `number` of the enum in `field`."""
        enum = field.enum
        name = next((value.name for value in enum.values if value.number == number), None)
        if name is None:
            return str(number) if enum.is_closed else f"{self.reference(field)}({number})"
        return f"{self.reference(field)}.{self.names.members(enum)[name]}"

    def named_member(self, field: Field, name: str) -> str:
        """The value `name` of the enum in `field`."""
        return f"{self.reference(field)}.{self.names.members(field.enum)[name]}"

    # --- rules

    def rules_of(self, field: Field) -> FieldRules | None:
        """The rules that `field` has in this output."""
        if not self._reads_rules:
            return None
        from protogate.descriptors.rules import field_rules

        return field_rules(field)

    def ignores_message(self, field: Field) -> bool:
        """Whether the messages in `field` are read without their own rules in this output."""
        if not self._reads_rules:
            return False
        if (field.map_value or field).type_name not in self._file.schema.messages:
            return False
        from protogate.descriptors.rules import Ignore

        raw = self._file.schema.options.read(field.proto.options, "buf.validate.field")
        if raw is None:
            return False
        return Ignore.ALWAYS in {raw.ignore, raw.repeated.items.ignore, raw.map.values.ignore}

    def rules_of_message(self, message: Message) -> MessageRules | None:
        """The rules that `message` has as a whole in this output."""
        if not self._reads_rules or not message.proto.HasField("options"):
            return None
        from protogate.descriptors.rules import message_rules

        return message_rules(message)

    def is_required(self, oneof: Oneof) -> bool:
        """Whether one member of `oneof` has to be set in this output."""
        if not self._reads_rules or not oneof.proto.HasField("options"):
            return False
        from protogate.descriptors.rules import oneof_is_required

        return oneof_is_required(oneof)

    def lose(self, element: str, rule: str, reason: str) -> None:
        """Report a rule that the output does not check."""
        self.not_carried.append(NotCarried(self._file.name, element, rule, reason))

    def new_number(self) -> int:
        """A number for the next function of the module."""
        self._numbers += 1
        return self._numbers

    # --- the contract as CEL sees it

    @property
    def contract(self) -> Contract:
        """Compiles the CEL rules of the contract; most modules have none."""
        if self._contract is None:
            from protoc_gen_protogate.kit.expressions import Contract

            self._contract = Contract(self._file.schema)
        return self._contract

    def cel_attribute(self, full_name: str, field_name: str) -> str:
        """How a field of a message is read from an instance of its class."""
        message = self._file.schema.messages[full_name]
        attribute = self.names.attributes(message)[field_name]
        if any(field.deprecated for field in message.fields if field.name == field_name):
            # The attribute itself would warn whoever only validates.
            return f'__dict__["{attribute}"]'
        return attribute

    def import_lines(self) -> str:
        """The imports of everything that was referred to."""
        lines = [f"import {module} as {alias}\n" for module, alias in self._imports.items()]
        lines.append("import protogate.models as _pg\n")
        if self.uses_rules:
            lines.append("import protogate.models.rules as _r\n")
        if self.uses_cel:
            lines.append("import protogate.models.cel as _cel\n")
        if self.uses_pydantic:
            lines.append("import pydantic as _p\n")
        typing = "import typing as _t\n\n" if self.uses_typing else ""
        return typing + "".join(sorted(lines))

    def _alias(self, file: File) -> str:
        module = self.names.module(file.name)
        alias = self._imports.get(module)
        if alias is None:
            alias = "_" + module.replace(".", "_")
            while alias in self._imports.values():
                alias += "_"
            self._imports[module] = alias
        return alias


def module_text(file: File, names: Names, *, rules: bool) -> tuple[str, list[NotCarried]]:
    """The module of `file`, and the rules that it does not check."""
    module = Module(file, names, rules=rules)
    enums = [enum_text(enum, module.classes[enum.full_name], names.members(enum)) for enum in file.all_enums()]
    messages = [message_text(message, module) for message in file.all_messages()]
    generated, source = header_lines("pydantic", file.name)
    body = "".join([f"\n\n{text}" for text in (*enums, *messages)])
    text = (
        f"# {generated}\n# {source}\n# ruff: noqa\n# fmt: off\n"
        f"{docstring(file.doc or f'Models of {file.name}.', '')}\n"
        "from __future__ import annotations\n\n"
        f"{module.import_lines() if body else ''}{body}"
    )
    return text, module.not_carried
