"""Writes reports, and reads documents that people may have edited."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import orjson

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["json_text", "read_document", "write_texts"]


def json_text(document: object) -> str:
    """Return a document as its file has it."""
    try:
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
    except TypeError:  # half of a surrogate pair, from a name of a file
        return json.dumps(document, indent=2) + "\n"


def write_texts(directory: Path, texts: Mapping[str, str]) -> list[str]:
    """Write files of a directory, each beside and then renamed; what is equal already is left as it is.

    Returns the names of all.

    Raises:
        UserError: the directory cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            path = directory / name
            data = text.encode("utf-8", "backslashreplace")
            if not path.exists() or path.read_bytes() != data:
                beside = path.with_name(f"{name}.{os.getpid()}")
                beside.write_bytes(data)
                beside.replace(path)
    except OSError as error:
        raise UserError(f"{error.filename or directory}: cannot be written: {error.strerror}") from None
    return list(texts)


def read_document(path: Path) -> Any:  # noqa: ANN401 - JSON
    """Return a document.

    Raises:
        UserError: it cannot be read, or is no JSON.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is no UTF-8: byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise UserError(f"{path}:{error.lineno}: is no JSON: {error.msg}") from None
