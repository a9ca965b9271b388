"""Stored schemas as images: what `buf breaking --against http://...` reads."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry.server.http import Reply
from registry.server.lookups import qualify, wanted
from registry.server.routing import Route

if TYPE_CHECKING:
    from registry.server.desk import Desk
    from registry.server.http import Call

__all__ = ["ROUTES", "image_reply", "image_wanted"]

_IMAGE = re.compile(r"(.+)\.binpb(\.gz)?")


@dataclass(frozen=True, slots=True)
class _Wanted:
    version: int
    zipped: bool


def image_wanted(name: str) -> _Wanted | None:
    """The version of `1.binpb`, `latest.binpb.gz`; None for other names."""
    found = _IMAGE.fullmatch(name)
    return _Wanted(wanted(found[1]), zipped=bool(found[2])) if found is not None else None


def image_reply(desk: Desk, subject: str, image: _Wanted, *, deleted: bool = False) -> Reply:
    """The descriptor set of a version, imports and source info included."""
    data = desk.registry.image(subject, image.version, deleted=deleted).SerializeToString(deterministic=True)
    if image.zipped:
        # The clock stays out: the same version gives the same bytes.
        return Reply(200, gzip.compress(data, compresslevel=6, mtime=0), b"application/gzip")
    return Reply(200, data, b"application/octet-stream")


def _by_path(desk: Desk, call: Call) -> Reply:
    subject, _, name = call.params["path"].rpartition("/")
    image = image_wanted(name) or _Wanted(wanted(name), zipped=False)
    return image_reply(desk, qualify(subject, call.context), image, deleted=call.flag("deleted"))


# A subject with slashes as it is written in a repository, for those who type the address by hand.
ROUTES = (Route("GET", "/images/{path...}", _by_path),)
