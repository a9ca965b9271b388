"""What the commands share: their parser and how they print."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["enter_project", "parser", "print_json", "red"]


def parser(command: str, description: str, examples: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser with the options that every command has."""
    listed = "\n".join(f"  protogate {example}" for example in examples)
    made = argparse.ArgumentParser(
        prog=f"protogate {command}",
        description=description,
        epilog=f"examples:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("-C", "--directory", default=".", help="the project; default: here")
    made.add_argument("--json", action="store_true", help="print what programs read")
    return made


def enter_project(directory: str) -> None:
    """Make the project the current directory, as all its paths are relative to it."""
    try:
        os.chdir(directory)
    except OSError as error:
        raise UserError(f"{directory}: {error.strerror}; give the project's directory") from None


def print_json(value: object) -> None:
    """Print one JSON document with stable layout."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def red(text: str) -> str:
    """Colour a failure when a person is watching."""
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        return f"\033[31m{text}\033[0m"
    return text
