"""The rules of the contracts take what is meant and refuse what is not, by protovalidate's judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import protovalidate
import pytest
from google.protobuf import json_format, message_factory

if TYPE_CHECKING:
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

UUID = "0190a9a4-7a1c-7000-8000-000000000001"
CREATE: dict[str, Any] = {"email": "a@b.co", "firstName": "Ann", "lastName": "Bee"}
USER: dict[str, Any] = {"id": "u-1", "email": "a@b.co", "version": 1}
ENTRY: dict[str, Any] = {"id": "e1", "title": "t", "category": "spare-part", "content": "c"}
SCAN: dict[str, Any] = {"commandId": UUID, "stationId": "gate-1"}
IDENTIFY: dict[str, Any] = {**SCAN, "barcode": "12"}
CREDENTIAL: dict[str, Any] = {
    "kind": "CREDENTIAL_KIND_RFID",
    "value": "04a1",
    "validFrom": "2026-01-01T00:00:00Z",
    "subject": {"kind": "SUBJECT_KIND_USER", "id": "u-1"},
}
DEACTIVATE: dict[str, Any] = {"commandId": UUID}
ADDRESS: dict[str, Any] = {"lines": ["Long 1"], "city": "Gdynia", "countryCode": "PL"}
MASK: dict[str, Any] = {"commandId": UUID, "profile": {}, "updateMask": "firstName"}

VALID = [
    ("user.v1.CreateUserCommand", CREATE),
    ("user.v1.CreateUserCommand", {**CREATE, "age": 0}),
    ("user.v1.CreateUserRequest", {"command": CREATE}),
    ("user.v1.DualCreateUserCommand", {**CREATE, "commandId": "1"}),
    ("user.v1.User", USER),
    ("user.v1.UserCreated", {"userId": "u-1", "email": "a@b.co", "isActive": False}),
    ("user.v1.DeactivateUserRequest", {"id": "u-1"}),
    ("user.v2.CreateUserCommand", {**CREATE, "commandId": UUID, "roles": ["ROLE_ADMIN"]}),
    ("user.v2.Date", {"year": 2024, "month": 2, "day": 29}),
    ("user.v2.Contact", {"phone": "+48123456789", "label": "work"}),
    ("user.v2.Contact", {"address": ADDRESS}),
    ("user.v2.DeactivateUserCommand", DEACTIVATE),
    ("user.v2.UpdateProfileCommand", MASK),
    ("search.v1.IndexEntryCommand", ENTRY),
    ("search.v1.IndexEntryCommand", {**ENTRY, "metadata": {"a": "b"}}),
    ("search.v1.SearchRequest", {}),
    ("search.v1.SearchResult", {"id": "e1"}),
    ("identification.v1.IdentifyCommand", IDENTIFY),
    ("identification.v1.IdentifyCommand", {**SCAN, "rfidSerial": "BKGyww=="}),
    ("identification.v1.RegisterCredentialCommand", {"credential": CREDENTIAL}),
    ("identification.v1.ListIdentificationsRequest", {}),
    ("events.v1.ListEventsRequest", {}),
    ("legacy_bridge.user.v1.LegacyUser", {"id": "7", "email": "no address", "age": -5}),
]

REFUSED = [
    ("user.v1.CreateUserCommand", {**CREATE, "email": "nobody@"}, "string.email"),
    ("user.v1.CreateUserCommand", {**CREATE, "email": f"{'a' * 65}@b.co"}, "email.local_part_length"),
    ("user.v1.CreateUserCommand", {**CREATE, "firstName": ""}, "string.min_len"),
    ("user.v1.CreateUserCommand", {**CREATE, "firstName": " Ann"}, "name.no_outer_space"),
    ("user.v1.CreateUserCommand", {**CREATE, "lastName": "x" * 101}, "string.max_len"),
    ("user.v1.CreateUserCommand", {**CREATE, "age": -5}, "int32.gte_lte"),
    ("user.v1.CreateUserCommand", {"firstName": "A", "lastName": "B"}, "required"),
    ("user.v1.CreateUserRequest", {}, "required"),
    ("user.v1.DualCreateUserCommand", CREATE, "required"),
    ("user.v1.ChangeEmailRequest", {"id": "u-1"}, "required"),
    ("user.v1.ChangeEmailRequest", {"id": "u", "command": {"newEmail": "a@b.co"}, "expectedVersion": 0}, "uint32.gte"),
    ("user.v1.User", {**USER, "id": "a/b"}, "string.pattern"),
    (
        "user.v1.User",
        {**USER, "createdAt": "2026-01-02T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"},
        "user.updated_after_created",
    ),
    ("user.v2.CreateUserCommand", CREATE, "string.uuid_empty"),
    ("user.v2.CreateUserCommand", {**CREATE, "commandId": UUID, "roles": [1, 1]}, "repeated.unique"),
    ("user.v2.CreateUserCommand", {**CREATE, "commandId": UUID, "roles": [9]}, "enum.defined_only"),
    ("user.v2.Date", {"year": 2100, "month": 2, "day": 29}, "date.day_of_month"),
    ("user.v2.Date", {"year": 2026, "month": 4, "day": 31}, "date.day_of_month"),
    ("user.v2.Contact", {"label": "home"}, "required"),
    ("user.v2.Contact", {"phone": "112"}, "string.pattern"),
    ("user.v2.Contact", {"address": {**ADDRESS, "lines": []}}, "repeated.min_items"),
    ("user.v2.DeactivateUserCommand", {**DEACTIVATE, "reason": 3}, "deactivate_user.abuse_needs_a_note"),
    ("user.v2.UpdateProfileCommand", {**MASK, "updateMask": "email"}, "field_mask.in"),
    ("user.v2.User", {**USER, "labels": {"Bad Key": ""}}, "string.pattern"),
    ("search.v1.IndexEntryCommand", {**ENTRY, "title": " ", "content": ""}, "index_entry.has_text"),
    ("search.v1.IndexEntryCommand", {**ENTRY, "category": "Spare Part"}, "string.pattern"),
    ("search.v1.IndexEntryCommand", {**ENTRY, "id": "a\u0085b"}, "entry_id.no_control_characters"),
    ("search.v1.IndexEntryCommand", {**ENTRY, "metadata": {"": "x"}}, "string.min_len"),
    ("search.v1.IndexEntryCommand", {**ENTRY, "metadata": {str(n): "" for n in range(33)}}, "map.max_pairs"),
    ("search.v1.SearchRequest", {"limit": -1}, "int32.gte_lte"),
    ("search.v1.SearchResult", {"id": "e1", "rank": "NaN"}, "double.finite"),
    ("identification.v1.IdentifyCommand", SCAN, "required"),
    ("identification.v1.IdentifyCommand", {**IDENTIFY, "stationId": "Gate 1"}, "string.pattern"),
    ("identification.v1.IdentifyCommand", {**SCAN, "rfidSerial": "AAAA"}, "rfid_serial.size"),
    ("identification.v1.IdentifyCommand", {**IDENTIFY, "confidence": 1.5}, "float.gte_lte"),
    ("identification.v1.IdentifyCommand", {**IDENTIFY, "acceptedKinds": [0]}, "enum.not_in"),
    ("identification.v1.Credential", {**CREDENTIAL, "validFrom": "1999-12-31T23:59:59Z"}, "timestamp.gte"),
    ("identification.v1.Credential", {**CREDENTIAL, "validUntil": "2026-01-01T00:00:00Z"}, "credential.period"),
    ("identification.v1.Credential", {**CREDENTIAL, "issuedAt": "9999-01-01T00:00:00Z"}, "timestamp.lt_now"),
    ("identification.v1.Credential", {**CREDENTIAL, "id": "1"}, "string.uuid"),
    ("events.v1.StreamEventsRequest", {"aggregateIds": ["a", "a"]}, "repeated.unique"),
    ("legacy_bridge.user.v1.LegacyUser", {}, "required"),
]  # fmt: skip


def read(pool: DescriptorPool, name: str, document: dict[str, Any]) -> Message:
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
    return json_format.ParseDict(document, kind(), descriptor_pool=pool)


@pytest.mark.parametrize(("name", "document"), VALID)
def test_what_is_meant_is_valid(pool: DescriptorPool, name: str, document: dict[str, Any]) -> None:
    protovalidate.validate(read(pool, name, document))


@pytest.mark.parametrize(("name", "document", "rule"), REFUSED)
def test_what_is_not_meant_is_refused(pool: DescriptorPool, name: str, document: dict[str, Any], rule: str) -> None:
    with pytest.raises(protovalidate.ValidationError) as caught:
        protovalidate.validate(read(pool, name, document))
    assert [violation.proto.rule_id for violation in caught.value.violations] == [rule]


@pytest.mark.parametrize(
    ("message", "document", "expected"),
    [
        ("User", {**USER, "active": True}, {**USER, "status": "USER_STATUS_ACTIVE"}),
        ("User", {**USER, "age": 30, "firstName": "Ann"}, {**USER, "age": 30, "firstName": "Ann"}),
        (
            "UserCreated",
            {"userId": "u-1", "email": "a@b.co", "isActive": False},
            {"userId": "u-1", "email": "a@b.co", "status": "USER_STATUS_UNSPECIFIED"},
        ),
        ("EmailChanged", {"userId": "u-1", "email": "a@b.co"}, {"userId": "u-1", "email": "a@b.co"}),
        ("UserDeactivated", {"userId": "u-1", "reason": "left"}, {"userId": "u-1", "note": "left"}),
    ],
)
def test_bytes_of_the_first_version_are_read_by_the_second(
    pool: DescriptorPool, message: str, document: dict[str, Any], expected: dict[str, Any]
) -> None:
    old = read(pool, f"user.v1.{message}", document)
    protovalidate.validate(old)
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(f"user.v2.{message}"))
    new = kind.FromString(old.SerializeToString())
    protovalidate.validate(new)
    assert new == read(pool, f"user.v2.{message}", expected)
