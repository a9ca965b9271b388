"""`buf.validate` rules as metadata of annotations: pydantic's constraints, and rules of `protogate.models.rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit.python_text import literal
from protoc_gen_protogate.targets.pydantic.expressions import rule_functions
from protogate.cel.errors import NotCarried as NoTranslation
from protogate.cel.regex import Engine, translate_pattern
from protogate.descriptors.rules import Ignore, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protoc_gen_protogate.targets.pydantic.module import Module
    from protogate.descriptors import Field
    from protogate.descriptors.rules import FieldRules, RuleValue

__all__ = ["Subject", "metadata", "passes_when_empty"]


class Subject:
    """What some rules are about: a field as a whole, or the items, keys or values in it."""

    __slots__ = ("element", "field", "module", "owner", "rules")

    def __init__(self, rules: FieldRules, field: Field, owner: Field, module: Module, *, element: bool) -> None:
        self.rules: Final = rules
        self.field: Final = field
        """The field, or the key or value field of a map entry."""
        self.owner: Final = owner
        """The field of the contract, for the report."""
        self.module: Final = module
        self.element: Final = element
        """Whether it is one value of a list or map."""


def metadata(subject: Subject, *, required: bool = False) -> list[str]:
    """What stands in `Annotated` behind the type of the subject.

    Args:
        subject: what the rules are about.
        required: whether zero or empty counts as not set, which is not allowed.
    """
    # A field with presence that is set has a value, be it zero.
    knows_unset = subject.field.presence and not subject.element
    unless_zero = subject.rules.ignore is Ignore.IF_ZERO_VALUE and not knows_unset
    native = {} if unless_zero else _native(subject)
    calls = _calls(subject, frozenset(native))
    calls.extend(rule_functions(subject))
    if unless_zero and calls:
        calls = [f"_r.unless_zero({', '.join(calls)})"]
    if required:
        calls[:0] = _required(subject, native)
    if calls:
        subject.module.uses_rules = True
    if native:
        subject.module.uses_pydantic = True
        calls.insert(0, f"_p.Field({', '.join(native.values())})")
    return calls


def _required(subject: Subject, native: dict[str, str]) -> list[str]:
    if not subject.element and (subject.field.is_map or subject.field.is_repeated or subject.field.kind == _STRING):
        low = next((name for name in ("len", "min_len", "min_items", "min_pairs") if name in native), None)
        if low is None:
            native["required"] = "min_length=1"
        return []
    return ["_r.required()"]


_STRING: Final = 9


# --- constraints of pydantic itself


def _native(subject: Subject) -> dict[str, str]:
    """Arguments of `pydantic.Field` by the rule that they stand for."""
    if subject.rules.kind == "string":
        return _native_text(subject.rules.standard)
    names = _NATIVE_COUNTS.get(subject.rules.kind, {})
    standard = subject.rules.standard
    return {name: f"{argument}={standard[name]!r}" for name, argument in names.items() if name in standard}


_NATIVE_COUNTS: Final = {
    "repeated": {"min_items": "min_length", "max_items": "max_length"},
    "map": {"min_pairs": "min_length", "max_pairs": "max_length"},
}


def _native_text(standard: Mapping[str, RuleValue]) -> dict[str, str]:
    found = {}
    if "len" in standard:
        found["len"] = f"min_length={standard['len']!r}, max_length={standard['len']!r}"
    else:
        if standard.get("min_len"):
            found["min_len"] = f"min_length={standard['min_len']!r}"
        if "max_len" in standard:
            found["max_len"] = f"max_length={standard['max_len']!r}"
    native = _native_pattern(str(standard["pattern"])) if "pattern" in standard else None
    if native is not None:
        found["pattern"] = f"pattern={literal(native)}"
    return found


def _native_pattern(pattern: str) -> str | None:
    """The pattern in words that pydantic's engine and JSON Schema's take alike."""
    try:
        rust = translate_pattern(pattern, Engine.RUST)
        if _is_common(pattern):
            return pattern
        return rust if rust == translate_pattern(pattern, Engine.ECMASCRIPT) else None
    except NoTranslation:
        return None


_TEXT: Final = r"A-Za-z0-9_@:/ %=;!<>',\-"
_COMMON: Final = rf"(?:[{_TEXT}()|^$+*?]|\\\.|\{{[0-9]+(?:,[0-9]*)?\}}|\[\^?[{_TEXT}.+*?()|$~&#]+\])*"
"""What means the same to RE2, to Rust and to ECMAScript: no classes by name, no dot, nothing escaped but dots."""


def _is_common(pattern: str) -> bool:
    import re

    set_operations = ("(?", "--", "&&", "~~")
    return re.fullmatch(_COMMON, pattern) is not None and not any(text in pattern for text in set_operations)


# --- rules of our own


def _calls(subject: Subject, without: frozenset[str]) -> list[str]:
    rules = subject.rules
    calls: list[str] = []
    done = set(without)
    for name in rules.standard:
        if name not in done:
            code = _call(subject, name, done)
            done.add(name)
            if code:
                calls.append(f"_r.{code}")
    return calls


def _call(subject: Subject, name: str, done: set[str]) -> str:
    """The call for the rule `name`, empty when it asks nothing; `done` gets the other rules that it covers."""
    rules = subject.rules
    kind, value = rules.kind, rules.standard[name]
    if name in _BOUNDS:
        done.update(_BOUNDS)
        return _several("bounds", subject, {key: key for key in _BOUNDS}, kind)
    for names, function in _SIZES:
        if name in names:
            wanted = {key: argument for key, argument in names.items() if key not in done}
            done.update(names)
            return _several(function, subject, wanted, kind if function in _TAKES_KIND else "")
    if isinstance(value, bool) and name != "const":
        return _flags(kind, name) if value else ""
    special = _SPECIAL.get((kind, name)) or _SPECIAL.get(("", name))
    if special is None:
        subject.module.lose(subject.owner.full_name, f"{kind}.{name}", "this rule is not known to Protogate")
        return ""
    return special(subject, value)


_BOUNDS: Final = ("gt", "gte", "lt", "lte")
_LENGTHS: Final = {"len": "length", "min_len": "at_least", "max_len": "at_most"}
_BYTE_LENGTHS: Final = {"len_bytes": "length", "min_bytes": "at_least", "max_bytes": "at_most"}
_COUNTS: Final = {"min_items": "at_least", "max_items": "at_most", "min_pairs": "at_least", "max_pairs": "at_most"}
_SIZES: Final = ((_LENGTHS, "size"), (_BYTE_LENGTHS, "text_bytes"), (_COUNTS, "count"))
_TAKES_KIND: Final = frozenset({"size", "count"})


def _several(function: str, subject: Subject, arguments: Mapping[str, str], kind: str = "") -> str:
    """One call for the rules among `arguments` that the subject has."""
    given = [
        f"{argument}={_code(subject, subject.rules.standard[name])}"
        for name, argument in arguments.items()
        if name in subject.rules.standard and (argument != "at_least" or subject.rules.standard[name])
    ]
    if not given:
        return ""
    first = [literal(kind)] if kind else []
    return f"{function}({', '.join([*first, *given])})"


_FLAGS: Final = {
    ("repeated", "unique"): "unique()",
    ("timestamp", "lt_now"): "past()",
    ("timestamp", "gt_now"): "future()",
    ("enum", "defined_only"): "defined_only()",
}


def _flags(kind: str, name: str) -> str:
    """The call for a rule that is simply on."""
    found = _FLAGS.get((kind, name))
    if found is not None:
        return found
    if name == "finite":
        return f"finite({literal(kind)})"
    if name == "strict":
        return ""
    return f"{'bytes_text' if kind == 'bytes' else 'text'}({literal(name)})"


def _const(subject: Subject, value: RuleValue) -> str:
    return f"const({literal(subject.rules.kind)}, {_code(subject, value)})"


def _in(subject: Subject, value: RuleValue) -> str:
    return f"one_of({literal(subject.rules.kind)}, {_listed(subject, value)})"


def _not_in(subject: Subject, value: RuleValue) -> str:
    return f"none_of({literal(subject.rules.kind)}, {_listed(subject, value)})"


def _plain(function: str) -> Callable[[Subject, RuleValue], str]:
    def call(subject: Subject, value: RuleValue) -> str:
        return f"{function}({_listed(subject, value)})"

    return call


def _affix(function: str) -> Callable[[Subject, RuleValue], str]:
    def call(subject: Subject, value: RuleValue) -> str:
        return f"{function}({literal(subject.rules.kind)}, {_code(subject, value)})"

    return call


def _within(_subject: Subject, value: RuleValue) -> str:
    return f"within({_span('Duration', value)})"


def _pattern(subject: Subject, value: RuleValue) -> str:
    shown = str(value)
    try:
        rust = translate_pattern(shown, Engine.RUST)
    except NoTranslation as reason:
        subject.module.lose(subject.owner.full_name, f"{subject.rules.kind}.pattern", reason.reason)
        return ""
    try:
        schema = f', {{"pattern": {literal(translate_pattern(shown, Engine.ECMASCRIPT))}}}'
    except NoTranslation:
        schema = ""
    return f"pattern({literal(subject.rules.kind)}, {literal(rust)}, {literal(shown)}{schema})"


def _header(subject: Subject, value: RuleValue) -> str:
    name = {1: "header_name", 2: "header_value"}.get(value if isinstance(value, int) else 0)
    if name is None:
        return ""
    loose = subject.rules.standard.get("strict") is False
    return f"text({literal(name + '_loose' if loose else name)})"


def _nothing(_subject: Subject, _value: RuleValue) -> str:
    return ""


_SPECIAL: Final[dict[tuple[str, str], Callable[[Subject, RuleValue], str]]] = {
    ("any", "in"): _plain("any_in"),
    ("any", "not_in"): _plain("any_not_in"),
    ("field_mask", "const"): _plain("mask_const"),
    ("field_mask", "in"): _plain("mask_in"),
    ("field_mask", "not_in"): _plain("mask_not_in"),
    ("string", "pattern"): _pattern,
    ("bytes", "pattern"): _pattern,
    ("string", "not_contains"): _plain("not_contains"),
    ("string", "well_known_regex"): _header,
    ("timestamp", "within"): _within,
    ("", "const"): _const,
    ("", "in"): _in,
    ("", "not_in"): _not_in,
    ("", "prefix"): _affix("prefix"),
    ("", "suffix"): _affix("suffix"),
    ("", "contains"): _affix("contains"),
}


# --- values


def _listed(subject: Subject, values: RuleValue) -> str:
    if isinstance(values, tuple) and not isinstance(values, Span):
        return ", ".join([_code(subject, value) for value in values])
    return _code(subject, values)


def _code(subject: Subject, value: RuleValue) -> str:
    """The value of a rule as Python."""
    if isinstance(value, Span):
        return _span("Timestamp" if subject.rules.kind == "timestamp" else "Duration", value)
    if isinstance(value, bool):
        return repr(value)
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, int) and subject.rules.kind == "enum":
        return subject.module.member(subject.field, value)
    if isinstance(value, float) and value - value != 0:  # NaN and the infinities
        return f'float("{value}")'
    return repr(value)


def _span(kind: str, value: RuleValue) -> str:
    seconds, nanos = (value.seconds, value.nanos) if isinstance(value, Span) else (0, 0)
    return f"_pg.{kind}({seconds}, {nanos})"


# --- does the zero value pass?

_PASS_ON_EMPTY: Final = frozenset(
    {"max_len", "max_bytes", "not_contains", "max_items", "max_pairs", "unique", "defined_only", "uri_ref", "strict"}
)


def passes_when_empty(rules: FieldRules) -> bool:
    """Whether zero, or an empty list or map, surely breaks none of the rules."""
    if rules.cel:
        return False
    if rules.ignore is Ignore.IF_ZERO_VALUE:
        return True
    return all(_passes(name, value) for name, value in rules.standard.items())


def _passes(name: str, value: RuleValue) -> bool:
    if name in _PASS_ON_EMPTY:
        return True
    if name in {"min_len", "min_bytes", "min_items", "min_pairs"}:
        return value == 0
    return value is False and name != "const"
