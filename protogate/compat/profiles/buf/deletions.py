"""The rules of `buf breaking` on types, extensions and services that are gone from their file or their package."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.compat.changes import Spot
from protogate.compat.profiles.buf.verdicts import broken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from google.protobuf.descriptor_pb2 import DescriptorProto

    from protogate.compat.profiles import Verdict
    from protogate.descriptors import File, Schema
    from protogate.descriptors.comments import Path

__all__ = ["find_deletions"]


class _Declared(NamedTuple):
    """Something that a file declares."""

    file: File
    kind: str
    """`MESSAGE` (map entries too, as buf counts them), `ENUM`, `EXTENSION`, `SERVICE`."""
    name: str
    """Inside the package: `Outer.Inner`."""
    path: Path

    @property
    def full_name(self) -> str:
        """With the package."""
        return f"{self.file.package}.{self.name}" if self.file.package else self.name

    @property
    def spot(self) -> Spot:
        """Where it stands."""
        return Spot(self.file, self.path)


_Names = dict[str, dict[str, _Declared]]
"""By kind and name."""

_MESSAGES: Final = 4
_ENUMS: Final = 5
_SERVICES: Final = 6
_EXTENSIONS: Final = 7
_NESTED_MESSAGES: Final = 3
_NESTED_ENUMS: Final = 4
_NESTED_EXTENSIONS: Final = 6


def find_deletions(old: Schema, new: Schema, touched: Iterable[File]) -> Iterator[Verdict]:
    """What `touched`, files of the old schema, declare and their successors or packages do not."""
    packages: set[str] = set()
    for file in touched:
        packages.add(file.package)
        successor = new.files.get(file.name)
        if successor is not None:
            yield from _gone_from_file(file, successor)
    old_packages, new_packages = _by_package(old, packages), _by_package(new, packages)
    for package in sorted(packages):
        if package in new_packages:
            yield from _gone_from_package(package, old_packages[package], new_packages[package], new)


def _gone_from_file(old: File, new: File) -> Iterator[Verdict]:
    names = _names_of(_declared(new))
    for one in _declared(old):
        if one.name not in names[one.kind]:
            spot = _surrounding(one, names["MESSAGE"]) or Spot(new, ())
            what = f"{one.kind.lower()} {one.name!r} is gone from its file"
            yield broken(f"{one.kind}_NO_DELETE", spot, one.full_name, what)


def _gone_from_package(package: str, old: _Names, new: _Names, schema: Schema) -> Iterator[Verdict]:
    for kind, names in old.items():
        kept = new.get(kind)
        # buf asks for types only where the package has one of that kind left; for services it always asks.
        if kept is None and kind != "SERVICE":
            continue
        for name, one in names.items():
            if kept is None or name not in kept:
                what = f"{kind.lower()} {name!r} is gone from package {package!r}"
                yield broken(f"PACKAGE_{kind}_NO_DELETE", _last_place(one, new, schema), one.full_name, what)


def _last_place(one: _Declared, package: _Names, schema: Schema) -> Spot:
    """Where to show that it is gone from its package: in its file, else where it was."""
    file = schema.files.get(one.file.name)
    if file is None:
        return one.spot
    messages = package.get("MESSAGE", {}) if one.kind == "MESSAGE" else _names_of(_declared(file))["MESSAGE"]
    return _surrounding(one, messages) or Spot(file, ())


def _surrounding(one: _Declared, messages: Mapping[str, _Declared]) -> Spot | None:
    """The innermost message around it that is still there."""
    if one.kind == "SERVICE":
        return None
    scope = one.name.rpartition(".")[0]
    while scope:
        if scope in messages:
            return messages[scope].spot
        scope = scope.rpartition(".")[0]
    return None


def _by_package(schema: Schema, packages: set[str]) -> Mapping[str, _Names]:
    found: dict[str, list[_Declared]] = {}
    for file in schema.files.values():
        if file.package in packages:
            found.setdefault(file.package, []).extend(_declared(file))
    return {package: dict(_names_of(declared)) for package, declared in found.items()}


def _names_of(declared: Iterable[_Declared]) -> _Names:
    names: _Names = defaultdict(dict)
    for one in declared:
        names[one.kind][one.name] = one
    return names


def _declared(file: File) -> Iterator[_Declared]:
    proto = file.proto
    for index, message in enumerate(proto.message_type):
        yield from _declared_in(file, message, message.name, (_MESSAGES, index))
    for index, enum in enumerate(proto.enum_type):
        yield _Declared(file, "ENUM", enum.name, (_ENUMS, index))
    for index, extension in enumerate(proto.extension):
        yield _Declared(file, "EXTENSION", extension.name, (_EXTENSIONS, index))
    for index, service in enumerate(proto.service):
        yield _Declared(file, "SERVICE", service.name, (_SERVICES, index))


def _declared_in(file: File, message: DescriptorProto, name: str, path: Path) -> Iterator[_Declared]:
    yield _Declared(file, "MESSAGE", name, path)
    for index, nested in enumerate(message.nested_type):
        yield from _declared_in(file, nested, f"{name}.{nested.name}", (*path, _NESTED_MESSAGES, index))
    for index, enum in enumerate(message.enum_type):
        yield _Declared(file, "ENUM", f"{name}.{enum.name}", (*path, _NESTED_ENUMS, index))
    for index, extension in enumerate(message.extension):
        yield _Declared(file, "EXTENSION", f"{name}.{extension.name}", (*path, _NESTED_EXTENSIONS, index))
