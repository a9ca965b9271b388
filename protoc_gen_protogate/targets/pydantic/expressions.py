"""CEL rules as Python functions of the generated module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit.expressions import element_type, field_type, message_type
from protoc_gen_protogate.kit.python_text import docstring, literal
from protogate.cel.errors import NotCarried as NoTranslation
from protogate.cel.python import translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protoc_gen_protogate.targets.pydantic.module import Module
    from protoc_gen_protogate.targets.pydantic.rules import Subject
    from protogate.cel.types import Type
    from protogate.descriptors import Message
    from protogate.descriptors.rules import CelRule, FieldRules

__all__ = ["check_functions", "rule_functions"]


def rule_functions(subject: Subject) -> Iterator[str]:
    """A call of `rules.cel` for every CEL rule of the subject that Python can say."""
    this = element_type(subject.field) if subject.element else field_type(subject.field)
    for rule in subject.rules.cel:
        function = _function(rule, this, subject.module, subject.owner.full_name, subject.rules)
        if function:
            yield f"_r.cel({literal(rule.id)}, {literal(rule.message)}, {function})"


def check_functions(rules: tuple[CelRule, ...], message: Message, module: Module) -> Iterator[str]:
    """A call of `rules.check` for every CEL rule of the message that Python can say."""
    for rule in rules:
        function = _function(rule, message_type(message), module, message.full_name)
        if function:
            yield f"_r.check({literal(rule.id)}, {literal(rule.message)}, {function})"


def _function(rule: CelRule, this: Type, module: Module, element: str, rules: FieldRules | None = None) -> str:
    """The name of a new function of the module that evaluates the rule; empty when Python cannot say it."""
    try:
        code = translate(module.contract.compile(rule, this, rules).term, _Names(module))
    except NoTranslation as verdict:
        module.lose(element, f"cel:{rule.id}", verdict.reason)
        return ""
    module.uses_cel = True
    module.uses_rules = True
    module.uses_typing = True
    name = f"_rule_{module.new_number()}"
    module.functions.append(
        f"def {name}(this: _t.Any) -> _t.Any:\n{docstring(rule.expression.strip(), '    ')}    return {code}\n"
    )
    return name


class _Names:
    """How the generated module spells what a rule names."""

    runtime = "_cel"

    def __init__(self, module: Module) -> None:
        self._module: Final = module

    def variable(self, name: str) -> str:
        return "_cel.now()" if name == "now" else name

    def field(self, message: str, field: str) -> str:
        return self._module.cel_attribute(message, field)
