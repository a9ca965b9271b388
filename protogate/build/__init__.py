"""The build graph: what changed, what that makes stale, and one call of buf to make it anew.

State lives in `.protogate/` of the project. The heavy parts are imported when they are used.
"""

from protogate.build.engine import (
    BuildResult,
    TargetResult,
    build,
    clean,
    contracts_digest,
    is_current,
    remember,
)
from protogate.build.protos import PROTOS_DIRECTORY, ensure_protos
from protogate.build.survey import Survey, look

__all__ = [
    "PROTOS_DIRECTORY",
    "BuildResult",
    "Survey",
    "TargetResult",
    "build",
    "clean",
    "contracts_digest",
    "ensure_protos",
    "is_current",
    "look",
    "remember",
]
