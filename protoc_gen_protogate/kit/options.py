"""Plugin options: `key=value` pairs in, one typed value out, a clear error for anything unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Choice", "Flag", "Option", "Text", "parse_options"]


class Choice(NamedTuple):
    """An option with a fixed set of values; the first is the default."""

    name: str
    values: tuple[str, ...]
    help: str

    @property
    def default(self) -> str:
        """The value without the option."""
        return self.values[0]

    def parse(self, raw: str) -> str:
        """The value, or a `UserError` that lists the allowed ones."""
        if raw in self.values:
            return raw
        raise UserError(f"option '{self.name}': '{raw}' is not known; use one of {', '.join(self.values)}")


class Flag(NamedTuple):
    """An option that is on or off; `key` alone means on."""

    name: str
    help: str
    default: bool = False

    def parse(self, raw: str) -> bool:
        """The value, or a `UserError` that lists the allowed ones."""
        if raw in {"true", ""}:
            return True
        if raw == "false":
            return False
        raise UserError(f"option '{self.name}': '{raw}' is not known; use one of true, false")


class Text(NamedTuple):
    """An option that takes any text."""

    name: str
    help: str
    default: str = ""

    def parse(self, raw: str) -> str:
        """The text as given."""
        return raw


Option = Choice | Flag | Text

Values = dict[str, str | bool]


def parse_options(parameter: str, known: Sequence[Option]) -> Values:
    """The value of every known option, defaults included.

    Raises:
        UserError: an option or a value is not known, or an option is given twice.
    """
    by_name: Final[Mapping[str, Option]] = {option.name: option for option in known}
    values: Values = {option.name: option.default for option in known}
    seen: set[str] = set()
    for key, raw in _pairs(parameter):
        option = by_name.get(key)
        if option is None:
            raise UserError(f"option '{key}' is not known; {_allowed(by_name)}")
        if key in seen:
            raise UserError(f"option '{key}' is given twice; give it once")
        seen.add(key)
        values[key] = option.parse(raw)
    return values


def _pairs(parameter: str) -> Iterable[tuple[str, str]]:
    for part in parameter.split(","):
        if part.strip():
            key, _, raw = part.partition("=")
            yield key.strip(), raw.strip()


def _allowed(by_name: Mapping[str, Option]) -> str:
    return f"use one of {', '.join(by_name)}" if by_name else "this target has no options"
