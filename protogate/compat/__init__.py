"""Compatibility of two versions of a contract: one pass over descriptors, judged by profiles; no I/O, no storage."""

from protogate.compat.changes import Carrier, Change, Direction, Effect, Mode, Paired, Spot
from protogate.compat.checks import DEFAULT_PROFILES, check, is_compatible
from protogate.compat.compare import compare
from protogate.compat.comparison import Comparison
from protogate.compat.profiles import PROFILES
from protogate.compat.rules import Rule

__all__ = [
    "DEFAULT_PROFILES",
    "PROFILES",
    "Carrier",
    "Change",
    "Comparison",
    "Direction",
    "Effect",
    "Mode",
    "Paired",
    "Rule",
    "Spot",
    "check",
    "compare",
    "is_compatible",
]
