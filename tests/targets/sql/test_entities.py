"""Which messages of a contract become tables."""

from __future__ import annotations

import pytest

from tests.targets.sql.plugin import OPTIONS, ddl_of, respond_to, table_names


@pytest.mark.parametrize(
    "message",
    [
        "User { string id = 1; }",
        "User { int64 id = 1; }",
        "User { bytes id = 1; }",
        "User { optional string id = 1; }",
        "User { string name = 1; string user_id = 2; }",
        "User { string uuid = 1; }",
        "User { string uid = 1; }",
        "Feed { string id = 1; }",
        "NewsFeed { string id = 1; }",
        "Bed { string id = 1; }",
    ],
)
def test_a_message_with_an_identity_is_a_table(message: str) -> None:
    assert len(table_names(f"message {message}")) == 1


@pytest.mark.parametrize(
    "message",
    [
        "User { string name = 1; }",
        "User { double id = 1; }",
        "User { bool id = 1; }",
        "User { repeated string id = 1; }",
        "User { oneof key { string id = 1; int32 number = 2; } }",
        "User { string other_id = 1; }",
        "CreateUserCommand { string id = 1; }",
        "FindUserQuery { string id = 1; }",
        "UserCreatedEvent { string id = 1; }",
        "GetUserRequest { string id = 1; }",
        "GetUserResponse { string id = 1; }",
        "UserCreated { string id = 1; }",
        "OrderPaid { string id = 1; }",
    ],
)
def test_values_and_messages_between_systems_are_none(message: str) -> None:
    assert table_names(f"message {message}") == []


def test_a_nested_message_is_none() -> None:
    assert table_names("message Outer { message Inner { string id = 1; } Inner inner = 1; }") == []


def test_what_a_method_takes_is_none_but_what_it_gives_may_be_one() -> None:
    text = "service S { rpc Find(Finder) returns (User); rpc Save(User) returns (Saved); }"
    text += "message Finder { string id = 1; } message User { string id = 1; } message Saved {}"
    assert table_names(text) == ["users"]


def test_a_resource_is_a_table_with_its_name_as_key() -> None:
    text = 'import "google/api/resource.proto"; message Book { string id = 1; string name = 2;'
    text += ' option (google.api.resource) = {type: "a/Book"}; }'
    assert "  name TEXT NOT NULL PRIMARY KEY" in ddl_of(text)


@pytest.mark.parametrize(
    ("kind", "is_table"),
    [
        ("KIND_ENTITY", True),
        ("KIND_READ_MODEL", True),
        ("KIND_VALUE", False),
        ("KIND_COMMAND", False),
        ("KIND_QUERY", False),
        ("KIND_EVENT", False),
        ("KIND_REQUEST", False),
        ("KIND_RESPONSE", False),
    ],
)
def test_the_kind_decides(kind: str, *, is_table: bool) -> None:
    text = f"{OPTIONS} message User {{ option (protogate.options.v1.message).kind = {kind}; string id = 1; }}"
    assert bool(table_names(text)) is is_table


@pytest.mark.parametrize(
    ("options", "is_table"),
    [
        ("sql.skip = true", False),
        ("sql.table = true", True),
        ('sql.table_name = "people"', True),
        ('sql.primary_key = "name"', True),
    ],
)
def test_the_sql_options_decide_before_the_kind(options: str, *, is_table: bool) -> None:
    kind = "KIND_ENTITY" if not is_table else "KIND_VALUE"
    text = f"{OPTIONS} message User {{ option (protogate.options.v1.message).kind = {kind};"
    text += f" option (protogate.options.v1.message).{options}; string name = 1; }}"
    assert bool(table_names(text)) is is_table


def test_a_file_may_skip_all_but_what_asks_for_a_table() -> None:
    text = f"{OPTIONS} option (protogate.options.v1.file).sql.skip = true; message User {{ string id = 1; }}"
    text += " message Keep { option (protogate.options.v1.message).sql.table = true; string id = 1; }"
    assert table_names(text) == ["keeps"]


def test_a_file_without_tables_gives_no_file() -> None:
    assert list(respond_to("message Money { int64 units = 1; }").file) == []


M = "option (protogate.options.v1.message).sql"
F = "(protogate.options.v1.field).sql"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"message U {{ {M} = {{skip: true table: true}}; string id = 1; }}", "sql.skip is at odds"),
        (f'message U {{ {M}.primary_key = "key"; string id = 1; }}', "no field is named 'key'; use one of id"),
        (f'message U {{ {M}.primary_key = "ids"; repeated string ids = 1; }}', "cannot be part of a primary key"),
        (f'message U {{ {M}.primary_key = "a"; string a = 1; string b = 2 [{F}.primary_key = true]; }}', "say it once"),
        (
            f'message U {{ {M} = {{indexes: {{columns: "x"}}}}; string id = 1; }}',
            "'x' is no field with a column of its own",
        ),
        (f"message U {{ string id = 1; string a = 2 [{F}.nested = NESTED_MODE_JSON]; }}", "sql.nested is for messages"),
        (
            f"message U {{ string id = 1; repeated V vs = 2 [{F}.nested = NESTED_MODE_EMBED]; }} message V {{}}",
            "NESTED_MODE_EMBED is for single messages",
        ),
        (f"message U {{ string id = 1; U u = 2 [{F}.nested = NESTED_MODE_EMBED]; }}", "a.v1.U contains itself"),
        (f"message U {{ string id = 1; repeated string a = 2 [{F}.unique = true]; }}", "has no column of its own"),
        (
            f'message U {{ string id = 1; string a = 2 [{F}.references.message = "a.v1.X"]; }}',
            "message a.v1.X is in no file that a.proto imports",
        ),
        (
            f'message U {{ string id = 1; string a = 2 [{F}.references.message = "a.v1.V"]; }} message V {{}}',
            "a.v1.V has no table",
        ),
        (
            f'message U {{ int32 id = 1 [{F}.references.message = "a.v1.V"]; }} message V {{ string id = 1; }}',
            "is INTEGER but vs.id is TEXT",
        ),
        (
            (
                f'message U {{ string id = 1 [{F}.references = {{message: "a.v1.V" column: "b"}}]; }}'
                " message V { string id = 1; string b = 2; }"
            ),
            "a.v1.V.b is not unique",
        ),
        (f"message U {{ string id = 1; string a = 2 [{F}.references = {{}}]; }}", "names neither message nor table"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(text: str, message: str) -> None:
    error = respond_to(f"{OPTIONS} {text}").error
    assert message in error
    assert error.startswith("protoc-gen-protogate-sql: a.proto:1: ")


def test_an_unknown_option_lists_the_known_ones() -> None:
    assert respond_to("", "dialekt=x").error == (
        "protoc-gen-protogate-sql: option 'dialekt' is not known; use one of dialect, nested, repeated, enum, "
        "timestamp, names, schema, prefix, open_enums, if_not_exists"
    )


def test_an_unknown_dialect_lists_the_known_ones() -> None:
    assert respond_to("", "dialect=oracle").error.endswith(
        "'oracle' is not known; use one of sqlite, postgresql, mysql"
    )
