"""Unmodified confluent-kafka against a real server, without a broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Metadata,
    MetadataProperties,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    ServerConfig,
    topic_subject_name_strategy,
)
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.registry.server.contracts import MONEY, ORDER, ORDER_BROKEN, ORDER_WIDER, message_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

    from tests.registry.server.running import RunningServer

_MONEY_FILE = "shop/v1/money.proto"


@pytest.fixture
def client(server: RunningServer) -> Iterator[SchemaRegistryClient]:
    # No retries: a 500 must fail the test, and quickly.
    with SchemaRegistryClient({"url": server.url, "max.retries": 0}) as one:
        yield one


def money() -> Schema:
    return Schema(MONEY, schema_type="PROTOBUF")


def order(client: SchemaRegistryClient, text: str = ORDER) -> Schema:
    """The schema of an order whose import is registered."""
    client.register_schema(_MONEY_FILE, money())
    return Schema(text, schema_type="PROTOBUF", references=[SchemaReference(_MONEY_FILE, _MONEY_FILE, 1)])


def refused(code: int) -> pytest.RaisesExc[SchemaRegistryError]:
    return pytest.raises(SchemaRegistryError, check=lambda error: error.error_code == code)


def fresh(client: SchemaRegistryClient) -> SchemaRegistryClient:
    """The client without what it remembers, so that it asks the server."""
    client.clear_caches()  # type: ignore[no-untyped-call]
    return client


def test_register_gives_one_id_to_one_content(client: SchemaRegistryClient, subject: str) -> None:
    first = client.register_schema(subject, money())
    assert fresh(client).register_schema(subject, money()) == first
    assert fresh(client).register_schema(f"{subject}-other", money(), normalize_schemas=True) == first
    assert client.get_versions(subject) == [1]


def test_register_full_response_says_version_and_guid(client: SchemaRegistryClient, subject: str) -> None:
    registered = client.register_schema_full_response(subject, money())
    assert (registered.schema_id, registered.version) == (1, 1)
    assert registered.guid is not None
    assert fresh(client).get_schema_by_guid(registered.guid).schema_str == MONEY


def test_lookup_finds_what_was_registered(client: SchemaRegistryClient, subject: str) -> None:
    with refused(40401):
        client.lookup_schema(subject, money())
    schema_id = client.register_schema(subject, money())
    found = fresh(client).lookup_schema(subject, money())
    assert (found.subject, found.schema_id, found.version) == (subject, schema_id, 1)
    with refused(40403):
        client.lookup_schema(subject, Schema(MONEY.replace("units", "cents"), schema_type="PROTOBUF"))


def test_get_schema_gives_text_references_and_type(client: SchemaRegistryClient, subject: str) -> None:
    schema_id = client.register_schema(subject, order(client))
    schema = fresh(client).get_schema(schema_id)
    assert (schema.schema_str, schema.schema_type) == (ORDER, "PROTOBUF")
    assert schema.references == [SchemaReference(_MONEY_FILE, _MONEY_FILE, 1)]
    assert fresh(client).get_schema(schema_id, subject_name=subject).schema_str == ORDER
    with refused(40403):
        client.get_schema(4711)


def test_uses_of_an_id(client: SchemaRegistryClient, subject: str) -> None:
    schema_id = client.register_schema(subject, money())
    client.register_schema(f"{subject}-2", money())
    assert client.get_subjects_by_schema_id(schema_id) == [subject, f"{subject}-2"]
    assert client.get_subjects_by_schema_id(schema_id, offset=1, limit=1) == [f"{subject}-2"]
    versions = client.get_schema_versions(schema_id)
    assert [(one.subject, one.version) for one in versions] == [(subject, 1), (f"{subject}-2", 1)]


def test_types_and_contexts(client: SchemaRegistryClient) -> None:
    assert client.get_schema_types() == ["PROTOBUF"]
    assert client.get_contexts() == ["."]


def test_contexts_have_ids_of_their_own(client: SchemaRegistryClient) -> None:
    client.register_schema("first", Schema(ORDER.split("import")[0], schema_type="PROTOBUF"))
    assert client.register_schema(":.staging:money", money()) == 1
    assert client.get_contexts() == [".", ".staging"]
    assert client.get_subjects(subject_prefix=":.staging:") == [":.staging:money"]
    assert fresh(client).get_schema(1, subject_name=":.staging:money").schema_str == MONEY
    assert fresh(client).get_version(":.staging:money", 1).schema.schema_str == MONEY


def test_subjects_are_listed_by_prefix_page_and_deletion(client: SchemaRegistryClient) -> None:
    for name in ("a/1", "a/2", "b/1"):
        client.register_schema(name, money())
    client.delete_subject("a/2")
    assert client.get_subjects() == ["a/1", "b/1"]
    assert client.get_subjects(subject_prefix="a/") == ["a/1"]
    assert client.get_subjects(deleted=True) == ["a/1", "a/2", "b/1"]
    assert client.get_subjects(deleted_only=True) == ["a/2"]
    assert client.get_subjects(deleted=True, offset=1, limit=1) == ["a/2"]


def test_versions(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(subject, order(client))
    client.register_schema(subject, order(client, ORDER_WIDER))
    assert client.get_versions(subject) == [1, 2]
    assert fresh(client).get_latest_version(subject).version == 2
    assert fresh(client).get_version(subject, 1).schema.schema_str == ORDER
    assert client.get_version(subject, "latest").version == 2
    with refused(40402):
        client.get_version(subject, 3)
    with refused(40401):
        client.get_latest_version("nobody")
    with refused(42202):
        client.get_version(subject, 0)


def test_incompatible_schema_is_refused_with_reasons(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(subject, order(client))
    with pytest.raises(SchemaRegistryError) as refusal:
        client.register_schema(subject, order(client, ORDER_BROKEN))
    assert refusal.value.http_status_code == 409
    assert refusal.value.error_code in {409, 40901}
    assert "FIELD_SCALAR_KIND_CHANGED" in refusal.value.error_message
    assert client.get_versions(subject) == [1]


def test_compatibility_tests_write_nothing(client: SchemaRegistryClient, subject: str) -> None:
    assert client.test_compatibility(subject, order(client))
    client.register_schema(subject, order(client))
    assert client.test_compatibility(subject, order(client, ORDER_WIDER), verbose=True)
    assert not client.test_compatibility(subject, order(client, ORDER_BROKEN))
    assert not client.test_compatibility(subject, order(client, ORDER_BROKEN), version=1)
    assert client.test_compatibility_all_versions(subject, order(client, ORDER_WIDER))
    assert not client.test_compatibility_all_versions(subject, order(client, ORDER_BROKEN), verbose=True)
    assert client.get_versions(subject) == [1]
    with refused(40402):
        client.test_compatibility(subject, money(), version=7)


def test_config_by_subject_and_for_all(client: SchemaRegistryClient, subject: str) -> None:
    assert client.get_compatibility() == "BACKWARD"
    with refused(40408):
        client.get_compatibility(subject)
    # The client gives the answer as it is, whatever its annotations say.
    assert cast("object", client.set_compatibility(subject, "FULL")) == {"compatibility": "FULL"}
    assert client.get_compatibility(subject) == "FULL"
    none = ServerConfig(compatibility=ConfigCompatibilityLevel.NONE)
    assert cast("object", client.set_config(subject, none)) == {"compatibility": "NONE"}
    assert client.get_config(subject).compatibility_level == "NONE"
    assert client.delete_config(subject).compatibility_level == "NONE"
    with refused(40408):
        client.get_config(subject)
    client.set_compatibility(level="FORWARD_TRANSITIVE")
    assert client.get_config().compatibility_level == "FORWARD_TRANSITIVE"
    client.delete_config()
    assert client.get_compatibility() == "BACKWARD"


def test_level_decides_what_may_be_registered(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(subject, order(client))
    client.set_compatibility(subject, "NONE")
    client.register_schema(subject, order(client, ORDER_BROKEN))
    assert client.get_versions(subject) == [1, 2]


def test_mode_by_subject_and_for_all(client: SchemaRegistryClient, subject: str) -> None:
    assert client.get_global_mode() == "READWRITE"
    with refused(40409):
        client.get_mode(subject)
    assert client.update_mode(subject, "READONLY") == "READONLY"
    with refused(42205):
        client.register_schema(subject, money())
    assert client.get_mode(subject) == "READONLY"
    assert client.delete_mode(subject) == "READONLY"
    assert client.update_global_mode("READONLY", force=True) == "READONLY"
    with refused(42205):
        client.register_schema(subject, money())
    assert client.update_global_mode("READWRITE") == "READWRITE"
    assert client.register_schema(subject, money()) == 1
    with refused(42204):
        client.update_mode(subject, "SOMETIMES")


def test_metadata_is_kept_and_found(client: SchemaRegistryClient, subject: str) -> None:
    owner = Metadata(tags=None, properties=MetadataProperties({"owner": "sales"}), sensitive=None)
    client.register_schema(subject, Schema(MONEY, schema_type="PROTOBUF", metadata=owner))
    found = fresh(client).get_latest_with_metadata(subject, {"owner": "sales"})
    assert found.version == 1
    assert found.schema.metadata is not None
    assert found.schema.metadata.properties == owner.properties
    with refused(40402):
        client.get_latest_with_metadata(subject, {"owner": "nobody"})


def test_references_are_counted_and_kept(client: SchemaRegistryClient, subject: str) -> None:
    schema_id = client.register_schema(subject, order(client))
    assert client.get_referenced_by(_MONEY_FILE, 1) == [schema_id]
    with refused(42206):
        client.delete_subject(_MONEY_FILE)
    with refused(42206):
        client.delete_version(_MONEY_FILE, 1)


def test_unknown_reference_is_an_invalid_schema(client: SchemaRegistryClient, subject: str) -> None:
    with refused(42201):
        client.register_schema(
            subject,
            Schema(ORDER, schema_type="PROTOBUF", references=[SchemaReference(_MONEY_FILE, "no such subject", 1)]),
        )


def test_subject_goes_in_two_steps(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(subject, money())
    with refused(40401):
        client.delete_subject("nobody")
    with refused(40405):
        # The client sends one request for a permanent deletion.
        client.delete_subject(subject, permanent=True)
    assert client.delete_subject(subject) == [1]
    with refused(40404):
        client.delete_subject(subject)
    with refused(40401):
        fresh(client).get_latest_version(subject)
    assert client.delete_subject(subject, permanent=True) == [1]
    with refused(40401):
        client.delete_subject(subject)


def test_version_goes_in_two_steps(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(subject, order(client))
    client.register_schema(subject, order(client, ORDER_WIDER))
    with refused(40407):
        client.delete_version(subject, 1, permanent=True)
    assert client.delete_version(subject, 1) == 1
    with refused(40406):
        client.delete_version(subject, 1)
    with refused(40402):
        fresh(client).get_version(subject, 1)
    assert client.get_version(subject, 1, deleted=True).schema.schema_str == ORDER
    assert client.get_versions(subject, deleted=True) == [1, 2]
    assert client.get_versions(subject, deleted_only=True) == [1]
    assert client.delete_version(subject, 1, permanent=True) == 1
    assert client.get_versions(subject, deleted=True) == [2]


def test_associations_are_answered(client: SchemaRegistryClient) -> None:
    assert client.get_associations_by_resource_name("orders", "-", "topic", ["value"]) == []
    client.delete_associations("some-id", "topic", ["value"])


@pytest.mark.parametrize("kind", ["AVRO", "JSON"])
def test_other_kinds_of_schema_are_refused(client: SchemaRegistryClient, subject: str, kind: str) -> None:
    with pytest.raises(SchemaRegistryError, match=f"{kind}.*PROTOBUF") as refusal:
        client.register_schema(subject, Schema('{"type":"string"}', schema_type=kind))
    assert refusal.value.error_code == 42201


_CONTEXT = SerializationContext("orders", MessageField.VALUE)


def an_order(order_text: str = ORDER) -> Message:
    made: Any = message_class("shop.v1.Order", order_text)(id="o-1")
    made.total.currency, made.total.units = "EUR", 12
    made.placed_at.seconds = 1_700_000_000
    made.lines.add(sku="s", amount=3)
    return cast("Message", made)


def serializer(client: SchemaRegistryClient, message: Message, **settings: object) -> ProtobufSerializer:
    conf = {"use.deprecated.format": False, **{name.replace("_", "."): value for name, value in settings.items()}}
    # Its constructor is made at run time, which checkers do not see.
    made: ProtobufSerializer = cast("Any", ProtobufSerializer)(type(message), client, conf)
    return made


def deserializer(client: SchemaRegistryClient | None, message: Message, **settings: object) -> ProtobufDeserializer:
    conf = {"use.deprecated.format": False, **{name.replace("_", "."): value for name, value in settings.items()}}
    made: ProtobufDeserializer = cast("Any", ProtobufDeserializer)(type(message), conf, client)
    return made


def test_serializer_registers_imports_and_messages_come_back(client: SchemaRegistryClient) -> None:
    sent = an_order()
    data = serializer(client, sent)(sent, _CONTEXT)
    assert data is not None
    assert client.get_subjects() == ["orders-value", _MONEY_FILE]
    assert deserializer(fresh(client), sent)(data, _CONTEXT) == sent
    assert deserializer(None, sent)(data, _CONTEXT) == sent


def test_serializer_finds_a_schema_that_was_registered_as_text(client: SchemaRegistryClient) -> None:
    schema_id = client.register_schema("orders-value", order(client))
    sent = an_order()
    again = serializer(fresh(client), sent)(sent, _CONTEXT)
    assert again is not None
    assert int.from_bytes(again[1:5], "big") == schema_id


def test_serializer_without_auto_register(client: SchemaRegistryClient) -> None:
    sent = an_order()
    strict = serializer(client, sent, auto_register_schemas=False)
    with refused(40401):
        strict(sent, _CONTEXT)
    client.register_schema("orders-value", order(client))
    data = strict(sent, _CONTEXT)
    assert deserializer(fresh(client), sent)(data, _CONTEXT) == sent


def test_serializer_with_the_latest_version(client: SchemaRegistryClient) -> None:
    sent = an_order()
    client.register_schema("orders-value", order(client))
    wider = client.register_schema("orders-value", order(client, ORDER_WIDER))
    latest = serializer(fresh(client), sent, auto_register_schemas=False, use_latest_version=True)
    data = latest(sent, _CONTEXT)
    assert data is not None
    assert int.from_bytes(data[1:5], "big") == wider
    reader = deserializer(fresh(client), sent, use_latest_version=True)
    assert reader(data, _CONTEXT) == sent


def test_serializer_with_a_schema_id(client: SchemaRegistryClient) -> None:
    sent = an_order()
    first = client.register_schema("orders-value", order(client))
    client.register_schema("orders-value", order(client, ORDER_WIDER))
    fixed = serializer(fresh(client), sent, auto_register_schemas=False, use_schema_id=first)
    data = fixed(sent, _CONTEXT)
    assert data is not None
    assert int.from_bytes(data[1:5], "big") == first


def test_serializer_registers_the_types_of_google_too_when_told_so(client: SchemaRegistryClient) -> None:
    sent = an_order()
    data = serializer(client, sent, skip_known_types=False)(sent, _CONTEXT)
    assert client.get_subjects() == ["google/protobuf/timestamp.proto", "orders-value", _MONEY_FILE]
    assert deserializer(fresh(client), sent)(data, _CONTEXT) == sent


def test_serializer_with_the_topic_strategy(client: SchemaRegistryClient) -> None:
    sent = an_order()
    data = serializer(client, sent, subject_name_strategy=topic_subject_name_strategy)(sent, _CONTEXT)
    assert deserializer(fresh(client), sent)(data, _CONTEXT) == sent
