"""The models that come with Protogate are what the plugin writes for their contracts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protoc_gen_protogate.targets.pydantic.module import module_text
from protoc_gen_protogate.targets.pydantic.names import Names
from protogate.descriptors import Schema
from tests.support.compiler import compile_folder, vendored_protos

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

ROOT = Path(__file__).resolve().parents[2]

BUNDLED = {
    "google/protobuf/api.proto": "protogate/models/google_protobuf/api_models.py",
    "google/protobuf/compiler/plugin.proto": "protogate/models/google_protobuf/plugin_models.py",
    "google/protobuf/descriptor.proto": "protogate/models/google_protobuf/descriptor_models.py",
    "google/protobuf/source_context.proto": "protogate/models/google_protobuf/source_context_models.py",
    "google/protobuf/type.proto": "protogate/models/google_protobuf/type_models.py",
    "protogate/options/v1/options.proto": "protogate/options/v1/options_models.py",
}


@pytest.fixture(scope="module")
def image() -> FileDescriptorSet:
    return compile_folder([ROOT / "contracts", vendored_protos()], BUNDLED)


@pytest.mark.parametrize(("source", "module"), BUNDLED.items(), ids=list(BUNDLED))
def test_bundled_models_are_up_to_date(
    source: str, module: str, image: FileDescriptorSet, *, update_golden: bool
) -> None:
    schema = Schema(image.file, BUNDLED)
    text, not_carried = module_text(schema.files[source], Names(schema, ""), rules=True)
    path = ROOT / module
    if update_golden:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert not not_carried
    assert path.read_text(encoding="utf-8") == text, "accept with: pytest tests/models/test_bundled.py --update-golden"
