"""The configuration of models: `model_config`, `class Config`, keywords of the class, and what is inherited."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.python.bodies import returned
from protogate.crosscheck.python.constants import constant
from protogate.crosscheck.python.lineage import known_ancestors, lineage
from protogate.crosscheck.python.names import (
    ClassDefinition,
    FunctionDefinition,
    Known,
    Variable,
    in_scope,
    resolve,
    shown,
)
from protogate.crosscheck.shapes import Altered, Primitive, Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.shapes import Direction, Extra, Shape

__all__ = ["EMPTY", "Config", "Setting", "class_config", "config_of_expression"]


class Setting(NamedTuple):
    """One value of a configuration, not worked out yet."""

    expression: ast.expr
    scope: Scope


class Config:
    """What is configured, by key."""

    __slots__ = ("problem", "settings")

    def __init__(self, settings: Mapping[str, Setting], problem: Unresolved | None = None) -> None:
        self.settings = dict(settings)
        self.problem = problem
        """Why part of it has to be run to be known."""

    def value(self, key: str) -> object:
        """Return a constant that is configured, None when it is not, `Unresolved` when it has to be run."""
        setting = self.settings.get(key)
        if setting is None:
            return None
        found = constant(setting.expression, setting.scope)
        return found if isinstance(found, Unresolved) else found.value

    @property
    def extra(self) -> Extra:
        """What becomes of keys that a model does not name."""
        value = self.value("extra")
        if isinstance(value, Unresolved):
            text = shown(self.settings["extra"].expression).rpartition(".")[2]
            value = text if text in {"allow", "forbid"} else None
        return "allow" if value == "allow" else "forbid" if value == "forbid" else "ignore"

    def applied(self, name: str, shape: Shape, direction: Direction) -> Shape:
        """Return the shape of a known type under this configuration."""
        if direction == "output" and "json_encoders" in self.settings and self._is_encoded(name):
            setting = self.settings["json_encoders"]
            return Altered(shape, "json_encoders", setting.scope.module.place(setting.expression))
        if name == "bytes" and self.value("ser_json_bytes") == "base64":
            return Primitive("string", "base64url")
        if direction == "output" and name in _TEMPORAL:
            temporal = self.value("ser_json_temporal")
            if temporal is None and name == "datetime.timedelta" and self.value("ser_json_timedelta") == "float":
                temporal = "seconds"
            if temporal in {"seconds", "milliseconds"}:
                return Primitive("number")
        return shape

    def _is_encoded(self, name: str) -> bool:
        """Whether a function of `json_encoders` writes a known type, as far as its keys tell."""
        setting = self.settings["json_encoders"]
        if not isinstance(setting.expression, ast.Dict):
            return True
        keys = [one for one in setting.expression.keys if isinstance(one, (ast.Name, ast.Attribute))]
        return any(resolve(one, setting.scope) == Known(name) for one in keys)

    def merged(self, other: Config) -> Config:
        """Return both, the other one first to be asked."""
        return Config({**self.settings, **other.settings}, other.problem or self.problem)


_TEMPORAL: Final = frozenset({"datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta"})
EMPTY: Final = Config({})


def class_config(definition: ClassDefinition, inherited: Config) -> Config:
    """Return the configuration of a class.

    Args:
        definition: a model.
        inherited: what its bases have, merged.
    """
    config = inherited
    own = _own_config(definition)
    if own is not None:
        config = config.merged(own)
    keywords = {
        str(one.arg): Setting(one.value, definition.outer)
        for one in definition.node.keywords
        if one.arg not in {"metaclass", None}
    }
    problem = next(
        (
            Unresolved(f"keywords of '{definition.name}' are worked out when the code runs", definition.place)
            for one in definition.node.keywords
            if one.arg is None
        ),
        None,
    )
    return config.merged(Config(keywords, problem)) if keywords or problem else config


def _own_config(definition: ClassDefinition) -> Config | None:
    found = in_scope(definition.scope, "model_config")
    if isinstance(found, Variable) and found.value is not None:
        return config_of_expression(found.value, found.scope)
    if isinstance(found, Unresolved):
        return Config({}, found)
    nested = in_scope(definition.scope, "Config")
    if isinstance(nested, ClassDefinition):
        return _nested_config(nested)
    return None


def _nested_config(nested: ClassDefinition) -> Config:
    """`class Config:`, with what its own bases have."""
    ancestors = lineage(nested)
    if isinstance(ancestors, Unresolved):
        return Config({}, ancestors)
    settings: dict[str, Setting] = {}
    for ancestor in reversed(ancestors):
        if isinstance(ancestor, ClassDefinition):
            for name in ancestor.scope.bindings:
                found = in_scope(ancestor.scope, name)
                if isinstance(found, Variable) and found.value is not None and not name.startswith("_"):
                    settings[_RENAMED.get(name, name)] = Setting(found.value, found.scope)
                elif not isinstance(found, Variable) and name == "alias_generator":
                    place = ast.copy_location(ast.Name(name, ast.Load()), ancestor.node)
                    settings[name] = Setting(place, ancestor.scope)
    return Config(settings)


_RENAMED: Final = {
    "allow_population_by_field_name": "populate_by_name",
    "orm_mode": "from_attributes",
}


def config_of_expression(expression: ast.expr, scope: Scope, depth: int = 0) -> Config:
    """Return what `ConfigDict(...)`, `{...}` or an expression of them says."""
    place = scope.module.place(expression)
    if depth > 20:  # noqa: PLR2004 - of configurations made of configurations
        return Config({}, Unresolved("a configuration that leads back to itself", place))
    match expression:
        case ast.Dict(keys=keys, values=values):
            return _of_dict(keys, values, scope, depth)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            return _of_call(function, arguments, keywords, scope, depth)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            one = config_of_expression(left, scope, depth + 1)
            return one.merged(config_of_expression(right, scope, depth + 1))
        case ast.Name() | ast.Attribute():
            return _of_name(expression, scope, depth)
        case _:
            return Config({}, Unresolved(f"the configuration is {shown(expression)}", place))


def _of_dict(keys: list[ast.expr | None], values: list[ast.expr], scope: Scope, depth: int) -> Config:
    config = EMPTY
    for key, value in zip(keys, values, strict=True):
        if key is None:
            config = config.merged(config_of_expression(value, scope, depth + 1))
        elif isinstance(key, ast.Constant) and isinstance(key.value, str):
            config = config.merged(Config({key.value: Setting(value, scope)}))
        else:
            return Config({}, Unresolved("keys of the configuration have to be run", scope.module.place(key)))
    return config


def _of_call(
    function: ast.expr, arguments: list[ast.expr], keywords: list[ast.keyword], scope: Scope, depth: int
) -> Config:
    meaning = resolve(function, scope, line=function.lineno)
    if isinstance(meaning, FunctionDefinition):
        made = returned(meaning)
        if isinstance(made, (ast.Call, ast.Dict)):
            return config_of_expression(made, meaning.scope, depth + 1)
    is_mapping = isinstance(meaning, Known) and meaning.name in {"pydantic.ConfigDict", "dict"}
    if isinstance(meaning, ClassDefinition):
        names = known_ancestors(meaning)
        is_mapping = not isinstance(names, Unresolved) and any(
            name in {"pydantic.ConfigDict", "typing.TypedDict"} for name in names
        )
    if isinstance(meaning, Unresolved) and shown(function).endswith("ConfigDict"):
        # pydantic_settings.SettingsConfigDict, where it is not installed: a dictionary all the same.
        is_mapping = True
    if not is_mapping:
        return Config({}, Unresolved(f"{shown(function)}() makes the configuration", scope.module.place(function)))
    config = EMPTY
    for argument in arguments:
        config = config.merged(config_of_expression(argument, scope, depth + 1))
    for keyword in keywords:
        if keyword.arg is None:
            config = config.merged(config_of_expression(keyword.value, scope, depth + 1))
        else:
            config = config.merged(Config({keyword.arg: Setting(keyword.value, scope)}))
    return config


def _of_name(expression: ast.Name | ast.Attribute, scope: Scope, depth: int) -> Config:
    if isinstance(expression, ast.Attribute) and expression.attr == "model_config":
        owner = resolve(expression.value, scope, line=expression.lineno)
        if isinstance(owner, ClassDefinition):
            from protogate.crosscheck.python.models import model_facts

            facts = model_facts(owner)
            return Config({}, facts) if isinstance(facts, Unresolved) else facts.config
        if isinstance(owner, Known):
            return EMPTY
        return Config({}, Unresolved(f"the configuration is {shown(expression)}", scope.module.place(expression)))
    meaning = resolve(expression, scope, line=expression.lineno)
    if isinstance(meaning, Variable) and meaning.value is not None:
        return config_of_expression(meaning.value, meaning.scope, depth + 1)
    reason = meaning if isinstance(meaning, Unresolved) else None
    return Config({}, reason or Unresolved(f"the configuration is {shown(expression)}", scope.module.place(expression)))
