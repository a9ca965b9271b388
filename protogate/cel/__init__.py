"""CEL, the language of `buf.validate` rules: text to a checked tree, and that tree to other languages.

    rule = compile_rule("this.age >= 18", env)
    python.translate(rule.term, names)

The translators `python`, `typescript` and `sql` and the pattern service `regex` are modules of their own, so that a
plugin loads only the one it needs.
"""

from protogate.cel.checker import check
from protogate.cel.errors import CelSyntaxError, CelTypeError, NotCarried
from protogate.cel.parser import parse
from protogate.cel.rule import Bound, Rule, compile_rule
from protogate.cel.syntax import Expr
from protogate.cel.terms import Term
from protogate.cel.types import Env, FieldType, Type
from protogate.cel.unparse import unparse

__all__ = [
    "Bound",
    "CelSyntaxError",
    "CelTypeError",
    "Env",
    "Expr",
    "FieldType",
    "NotCarried",
    "Rule",
    "Term",
    "Type",
    "check",
    "compile_rule",
    "parse",
    "unparse",
]
