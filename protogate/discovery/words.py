"""The words that names are made of: `aws_lambda_hook`, `AwsLambdaHook` and `aws-lambda.hook` have the same three."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

__all__ = ["last_part", "parent", "words"]

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BREAK: Final = re.compile(r"[\W_]+")
_SHORTEST: Final = 3
"""Letters; `db`, `to` and `v1` say nothing of a domain."""


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name of at least three letters, in small letters, each once, in their order."""
    # Most names of Python have neither humps nor marks, and then this takes a third of the time.
    is_plain = name.islower() and name.isidentifier()
    parts = name.split("_") if is_plain else _BREAK.split(_HUMP.sub("_", name))
    return tuple(dict.fromkeys(part.lower() for part in parts if len(part) >= _SHORTEST and not part.isdigit()))


def last_part(name: str) -> str:
    """Return the last part of a module or package: `orders` of `shop.orders` and of `src/pages/orders`."""
    return name.rpartition("/")[2] if "/" in name else name.rpartition(".")[2]


def parent(package: str) -> str:
    """Return the package around one; empty at the top."""
    return package.rpartition("/" if "/" in package else ".")[0]
