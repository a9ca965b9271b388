"""The author's comments, by the path of the descriptor they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor_pb2 import SourceCodeInfo

__all__ = ["Comments", "collect_comments"]


class Comments(NamedTuple):
    """The three kinds of comments that protoc keeps, as written (markers removed)."""

    leading: str
    trailing: str
    detached: tuple[str, ...]

    @property
    def text(self) -> str:
        """Leading and trailing comment as paragraphs, without the blank that follows `//`."""
        parts = [_unindent(part) for part in (self.leading, self.trailing) if part]
        return "\n\n".join(part for part in parts if part)


def _unindent(comment: str) -> str:
    lines = comment.split("\n")
    if len(lines) <= 2:  # noqa: PLR2004 - one line and the newline that protoc leaves: nearly all
        return comment.strip()
    return "\n".join(line[1:].rstrip() if line[:1] == " " else line.rstrip() for line in lines).strip("\n")


def collect_comments(info: SourceCodeInfo) -> Mapping[tuple[int, ...], Comments]:
    """Every commented place of a file; most locations have none and are passed over."""
    found: dict[tuple[int, ...], Comments] = {}
    for location in info.location:
        leading = location.leading_comments
        trailing = location.trailing_comments
        if leading or trailing:
            found[tuple(location.path)] = Comments(leading, trailing, tuple(location.leading_detached_comments))
    return found
