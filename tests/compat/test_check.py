from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from protogate.compat import DEFAULT_PROFILES, PROFILES, Mode, check, is_compatible
from protogate.compat.profiles import load_profile
from protogate.errors import UserError
from protogate.findings import Place, Severity, findings_json
from tests.support.compiler import schema_of

if TYPE_CHECKING:
    from protogate.descriptors import Schema


def _schema(body: str) -> Schema:
    return schema_of({"acme/v1/a.proto": f'syntax = "proto3";\npackage acme.v1;\n\n{body}\n'})


@pytest.fixture(scope="module")
def narrow() -> Schema:
    return _schema("message M {\n  int32 a = 1;\n  string gone = 2;\n}")


@pytest.fixture(scope="module")
def wide() -> Schema:
    return _schema("// later\nmessage M {\n  int64 a = 1;\n\n  string come = 3;\n}")


def test_a_finding_has_rule_place_element_reason_and_way_out(narrow: Schema, wide: Schema) -> None:
    found = {one.rule: one for one in check(narrow, wide, profiles=["wire"], mode=Mode.FULL)}
    kind = found["wire/FIELD_TYPE_CHANGED"]
    assert kind.place == Place("acme/v1/a.proto", 6, 3)
    assert kind.path == "acme.v1.M.a"
    assert kind.message == (
        "type of field acme.v1.M.a changed from int32 to int64: old readers truncate what is out of range in new data"
    )
    assert kind.hint == "add a field with a new number, and keep this one until nobody uses it"
    assert kind.severity is Severity.WARNING
    gone = found["wire/FIELD_REMOVED"]
    assert gone.place == Place("acme/v1/a.proto", 5, 1)
    assert gone.hint == "reserve its number and name"


def test_what_is_missing_in_the_new_version_stands_in_the_old_file() -> None:
    old = schema_of({"a.proto": 'syntax = "proto3";', "b.proto": 'syntax = "proto3";\nmessage M {}'})
    new = schema_of({"a.proto": 'syntax = "proto3";'})
    removed = next(one for one in check(old, new, profiles=["source"]) if one.rule == "source/MESSAGE_REMOVED")
    assert removed.place == Place("b.proto", 2, 1)


def test_both_directions_of_one_change_are_one_finding() -> None:
    old, new = _schema("message M { int32 a = 1; }"), _schema("message M { string a = 1; }")
    (finding,) = check(old, new, profiles=["wire"], mode=Mode.FULL)
    assert finding.message.endswith(
        ": old data is lost or wrong for new readers, new data is lost or wrong for old readers"
    )


def test_a_finding_is_as_bad_as_its_worse_direction() -> None:
    old, new = _schema("message M { int32 a = 1; }"), _schema("message M { repeated int32 a = 1; }")
    assert check(old, new, profiles=["wire"], mode=Mode.BACKWARD) == ()
    (finding,) = check(old, new, profiles=["wire"], mode=Mode.FULL)
    assert finding.severity is Severity.ERROR


def test_equal_schemas_have_no_findings(narrow: Schema) -> None:
    again = _schema("message M { string gone = 2; /* moved */ int32 a = 1; }")
    for other in (narrow, again):
        assert check(narrow, other, profiles=PROFILES, mode=Mode.FULL) == ()


def test_mode_none_asks_for_nothing(narrow: Schema, wide: Schema) -> None:
    assert check(narrow, wide, profiles=PROFILES, mode=Mode.NONE) == ()


def test_findings_are_sorted_by_place(narrow: Schema, wide: Schema) -> None:
    found = check(narrow, wide, profiles=PROFILES, mode=Mode.FULL)
    assert all((a.place, a.rule) <= (b.place, b.rule) for a, b in pairwise(found))
    assert {one.rule.rsplit("/", 1)[0] for one in found} >= {"wire", "wire_json", "source", "buf:FILE"}


def test_only_errors_make_versions_incompatible(narrow: Schema, wide: Schema) -> None:
    assert is_compatible(check(narrow, wide, profiles=["wire"]))
    assert not is_compatible(check(narrow, wide, profiles=["source"]))
    assert is_compatible(check(narrow, wide, profiles=["source:warn"]))


def test_wire_json_warns_by_default() -> None:
    old, new = _schema("message M { int32 a = 1; }"), _schema("message M { int32 b = 1; }")
    found = check(old, new)
    assert {one.rule.partition("/")[0] for one in found} == {"wire_json"}
    assert is_compatible(found)
    assert not is_compatible(check(old, new, profiles=["wire_json"]))


@pytest.mark.parametrize("name", [*PROFILES, *DEFAULT_PROFILES, "buf:FILE:warn"])
def test_profiles_have_judges(name: str) -> None:
    bare, judge, only_warns = load_profile(name)
    assert callable(judge)
    assert only_warns is name.endswith(":warn")
    assert bare == name.removesuffix(":warn")


def test_an_unknown_profile_is_named_with_the_known_ones(narrow: Schema) -> None:
    with pytest.raises(UserError, match=r"profile 'wires' is not known; use wire, wire_json, confluent, buf:FILE"):
        check(narrow, narrow, profiles=["wires"])


def test_json_tells_the_element(narrow: Schema, wide: Schema) -> None:
    values = findings_json(check(narrow, wide, profiles=["wire"]))
    assert values[0]["path"] == "acme.v1.M.gone"
    assert values[0]["severity"] == "warning"
