"""First mappings: sure pairs are proposed, guesses are marked, and nothing runs before somebody has looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.errors import UserError
from protogate.findings import Place
from protogate.legacy.compiling import compile_adapter
from protogate.legacy.contract_proposal import message_name, propose_contract
from protogate.legacy.mapping_check import check_mapping
from protogate.legacy.mapping_file import parse_mapping
from protogate.legacy.model import LegacyField, LegacyKind, LegacySchema, SchemaFormat
from protogate.legacy.naming import likeness, snake
from protogate.legacy.proposal import Proposal, propose_mapping
from tests.support.compiler import schema_of

if TYPE_CHECKING:
    from protogate.descriptors import Schema

K = LegacyKind
CONTRACT = """syntax = "proto3";
package acme.v1;
import "google/protobuf/timestamp.proto";
message Address { string street = 1; string city = 2; }
message UserCreated {
  string user_id = 1; string email = 2; string first_name = 3; optional int32 age = 4; bool is_active = 5;
  google.protobuf.Timestamp created_at = 6; Address address = 7; int64 balance = 8; repeated string tags = 9;
}
message UserChanged { string user_id = 1; }
"""


def table(name: str, **columns: LegacyKind) -> LegacySchema:
    fields = [
        LegacyField(column, kind, is_key=place == 0, is_nullable=place > 0, scale=2 if kind is K.DECIMAL else None)
        for place, (column, kind) in enumerate(columns.items())
    ]
    return LegacySchema(name, SchemaFormat.DDL, tuple(fields), Place("a.sql", 1))


@pytest.fixture(scope="module")
def contract() -> Schema:
    return schema_of({"acme/v1/user.proto": CONTRACT})


def propose(contract: Schema, schema: LegacySchema) -> Proposal:
    message = contract.messages["acme.v1.UserCreated"]
    return propose_mapping(schema, contract, message=message, subject="user.legacy")


def test_columns_find_their_fields(contract: Schema) -> None:
    schema = table(
        "users",
        id=K.STRING,
        EMail=K.STRING,
        fname_first=K.STRING,
        intAge=K.INTEGER,
        active=K.BOOLEAN,
        createdAt=K.DATE,
        street=K.STRING,
        Balance=K.DECIMAL,
        user_tags=K.STRING,
    )
    found = {pair.column: (pair.field, pair.conversion.name) for pair in propose(contract, schema).pairs}
    assert found["id"] == ("user_id", "")
    assert found["EMail"] == ("email", "")
    assert found["intAge"] == ("age", "")
    assert found["createdAt"] == ("created_at", "date")
    assert found["street"] == ("address.street", "")
    assert found["Balance"] == ("balance", "decimal")
    assert found["user_tags"] == ("tags", "split")


def test_a_guess_is_marked_and_refused(contract: Schema) -> None:
    schema = table("users", id=K.STRING, mail_addr=K.STRING, shoe_size=K.INTEGER)
    proposal = propose(contract, schema)
    text = proposal.text()
    mapping = parse_mapping(text, "users.mapping.yaml")
    rules = {finding.rule for finding in check_mapping(mapping, schema, contract)}
    assert "legacy/NOT_REVIEWED" in rules
    assert "shoe_size" in proposal.unmatched
    assert "no field is like it; map it, or say why not" in text
    with pytest.raises(UserError, match=r"nobody has decided; correct the field|has no field"):
        compile_adapter(mapping, schema, contract)


def test_the_proposal_says_why(contract: Schema) -> None:
    text = propose(contract, table("users", user_id=K.STRING, user_email=K.STRING)).text()
    assert "user_email: email  # same name without the table, 95%" in text


def test_no_field_is_taken_twice(contract: Schema) -> None:
    pairs = propose(contract, table("users", id=K.STRING, email=K.STRING, e_mail=K.STRING)).pairs
    fields = [pair.field for pair in pairs]
    assert len(fields) == len(set(fields))
    assert {pair.column: pair.field for pair in pairs}["email"] == "email"


@pytest.mark.parametrize(
    ("column", "field", "least"),
    [
        ("FirstName", "first_name", 1.0), ("first_name", "firstname", 1.0), ("tags", "tag", 0.97),
        ("cust_no", "customer_number", 0.9), ("name_first", "first_name", 0.85), ("strName", "name", 0.93),
    ],
)  # fmt: skip
def test_likeness(column: str, field: str, least: float) -> None:
    assert likeness(column, field)[0] >= least
    assert likeness(column, "unrelated_thing")[0] < 0.5


def test_a_contract_for_any_table_compiles() -> None:
    """Every kind of column, names that are no names, choices that are no words."""
    columns = [LegacyField(f"{kind.name.title()} Column", kind) for kind in LegacyKind if kind is not K.ENUM]
    columns += [
        LegacyField("2nd", K.INTEGER, bits=16, is_key=True, is_nullable=False),
        LegacyField("class", K.STRING, length=3, is_nullable=False),
        LegacyField("Class", K.STRING),
        LegacyField("state", K.ENUM, values=("new", "NEW", "", "a b", 7)),
        LegacyField("tags", K.STRING, is_repeated=True, length=9),
        LegacyField("who", K.STRING, description="Said\n  over lines."),
        LegacyField("big", K.INTEGER, bits=64, is_unsigned=True),
        LegacyField("at", K.TIMESTAMP, is_nullable=False),
    ]
    schema = LegacySchema("sales.order_details", SchemaFormat.DDL, tuple(columns), Place("a.sql"))
    found = schema_of({"acme/v1/a.proto": propose_contract([schema], "acme.v1")})
    created = found.messages["acme.v1.OrderDetailCreated"]
    assert len(created.fields) == len(columns)
    assert [field.name for field in found.messages["acme.v1.OrderDetailDeleted"].fields] == [snake("2nd")]
    proposal = propose_mapping(schema, found, message=created, subject="order.legacy")
    assert proposal.unmatched == ()
    assert proposal.mapping.events[:3] == (
        "acme.v1.OrderDetailCreated",
        "acme.v1.OrderDetailChanged",
        "acme.v1.OrderDetailDeleted",
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("order_details", "OrderDetail"), ("sales.Categories", "Category"), ("tblUser", "TblUser"), ("2fa", "R2fa")],
)
def test_tables_name_messages(name: str, wanted: str) -> None:
    assert message_name(name) == wanted
