"""What the registry refuses, one tree; each class carries the code and the HTTP status of Confluent's registry.

::

    RegistryError(UserError)
    ├── NotFoundError             404  40400
    │   ├── SubjectNotFoundError            40401
    │   ├── VersionNotFoundError            40402
    │   ├── SchemaNotFoundError             40403
    │   ├── SubjectSoftlyDeletedError       40404
    │   ├── SubjectNotSoftlyDeletedError    40405
    │   ├── VersionSoftlyDeletedError       40406
    │   ├── VersionNotSoftlyDeletedError    40407
    │   ├── LevelNotSetError                40408
    │   └── AccessModeNotSetError           40409
    ├── IncompatibleError         409  409      carries the findings
    ├── InvalidError              422  42200
    │   ├── InvalidSchemaError              42201   carries the places that protoc names
    │   │   └── ReferenceNotFoundError      42201
    │   ├── InvalidVersionError             42202
    │   ├── InvalidLevelError               42203
    │   ├── InvalidAccessModeError          42204
    │   ├── NotPermittedError               42205
    │   ├── ReferenceExistsError            42206
    │   ├── IdMismatchError                 42207
    │   ├── InvalidSubjectError             42208
    │   ├── SchemaTooLargeError             42209
    │   ├── InvalidRuleSetError             42210
    │   └── ContextNotEmptyError            42211
    └── StoreError                500  50001
        └── StoreTimeoutError               50002

The edge answers with `error.status` and `error.code`; no route knows a single class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogate.findings import Finding

__all__ = [
    "AccessModeNotSetError",
    "ContextNotEmptyError",
    "IdMismatchError",
    "IncompatibleError",
    "InvalidAccessModeError",
    "InvalidError",
    "InvalidLevelError",
    "InvalidRuleSetError",
    "InvalidSchemaError",
    "InvalidSubjectError",
    "InvalidVersionError",
    "LevelNotSetError",
    "NotFoundError",
    "NotPermittedError",
    "ReferenceExistsError",
    "ReferenceNotFoundError",
    "RegistryError",
    "SchemaNotFoundError",
    "SchemaTooLargeError",
    "StoreError",
    "StoreTimeoutError",
    "SubjectNotFoundError",
    "SubjectNotSoftlyDeletedError",
    "SubjectSoftlyDeletedError",
    "VersionNotFoundError",
    "VersionNotSoftlyDeletedError",
    "VersionSoftlyDeletedError",
]


class RegistryError(UserError):
    """Something the registry refuses; one line, lower case, with the place and the way out."""

    status: ClassVar[int] = 500
    """The HTTP status."""
    code: ClassVar[int] = 50000
    """The error code of Confluent's registry."""


class NotFoundError(RegistryError):
    """What was asked for is not there."""

    status = 404
    code = 40400


class SubjectNotFoundError(NotFoundError):
    """There is no such subject, or it is deleted."""

    code = 40401


class VersionNotFoundError(NotFoundError):
    """The subject has no such version, or it is deleted."""

    code = 40402


class SchemaNotFoundError(NotFoundError):
    """No version has this id or this content."""

    code = 40403


class SubjectSoftlyDeletedError(NotFoundError):
    """The subject was deleted softly before: only `permanent` goes further."""

    code = 40404


class SubjectNotSoftlyDeletedError(NotFoundError):
    """The subject must be deleted softly before it is deleted for good."""

    code = 40405


class VersionSoftlyDeletedError(NotFoundError):
    """The version was deleted softly before: only `permanent` goes further."""

    code = 40406


class VersionNotSoftlyDeletedError(NotFoundError):
    """The version must be deleted softly before it is deleted for good."""

    code = 40407


class LevelNotSetError(NotFoundError):
    """The subject has no compatibility level of its own."""

    code = 40408


class AccessModeNotSetError(NotFoundError):
    """The subject has no access mode of its own."""

    code = 40409


class IncompatibleError(RegistryError):
    """The schema breaks the compatibility level of its subject."""

    status = 409
    code = 409

    def __init__(self, message: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class InvalidError(RegistryError):
    """The request makes no sense."""

    status = 422
    code = 42200


class InvalidSchemaError(InvalidError):
    """The schema does not compile; the first line is `file:line:column: what protoc says`."""

    code = 42201

    def __init__(self, message: str, details: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)
        """Every line that protoc wrote, the first one included."""


class ReferenceNotFoundError(InvalidSchemaError):
    """A reference names a version that is not in the registry."""


class InvalidVersionError(InvalidError):
    """A version is a positive number or `latest`."""

    code = 42202


class InvalidLevelError(InvalidError):
    """The compatibility level is not known."""

    code = 42203


class InvalidAccessModeError(InvalidError):
    """The access mode is not known."""

    code = 42204


class NotPermittedError(InvalidError):
    """The access mode of the subject forbids it."""

    code = 42205


class ReferenceExistsError(InvalidError):
    """Another version still refers to what was to be deleted."""

    code = 42206


class IdMismatchError(InvalidError):
    """An import brings an id or a version that already means something else."""

    code = 42207


class InvalidSubjectError(InvalidError):
    """The name of the subject is empty, too long or not text."""

    code = 42208


class SchemaTooLargeError(InvalidError):
    """The schema is larger than this registry takes."""

    code = 42209


class InvalidRuleSetError(InvalidError):
    """Rules of a schema are not supported."""

    code = 42210


class ContextNotEmptyError(InvalidError):
    """A context that still has subjects cannot be deleted."""

    code = 42211


class StoreError(RegistryError):
    """The database failed: full, corrupt, of another program or newer than this one."""

    code = 50001


class StoreTimeoutError(StoreError):
    """The database stayed locked for too long."""

    code = 50002
