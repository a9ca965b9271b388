"""Laws of generated models: nothing is lost between messages, models and documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.protobuf import json_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protogate.models.layout import layout_of
from tests.targets.pydantic.generated import Contract
from tests.targets.pydantic.messages import messages

if TYPE_CHECKING:
    from google.protobuf.message import Message as ProtoMessage

    from protogate.models import Message

FIXTURES = Path(__file__).parents[2] / "agreement" / "protos" / "fixtures"
CONTRACT = Contract(
    {path.relative_to(FIXTURES).as_posix(): path.read_text("utf-8") for path in FIXTURES.rglob("*.proto")}
)

thorough = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", sorted(CONTRACT.models))
@thorough
@given(data=st.data())
def test_message_survives_the_way_through_a_model(name: str, data: st.DataObject) -> None:
    message = data.draw(messages(CONTRACT.pool.FindMessageTypeByName(name)))
    model = CONTRACT.models[name].from_proto(message)
    assert _bytes(model.to_proto(type(message))) == _bytes(message)


@pytest.mark.parametrize("name", sorted(CONTRACT.models))
@thorough
@given(data=st.data())
def test_document_of_a_model_means_the_message(name: str, data: st.DataObject) -> None:
    message = data.draw(messages(CONTRACT.pool.FindMessageTypeByName(name)))
    document = CONTRACT.models[name].from_proto(message).model_dump_json()
    read_back = json_format.Parse(document, type(message)(), descriptor_pool=CONTRACT.pool)
    assert _bytes(read_back) == _bytes(message)


@pytest.mark.parametrize("name", sorted(CONTRACT.models))
@thorough
@given(data=st.data())
def test_document_is_what_protobuf_itself_writes(name: str, data: st.DataObject) -> None:
    message = data.draw(messages(CONTRACT.pool.FindMessageTypeByName(name)))
    ours = json.loads(CONTRACT.models[name].from_proto(message).model_dump_json())
    theirs = json.loads(json_format.MessageToJson(message, descriptor_pool=CONTRACT.pool))
    assert ours == theirs


@pytest.mark.parametrize("name", sorted(CONTRACT.models))
@thorough
@given(data=st.data())
def test_model_reads_what_it_writes(name: str, data: st.DataObject) -> None:
    message = data.draw(messages(CONTRACT.pool.FindMessageTypeByName(name)))
    kind = CONTRACT.models[name]
    model = kind.from_proto(message)
    again = {
        "text": kind.model_validate_json(model.model_dump_json()),
        "parsed text, as FastAPI hands it over": kind.model_validate(json.loads(model.model_dump_json())),
        "Python values": kind(**model.model_dump()),
        "constructor": kind(**dict(model)) if not _holds_null(model) else model,
    }
    for way, other in again.items():
        assert _same(other, model), way


def _bytes(message: ProtoMessage) -> bytes:
    """Comparable even where NaN is in it."""
    return message.SerializeToString(deterministic=True)


def _same(one: Message, other: Message) -> bool:
    return repr(one) == repr(other)


def _holds_null(model: Message) -> bool:
    """Whether a Value is absent, which a None that is passed in does not say."""
    return bool(layout_of(type(model)).nullable)
