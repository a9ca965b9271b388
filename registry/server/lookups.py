"""From what stands in a path or a query to values, or the error that clients expect instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from registry.errors import InvalidSubjectError, InvalidVersionError
from registry.values import LATEST, context_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.server.desk import Desk
    from registry.server.http import Call
    from registry.values import StoredVersion

__all__ = [
    "bounds_of",
    "context_of_call",
    "listed_subjects",
    "number_in",
    "page_of",
    "qualify",
    "subject_in",
    "version_in",
    "wanted",
]

Item = TypeVar("Item")

_LARGEST_VERSION = 2**31 - 1
_NUMBER = re.compile(r"-?[0-9]{1,10}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTEXT = re.compile(r":?(\.[^:/]*):?")
_EVERY_CONTEXT = ":*:"


def subject_in(call: Call) -> str:
    """The subject of a path, with the context that the path or the name itself gives."""
    return qualify(call.params["subject"], call.context)


def qualify(subject: str, context: str = "") -> str:
    """A subject in the form in which it is stored: `name`, or `:.ctx:name` outside of the default context.

    How long a name may be is for the registry to say.

    Raises:
        InvalidSubjectError: the name is empty or has control characters.
    """
    if subject.startswith(":.:"):
        subject, context = subject[3:], ""
    if not subject or _CONTROL.search(subject):
        raise InvalidSubjectError(f"subject {subject[:40]!a}: is empty or holds a character that is no text")
    return f":{context}:{subject}" if context and not subject.startswith(":.") else subject


def context_in(name: str) -> str:
    """A context, `.ctx`, of `.ctx` or `:.ctx:`; empty for the default one.

    Raises:
        InvalidSubjectError: it is not written like that.
    """
    found = _CONTEXT.fullmatch(name)
    if found is None or _CONTROL.search(name):
        raise InvalidSubjectError(f"context {name[:40]!a}: a context is written like '.staging'")
    return "" if found[1] == "." else found[1]


def context_of_call(call: Call) -> str:
    """The context in which an id counts: of the path, else of the subject that the query names."""
    return call.context or context_of(call.option("subject"))


def listed_subjects(desk: Desk, call: Call) -> list[str]:
    """The subjects that a list is about: by prefix, context and deletion."""
    prefix = call.option("subjectPrefix", call.option("subject_prefix", _EVERY_CONTEXT))
    if call.context:
        prefix = f":{call.context}:{'' if prefix == _EVERY_CONTEXT else prefix}"
    subjects = _with_prefix(desk, prefix, deleted=call.flag("deleted"))
    if not call.flag("deletedOnly", "deleted_only"):
        return subjects
    kept = set(_with_prefix(desk, prefix, deleted=False))
    return [subject for subject in _with_prefix(desk, prefix, deleted=True) if subject not in kept]


def _with_prefix(desk: Desk, prefix: str, *, deleted: bool) -> list[str]:
    if prefix == _EVERY_CONTEXT:
        return list(desk.registry.subjects(deleted=deleted))
    prefix = prefix.removeprefix(":.:")
    found = desk.registry.subjects(prefix, deleted=deleted)
    return list(found) if prefix.startswith(":.") else [subject for subject in found if not context_of(subject)]


def wanted(text: str) -> int:
    """A version of a path: a number, or `LATEST`.

    Raises:
        InvalidVersionError: it is neither a number from 1 to 2^31-1 nor `latest` or -1.
    """
    if text in {"latest", "-1"}:
        return LATEST
    version = int(text) if _NUMBER.fullmatch(text) else 0
    if not 1 <= version <= _LARGEST_VERSION:
        raise InvalidVersionError(f"version {text[:40]!a}: use a number from 1 to 2^31-1 or 'latest'")
    return version


def number_in(text: str, otherwise: int) -> int:
    """A number of a query or a path."""
    return int(text) if _NUMBER.fullmatch(text) else otherwise


def version_in(desk: Desk, call: Call, *, deleted: bool | None = None) -> StoredVersion:
    """The version that a path names; deleted ones when the query or the caller says so."""
    return desk.registry.get(
        subject_in(call), wanted(call.params["version"]), deleted=call.flag("deleted") if deleted is None else deleted
    )


def page_of(call: Call, items: Sequence[Item]) -> Sequence[Item]:
    """The part of a list that `offset` and `limit` ask for; a negative limit is none."""
    return items[slice(*bounds_of(call))]


def bounds_of(call: Call) -> tuple[int, int | None]:
    """Where such a part starts and ends."""
    start = max(number_in(call.option("offset"), 0), 0)
    limit = number_in(call.option("limit"), -1)
    return start, None if limit < 0 else start + limit
