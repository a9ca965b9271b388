"""CEL, the language of `buf.validate` rules: text to a checked tree, and that tree to other languages.

    term = check(parse("this.age >= 18"), env)
    python.translate(term, names)

The translators `python`, `typescript` and `sql` and the pattern service `regex` are modules of their own, so that a
plugin loads only the one it needs.
"""

from protogate.cel.checker import check
from protogate.cel.errors import CelSyntaxError, CelTypeError, NotCarried
from protogate.cel.parser import parse
from protogate.cel.syntax import Expr
from protogate.cel.terms import Term
from protogate.cel.types import Env, FieldType, Type
from protogate.cel.unparse import unparse

__all__ = [
    "CelSyntaxError",
    "CelTypeError",
    "Env",
    "Expr",
    "FieldType",
    "NotCarried",
    "Term",
    "Type",
    "check",
    "parse",
    "unparse",
]
