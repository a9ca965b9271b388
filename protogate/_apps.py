"""Starts the servers of Protogate, `gateway` and `registry`, as processes of their own.

Users' processes never import a server: the wheel keeps them below `_apps_root`, where no import finds them, and only
the process that runs one has that directory on its path.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["GATEWAY_COMMANDS", "REGISTRY_COMMANDS", "app_command", "app_environment", "become_app"]

REGISTRY_COMMANDS = {
    "register": "store contracts as new versions of their subjects",
    "check": "compare contracts with their registered versions; what CI runs",
    "list": "the subjects and how many versions they have",
    "show": "one version: its source, descriptor or image",
    "diff": "what changed between two versions of a subject",
    "mode": "get or set the compatibility level, of a subject or of all",
    "delete": "delete a subject or a version; softly unless --permanent",
    "export": "write everything to a file",
    "import": "read what `export` wrote",
    "serve": "the REST API and the web page",
}
"""What `protogate registry` understands, with one line of help each."""
GATEWAY_COMMANDS = {
    "serve": "answer commands and queries over HTTP; may be left out",
    "phase": "show or change how far a slice has come; also `protogate slice phase`",
    "legacy": "how far the legacy database is behind; repair it, try dead letters again",
    "search": "how far the search index has come; build it anew",
    "smoke": "ask a gateway what its slices promise to answer",
}
"""What `protogate gateway` understands, with one line of help each."""


def become_app(name: str, arguments: Sequence[str]) -> NoReturn:
    """Replace this process by a server's command line."""
    sys.stdout.flush()
    command = app_command(name, arguments)
    os.execve(command[0], command, app_environment(os.environ))  # noqa: S606 - our own interpreter, no shell


def app_command(name: str, arguments: Sequence[str]) -> list[str]:
    """Return the words that start a server's command line.

    `-P` keeps the current directory off the path: a user's own folder `registry/` is not ours.
    """
    return [sys.executable, "-P", "-m", name, *arguments]


def app_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which that process finds the server."""
    inherited = environment.get("PYTHONPATH")
    return {**environment, "PYTHONPATH": os.pathsep.join([_apps_root(), *([inherited] if inherited else [])])}


def _apps_root() -> str:
    package = os.path.dirname(os.path.abspath(__file__))
    for place in (os.path.join(package, "_apps_root"), os.path.dirname(package)):
        if os.path.isfile(os.path.join(place, "registry", "__main__.py")):
            return place
    raise UserError("protogate: its servers are not beside the installed package; reinstall protogate")
