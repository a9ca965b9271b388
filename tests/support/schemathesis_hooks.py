"""What Schemathesis cannot know of the gateway; it loads this module by its name."""

from __future__ import annotations

import itertools
import os
import re
from typing import Any, Final

import schemathesis

_VERSION: Final = re.compile(r'\*|"[1-9][0-9]{0,8}"')
_NUMBERS: Final = itertools.count()
_USERS: Final[list[str]] = []
"""Ids of users that were created on the way."""


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:  # noqa: ANN401 - types of the tool
    """Make what is to be accepted acceptable."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    parameters = case.path_parameters or {}
    if "id" in parameters and _USERS and next(_NUMBERS) % 2:
        parameters["id"] = _USERS[-1]
    headers = case.headers or {}
    # It has entity tags of its own for this header, whatever pattern the document gives. And one version is enough.
    version = headers.get("If-Match")
    if version is not None and ("expected_version" in (case.query or {}) or not _VERSION.fullmatch(version)):
        del headers["If-Match"]
    # A key that was used for another body is refused, as it must be: each command gets its own.
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = _fresh()
    if isinstance(case.body, dict):
        if "command_id" in case.body:
            case.body["command_id"] = _fresh()
            headers.pop("Idempotency-Key", None)
        case.body.update(_within_expressions(case.body))


@schemathesis.hook
def after_call(_context: Any, case: Any, response: Any) -> None:  # noqa: ANN401 - as above
    """Remember who was created."""
    if case.path == "/commands/user/create" and response.status_code == 201:
        _USERS.append(response.json()["id"])


def _within_expressions(body: dict[str, Any]) -> dict[str, Any]:
    """What the rules of the contract that no schema can carry ask for beside it."""
    texts = {name: body[name] for name in ("id", "title", "first_name", "last_name") if isinstance(body.get(name), str)}
    return {name: "".join(filter(str.isprintable, text)).strip() or "x" for name, text in texts.items()}


def _fresh() -> str:
    return f"{os.getpid()}-{next(_NUMBERS)}"
