"""Comments of the contract as TSDoc."""

from __future__ import annotations

__all__ = ["tsdoc"]


def tsdoc(text: str, indent: str = "", *, deprecated: bool = False, notes: str = "") -> str:
    """A TSDoc block that ends with a newline; empty when there is nothing to say.

    Args:
        text: the author's comment.
        indent: what every line starts with.
        deprecated: whether to mark the declaration so.
        notes: paragraphs to add after the comment.
    """
    if notes:
        text = f"{text}\n\n{notes}" if text else notes
    if deprecated:
        text = f"{text}\n\n@deprecated" if text else "@deprecated"
    if not text:
        return ""
    if "*/" in text:
        text = text.replace("*/", "*\\/")
    if "\n" not in text:
        return f"{indent}/** {text} */\n"
    body = text.replace("\n", f"\n{indent} * ").replace(" * \n", " *\n")
    return f"{indent}/**\n{indent} * {body}\n{indent} */\n"
