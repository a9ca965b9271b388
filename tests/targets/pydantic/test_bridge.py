"""Models and messages of google.protobuf: what the round trips do not show."""

from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2
from pydantic import ValidationError

from protogate.models.google_protobuf.descriptor_models import FileDescriptorProto
from tests.targets.pydantic.generated import Contract

FILES = {
    "bridge/v1/bridge.proto": """
        syntax = "proto2";
        package bridge.v1;
        import "google/protobuf/any.proto";
        import "buf/validate/validate.proto";
        message Thing {
          optional int32 number = 1 [(buf.validate.field).int32.lt = 10];
          optional google.protobuf.Any any = 2;
          extensions 100 to 199;
        }
        message Other {}
        extend Thing {
          repeated int64 sizes = 100;
          optional Other other = 101;
          optional string note = 102;
        }
    """
}
CONTRACT = Contract(FILES)
Thing = CONTRACT.models["bridge.v1.Thing"]
Other = CONTRACT.models["bridge.v1.Other"]
ThingMessage = CONTRACT.message_class("bridge.v1.Thing")


def test_extensions_cross_over() -> None:
    thing = Thing.model_validate({"[bridge.v1.sizes]": ["1", "2"], "[bridge.v1.other]": {}, "[bridge.v1.note]": "x"})
    message = thing.to_proto(ThingMessage)
    assert len(message.ListFields()) == 3
    assert Thing.from_proto(message) == thing


def test_unknown_fields_are_left_behind() -> None:
    newer = ThingMessage.FromString(b"\x08\x05\xf8\x07\x01")
    assert Thing.from_proto(newer).model_dump_json() == '{"number":5}'


def test_rules_hold_for_messages_too() -> None:
    with pytest.raises(ValidationError, match="must be less than 10"):
        Thing.from_proto(ThingMessage(number=10))


def test_a_class_that_is_not_loaded_is_told() -> None:
    with pytest.raises(LookupError, match=r"message 'bridge.v1.Thing' is not loaded; import the module that protoc"):
        Thing().to_proto()


def test_another_message_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Other is 'bridge.v1.Other', the message is 'bridge.v1.Thing'"):
        Other.from_proto(ThingMessage())
    with pytest.raises(TypeError, match=r"Thing is 'bridge.v1.Thing', the message is 'bridge.v1.Other'"):
        Thing().to_proto(CONTRACT.message_class("bridge.v1.Other"))


def test_any_needs_its_type_in_the_pool() -> None:
    document = {"any": {"@type": "type.googleapis.com/not.Known", "a": 1}}
    with pytest.raises(LookupError, match=r"Any of 'type.googleapis.com/not.Known'.*has to be in the pool"):
        Thing.model_validate(document).to_proto(ThingMessage)


def test_the_default_class_is_that_of_the_default_pool() -> None:
    model = FileDescriptorProto.from_proto(FileDescriptorProto(name="a.proto").to_proto())
    assert model.to_proto(descriptor_pb2.FileDescriptorProto).name == "a.proto"
    everything = descriptor_pb2.FileDescriptorProto()
    descriptor_pb2.DESCRIPTOR.CopyToProto(everything)
    assert FileDescriptorProto.from_proto(everything).to_proto() == everything
