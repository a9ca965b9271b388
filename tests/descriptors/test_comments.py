"""Comments and lines, compared with protobuf's own reading of the same source info."""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import SourceCodeInfo
from hypothesis import given
from hypothesis import strategies as st

from protogate.descriptors.comments import Comments, collect_comments, find_line
from tests.support.compiler import compile_protos, schema_of

TEXT = """// Detached.

// The licence.
syntax = "proto3";

// About the package.
package acme;

// A user
//   of the shop.
message User {
  // Leading.
  string id = 1; // Trailing.
  /* Block
   * comment. */
  string name = 2;
  string bare = 3;
}
"""

paths = st.lists(st.integers(0, 600), max_size=12)
texts = st.text(max_size=300)
locations = st.builds(
    SourceCodeInfo.Location,
    path=paths,
    span=st.lists(st.integers(0, 5000), min_size=3, max_size=4),
    leading_comments=st.none() | texts,
    trailing_comments=st.none() | texts,
    leading_detached_comments=st.lists(texts, max_size=2),
)


@given(st.lists(locations, max_size=8), st.binary(max_size=1))
def test_reads_what_protobuf_reads(items: list[SourceCodeInfo.Location], unknown: bytes) -> None:
    info = SourceCodeInfo(location=items)
    unknown_field = b"\x9a\x06\x01" + unknown if unknown else b""
    expected = {
        tuple(item.path): Comments(item.leading_comments, item.trailing_comments, tuple(item.leading_detached_comments))
        for item in items
        if item.leading_comments or item.trailing_comments
    }
    assert collect_comments(info.SerializeToString() + unknown_field) == expected


def test_text_is_the_comment_without_markers() -> None:
    message = schema_of({"a.proto": TEXT}).messages["acme.User"]
    assert message.doc == "A user\n  of the shop."
    assert [field.doc for field in message.fields] == ["Leading.\n\nTrailing.", "Block\ncomment.", ""]
    assert message.file.doc == "The licence."


def test_lines_count_from_one() -> None:
    info = compile_protos({"a.proto": TEXT}).file[0].source_code_info.SerializeToString()
    assert find_line(info, (4, 0)) == 11
    assert find_line(info, (4, 0, 2, 2)) == 17
    assert find_line(info, (4, 7)) == 1
    assert find_line(b"", (4, 0)) == 1
