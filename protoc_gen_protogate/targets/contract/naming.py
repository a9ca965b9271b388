"""What contracts are called and where their files are: a function of the file that declares them and the options.

With short names a method is called like itself. Where two services of one file have a method of the same name and
side, both get their service before it: adding a service never renames a contract of another file.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.kit.methods import side_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.descriptors import File, Message, Method

__all__ = ["NAMES", "ContractName", "event_name", "event_reference", "method_names", "slice_of", "version_of"]

NAMES: Final = ("short", "package", "full")

_VERSION: Final = re.compile(r"v(\d+)(?:p(\d+))?(?:(alpha|beta)(\d*)|(?:test.*))?\Z")
_FIRST_VERSION: Final = "1.0.0"


class ContractName(NamedTuple):
    """The name of one contract and the stem of its file."""

    name: str
    path: str
    """Below the output root, without `.command.json`."""


def method_names(file: File, names: str) -> Mapping[str, ContractName]:
    """The contracts of all methods of a file, by the full names of the methods."""
    methods = [method for service in file.services for method in service.methods]
    used = Counter((side_of(method), method.name) for method in methods)
    return {
        method.full_name: _name(file, method, names, is_alone=used[side_of(method), method.name] == 1)
        for method in methods
    }


def _name(file: File, method: Method, names: str, *, is_alone: bool) -> ContractName:
    local = method.name if is_alone and names != "full" else f"{method.parent.name}.{method.name}"
    return ContractName(local if names == "short" else _in_package(file, local), _folder(file) + local)


def event_name(message: Message, names: str) -> ContractName:
    """The contract of an event."""
    local = message.local_name
    return ContractName(local if names == "short" else _in_package(message.file, local), _folder(message.file) + local)


def event_reference(full_name: str, file: File, names: str) -> str:
    """The name of the contract of an event that `file` mentions, whether it is in the request or not."""
    message = file.schema.messages.get(full_name)
    if message is not None:
        return event_name(message, names).name
    return full_name.rpartition(".")[2] if names == "short" else full_name


def _in_package(file: File, local: str) -> str:
    return f"{file.package}.{local}" if file.package else local


def _folder(file: File) -> str:
    folder, slash, _ = file.name.rpartition("/")
    return folder + slash


def version_of(package: str) -> str:
    """The version of a package as contracts write it; 1.0.0 without one.

    >>> version_of("user.v2"), version_of("user.v1p2beta3"), version_of("user.v1alpha"), version_of("user")
    ('2.0.0', '1.2.0-beta.3', '1.0.0-alpha', '1.0.0')
    """
    match = _VERSION.match(package.rpartition(".")[2])
    if match is None:
        return _FIRST_VERSION
    major, minor, stability, number = match[1], match[2] or "0", match[3], match[4]
    release = f"{int(major)}.{int(minor)}.0"
    return f"{release}-{stability}{f'.{int(number)}' if number else ''}" if stability else release


def slice_of(file: File, said: Iterable[str]) -> str:
    """The first slice that is said, else the package without its version."""
    for one in said:
        if one:
            return one
    parts = file.package.split(".")
    return ".".join(parts[:-1] if len(parts) > 1 and _VERSION.match(parts[-1]) else parts)
