"""Smoke checks as a scenario of TestQL, https://pypi.org/project/testql, in its own format TestTOON.

Event streams are left out: TestQL waits for the end of an answer, and they have none.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from gateway.smoke import parse_check

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.smoke import SmokeCheck

__all__ = ["SCENARIO", "scenario"]

SCENARIO: Final = "testql-scenarios/generated-api-smoke.testql.toon.yaml"
_UNIQUE: Final = "{unique}"
_STREAM: Final = "/stream"
_TIMEOUT_MS: Final = 5000


def scenario(url: str, checks: Iterable[str], unique: str) -> str:
    """Write checks as a scenario.

    Args:
        url: of the gateway that it is for; `testql run --url` asks another one.
        checks: lines as slices have them.
        unique: stands for `{unique}`; a gateway that has seen it before answers otherwise.
    """
    parsed = [parse_check(text.replace(_UNIQUE, unique)) for text in checks]
    asked = [one for one in parsed if not one.path.partition("?")[0].endswith(_STREAM)]
    lines = [
        "# SCENARIO: smoke checks of the slices",
        "# TYPE: api",
        "# GENERATED: true",
        "",
        "CONFIG[2]{key, value}:",
        f"  base_url, {url}",
        f"  timeout_ms, {_TIMEOUT_MS}",
        "",
        f"API[{len(asked)}]{{method, endpoint, body, expected_status}}:",
        # Bars, as bodies have commas.
        *(f"  {' | '.join(_cells(one))}" for one in asked),
    ]
    return "".join(f"{line}\n" for line in lines)


def _cells(one: SmokeCheck) -> Sequence[str]:
    body = json.dumps(json.loads(one.body), separators=(", ", ": ")) if one.body else "-"
    return one.method, one.path, body, str(one.status)
