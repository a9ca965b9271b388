"""What goes wrong between CEL text and a target language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.errors import ProtogateError, UserError

if TYPE_CHECKING:
    from typing import Self

__all__ = ["CelSyntaxError", "CelTypeError", "NotCarried"]


class CelSyntaxError(UserError):
    """The text is not CEL: `column N: ...`."""

    def __init__(self, message: str, offset: int, text: str) -> None:
        self.offset = offset
        self.text = text
        super().__init__(f"{_place(text, offset)}: {message}")


class CelTypeError(UserError):
    """The text is CEL, but its names or types do not fit the contract: `column N: ...`."""

    def __init__(self, message: str, offset: int) -> None:
        self.message = message
        self.offset = offset
        super().__init__(f"column {offset + 1}: {message}")

    def located(self, text: str) -> Self:
        """The same error with its line named, where `text` has several."""
        self.args = (f"{_place(text, self.offset)}: {self.message}",)
        return self


class NotCarried(ProtogateError):  # noqa: N818 - a verdict about the target, not a mistake of anybody
    """The target language cannot say this exactly; `reason` goes into the report."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def _place(text: str, offset: int) -> str:
    before = text[:offset]
    column = offset - (before.rfind("\n") + 1) + 1
    line = before.count("\n") + 1
    return f"column {column}" if "\n" not in text else f"line {line}, column {column}"
