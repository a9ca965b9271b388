"""The errors of Protogate, one tree, and the exit codes that go with it.

::

    ProtogateError
    ├── UserError        something the user can put right; message only, exit 2
    └── InternalError    a defect of Protogate itself; traceback, exit 70

What a check *finds* is not an error: it is a :class:`protogate.findings.Finding`, exit 1.
"""

from __future__ import annotations

__all__ = [
    "EXIT_BUG",
    "EXIT_FINDINGS",
    "EXIT_OK",
    "EXIT_USAGE",
    "InternalError",
    "ProtogateError",
    "UserError",
]

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_BUG = 70
"""sysexits.h EX_SOFTWARE: the caller did nothing wrong."""


class ProtogateError(Exception):
    """Root of everything that Protogate raises on purpose."""

    exit_code: int = EXIT_BUG


class UserError(ProtogateError):
    """Something the user can put right: one line, lower case, with the place and the way out.

    Example: ``acme/user.proto:12: option 'target': 'zodd' is not known; use one of pydantic, zod``
    """

    exit_code = EXIT_USAGE


class InternalError(ProtogateError):
    """A defect of Protogate itself; shown with its traceback and a request to report it."""

    exit_code = EXIT_BUG
