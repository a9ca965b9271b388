"""Which contracts the project's schema registry knows, asked now and then by the registry's own command."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from protogate._apps import app_command, app_environment

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["Registration"]

_LOG: Final = logging.getLogger(__name__)
_EVERY: Final = 60.0
"""Seconds between two questions: contracts are registered by people."""
_PATIENCE: Final = 30.0


class Registration:
    """Follows the subjects of a registry; knows nothing where there is none."""

    def __init__(self, database: str, project: Path) -> None:
        """Ask about a registry: a SQLite file, which need not be there, or a URL."""
        self._database = database
        self._project = project
        self._subjects: frozenset[str] | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to ask."""
        self._task = asyncio.create_task(self._follow(), name="registration")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop asking."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def knows(self, contract: str) -> bool | None:
        """Whether a contract, `user/v1/user.proto`, is registered; None as long as nobody can tell."""
        return None if self._subjects is None else contract in self._subjects

    async def ask(self) -> None:
        """Ask once, if there is a registry."""
        if "://" not in self._database and not (self._project / self._database).is_file():
            self._subjects = None
            return
        words = app_command("registry", ["list", "--json", "-C", str(self._project), "--db", self._database])
        process = await asyncio.create_subprocess_exec(
            *words,
            env=app_environment(os.environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                output, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            _LOG.warning("the registry cannot be asked: %s", errors.decode(errors="replace").strip())
            return
        self._subjects = frozenset(row["subject"] for row in json.loads(output)["subjects"])

    async def _follow(self) -> None:
        while True:
            try:
                await self.ask()
            except (OSError, TimeoutError, ValueError, KeyError) as error:
                _LOG.warning("the registry cannot be asked: %s", error)
            await asyncio.sleep(_EVERY)
