"""Where the findings between two versions stand: at the line, of the old or the new text, that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.registry.server.conftest import quoted

if TYPE_CHECKING:
    import httpx

_MONEY = 'syntax = "proto3";\npackage shop.v1;\nmessage Money {\n  int64 units = 1;\n}\n'
_ORDER = """syntax = "proto3";
package shop.v1;
import "shop/v1/money.proto";
message Order {
  string id = 1;
  int32 amount = 2;
  Money total = 3;
}
enum State {
  STATE_NONE = 0;
  STATE_OPEN = 1;
}
"""
_NEXT = (
    _ORDER.replace("  string id = 1;\n", "")
    .replace("int32 amount", "string amount")
    .replace("  STATE_OPEN = 1;\n", "")
    .replace("enum State", "message Address {\n  string street = 1;\n}\nenum State")
)


def _register(rest: httpx.Client, subject: str, text: str, money: int = 0) -> None:
    references = [{"name": "shop/v1/money.proto", "subject": "money", "version": money}] if money else []
    body = {"schemaType": "PROTOBUF", "schema": text, "references": references}
    answer = rest.post(f"/subjects/{quoted(subject)}/versions", json=body)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def diff(rest: httpx.Client) -> dict[str, Any]:
    """What all profiles that know the source find in both directions."""
    rest.put("/config", json={"compatibility": "NONE"})
    _register(rest, "money", _MONEY)
    _register(rest, "money", _MONEY.replace("int64", "string"))
    _register(rest, "order", _ORDER, money=1)
    _register(rest, "order", _NEXT, money=2)
    found: dict[str, Any] = rest.get("/subjects/order/diff/1/2?mode=FULL&profile=wire&profile=buf:FILE").json()
    return found


def _lines(diff: dict[str, Any], path: str) -> set[tuple[str, str]]:
    """The side and the text of every line at which something is said of an element."""
    found = [one for one in diff["findings"] if one["path"] == path and one["side"]]
    return {(one["side"], diff[one["side"]]["text"].splitlines()[one["line"] - 1].strip()) for one in found}


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        pytest.param("shop.v1.Order.id", {("old", "string id = 1;")}, id="field that is gone"),
        pytest.param("shop.v1.State.STATE_OPEN", {("old", "STATE_OPEN = 1;")}, id="enum value that is gone"),
        pytest.param("shop.v1.Address", {("new", "message Address {")}, id="message that is new"),
        pytest.param(
            "shop.v1.Order.amount",
            {("new", "string amount = 2;"), ("old", "int32 amount = 2;")},
            id="field that changed, seen from both sides",
        ),
    ],
)
def test_findings_stand_at_the_line_that_they_are_about(
    diff: dict[str, Any], path: str, lines: set[tuple[str, str]]
) -> None:
    assert _lines(diff, path) == lines


def test_findings_of_an_import_are_of_neither_text(diff: dict[str, Any]) -> None:
    imported = [one for one in diff["findings"] if one["file"] == "shop/v1/money.proto"]
    assert imported
    assert {one["side"] for one in imported} == {""}
